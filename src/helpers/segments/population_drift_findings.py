"""C9, second part, in findings: the largest change, who moved between tiers, whether segments agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.report import Finding, p_text
from methods.intervals.estimates import Interval, wilson
from methods.intervals.population_stability import SHIFTED, STEADY, moves_balance

QUESTION = "Drift of the whole: have the customers changed since an earlier date?"


def change_words(index: float) -> str:
    """Say in words how large a stability index is."""
    return "no change" if index < STEADY else "some change" if index < SHIFTED else "a large change"


def largest_finding(features: pd.DataFrame, days: int) -> Finding:
    """Return the feature that changed most."""
    top = features.iloc[0]
    shifted = features[features["index"] >= STEADY]["feature"]
    told = f"above {STEADY}: {', '.join(shifted)}" if len(shifted) else f"none is above {STEADY}"
    return Finding(
        id="C9.largest_drift",
        requirement="C9",
        question=QUESTION,
        estimate=float(top["index"]),
        low=float(top["low"]),
        high=float(top["high"]),
        unit="stability index",
        n=int(top["n"]),
        segment=str(top["feature"]),
        method="population stability index on tenths of the earlier date, less what chance "
        "gives; delta method",
        assumptions=("the two dates are taken for independent samples, which makes the interval too wide",),
        reading=f"Against {days} days ago the largest change is in {top['feature']} (index "
        f"{top['index']:.2f}, "
        f"{change_words(top['index'])}); of {len(features)} features {told}.",
    )


def moved_finding(moves: pd.DataFrame, days: int) -> Finding:
    """Return the share of customers who moved to another tier, and whether the tiers changed."""
    total, stayed = int(moves.to_numpy().sum()), int(np.diag(moves).sum())
    share = wilson(total - stayed, total).scaled(100)
    sizes, symmetric = moves_balance(moves)
    told = (
        "the sizes of the tiers changed"
        if sizes < 0.05
        else "the sizes of the tiers did not change beyond chance"
    )
    ways = "more went one way than the other" if symmetric < 0.05 else "as many went each way"
    return Finding(
        id="C9.tiers_moved",
        requirement="C9",
        question=QUESTION,
        estimate=share.estimate,
        low=share.low,
        high=share.high,
        unit="% of customers known at both dates",
        n=total,
        method="migration matrix; Wilson interval; Stuart-Maxwell and Bowker tests",
        assumptions=("the tiers follow the same rules at both dates",),
        reading=f"Within {days} days {share.estimate:.0f} % of the customers moved to another tier; {told} "
        f"(p {p_text(sizes)}) and {ways} (p {p_text(symmetric)}).",
    )


def agree_finding(agreement: Interval, days: int) -> Finding:
    """Return how well the segments of then and now agree."""
    return Finding(
        id="C9.segments_agree",
        requirement="C9",
        question=QUESTION,
        estimate=agreement.estimate,
        low=agreement.low,
        high=agreement.high,
        unit="adjusted Rand index (0 chance, 1 the same)",
        n=agreement.n,
        method="segments found again from what was known then, numbers matched (Hungarian method); bootstrap",
        assumptions=("the interval is over customers; both groupings are taken as they are",),
        reading=f"The segments of {days} days ago and of today agree to "
        f"{agreement.estimate:.2f} over the customers "
        "known at both dates (0 is chance, 1 the same).",
    )
