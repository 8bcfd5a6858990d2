"""How well two groupings of the same units agree, as a whole and group by group."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score


def jaccard(labels: np.ndarray, others: np.ndarray, *, groups: int) -> np.ndarray:
    """Return, for each of `groups` in `labels`, the Jaccard index with the most alike group of `others`.

    >>> jaccard(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), groups=2).round(2).tolist()
    [0.67, 0.5]
    """
    best = np.zeros(groups)
    mine, _, index = _overlaps(labels, others)
    np.maximum.at(best, mine, index)
    return best


def rand_indices(groupings: Sequence[np.ndarray]) -> np.ndarray:
    """Return the adjusted Rand index of each pair of groupings of the same rows, 1 with itself.

    >>> rand_indices([np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])]).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    alike = np.eye(len(groupings))
    for one, other in combinations(range(len(groupings)), 2):
        alike[one, other] = alike[other, one] = adjusted_rand_score(groupings[one], groupings[other])
    return alike


def rand_of_cells(cells: np.ndarray) -> float:
    """Return the adjusted Rand index of two groupings from their table of counts (Hubert and Arabie 1985).

    >>> rand_of_cells(np.array([[2, 0], [0, 2]]))
    1.0
    """
    both, mine, theirs = (
        float((counts * (counts - 1)).sum()) / 2 for counts in (cells, cells.sum(axis=1), cells.sum(axis=0))
    )
    pairs = float(cells.sum() * (cells.sum() - 1)) / 2
    chance = mine * theirs / pairs
    most = (mine + theirs) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def matched(labels: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return `labels` renumbered so that each group carries the number of the earlier group most like it.

    Both are whole numbers from 0, one a customer known in both runs; the pairing with the highest sum of
    Jaccard indices (Kuhn 1955, the Hungarian method). Groups without a partner get new numbers.

    >>> matched(np.array([1, 1, 0, 2]), np.array([0, 0, 1, 1])).tolist()
    [0, 0, 1, 2]
    """
    mine, theirs, index = _overlaps(labels, earlier)
    width = max(int(labels.max()), int(earlier.max())) + 1
    alike = np.zeros((width, width))
    alike[mine, theirs] = index
    rows, columns = linear_sum_assignment(alike, maximize=True)
    return columns[np.argsort(rows)][labels]


def _overlaps(labels: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of groups that share a row (mine, theirs) and their Jaccard index."""
    width = int(others.max()) + 1
    pairs, both = np.unique(labels.astype(np.int64) * width + others, return_counts=True)
    mine, theirs = pairs // width, pairs % width
    return mine, theirs, both / (np.bincount(labels)[mine] + np.bincount(others)[theirs] - both)
