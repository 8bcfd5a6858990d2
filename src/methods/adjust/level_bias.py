"""What confounding is left within the levels of a category, from pairs of rows of one level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pair_mean(left: np.ndarray, right: np.ndarray, code: np.ndarray) -> tuple[float, float]:
    """Return the mean of left times right over pairs of unlike rows of one level, and its variance.

    left, right: (rows,), each of mean 0 within every level if nothing is left.
    code: (rows,) levels. Every row counts once, paired with the others of its level, so a row's own noise
        never enters (leave-out products: Kline, Saggi and Sølvsten 2020, Econometrica).

    >>> code = np.repeat([0, 1, 2, 3], 2)
    >>> pair_mean(np.array([1, 1, -1, -1, 1, 1, -1, -1.0]), np.array([2, 2, -2, -2, 2, 2, -2, -2.0]), code)[0]
    2.0
    """
    rows = np.bincount(code)
    several = rows > 1
    product = np.bincount(code, left) * np.bincount(code, right) - np.bincount(code, left * right)
    each = product[several] / (rows[several] - 1)
    counted = rows[several].sum()
    if counted == 0:
        return 0.0, 0.0
    mean = float(each.sum() / counted)
    return mean, float(((each - mean * rows[several]) ** 2).sum() / counted**2)


def level_bias(
    y: np.ndarray,
    t: np.ndarray,
    propensity: np.ndarray,
    outcome_control: np.ndarray,
    outcome_treated: np.ndarray,
    codes: Sequence[np.ndarray],
    fold: np.ndarray,
    kept: np.ndarray,
) -> np.ndarray:
    """Return bias and variance of what is left within levels, for everyone and for the treated, (2, 2).

    All (rows,);
    codes: levels of each category;
    fold: number of each row's fold, of which its models have seen nothing, so that only rows of one level
        and one fold are paired;
    kept: rows that count. Rows of one level have a chance of treatment and an outcome in common that the
        models, which draw rare levels to the mean, only partly know. The doubly robust mean is off by the
        product of the two errors (Robins, Li, Tchetgen Tchetgen and van der Vaart 2008), which the
        products of residuals of unlike rows of a level estimate.
    """
    e, m0, m1 = propensity, outcome_control, outcome_treated
    off = np.where(kept, t - e, 0.0)
    control = np.where(kept, (1 - t) * (y - m0) / (1 - e), 0.0)
    treated = np.where(kept, t * (y - m1) / e, 0.0)
    found = np.zeros((2, 2))
    for level in codes:
        _, code = np.unique(level * (fold.max() + 1) + fold, return_inverse=True)
        by_control, by_treated = pair_mean(off / (1 - e), control, code), pair_mean(off / e, treated, code)
        found[0] += np.add(by_control, by_treated)
        found[1] += np.array([by_control[0] / t.mean(), by_control[1] / t.mean() ** 2])
    return found
