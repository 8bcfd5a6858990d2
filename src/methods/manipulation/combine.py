"""Several p-values in one: by the Cauchy rule across kinds of evidence, by Fisher's over an account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from methods.result import Result

CAP, FLOOR = 0.99, 1e-15
_WINSOR, _LEFT_OUT = 3.0, 1e-3


@dataclass(frozen=True, kw_only=True)
class PooledEvidence(Result):
    """Evidence of all units of an account, and of its others.

    account: p of each account. other_units: p of the account's other units, an entry a unit (1 where it has
    none). likeness: correlation of −log p between two units of one account (0 to 1).
    """

    account: np.ndarray
    other_units: np.ndarray
    likeness: float


def cauchy(p_values: np.ndarray) -> np.ndarray:
    """Combine each row's p-values by the Cauchy rule, which bears evidence that hangs together.

    p_values: (units, kinds), 0 to 1. A 1 says that a kind has nothing on the unit and counts as 1 − 1/kinds,
    since it would cancel any evidence of another; all are capped at 0.99.
    Returns (units,). Source: Liu & Xie, JASA 2020; ones as in Liu et al., AJHG 2019. Raises ValueError on a
    value that is no probability.

    >>> cauchy(np.array([[0.001, 1.0], [0.5, 0.5]])).round(4).tolist()
    [0.002, 0.5]
    """
    p = np.asarray(p_values, float)
    if np.isnan(p).any() or (p < 0).any() or (p > 1).any():
        raise ValueError("p_values: every value lies between 0 and 1")
    kinds = p.shape[1]
    p = np.where((p == 1) & (kinds > 1), 1 - 1 / kinds, p).clip(FLOOR, CAP)
    small = p < 1e-8  # where 0.5 − p loses its digits; tan((0.5 − p)π) is 1 / (pπ) there
    parts = np.where(small, 1.0 / (np.pi * p), np.tan((0.5 - np.where(small, 0.5, p)) * np.pi))
    mean = parts.mean(axis=1)
    return np.where(mean > 1e8, 1.0 / (np.pi * mean.clip(1.0)), 0.5 - np.arctan(mean) / np.pi)


def pooled_by_account(p_values: np.ndarray, account: np.ndarray, *, accounts: int) -> PooledEvidence:
    """Pool the p-values of each account's units by Fisher's rule, allowing for their likeness.

    p_values: (units,), 0 to 1. account: int (units,), 0 to accounts − 1. accounts: how many there are.
    Units of one account are alike even in honest accounts; their correlation is estimated over all accounts
    with −log p cut at 3, and the sum is scaled as Brown (1975) does. Fisher's sum, not Cauchy's: a dozen
    posts at 0.02 each are strong evidence together.
    Returns a `PooledEvidence`. Raises ValueError on a value that is no probability.

    >>> found = pooled_by_account(np.array([0.02, 0.02, 0.9, 0.1]), np.array([0, 0, 1, 1]), accounts=2)
    >>> bool(found.account[0] < 0.02), found.other_units.round(2).tolist()
    (True, [0.02, 0.02, 0.1, 0.9])
    """
    p = np.asarray(p_values, float)
    if np.isnan(p).any() or (p < 0).any() or (p > 1).any():
        raise ValueError("p_values: every value lies between 0 and 1")
    strength = -np.log(p.clip(1e-300, 1.0))
    units = np.bincount(account, minlength=accounts)
    total = np.bincount(account, strength, accounts)
    honest = (_fisher(total, units, 0.0) > _LEFT_OUT)[account]
    alike = _likeness(np.minimum(strength[honest], _WINSOR), account[honest], accounts)
    return PooledEvidence(
        account=_fisher(total, units, alike),
        other_units=_fisher(total[account] - strength, units[account] - 1, alike),
        likeness=alike,
    )


def _fisher(total: np.ndarray, units: np.ndarray, alike: float) -> np.ndarray:
    scale = 1.0 + (units - 1.0).clip(0.0) * alike
    return np.where(units > 0, chi2.sf(2.0 * total.clip(0.0) / scale, 2.0 * units.clip(1) / scale), 1.0)


def _likeness(strength: np.ndarray, account: np.ndarray, accounts: int) -> float:
    """Correlation between two units of an account, from the squares of sums; never below 0."""
    away = strength - strength.mean() if len(strength) else strength
    units = np.bincount(account, minlength=accounts)
    sums = np.bincount(account, away, accounts)
    squares = np.bincount(account, away**2, accounts)
    pairs = float((units * (units - 1.0)).sum())
    if pairs == 0 or not squares.sum() > 0:
        return 0.0
    together = float((sums**2 - squares).sum()) / pairs
    return float(np.clip(together / (squares.sum() / len(strength)), 0.0, 1.0))
