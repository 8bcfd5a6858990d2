"""Which covariates act together: pairs and triples found in what curves leave over, and their columns."""

from __future__ import annotations

import itertools

import numpy as np

from helpers.uplift.curves import Curves

CELLS = 6
BENDS = 3
MOST_PAIRS, MOST_TRIPLES = 30, 20
ROWS_A_PAIR, ROWS_A_TRIPLE = 200, 400


class Surfaces:
    """Products of the curves of pairs, and of the values of triples, that the residuals of curves ask for.

    Each pair is a block of up to nine columns (value and two waves of either side); all triples are one.
    """

    def __init__(
        self, curves: Curves, ranks: np.ndarray, main: np.ndarray, residual: np.ndarray, weight: np.ndarray
    ) -> None:
        """Pick pairs and triples from `ranks` and columns `main` of the curves and what they leave over.

        residual: the score of each row; weight: its variance.

        A pair scores by the squared sums of residuals over a grid of cells, as in a chi-square test
        (screening of Lou, Caruana, Gehrke and Hooker 2013, KDD); a triple by the product of its values.
        """
        self.curves = curves
        rows = len(residual)
        scores = _pair_scores(_cells(curves, ranks), residual, weight)
        self.pairs = _best(scores, most=min(MOST_PAIRS, rows // ROWS_A_PAIR))
        scores = _triple_scores(main[:, curves.starts], residual, weight)
        self.triples = _best(scores, most=min(MOST_TRIPLES, rows // ROWS_A_TRIPLE))
        sides = {place: self._side(place) for place in range(len(curves.sizes))}
        products = [
            (np.repeat(sides[one], len(sides[two])), np.tile(sides[two], len(sides[one])))
            for one, two in self.pairs
        ]
        self.sizes = [len(left) for left, _ in products] + [len(self.triples)]
        self.left, self.right = (
            np.concatenate([side[end] for side in products] or [[]]).astype(int) for end in (0, 1)
        )
        self.scale = np.concatenate(
            [self._scale(self.left) * self._scale(self.right), self._triple_scale(main)]
        )

    def _side(self, place: int) -> np.ndarray:
        """Columns of a covariate that enter products: its value, and the waves that are no straight line."""
        first = self.curves.starts[place]
        bends = np.arange(2, BENDS + 1) if self.curves.sizes[place] > 1 else []
        return np.concatenate([[first], first + np.asarray(bends, dtype=int)]).astype(int)

    def _scale(self, columns: np.ndarray) -> np.ndarray:
        """Undo the shrinking of quicker waves: in products each column counts the same."""
        number = columns - np.repeat(self.curves.starts, self.curves.sizes)[columns]
        return np.maximum(number, 1).astype(np.float32)

    def _triple_scale(self, main: np.ndarray) -> np.ndarray:
        values = self._triple_columns(main)
        return (1 / np.maximum(values.std(axis=0), 1e-6)).astype(np.float32)

    def _triple_columns(self, main: np.ndarray) -> np.ndarray:
        places = self.curves.starts[np.array(self.triples, dtype=int).reshape(-1, 3)]
        return main[:, places[:, 0]] * main[:, places[:, 1]] * main[:, places[:, 2]]

    def columns(self, main: np.ndarray) -> np.ndarray:
        """Return the columns of all products, (rows, sum of sizes) float32, made from those of the curves."""
        return np.hstack([main[:, self.left] * main[:, self.right], self._triple_columns(main)]) * self.scale


def _best(scores: dict, *, most: int) -> list:
    """The highest scores above what the highest of so many standard normal draws would reach by chance."""
    above = np.sqrt(2 * np.log(max(len(scores), 2)))
    ranked = sorted(scores, key=scores.get, reverse=True)[:most]
    return [chosen for chosen in ranked if scores[chosen] > above]


def _cells(curves: Curves, ranks: np.ndarray) -> list[np.ndarray]:
    """A small whole number for each row and covariate: its sixth by rank, or which of two values."""
    return [
        np.minimum(column * CELLS, CELLS - 1).astype(np.int32) if bends else (column > 0.5).astype(np.int32)
        for column, bends in zip(ranks.T, curves.bends, strict=True)
    ]


def _pair_scores(cells: list[np.ndarray], residual: np.ndarray, weight: np.ndarray) -> dict:
    scores = {}
    for one, two in itertools.combinations(range(len(cells)), 2):
        sizes = cells[one].max() + 1, cells[two].max() + 1
        cell = cells[one] * sizes[1] + cells[two]
        sums, variances = (np.bincount(cell, values, sizes[0] * sizes[1]) for values in (residual, weight))
        filled = variances > 0
        freedom = max((sizes[0] - 1) * (sizes[1] - 1), 1)
        square = np.sum(sums[filled] ** 2 / variances[filled])
        scores[one, two] = (square - freedom) / np.sqrt(2 * freedom)
    return scores


def _triple_scores(values: np.ndarray, residual: np.ndarray, weight: np.ndarray) -> dict:
    squares = values**2
    scores = {}
    for one, two in itertools.combinations(range(values.shape[1] - 1), 2):
        product = values[:, one] * values[:, two]
        sums = (product * residual) @ values[:, two + 1 :]
        variances = (product**2 * weight) @ squares[:, two + 1 :]
        found = np.abs(sums) / np.sqrt(np.maximum(variances, 1e-9))
        scores |= {(one, two, two + 1 + place): score for place, score in enumerate(found)}
    return scores
