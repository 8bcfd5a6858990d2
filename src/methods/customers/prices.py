"""How much of the list price a customer pays: who waits for discounts, and who does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

_NO_BETWEEN = 1e6  # purchases' weight of the shop's mean where customers do not differ at all


def shrunken_means(count: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return each row's mean pulled to that of all, as far as its few values leave it uncertain.

    count, total, squares: how many values each row has, their sum, and the sum of their squares (float).
        Empirical Bayes with the variance within and between rows from one-way analysis of variance (Efron
        & Morris 1973): a habit that is the same in every purchase is believed after one.

    >>> shrunken_means(np.array([2.0, 2.0]), np.array([2.0, 6.0]), np.array([2.0, 18.0])).tolist()
    [1.0, 3.0]
    """
    grand = total.sum() / count.sum()
    mean = np.divide(total, count, out=np.full(len(count), grand), where=count > 0)
    rows, values = int((count > 0).sum()), count.sum()
    within = max((squares - count * mean**2).sum(), 0.0) / max(values - rows, 1.0)
    typical = (values - (count**2).sum() / values) / max(rows - 1, 1)
    between = ((count * (mean - grand) ** 2).sum() / max(rows - 1, 1) - within) / max(typical, 1e-12)
    weight = min(within / between, _NO_BETWEEN) if between > 0 else _NO_BETWEEN
    return (total + weight * grand) / (count + weight)


def price_habit(paid: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the plain and the pulled part of the list price that each customer pays (float, 0 to 1).

    paid: lines, paid, paid_square (see `OrderSums`), one row a customer, 0 lines where nothing is known.
    """
    count, total, squares = (paid[name].to_numpy(dtype=float) for name in ("lines", "paid", "paid_square"))
    plain = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return plain, shrunken_means(count, total, squares)
