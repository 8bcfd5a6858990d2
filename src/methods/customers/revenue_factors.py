"""Revenue as customers times orders of each times value of an order, and which of them moved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import log_interval
from methods.result import Result

# Each factor as a sum over the people of one column by that of another ("" for nothing below the line).
FACTORS = {
    "revenue": ("spend", ""),
    "customers": ("buyers", ""),
    "orders per customer": ("orders", "buyers"),
    "value of an order": ("spend", "orders"),
}


@dataclass(frozen=True, kw_only=True)
class RevenueFactors(Result):
    """What revenue and its three factors were before and are now.

    levels: a row of FACTORS, columns before and now. changes: by factor, now over before less 1; those of the
    three factors multiply, each plus 1, to that of revenue plus 1.
    """

    levels: pd.DataFrame
    changes: Mapping[str, Interval]


def revenue_factors(people: pd.DataFrame, *, level: float = 0.95) -> RevenueFactors:
    """Return the change of revenue between two spans, taken apart into its factors.

    people: one row a person, numbers of orders and money in either span: orders_before, orders_now,
        spend_before, spend_now. level: of the intervals.
    Intervals are normal on the log scale by the delta method, with people as what repeats, and how many of
    them there are as chance too (Poisson's law); who bought in both spans counts once.
    Raises CannotAnswer where nobody bought, or nothing was paid, in either span.

    >>> twice = pd.DataFrame({"orders_before": [1] * 40, "orders_now": [2] * 40})
    >>> twice = twice.assign(spend_before=5.0, spend_now=8.0)
    >>> found = revenue_factors(twice).changes
    >>> {name: round(one.estimate, 2) for name, one in found.items()}
    {'revenue': 0.6, 'customers': 0.0, 'orders per customer': 1.0, 'value of an order': -0.2}
    """
    parts, levels = {}, {}
    for span in ("before", "now"):
        orders = people[f"orders_{span}"].to_numpy(float)
        sums = {
            "orders": orders,
            "spend": people[f"spend_{span}"].to_numpy(float),
            "buyers": 1.0 * (orders > 0),
        }
        totals = {name: float(values.sum()) for name, values in sums.items()}
        if min(totals.values()) <= 0:
            raise CannotAnswer(
                f"{totals['orders']:g} orders worth {totals['spend']:g} {span} have no factors"
            )
        parts[span] = {name: values / totals[name] for name, values in sums.items()} | {"": 0.0}
        levels[span] = {name: totals[top] / totals.get(below, 1.0) for name, (top, below) in FACTORS.items()}
    frame = pd.DataFrame(levels, index=list(FACTORS))
    changes = {}
    for name, (top, below) in FACTORS.items():
        influence = sum(
            sign * (parts[span][top] - parts[span][below]) for span, sign in (("now", 1), ("before", -1))
        )
        changes[name] = _change(frame.loc[name], influence, level=level)
    return RevenueFactors(levels=frame, changes=changes)


def _change(levels: pd.Series, influence: np.ndarray, *, level: float) -> Interval:
    """Return a relative change with its interval; influence: of each person on the logarithm of the ratio."""
    ratio = float(levels["now"] / levels["before"])
    error = float(np.sqrt(np.sum(influence**2)))
    return log_interval(ratio, error, len(influence), level=level).beyond(1)
