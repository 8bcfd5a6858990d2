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
class Grouping:
    """Groups and how firmly they stand.

    labels: int per row, 0 for the largest group. centres: float, groups by columns. rand: adjusted Rand index
    per bootstrap pair at the chosen number. jaccard: mean Jaccard index of each group over bootstraps.
    by_number: number of groups to the adjusted Rand indices of its bootstraps.
    """

    labels: np.ndarray
    centres: np.ndarray
    rand: np.ndarray
    jaccard: np.ndarray
    by_number: dict[int, np.ndarray]

    @property
    def steady(self) -> np.ndarray:
        """Whether each group is stable (mean Jaccard index of 0.75 or more)."""
        return self.jaccard >= STEADY_JACCARD

    def plausible_numbers(self, *, draws: int = 200, seed: int) -> tuple[int, int]:
        """The 95 % range of the number chosen when the bootstraps themselves are drawn again."""
        rng = np.random.default_rng(seed)
        chosen = [
            best_number({k: rng.choice(values, len(values)) for k, values in self.by_number.items()})
            for _ in range(draws)
        ]
        low, high = np.quantile(chosen, [0.025, 0.975])
        return int(np.floor(low)), int(np.ceil(high))


def best_number(by_number: dict[int, np.ndarray]) -> int:
    """Choose the largest number of groups that is stable on average; if none is, the most stable one."""
    means = {number: float(values.mean()) for number, values in by_number.items()}
    stable = [number for number, mean in means.items() if mean >= STEADY_RAND]
    return max(stable) if stable else max(means, key=means.get)


def jaccard(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return, for each group of `labels`, the Jaccard index with the group of `others` it resembles most."""
    width = int(others.max()) + 1
    pairs, both = np.unique(labels.astype(np.int64) * width + others, return_counts=True)
    mine, theirs = pairs // width, pairs % width
    union = np.bincount(labels)[mine] + np.bincount(others)[theirs] - both
    best = np.zeros(int(labels.max()) + 1)
    np.maximum.at(best, mine, both / union)
    return best


def group(
    matrix: np.ndarray,
    *,
    numbers: Sequence[int] = range(2, 9),
    bootstraps: int = 10,
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
    # KMeans on so few rows loses far more to waiting threads than it gains.
    with threadpool_limits(limits=1):
        return _group(matrix, numbers, bootstraps=bootstraps, largest_sample=largest_sample, seed=seed)


def _group(
    matrix: np.ndarray, numbers: Sequence[int], *, bootstraps: int, largest_sample: int, seed: int
) -> Grouping:
    rng = np.random.default_rng(seed)
    sample = matrix[np.sort(rng.permutation(len(matrix))[:largest_sample])]
    tried = {
        number: np.array([one[0] for one in _bootstraps(sample, number, bootstraps, seed)])
        for number in numbers
    }
    number = best_number(tried)
    model = _fit(matrix[np.sort(rng.permutation(len(matrix))[: 10 * largest_sample])], number, seed)
    labels, centres = _by_size(model.predict(matrix), model.cluster_centers_)
    runs = _bootstraps(sample, number, 2 * bootstraps, seed + 1, centres=centres)
    return Grouping(
        labels=labels,
        centres=centres,
        rand=np.array([rand for rand, _ in runs]),
        jaccard=np.mean([each for _, each in runs], axis=0),
        by_number=tried,
    )


def _fit(rows: np.ndarray, number: int, seed: int) -> KMeans:
    return KMeans(number, n_init=4, random_state=seed).fit(rows)


def _bootstraps(
    sample: np.ndarray, number: int, draws: int, seed: int, *, centres: np.ndarray | None = None
) -> list[tuple[float, np.ndarray]]:
    """Group resamples, carry their groups to the whole sample, and compare with the sample's own groups."""
    rng = np.random.default_rng(seed)
    centres = _fit(sample, number, seed).cluster_centers_ if centres is None else centres
    own = _nearest(sample, centres)
    runs = []
    for draw in range(draws):
        drawn = sample[rng.integers(0, len(sample), len(sample))]
        other = _nearest(sample, _fit(drawn, number, seed + draw).cluster_centers_)
        runs.append((adjusted_rand_score(own, other), jaccard(own, other)))
    return runs


def _nearest(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return (np.square(centres).sum(axis=1) - 2 * rows @ centres.T).argmin(axis=1)


def _by_size(labels: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[labels], centres[order]
