"""Many questions at once: p-values that keep their promise over the whole declared family."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return Holm's (1979) adjusted p-values: the chance of even one false alarm is held.

    p_values: of one family of tests.
    Raises ValueError on a value that is no probability.

    >>> holm([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    values = _probabilities(p_values)
    order = np.argsort(values)
    stepped = values[order] * np.arange(len(values), 0, -1)
    return _back(np.maximum.accumulate(stepped), order)


def holm_level(p_values: ArrayLike, *, chance: float = 0.05) -> np.ndarray:
    """Return the level at which Holm's procedure judges each test, the other p-values as they are.

    p_values: of one family of tests.
    chance: of even one false alarm in the family (0 to 1).
    Returns (tests,): a test is rejected exactly where its p-value is at most its level, which is `chance`
        over the number of tests that are left when those below it have been rejected. Holm 1979.
    Raises ValueError on a value that is no probability.

    >>> holm_level([0.001, 0.04, 0.3]).round(4).tolist()
    [0.0167, 0.025, 0.025]
    """
    values = _probabilities(p_values)
    many = len(values)
    found = np.empty(many)
    for place in range(many):
        others = np.sort(np.delete(values, place))
        passed = others <= chance / np.arange(many, 1, -1)
        found[place] = chance / (many - int(np.cumprod(passed).sum()))
    return found


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Return Benjamini and Hochberg's (1995) adjusted p-values: the share of false alarms is held.

    p_values: of one family of tests.
    Raises ValueError on a value that is no probability.

    >>> benjamini_hochberg([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    values = _probabilities(p_values)
    order = np.argsort(values)
    stepped = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _back(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _back(stepped: np.ndarray, order: np.ndarray) -> np.ndarray:
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _probabilities(p_values: ArrayLike) -> np.ndarray:
    values = np.asarray(p_values, dtype=float)
    if np.isnan(values).any() or (values < 0).any() or (values > 1).any():
        raise ValueError(f"p-values lie between 0 and 1; got {values.tolist()}")
    return values
