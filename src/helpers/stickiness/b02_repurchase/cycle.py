"""The repurchase cycle: days between purchases with open gaps respected, and whether it shortens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from helpers.data.purchase_gaps import cycle_of, no_cycle
from helpers.report import CannotAnswer
from helpers.report.words import words_beside
from methods.customers.survival import Survival, kaplan_meier_band
from methods.intervals.estimates import Interval, bootstrap

WORDS = words_beside(__file__, "repurchase")

LEAST_LASTING, YEAR_MONTHS = 30, 12


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Which days are compared, and which frame them; day numbers, each span from its first day to its last.

    earlier, later: what is compared; before, after: in which a lasting customer bought too. months: where the
    two are the same months of two years the first days of the earlier ones, else empty.
    """

    before: tuple[int, int]
    earlier: tuple[int, int]
    later: tuple[int, int]
    after: tuple[int, int]
    months: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        """The earlier and the later span in words, such as "May 2024 to August 2024"."""
        ends = [(_date(first), _date(last)) for first, last in (self.earlier, self.later)]
        form = "%B %Y" if self.months else "%Y-%m-%d"
        first, second = (
            WORDS.label("to", form=start.strftime(form), form_2=stop.strftime(form)) for start, stop in ends
        )
        return first, second


def spans(gaps: pd.DataFrame) -> Spans:
    """Return the same months of two years where two years of whole months are seen, else two quarters.

    Of L whole months (L - 12) / 3 are compared with as many a year later, and as many frame them at either
    end. A season moves both years alike; it does not move two quarters of the time alike.
    """
    start, end = int(gaps["begun"].min()), int((gaps["begun"] + gaps["days"]).max())
    whole = pd.period_range(_date(start), _date(end), freq="M")
    whole = whole[(whole.start_time >= _date(start)) & (whole.end_time <= _date(end + 1))]
    part = min((len(whole) - YEAR_MONTHS) // 3, YEAR_MONTHS)
    if len(whole) < 2 * YEAR_MONTHS:
        edges = np.linspace(start, end + 1, 5).round().astype(int)
        return Spans(**{
            name: (int(edges[place]), int(edges[place + 1]) - 1)
            for place, name in enumerate(("before", "earlier", "later", "after"))
        })  # fmt: skip
    first = [_day(month.start_time) for month in [*whole, whole[-1] + 1]]
    later = part + YEAR_MONTHS
    return Spans(
        before=(first[0], first[part] - 1),
        earlier=(first[part], first[2 * part] - 1),
        later=(first[later], first[later + part] - 1),
        after=(first[later + part], first[-1] - 1),
        months=tuple(first[part : 2 * part]),
    )


def _date(day: int) -> pd.Timestamp:
    return pd.Timestamp(0) + pd.Timedelta(days=day)


def _day(moment: pd.Timestamp) -> int:
    return int((moment - pd.Timestamp(0)) // pd.Timedelta(days=1))


def lasting_customers(gaps: pd.DataFrame, over: Spans) -> pd.DataFrame:
    """Return the purchase days of lasting customers within the spans compared: customer, begun, is_later.

    Lasting: bought in the spans before and after too, so they were customers all the time between; those of
    them without a purchase in between are rows without a day.
    All purchases cannot be compared between two times: the later has more of those who stayed, who are the
    frequent ones, and its cycle looks shorter although nobody changed. Between two purchases that frame it,
    a customer's unchanged habit fills both spans alike.
    """

    def within(span: tuple[int, int]) -> pd.Series:
        return gaps["begun"].between(*span)

    lasting = set(gaps.loc[within(over.before), "customer"]) & set(gaps.loc[within(over.after), "customer"])
    rows = gaps[gaps["customer"].isin(lasting) & (within(over.earlier) | within(over.later))]
    rows = rows[["customer", "begun"]].assign(is_later=rows["begun"] >= over.later[0])
    return rows.merge(pd.DataFrame({"customer": sorted(lasting)}), how="right")


def gap_curves(
    gaps: pd.DataFrame, *, draws: int = 200, seed: int = 1, level: float = 0.95
) -> dict[str, Survival]:
    """Return the survival of the gap after first and after later purchases, by words, with intervals."""
    named = {"after a first purchase": gaps[gaps["first"]], "after a later purchase": gaps[~gaps["first"]]}
    return {
        name: kaplan_meier_band(
            part["days"], part["arrived"], pd.factorize(part["customer"])[0],
            draws=draws, seed=seed, level=level,
        )
        for name, part in named.items() if len(part)
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CycleChange:
    """How the days between purchases of lasting customers changed.

    change: days of the later span less those of the earlier. earlier_days, later_days: the two means.
    over: the spans; where they are not the same months of two years a season may have made the change.
    """

    change: Interval
    earlier_days: float
    later_days: float
    over: Spans


def median_cycle(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> Interval:
    """Return the median gap in days; raises CannotAnswer when half of the purchases are never followed."""

    def median(weights: np.ndarray) -> float:
        return cycle_of(gaps, weights=weights)

    try:
        return _resampled(median, gaps["customer"].nunique(), draws, seed, level)
    except ValueError as limit:
        raise no_cycle() from limit


def cycle_change(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> CycleChange:
    """Return how the cycle of lasting customers changed; raises CannotAnswer when they are too few.

    The interval is on the log scale. Its error is the larger of two: customers drawn anew, and how the
    changes of single months differ from one another (Student's t of as many months less one), for what
    befalls a month befalls all customers in it.
    """
    over = spans(gaps)
    rows = lasting_customers(gaps, over)
    people = rows["customer"].nunique()
    if people < LEAST_LASTING:
        raise CannotAnswer(WORDS.text("few lasting", people=people, least_lasting=LEAST_LASTING))
    known = rows.dropna(subset="begun")
    own = pd.crosstab(known["customer"], known["is_later"]).reindex(rows["customer"].unique(), fill_value=0)
    own = own.reindex(columns=[False, True], fill_value=0).to_numpy(dtype=float)
    length = [last - first + 1 for first, last in (over.earlier, over.later)]

    def log_ratio(weights: np.ndarray) -> float:
        before, after = weights @ own
        return float(np.log(before / after * length[1] / length[0])) if before and after else float("nan")

    try:
        found = _resampled(log_ratio, people, draws, seed, level)
    except ValueError as limit:
        raise CannotAnswer(WORDS.text("bought too seldom")) from limit
    earlier, later = (people * days / total for days, total in zip(length, own.sum(axis=0), strict=True))
    down, up = _widened(found, known, over, level=level)
    low, high = (earlier * float(np.expm1(end)) for end in (down, up))
    change = Interval(estimate=later - earlier, low=low, high=high, n=people, level=level)
    return CycleChange(change=change, earlier_days=earlier, later_days=later, over=over)


def _widened(found: Interval, known: pd.DataFrame, over: Spans, *, level: float) -> tuple[float, float]:
    """The ends of a log ratio, no narrower than the differences between months make them."""
    if not over.months:
        return found.low, found.high
    day = known["begun"].to_numpy()
    month = pd.to_datetime(day, unit="D").month
    counts = pd.crosstab(month, known["is_later"]).reindex(columns=[False, True], fill_value=0) + 0.5
    logs = np.log(counts[False] / counts[True])
    half = float(t.ppf(0.5 + level / 2, len(logs) - 1)) * float(logs.std(ddof=1) / np.sqrt(len(logs)))
    return min(found.low, found.estimate - half), max(found.high, found.estimate + half)


def _resampled(
    statistic: Callable[[np.ndarray], float], customers: int, draws: int, seed: int, level: float
) -> Interval:
    if customers == 0:
        raise ValueError("there are no purchases")
    return bootstrap(statistic, customers=customers, draws=draws, seed=seed, level=level)
