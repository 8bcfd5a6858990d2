"""Where one class of customers drops out against the others: tests by step and an exact split of the gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.intervals.estimates import share_difference
from methods.intervals.multiplicity import benjamini_hochberg


def two_proportions(one: int, of: int, other: int, of_others: int) -> float:
    """Return the two-sided p-value of two shares being alike (pooled z test); 1 where nothing differs.

    one, of: cases and people of the first share;
    other, of_others: of the second. Source: Fleiss, Levin and Paik (2003), Statistical Methods for Rates
        and Proportions.

    >>> round(two_proportions(15, 100, 30, 100), 4)
    0.0111
    """
    if min(of, of_others) == 0:
        return 1.0
    pooled = (one + other) / (of + of_others)
    error = np.sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_others))
    return float(2 * norm.sf(abs(one / of - other / of_others) / error)) if error > 0 else 1.0


def gap_by_step(
    counts: np.ndarray, others: np.ndarray, *, steps: tuple[str, ...], level: float = 0.95
) -> pd.DataFrame:
    """Return one row a step after the first: conversion of the class and of the others, and the gap's parts.

    counts, others: customers who reached each step. Columns: step, reached (of the class, those who
        reached the step before), others_reached, rate, others_rate (%), gap, low, high (points of the
        class less the others, Newcombe's interval), p, p_adjusted (Benjamini-Hochberg over the steps),
        log_ratio (its sum over the steps is exactly the log of the ratio of the overall conversions) and
        part (% of that sum; nan where the overall conversions are alike). Steps that nobody of a group
        reached have nan. Intervals: Newcombe 1998; adjustment: Benjamini and Hochberg 1995.

    >>> steps = ("saw", "added", "bought")
    >>> found = gap_by_step(np.array([100, 30, 15]), np.array([200, 90, 60]), steps=steps)
    >>> found[["step", "gap"]].round(1).to_numpy().tolist()
    [['saw to added', -15.0], ['added to bought', -16.7]]
    """
    rows = []
    for place in range(1, len(steps)):
        a, n, b, m = counts[place], counts[place - 1], others[place], others[place - 1]
        known = n > 0 and m > 0
        span = share_difference(a, n, b, m, level=level).scaled(100) if known else None
        rows.append(
            {
                "step": f"{steps[place - 1]} to {steps[place]}",
                "reached": int(n),
                "others_reached": int(m),
                "rate": 100 * a / n if n else np.nan,
                "others_rate": 100 * b / m if m else np.nan,
                "gap": span.estimate if span else np.nan,
                "low": span.low if span else np.nan,
                "high": span.high if span else np.nan,
                "p": two_proportions(a, n, b, m),
                "log_ratio": float(np.log(a / n) - np.log(b / m)) if known and a > 0 and b > 0 else np.nan,
            }
        )
    frame = pd.DataFrame(rows)
    total = frame["log_ratio"].sum(min_count=len(frame))
    part = 100 * frame["log_ratio"] / total if abs(total) > 1e-12 else np.nan
    return frame.assign(p_adjusted=benjamini_hochberg(frame["p"]), part=part)
