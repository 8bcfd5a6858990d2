"""Which list is better: differences on the same customers, with interval and test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from methods.intervals.multiplicity import holm
from methods.intervals.resampling import bootstrap_means, flip_test, percentile_interval

FLIPS = 5_000


def compare(differences: Mapping[Any, np.ndarray], *, resamples: int, seed: int) -> pd.DataFrame:
    """Return one row a comparison: estimate, low, high (95 %), p_alone, p and n, indexed by its name.

    differences: name to one number a customer. p_alone is two-sided, from flipping signs; p is the same
        adjusted by Holm over all the comparisons given, which thereby are the declared family. Intervals:
        customers drawn again.

    >>> found = compare({"a over b": np.repeat([1.0, 0.0], 50)}, resamples=200, seed=1)
    >>> float(found.loc["a over b", "estimate"]), bool(found.loc["a over b", "p"] < 0.001)
    (0.5, True)
    """
    rows = {}
    for size in sorted({len(values) for values in differences.values()}):
        names = [name for name, values in differences.items() if len(values) == size]
        values = np.column_stack([differences[name] for name in names])
        low, high = percentile_interval(bootstrap_means(values, resamples=resamples, seed=seed))
        p = flip_test(values, flips=FLIPS, seed=seed)
        for name, *row in zip(names, values.mean(axis=0), low, high, p, strict=True):
            rows[name] = (*row, size)
    frame = pd.DataFrame(
        [rows[name] for name in differences],
        index=pd.Index(list(differences), tupleize_cols=False),
        columns=["estimate", "low", "high", "p_alone", "n"],
    )
    return frame.assign(p=holm(frame["p_alone"]))
