"""Which list is better: differences on the same customers, with interval and test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from methods.intervals.multiplicity import holm
from methods.intervals.paired_shares import differing_few
from methods.intervals.resampling import bootstrap_means, flip_test, percentile_interval

FLIPS = 5_000


def compare(
    differences: Mapping[Any, np.ndarray],
    *,
    resamples: int,
    seed: int,
    largest: float | Mapping[Any, float] = 100.0,
) -> pd.DataFrame:
    """Return one row a comparison: estimate, low, high (95 %), p_alone, p and n, indexed by its name.

    differences: name to one number a customer. p_alone is two-sided, from flipping signs; p is the same
        adjusted by Holm over all the comparisons given, which thereby are the declared family. Intervals:
        score intervals for differences of shares and wherever hardly anybody differs (`differing_few`), else
        customers drawn again.
    largest: how large a difference can be, of all or by name; 100 for points.

    >>> found = compare({"a over b": np.repeat([1.0, 0.0], 50)}, resamples=200, seed=1)
    >>> float(found.loc["a over b", "estimate"]), bool(found.loc["a over b", "p"] < 0.001)
    (0.5, True)
    """
    rows = {}
    for size in sorted({len(values) for values in differences.values()}):
        names = [name for name, values in differences.items() if len(values) == size]
        values = np.column_stack([differences[name] for name in names])
        limits = [largest[name] if isinstance(largest, Mapping) else largest for name in names]
        low, high = _ends(values, limits, resamples=resamples, seed=seed)
        p = flip_test(values, flips=FLIPS, seed=seed)
        for name, *row in zip(names, values.mean(axis=0), low, high, p, strict=True):
            rows[name] = (*row, size)
    frame = pd.DataFrame(
        [rows[name] for name in differences],
        index=pd.Index(list(differences), tupleize_cols=False),
        columns=["estimate", "low", "high", "p_alone", "n"],
    )
    return frame.assign(p=holm(frame["p_alone"]))


def _ends(
    values: np.ndarray, limits: list[float], *, resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    few = [differing_few(column, largest=limit) for column, limit in zip(values.T, limits, strict=True)]
    low, high = np.empty(len(few)), np.empty(len(few))
    rest = [place for place, one in enumerate(few) if one is None]
    if rest:
        drawn = bootstrap_means(values[:, rest], resamples=resamples, seed=seed)
        low[rest], high[rest] = percentile_interval(drawn)
    for place, one in enumerate(few):
        if one is not None:
            low[place], high[place] = one.low, one.high
    return low, high
