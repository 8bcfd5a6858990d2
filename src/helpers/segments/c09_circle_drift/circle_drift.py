"""C9, first part: when a customer's circle changes, does buying break, and how early can it be seen?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.customer_history import last_day, purchase_days
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    Verdict,
    band_curve,
    canvas,
    effect_verdict,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from helpers.report.release import is_few
from helpers.report.verdicts import p_of_nil
from helpers.segments.c09_circle_drift.circle_changes import circle_changes, tie_days
from methods.intervals.estimates import Interval, wilson
from methods.staged.matched_stayers import WEEKS_AFTER, WEEKS_BEFORE, Followed, NoPurchases, follow

WORDS = words_beside(__file__)
FALL_WEEKS = 10
_LEAST_FOLLOWED = 20
_BEFORE = (-WEEKS_BEFORE, 0)
PERIODS = {
    "weeks before": _BEFORE,
    "weeks after": (0, FALL_WEEKS),
    "later weeks": (FALL_WEEKS, WEEKS_AFTER),
}


@dataclass(frozen=True, kw_only=True)
class CircleDrift:
    """Customers whose circle changed, and what their buying did.

    flagged: one row a customer with customer_id, flagged_day, first_lost_day (days since 1970-01-01, shop's
    clock), lost, friends_before. followed: purchases a week beside matched stayers. periods: one row a period
    with purchases per 100 customer-weeks of both and their ratio with interval. seen_after_weeks: weeks of
    orders after which the fall shows without the ties; None if never.
    """

    flagged: pd.DataFrame
    followed: Followed
    periods: pd.DataFrame
    seen_after_weeks: int | None
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw purchases a week around the flag of both groups, and the ratio before, after and later."""
        told = [
            f"{row.period} {interval(100 * row.ratio, 100 * row.low, 100 * row.high, unit='%', decimals=0)}"
            for row in self.periods.itertuples()
        ]
        title, alt = WORDS.picture("drift", self.findings, periods=told)
        figure, panels = canvas(title, columns=2, width_inches=11, height_inches=4)
        left, right = panels[0]
        weeks = np.arange(-WEEKS_BEFORE, WEEKS_AFTER)
        mine, theirs = (100 * side.mean(axis=0) for side in (self.followed.flagged, self.followed.stayers))
        error = 196 * self.followed.flagged.std(axis=0, ddof=1) / np.sqrt(self.followed.customers)
        band_curve(left, weeks, mine, low=mine - error, high=mine + error, colour=PALETTE[1], marker="",
                   label="circle changed")  # fmt: skip
        band_curve(left, weeks, theirs, marker="", label="stayers like them")
        reference_line(left, 0)
        left.set_xlabel("weeks since most friends were gone")
        left.set_ylabel("purchases a week, 100 customers")
        left.legend()
        marks = [
            Mark(label=row.period, value=_span(row), scale=100, colour=PALETTE[1])
            for row in self.periods.itertuples()
        ]
        forest(right, marks, zero=100, x="orders in % of the stayers' orders")
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a period around the flag."""
        headers = {
            "period": "period",
            "customers": "customers whose circle changed",
            "flagged": "their purchases, 100 customer-weeks",
            "stayers": "stayers' purchases, 100 customer-weeks",
            "ratio": "ratio",
            "low": "from",
            "high": "to",
        }
        frame = self.periods[list(headers)].rename(columns=headers)
        forms = {headers[name]: ".2f" for name in ("flagged", "stayers", "ratio", "low", "high")}
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": forms,
            "people": headers["customers"],
        }
        return frame


@question(WORDS, needs=("ties.since_at", "ties.until_at", "orders.placed_at"))
def circle_drift(
    shop: Shop, *, window_days: int = 14, least_lost: int = 2, least_share: float = 0.5
) -> CircleDrift:
    """Flag customers who lost most of their friends within days, and compare their orders with stayers'.

    window_days, least_lost, least_share: when a circle counts as changed (see `circle_changes`).
    Raises CannotAnswer when fewer than 20 flagged customers can be followed with a stayer like them.
    """
    flagged = circle_changes(shop, window_days=window_days, least_lost=least_lost, least_share=least_share)
    ties, purchases = tie_days(shop).to_pandas(), purchase_days(shop).to_pandas()
    names = pd.Index(np.unique(np.concatenate([ties["customer_id"], purchases["customer_id"]]).astype(str)))
    coded = [
        frame.assign(customer=names.get_indexer(frame["customer_id"])) for frame in (purchases, flagged, ties)
    ]
    followed = follow(*coded, customers=len(names), last_day=last_day(shop))
    if followed.customers < _LEAST_FOLLOWED:
        facts = {"lost": len(flagged), "days": window_days, "followed": followed.customers}
        raise CannotAnswer(WORDS.text("too few", fewest=_LEAST_FOLLOWED, **facts))
    try:
        periods, change = _periods(followed), _against(followed, 0, FALL_WEEKS)
        later, early = _against(followed, FALL_WEEKS, WEEKS_AFTER), _leads(followed)
    except NoPurchases as nothing:
        raise CannotAnswer(WORDS.text("not comparable", nothing=nothing)) from nothing
    seen = _seen_after(followed)
    return CircleDrift(
        flagged=flagged,
        followed=followed,
        periods=periods,
        seen_after_weeks=seen,
        findings=(
            _flagged(followed, ties["customer_id"].nunique(), window_days, least_share),
            *_changes(change, later, early, seen),
        ),
    )


def _against(followed: Followed, first: int, last: int) -> Interval:
    return followed.ratio(first, last, against=_BEFORE)


def _leads(followed: Followed) -> Interval:
    """The last weeks before the flag against those before them: nothing should show."""
    middle = -WEEKS_BEFORE // 3
    return followed.ratio(middle, 0, against=(-WEEKS_BEFORE, middle))


def _periods(followed: Followed) -> pd.DataFrame:
    rows = []
    for block, (first, last) in PERIODS.items():
        name = WORDS.label(block, weeks=last - first)
        weeks = slice(first + WEEKS_BEFORE, last + WEEKS_BEFORE)
        found = followed.ratio(first, last)
        rows.append(
            {
                "period": name,
                "customers": followed.customers,
                "flagged": 100 * followed.flagged[:, weeks].mean(),
                "stayers": 100 * followed.stayers[:, weeks].mean(),
                "ratio": found.estimate,
                "low": found.low,
                "high": found.high,
            }
        )
    return pd.DataFrame(rows)


def _seen_after(followed: Followed) -> int | None:
    """Weeks of orders until their interval leaves out no change, then and in all later weeks of the fall."""
    shown = []
    for weeks in range(1, FALL_WEEKS + 1):
        try:
            found = _against(followed, 0, weeks)
        except NoPurchases:
            shown.append(False)
            continue
        shown.append(found.high < 1 or found.low > 1)
    first = next((week for week in range(FALL_WEEKS) if all(shown[week:])), None)
    return None if first is None else first + 1


def _span(row) -> Interval:
    return Interval(estimate=row.ratio, low=row.low, high=row.high, n=row.customers)


def _flagged(followed: Followed, customers: int, window_days: int, least_share: float) -> Finding:
    """The share of customers whose circle changed, and how many of them the comparison leaves out.

    Where one of the two parts is few, neither is told: the other would give it away.
    """
    left_out = (followed.unmatched, followed.late)
    flagged = followed.customers + sum(left_out)
    return WORDS.finding(
        "C9.flagged",
        wilson(flagged, customers),
        scale=100,
        method=WORDS.text("method flagged", least_share=least_share, window_days=window_days),
        assumptions=(WORDS.text("assumption ends"),),
        flagged=flagged,
        window_days=window_days,
        unmatched=followed.unmatched,
        late=followed.late,
        few=bool(is_few(left_out).any()),
        weeks=WEEKS_AFTER,
    )


def _changes(change: Interval, later: Interval, early: Interval, seen: int | None) -> list[Finding]:
    """Changes of orders in the weeks after, when the fall should be over, and before, where none should be.

    Groups that moved apart before the change leave what came after it unsettled.
    """
    apart = effect_verdict(early.beyond(1)) != "not settled"
    doubt = WORDS.text("doubt") if apart else ""
    method = WORDS.text("method", weeks=WEEKS_BEFORE)
    assumptions = (WORDS.text("assumption same"), WORDS.text("assumption nothing else"))
    common: dict[str, Any] = {"scale": 100, "assumptions": assumptions}
    return [
        WORDS.finding(
            "C9.order_change",
            change.beyond(1),
            method=method,
            verdict=_fall(change, doubt),
            p_value=_p(change),
            weeks=FALL_WEEKS,
            seen=seen or 0,
            doubt=doubt,
            **common,
        ),
        WORDS.finding(
            "C9.later_change",
            later.beyond(1),
            method=method,
            verdict=_fall(later, doubt),
            p_value=_p(later),
            first=FALL_WEEKS,
            last=WEEKS_AFTER,
            **common,
        ),
        WORDS.finding(
            "C9.before_change",
            early.beyond(1),
            method=WORDS.text("method before", weeks=-(-WEEKS_BEFORE // 3)),
            verdict="contradicted" if apart else "reported",
            **common,
        ),
    ]


def _fall(ratio: Interval, doubt: str) -> Verdict:
    """The verdict on "orders fall": supported below 1, contradicted above."""
    return effect_verdict(ratio.beyond(1).scaled(-1), doubt=doubt)


def _p(ratio: Interval) -> float:
    """The p-value of no change, on the log scale of the interval."""
    low, middle, high = np.log([ratio.low, ratio.estimate, ratio.high])
    return p_of_nil(Interval(estimate=float(middle), low=float(low), high=float(high), n=ratio.n))
