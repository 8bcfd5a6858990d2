"""One engine for looks at a running test: always valid, by spending, and fixed at the planned end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval
from methods.result import Result
from methods.sequential.confidence_sequence import sequence_p, sequence_reach
from methods.sequential.looks import Look
from methods.sequential.spending import Shape, spending_limits


@dataclass(frozen=True, kw_only=True)
class SequentialTest(Result):
    """All looks at a test, and its last one read in three ways.

    fixed: the plain interval, right where the test is read once, at its planned end. always: right however
    often one looks. planned: right where one stops at the first look whose limit is passed, and no later
    than at the planned end. p_value: always valid. ended: whether the last look is at the planned end.
    looks: one row a look: week, rows, fraction, estimate, standard_error, then low and high of fixed,
    always and planned (fixed_low, …), and always_p.
    """

    fixed: Interval
    always: Interval
    planned: Interval
    p_value: float
    ended: bool
    looks: pd.DataFrame

    def first_week(self, kind: str) -> int | None:
        """Return the first week whose interval of this kind (always, planned) leaves out 0, if any does."""
        out = (self.looks[f"{kind}_low"] > 0) | (self.looks[f"{kind}_high"] < 0)
        return int(self.looks.loc[out, "week"].iloc[0]) if out.any() else None


def sequential_test(
    looks: Sequence[Look], *, shape: Shape = "obrien_fleming", level: float = 0.95
) -> SequentialTest:
    """Return what each look at a test may say.

    looks: in order, of `looks_as_known` or `looks_since_draw`.
    shape: how the chance of a false alarm is spent over the looks; see `spent`.
    The limits are repeated confidence intervals (Jennison and Turnbull 1989, Journal of the Royal Statistical
    Society B 51); looks beyond the planned end are judged by the sequence only, so none may be given.
    Raises ValueError without a look or where information does not rise to at most 1.

    >>> gap = Interval(estimate=0.04, low=0.0008, high=0.0792, n=900, standard_error=0.02)
    >>> found = sequential_test([Look(week=1, rows=900, effect=gap, fraction=0.5)])
    >>> found.ended, found.always.low < found.planned.low < 0 < found.fixed.low
    (False, True)
    """
    if not looks:
        raise ValueError("no look is given; a test needs at least one")
    frame = pd.DataFrame({
        "week": [look.week for look in looks],
        "rows": [look.rows for look in looks],
        "fraction": [look.fraction for look in looks],
        "estimate": [look.effect.estimate for look in looks],
        "standard_error": [look.effect.standard_error for look in looks],
    })  # fmt: skip
    error, fraction = frame["standard_error"].to_numpy(), frame["fraction"].to_numpy()
    reach = {
        "fixed": np.array([(look.effect.high - look.effect.low) / 2 for look in looks]),
        "always": sequence_reach(error, fraction, planned_n=1.0, level=level),
        "planned": spending_limits(fraction, shape=shape, level=level).limits * error,
    }
    for kind, half in reach.items():
        frame[f"{kind}_low"], frame[f"{kind}_high"] = frame["estimate"] - half, frame["estimate"] + half
    frame["always_p"] = sequence_p(frame["estimate"], error, fraction, planned_n=1.0, level=level)
    return SequentialTest(
        **{kind: _last(frame, kind, level) for kind in reach},
        p_value=float(frame["always_p"].iloc[-1]),
        ended=bool(fraction[-1] >= 1 - 1e-9),
        looks=frame,
    )


def _last(frame: pd.DataFrame, kind: str, level: float) -> Interval:
    row = frame.iloc[-1]
    return Interval(
        estimate=float(row["estimate"]),
        low=float(row[f"{kind}_low"]),
        high=float(row[f"{kind}_high"]),
        n=int(row["rows"]),
        level=level,
        standard_error=float(row["standard_error"]),
    )
