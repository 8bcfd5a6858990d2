"""Groups by KMeans, their number chosen by stability: would other customers have given the same groups?

Hubert & Arabie (1985), "Comparing partitions", for the adjusted Rand index; Hennig (2007), "Cluster-wise
assessment of cluster stability", for the Jaccard index of each group, 0.75 and above reading as stable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

STEADY_JACCARD = 0.75
STEADY_RAND = 0.75


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Bootstrap regroupings at one number of groups.

    rand: adjusted Rand index with the groups of the sample itself, one a bootstrap. jaccard: Jaccard index of
    each group, bootstraps by groups.
    """

    rand: np.ndarray
    jaccard: np.ndarray

    @property
    def steady(self) -> np.ndarray:
        """Whether each group is stable (mean Jaccard index of 0.75 or more)."""
        return self.jaccard.mean(axis=0) >= STEADY_JACCARD

    def take(self, drawn: np.ndarray) -> Runs:
        """Return these bootstraps only."""
        return Runs(rand=self.rand[drawn], jaccard=self.jaccard[drawn])


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Groups and how firmly they stand.

    labels: int per row, 0 for the largest group. centres: float, groups by columns. runs: fresh bootstraps at
    the chosen number. by_number: number of groups to the bootstraps by which it was chosen.
    """

    labels: np.ndarray
    centres: np.ndarray
    runs: Runs
    by_number: dict[int, Runs]

    @property
    def jaccard(self) -> np.ndarray:
        """Mean Jaccard index of each group."""
        return self.runs.jaccard.mean(axis=0)

    def plausible_numbers(self, *, draws: int = 200, seed: int) -> tuple[int, int]:
        """The 95 % range of the number chosen when the bootstraps themselves are drawn again."""
        rng = np.random.default_rng(seed)
        chosen = [
            best_number(
                {
                    k: runs.take(rng.integers(0, len(runs.rand), len(runs.rand)))
                    for k, runs in self.by_number.items()
                }
            )
            for _ in range(draws)
        ]
        low, high = np.quantile(chosen, [0.025, 0.975])
        return int(np.floor(low)), int(np.ceil(high))


def best_number(by_number: dict[int, Runs]) -> int:
    """Choose the number that gives the most stable groups; of equals the one that regroups most alike."""
    return max(by_number, key=lambda number: (by_number[number].steady.sum(), by_number[number].rand.mean()))


def jaccard(labels: np.ndarray, others: np.ndarray, *, groups: int) -> np.ndarray:
    """Return, for each of `groups` in `labels`, the Jaccard index with the most alike group of `others`."""
    width = int(others.max()) + 1
    pairs, both = np.unique(labels.astype(np.int64) * width + others, return_counts=True)
    mine, theirs = pairs // width, pairs % width
    union = np.bincount(labels)[mine] + np.bincount(others)[theirs] - both
    best = np.zeros(groups)
    np.maximum.at(best, mine, both / union)
    return best


def group(
    matrix: np.ndarray,
    *,
    numbers: Sequence[int] = range(2, 9),
    bootstraps: int = 12,
    largest_sample: int = 4000,
    seed: int,
) -> Grouping:
    """Group the rows of `matrix`, the number of groups chosen by bootstrap stability.

    numbers: numbers of groups tried. bootstraps: resamples of at most `largest_sample` rows for each number;
    the chosen number gets twice as many. Equal seeds give equal labels. Raises ValueError with fewer
    rows than 10 for each group of the largest number.
    """
    if len(matrix) < 10 * max(numbers):
        raise ValueError(f"{len(matrix)} rows; {max(numbers)} groups need {10 * max(numbers)}")
    rng = np.random.default_rng(seed)
    rows = matrix[np.sort(rng.permutation(len(matrix))[: 10 * largest_sample])]
    size = min(len(rows), largest_sample)
    # KMeans on so few rows loses far more to waiting threads than it gains.
    with threadpool_limits(limits=1):
        centres = {number: _fit(rows, number, seed) for number in numbers}
        tried = {
            number: _bootstraps(rows, centres[number], draws=bootstraps, size=size, seed=seed)
            for number in numbers
        }
        number = best_number(tried)
        fresh = _bootstraps(rows, centres[number], draws=2 * bootstraps, size=size, seed=seed + 1)
    labels = _nearest(matrix, centres[number])
    order = np.argsort(-np.bincount(labels, minlength=number), kind="stable")
    return Grouping(
        labels=np.argsort(order)[labels],
        centres=centres[number][order],
        runs=Runs(rand=fresh.rand, jaccard=fresh.jaccard[:, order]),
        by_number=tried,
    )


def _fit(rows: np.ndarray, number: int, seed: int) -> np.ndarray:
    return KMeans(number, n_init=4, random_state=seed).fit(rows).cluster_centers_


def _bootstraps(rows: np.ndarray, centres: np.ndarray, *, draws: int, size: int, seed: int) -> Runs:
    """Group resamples afresh, and compare where they put a sample of the rows with where `centres` do."""
    rng = np.random.default_rng(seed)
    judged = rows[rng.permutation(len(rows))[:size]]
    own = _nearest(judged, centres)
    rand, overlap = [], []
    for draw in range(draws):
        drawn = rows[rng.integers(0, len(rows), size)]
        other = _nearest(judged, _fit(drawn, len(centres), seed + draw))
        rand.append(adjusted_rand_score(own, other))
        overlap.append(jaccard(own, other, groups=len(centres)))
    return Runs(rand=np.array(rand), jaccard=np.array(overlap))


def _nearest(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return (np.square(centres).sum(axis=1) - 2 * rows @ centres.T).argmin(axis=1)
