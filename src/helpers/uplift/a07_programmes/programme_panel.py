"""The panel of a staged programme: its units by periods of four weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.data.staged_units import (
    HALF,
    PERIOD,
    PERIOD_DAYS,
    unit_periods,
    whole_periods,
    without_always_treated,
)
from helpers.report import CannotAnswer
from helpers.report.words import words_beside
from helpers.uplift.a07_programmes.programme_events import OUTCOMES, Outcome, events_of

WORDS = words_beside(__file__, "programme_effect")


@dataclass(frozen=True, kw_only=True)
class ProgrammePanel:
    """frame: unit_id, period (from 1), outcome, start (period in which it began; missing: never), weight.

    unit_kind: seller, category or customer. first_at: naive UTC, when period 1 begins. always: units left
    out because the programme had reached them before the data hold a whole period without it. later:
    customers left out because they joined only after period 1 had begun.
    """

    frame: pd.DataFrame
    unit_kind: str
    outcome: Outcome
    first_at: dt.datetime
    always: int
    later: int


def programme_panel(
    shop: Shop,
    *,
    programme: str,
    outcome: str = "orders",
    periods_before: int = 3,
    most_customers: int = 100_000,
    seed: int = 1,
) -> ProgrammePanel:
    """Return units by periods of four weeks, counted from the first start of the programme.

    outcome: `orders` (customers: orders per 100 customers and week; categories and sellers: logarithm of the
    number of orders), `returns` (% of order lines sent back) or `response_hours` (mean logarithm of hours to
    the first answer), the last two by category or seller only. Units are those of the programmes table; of
    customers those who had joined before the first period, and at most `most_customers` of them, drawn at
    random. weight: 1 for a customer, else the unit's events before the first start (and a half).
    Raises CannotAnswer where the programme is unknown, has not started, or the data begin too late.
    """
    units = _units(shop, programme)
    kind = units["unit_kind"].iloc[0]
    measured = _outcome(shop, outcome, kind)
    earliest = _first_purchase(shop)
    units, always = without_always_treated(units, earliest)
    start_at = units["started_at"].min().to_pydatetime()
    end = shop.known_until(*measured.needs)
    low, high = _span(end, earliest, start_at, measured.settle_days, periods_before)
    first_at = start_at + low * PERIOD
    later = 0
    if kind == "customer":
        units, later = _some_customers(shop, units, first_at, most_customers, seed)
    rows = unit_periods(events_of(shop, outcome=outcome, unit_kind=kind), units, first_at, periods=high - low)
    frame = rows[["unit_id", "period", "start", "weight"]].assign(
        outcome=_measured(rows["value"], rows["count"], outcome, kind)
    )
    if kind == "customer":
        frame["weight"] = 1.0
    return ProgrammePanel(
        frame=frame, unit_kind=kind, outcome=measured, first_at=first_at, always=always, later=later
    )


def _units(shop: Shop, programme: str) -> pd.DataFrame:
    table = shop["programmes"]
    rows = table.filter(table.programme == programme).order_by("unit_kind", "unit_id").execute()
    if rows.empty:
        known = table.select("programme").distinct().order_by("programme").execute()["programme"]
        raise CannotAnswer(WORDS.text("no such programme", programme=programme, known=known))
    if rows["unit_kind"].nunique() > 1:
        raise CannotAnswer(WORDS.text("several kinds of units", programme=programme))
    rows["started_at"] = rows["started_at"].where(rows["started_at"] < pd.Timestamp(shop.end))
    if rows["started_at"].isna().all():
        raise CannotAnswer(WORDS.text("not started", programme=programme))
    return rows


def _outcome(shop: Shop, outcome: str, kind: str) -> Outcome:
    names = sorted({name for name, _ in OUTCOMES})
    if outcome not in names:
        raise ValueError(f"outcome {outcome!r} is not one of {names}")
    known = OUTCOMES.get((outcome, "customer" if kind == "customer" else "other"))
    if known is None:
        raise CannotAnswer(WORDS.text("other units", outcome=outcome))
    missing = shop.missing(*known.needs)
    if missing:
        raise CannotAnswer(WORDS.text("outcome lacking", outcome=outcome, lacking=missing[0]))
    return known


def _first_purchase(shop: Shop) -> dt.datetime:
    earliest = purchases(shop).placed_at.min().execute()
    if pd.isna(earliest):
        raise CannotAnswer(WORDS.text("no purchases"))
    return pd.Timestamp(earliest).to_pydatetime()


def _span(
    end: dt.datetime, earliest: dt.datetime, start_at: dt.datetime, settle_days: int, periods_before: int
) -> tuple[int, int]:
    """First and last (exclusive) period, counted from the first start, that lie wholly in the data."""
    before, after = whole_periods(earliest, start_at, end - dt.timedelta(days=settle_days))
    if before < 1 or after < 1:
        raise CannotAnswer(WORDS.text("few periods", before=before, period_days=PERIOD_DAYS, after=after))
    return -min(before, periods_before), after


def _some_customers(
    shop: Shop, units: pd.DataFrame, moment: dt.datetime, most: int, seed: int
) -> tuple[pd.DataFrame, int]:
    """Those who had joined at the moment, at most so many of them, and how many had not yet."""
    customers = shop["customers"]
    joined = customers.filter(customers.joined_at < ibis.literal(moment, type="timestamp(6)"))
    known = pd.Index(joined.select("customer_id").execute()["customer_id"])
    is_known = known.get_indexer(units["unit_id"]) >= 0
    units = units[is_known]
    if len(units) > most:
        units = units.iloc[np.sort(np.random.default_rng(seed).choice(len(units), most, replace=False))]
    return units, int((~is_known).sum())


def _measured(value: pd.Series, count: pd.Series, outcome: str, kind: str) -> pd.Series:
    """A unit without an event in a period has orders of 0 there, but no share or mean."""
    if outcome == "orders":
        return 100 * count * 7 / PERIOD_DAYS if kind == "customer" else np.log(count + HALF)
    mean = value / count.where(count > 0)
    return 100 * mean if outcome == "returns" else mean
