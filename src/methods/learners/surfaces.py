"""Which covariates act together: pairs and triples found in what curves leave over, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

import numpy as np

from methods.learners.curves import Curves

CELLS = 6
BENDS = 3
CAUTION = 0.7
FEWEST_EXPECTED, FEWEST_CARRYING = 5, 50
MOST_PAIRS, MOST_TRIPLES = 30, 20
MOST_SCORED = 40_000
ROWS_A_PAIR, ROWS_A_TRIPLE = 400, 800


class Surfaces:
    """Products of the curves of pairs, and of the values of triples, that the residuals of curves ask for.

    Each pair is a block of up to nine columns (value and two waves of either side); all triples are one.
    """

    def __init__(
        self,
        curves: Curves,
        ranks: np.ndarray,
        main: np.ndarray,
        residual: np.ndarray,
        weight: np.ndarray,
        *,
        also: Sequence[tuple[int, ...]] = (),
    ) -> None:
        """Pick pairs and triples from `ranks` and columns `main` of the curves and what they leave over.

        residual: the score of each row; weight: its variance. also: pairs and triples to take in besides.

        A pair scores by the squared sums of residuals over a grid of cells, as in a chi-square test
        (screening of Lou, Caruana, Gehrke and Hooker 2013, KDD); a triple by the product of its values.
        """
        self.curves = curves
        rows = len(residual)
        few = slice(None, None, -(-rows // MOST_SCORED))
        ranks, main = ranks[few], main[few].astype(np.float32, copy=False)
        values = main[:, curves.starts]
        scores = _pair_scores(curves, ranks, residual[few], weight[few])
        self.pairs = _best(scores, most=min(MOST_PAIRS, rows // ROWS_A_PAIR))
        scores = _triple_scores(values, residual[few], weight[few])
        carried = partial(_carried, values, weight[few])
        self.triples = _best(scores, most=min(MOST_TRIPLES, rows // ROWS_A_TRIPLE), fit=carried)
        self.pairs, self.triples = (
            list(dict.fromkeys([*found, *(group for group in also if len(group) == size)]))
            for found, size in ((self.pairs, 2), (self.triples, 3))
        )
        sides = {place: self._side(place) for place in range(len(curves.sizes))}
        products = [
            (np.repeat(sides[one], len(sides[two])), np.tile(sides[two], len(sides[one])))
            for one, two in self.pairs
        ]
        self.sizes = [len(left) for left, _ in products] + [len(self.triples)]
        self.left, self.right = (
            np.concatenate([side[end] for side in products] or [np.empty(0)]).astype(int) for end in (0, 1)
        )
        self.scale = np.concatenate(
            [self._scale(self.left) * self._scale(self.right), self._triple_scale(main)]
        )

    def _side(self, place: int) -> np.ndarray:
        """Columns of a covariate that enter products: its value, and the waves that are no straight line."""
        first = self.curves.starts[place]
        bends = np.arange(2, BENDS + 1) if self.curves.sizes[place] > 1 else np.empty(0, dtype=int)
        return np.concatenate([[first], first + bends]).astype(int)

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


def _best(
    scores: np.ndarray, *, most: int, fit: Callable[[tuple[int, ...]], bool] | None = None
) -> list[tuple[int, ...]]:
    """The highest scores above 0.7 times what the highest of so many standard normal draws would reach.

    A little below the line of chance: a term too many costs noise, one too few costs bias. fit: asked of
    each place in turn, and those it refuses are passed over.
    """
    known = np.flatnonzero(np.isfinite(scores))
    above = CAUTION * np.sqrt(2 * np.log(max(len(known), 2)))
    chosen = known[scores.flat[known] > above]
    ranked = chosen[np.argsort(-scores.flat[chosen], kind="stable")]
    places = (tuple(int(i) for i in np.unravel_index(place, scores.shape)) for place in ranked)
    return list(islice(filter(fit, places), most))


def _pair_scores(curves: Curves, ranks: np.ndarray, residual: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Chi-square over the cells of each pair against its degrees of freedom; (covariates, covariates).

    Cells in which little is to be expected are left out, as in any chi-square test.
    """
    sizes = np.where(curves.bends, CELLS, 2)
    cells = np.minimum((ranks * sizes).astype(int), sizes - 1)
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    member = (cells[:, owner] == np.arange(len(owner)) - starts[owner]).astype(np.float32)
    sums, variances = ((member * values[:, None]).T @ member for values in (residual, weight))
    square = np.divide(sums**2, variances, out=np.zeros_like(sums), where=variances >= FEWEST_EXPECTED)
    square = np.add.reduceat(np.add.reduceat(square, starts, axis=0), starts, axis=1)
    freedom = np.outer(sizes - 1, sizes - 1)
    score = (square - freedom) / np.sqrt(2 * freedom)
    return np.where(np.triu(np.ones_like(score, dtype=bool), 1), score, -np.inf)


def _triple_scores(values: np.ndarray, residual: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Standardised sum of residuals times the product of three values; (covariates,) * 3."""
    rows = np.ascontiguousarray(values.T)
    count, squares = len(rows), rows**2
    scores = np.full((count,) * 3, -np.inf)
    for one in range(count - 2):
        later = slice(one + 1, None)
        sums = (rows[later] * (rows[one] * residual)) @ rows[later].T
        variances = (squares[later] * (squares[one] * weight)) @ squares[later].T
        found = np.abs(sums) / np.sqrt(np.maximum(variances, 1e-9))
        scores[one, later, later] = np.where(np.triu(np.ones_like(found, dtype=bool), 1), found, -np.inf)
    return scores


def _carried(values: np.ndarray, weight: np.ndarray, triple: tuple[int, ...]) -> bool:
    """Whether enough rows carry a product; else its sum is not normal and its slope would rule them."""
    size = np.prod(values[:, triple].astype(float), axis=1) ** 2
    return (weight @ size) ** 2 > FEWEST_CARRYING * (weight @ size**2)
