"""A category of very many levels as two columns: what is usual in each level, learned inside folds."""

from __future__ import annotations

import numpy as np

INNER_FOLDS = 5
LEAST_PRIOR, MOST_PRIOR = 1.0, 1e4


def level_means(code: np.ndarray, target: np.ndarray, levels: int) -> np.ndarray:
    """Return the mean of a target by level, (levels,), each drawn towards the mean of all.

    code, target: (rows,). The pull is that of the variance between levels against that within them
        (empirical Bayes by analysis of variance: Searle, Casella and McCulloch 1992, chapter 3); a level
        never seen has the mean of all.
    """
    rows, total = np.bincount(code, minlength=levels), np.bincount(code, target, levels)
    mean, seen = target.mean(), rows > 0
    own = total[seen] / rows[seen]
    within = max((target**2).sum() - (own**2 * rows[seen]).sum(), 0.0) / max(len(target) - seen.sum(), 1)
    spare = len(target) - (rows[seen] ** 2).sum() / len(target)
    between = ((rows[seen] * (own - mean) ** 2).sum() - (seen.sum() - 1) * within) / max(spare, 1e-9)
    prior = np.clip(within / max(between, 1e-12), LEAST_PRIOR, MOST_PRIOR)
    return (total + prior * mean) / (rows + prior)


def encoded_levels(
    code: np.ndarray, target: np.ndarray, learn: np.ndarray, *, levels: int, seed: int
) -> np.ndarray:
    """Return each row's level mean, (rows,): of rows to learn from, never from the row's own inner fold.

    learn: places of the rows to learn from (target encoding inside folds: Micci-Barreca 2001, SIGKDD
        Explorations).
    """
    found = level_means(code[learn], target[learn], levels)[code]
    inner = np.random.default_rng(seed).integers(0, INNER_FOLDS, len(learn))
    for number in range(INNER_FOLDS):
        others = learn[inner != number]
        found[learn[inner == number]] = level_means(code[others], target[others], levels)[
            code[learn[inner == number]]
        ]
    return found
