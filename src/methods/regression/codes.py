"""Labels as whole numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd


def codes_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number (rows,) int of each label in sorted order, and the different labels, (levels,).

    labels: (rows,), numbers or texts. The same as `np.unique` with its inverse, found by hashing: a million
    texts take .2 seconds where sorting them takes 2.

    >>> codes_of(np.array(["b", "a", "b"], dtype=object))[0].tolist()
    [1, 0, 1]
    """
    code, levels = pd.factorize(np.asarray(labels), sort=True, use_na_sentinel=False)
    return code, np.asarray(levels)
