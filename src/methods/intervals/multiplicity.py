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
