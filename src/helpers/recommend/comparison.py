"""Which list is better: differences on the same customers, with interval, test, and whether they matter."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from helpers.recommend.uncertainty import bootstrap_means, flip_test, percentile_interval
from helpers.report.finding import Verdict
from helpers.statistics.multiplicity import holm

FLIPS = 5_000


def compare(differences: Mapping[Hashable, np.ndarray], *, resamples: int, seed: int) -> pd.DataFrame:
    """Return one row a comparison: estimate, low, high (95 %), p_alone, p and n, indexed by its name.

    differences: name to one number a customer. p_alone is two-sided, from flipping signs; p is the same
    adjusted by Holm over all the comparisons given, which thereby are the declared family. Intervals:
    customers drawn again.
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


def verdict_on(
    estimate: float, high: float, p: float, *, smallest: float, unit: str = "points"
) -> tuple[Verdict, str]:
    """Return the verdict on "it is better by an amount worth having", and its meaning in words.

    Effect size first: a difference beyond chance that is smaller than `smallest` is not supported.
    """
    amount = f"{smallest:g} {unit.removesuffix('s') if smallest == 1 else unit}"
    if p < 0.05 and estimate >= smallest:
        return "supported", "a gain worth having"
    if high < 0:
        return "contradicted", "a loss"
    if high < smallest:
        return "contradicted", f"less than the {amount} worth having"
    return "not settled", f"too uncertain against the {amount} worth having"
