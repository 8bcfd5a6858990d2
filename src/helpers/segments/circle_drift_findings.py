"""C9, first part, in findings: who was flagged, what orders did after, later, and before."""

from __future__ import annotations

import pandas as pd

from helpers.report import Finding
from helpers.segments.matched_stayers import WEEKS_AFTER, WEEKS_BEFORE, Followed
from methods.intervals.estimates import Interval, wilson

QUESTION = (
    "Circle drift: when a customer's circle changes, does stickiness break, and how early can it be seen?"
)
FALL_WEEKS = 10
_METHOD = (
    "event study: exact matching on purchases, recency, time known and friends as of "
    f"{WEEKS_BEFORE} weeks before the flag; ratio to stayers over its own value before; jackknife"
)
_ASSUMPTIONS = (
    "without the change the two groups would have kept their ratio",
    "nothing else happens to a customer just when most friends go, such as leaving the network itself",
)


def _finding(value: Interval, **fields) -> Finding:
    """Return a finding of C9 with the value's interval; fields: all that is its own."""
    return Finding(
        requirement="C9", question=QUESTION, estimate=value.estimate, low=value.low, high=value.high, **fields
    )


def share_finding(flagged: pd.DataFrame, customers: int, window_days: int, least_share: float) -> Finding:
    """Return the share of customers whose circle changed."""
    share = wilson(len(flagged), customers).scaled(100)
    return _finding(
        share,
        id="C9.flagged",
        unit="% of customers with a friend",
        n=customers,
        method=f"{100 * least_share:.0f} % or more of the friends gone within {window_days} "
        "days; Wilson interval",
        assumptions=("a tie that ends is a friendship that ends, and is entered when it does",),
        reading=f"{len(flagged):,} customers ({share.estimate:.1f} % of those with a friend) "
        "lost most of their "
        "friends within days: their circle has changed.",
    )


def change_finding(change: Interval, seen: int | None, followed: Followed) -> Finding:
    """Return the change of orders in the weeks after, and when orders alone show it."""
    percent = _percent(change)
    settled = change.high < 1 or change.low > 1
    when = (
        "from orders alone the group's change shows in no week of these"
        if seen is None
        else f"from orders alone the group's change shows after {seen} weeks"
    )
    told = (
        f"In the {FALL_WEEKS} weeks after, customers whose circle changed order "
        f"{abs(percent.estimate):.0f} % {'less' if percent.estimate < 0 else 'more'} than stayers like them, "
        f"measured against their own orders just before ({percent.low:+.0f} to {percent.high:+.0f} %)"
    )
    return _finding(
        percent,
        id="C9.order_change",
        unit="% of orders",
        n=followed.customers,
        method=_METHOD,
        assumptions=_ASSUMPTIONS,
        verdict="supported" if settled else "not settled",
        reading=f"{told}. The ties show the change on the day it happens; {when}."
        if settled
        else f"{told}: these data cannot tell whether stickiness breaks.",
    )


def later_finding(later: Interval) -> Finding:
    """Return the change of orders once the fall should be over."""
    percent = _percent(later)
    back = later.low <= 1 <= later.high
    return _finding(
        percent,
        id="C9.later_change",
        unit="% of orders",
        n=later.n,
        method=_METHOD,
        assumptions=_ASSUMPTIONS,
        reading=f"Weeks {FALL_WEEKS} to {WEEKS_AFTER} after the change: {percent.estimate:+.0f} % "
        f"({percent.low:+.0f} to {percent.high:+.0f} %), "
        + ("no lasting change is seen." if back else "the change lasts."),
    )


def placebo_finding(early: Interval) -> Finding:
    """Return the same comparison before the flag, where nothing should show."""
    percent = _percent(early)
    quiet = early.low <= 1 <= early.high
    return _finding(
        percent,
        id="C9.before_change",
        unit="% of orders",
        n=early.n,
        method=f"the same comparison for the last {-(-WEEKS_BEFORE // 3)} weeks before the flag",
        assumptions=_ASSUMPTIONS,
        verdict="supported" if quiet else "not settled",
        reading=f"Before the change the two groups moved together ({percent.estimate:+.0f} %, "
        f"{percent.low:+.0f} "
        f"to {percent.high:+.0f} %)."
        if quiet
        else f"Already before the change the groups moved apart ({percent.estimate:+.0f} %, "
        f"{percent.low:+.0f} to "
        f"{percent.high:+.0f} %): read the change itself with care.",
    )


def _percent(ratio: Interval) -> Interval:
    return Interval(
        estimate=100 * (ratio.estimate - 1),
        low=100 * (ratio.low - 1),
        high=100 * (ratio.high - 1),
        n=ratio.n,
    )
