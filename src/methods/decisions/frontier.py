"""The efficient frontier: options that no other beats in everything."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def efficient(gains: ArrayLike) -> NDArray[np.bool_]:
    """Return which options no other beats: none is at least as good in everything and better in something.

    gains: options × aims, larger is better in each; turn costs round by a minus.

    >>> efficient([[1, 3], [2, 2], [1, 2], [3, 1]]).tolist()
    [True, True, False, True]
    """
    worth = np.asarray(gains, dtype=float)
    if worth.ndim != 2 or not np.isfinite(worth).all():
        raise ValueError(f"gains have shape {worth.shape}; finite numbers, options × aims, are needed")
    as_good = (worth[None, :, :] >= worth[:, None, :]).all(axis=2)
    better = (worth[None, :, :] > worth[:, None, :]).any(axis=2)
    beaten: NDArray[np.bool_] = np.any(as_good & better, axis=1)
    return ~beaten
