"""Which list is better: differences on the same customers, with interval, test, and whether they matter."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from helpers.recommend.judged import finding_on
from helpers.recommend.split import Split
from helpers.recommend.words import more
from helpers.report import Finding, p_text
from helpers.report.finding import Verdict
from methods.intervals.multiplicity import holm
from methods.intervals.resampling import bootstrap_means, flip_test, percentile_interval

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


def difference_finding(
    row,
    *,
    split: Split,
    smallest_pp: float,
    before: str,
    after: str,
    told: tuple[Verdict, str] | None = None,
    **fields,
) -> Finding:
    """Return one comparison of lists on the same customers as a finding, its sentence included.

    row: a row of `compare`, in points of customers served. before, after: the sentence around "1.2 more of
    100 customers". told: verdict and meaning, where not those of `verdict_on`. fields: of
    `finding_on`.
    """
    verdict, meaning = told or verdict_on(row.estimate, row.high, row.p, smallest=smallest_pp)
    return finding_on(
        split,
        estimate=row.estimate, low=row.low, high=row.high, unit="pp of customers", n=int(row.n),
        verdict=verdict, p_value=row.p_alone, adjusted_p=row.p,
        reading=f"{before} {abs(row.estimate):.1f} {more(row.estimate)} of 100 customers {after} "
        f"(95 % interval {row.low:+.1f} to {row.high:+.1f}; adjusted p {p_text(row.p)}): {meaning}.",
        **fields,
    )  # fmt: skip
