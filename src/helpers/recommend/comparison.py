"""Which list is better: differences on the same customers, with interval, test, and whether they matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.recommend.uncertainty import bootstrap_means, flip_test, percentile_interval
from helpers.report.finding import Verdict
from helpers.statistics.multiplicity import holm

FLIPS = 2_000


def compare(differences: Mapping[str, np.ndarray], *, resamples: int, seed: int) -> pd.DataFrame:
    """Return one row a comparison: estimate, low, high (95 %), p and n, indexed by its name.

    differences: name to one number a customer. p is two-sided, from flipping signs, and adjusted by Holm
    over all the comparisons given, which thereby are the declared family. Intervals: customers drawn again.
    """
    rows = {}
    for size in sorted({len(values) for values in differences.values()}):
        names = [name for name, values in differences.items() if len(values) == size]
        values = np.column_stack([differences[name] for name in names])
        low, high = percentile_interval(bootstrap_means(values, resamples=resamples, seed=seed))
        p = flip_test(values, flips=FLIPS, seed=seed)
        for name, *row in zip(names, values.mean(axis=0), low, high, p, strict=True):
            rows[name] = (*row, size)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high", "p", "n"])
    frame = frame.loc[list(differences)]
    return frame.assign(p=holm(frame["p"]))


def verdict_on(
    estimate: float, high: float, p: float, *, smallest: float, unit: str = "points"
) -> tuple[Verdict, str]:
    """Return the verdict on "it is better by an amount worth having", and its meaning in words.

    Effect size first: a difference beyond chance that is smaller than `smallest` is not supported.
    """
    if p < 0.05 and estimate >= smallest:
        return "supported", "a gain worth having"
    if high < smallest:
        return "contradicted", f"less than the {smallest:g} {unit} that are worth having"
    return "not settled", f"too uncertain against the {smallest:g} {unit} worth having"


def every_pair(entries: Sequence, *, resamples: int, seed: int) -> pd.DataFrame:
    """Return one row a pair of lists: differences in points served and in NDCG, adjusted over all of them.

    entries: with label and measures (`hit_rate` and `ndcg` of the same customers), such as a contest's.
    """
    pairs = [(a, b) for spot, a in enumerate(entries) for b in entries[:spot]]
    values = {
        (a.label, b.label, name): scale * (a.measures[name] - b.measures[name])
        for name, scale in (("hit_rate", 100), ("ndcg", 1))
        for a, b in pairs
    }
    rows = compare(values, resamples=resamples, seed=seed)
    rows.index = pd.MultiIndex.from_tuples(rows.index)
    shown = pd.DataFrame([(a.label, b.label) for a, b in pairs], columns=["list", "against"])
    for name, words, digits in (("hit_rate", "served, pp", 1), ("ndcg", "NDCG", 3)):
        these = rows.xs(name, level=2)
        shown[words] = these["estimate"].to_numpy()
        between = [f"{r.low:+.{digits}f} to {r.high:+.{digits}f}" for r in these.itertuples()]
        shown[f"95 % interval, {words}"] = between
        shown[f"p (Holm), {words}"] = these["p"].to_numpy()
    formats = {"served, pp": "+.1f", "NDCG": "+.3f"}
    formats |= {name: ".4f" for name in shown if name.startswith("p (Holm)")}
    caption = "Every list against every other, on the same customers; p adjusted over the whole table"
    shown.attrs = {"caption": caption, "formats": formats}
    return shown
