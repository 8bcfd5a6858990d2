"""The panel of a staged programme: its units by four-week periods, with orders, returns or response time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer

PERIOD_DAYS = 28
OUTCOMES = ("orders", "returns", "response_hours")
NEEDS = {
    "orders": (),
    "returns": ("returns",),
    "response_hours": ("tickets.opened_at", "tickets.first_response_at", "tickets.order_id"),
}
COLUMNS = {"category": "category", "seller": "seller_id"}
# Returns and answers of the last weeks are still to come.
SETTLE_DAYS = {"orders": 0, "returns": 28, "response_hours": 14}
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class ProgrammePanel:
    """frame: unit_id, period (from 1), outcome, start (period in which it began; missing: never).

    unit_kind: seller, category or customer. unit, scale: what the outcome counts, and whether its
    differences are `points` (added) or `log` (shares of itself). first_at: naive UTC, when period 1 begins.
    """

    frame: pd.DataFrame
    unit_kind: str
    unit: str
    scale: str
    first_at: dt.datetime


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

    outcome: `orders` (customers: orders per 100 customers; categories and sellers: logarithm of orders),
    `returns` (orders with a return, % of orders) or `response_hours` (logarithm of the mean hours to the
    first answer). A customer counts who had joined before the first period and, where starts are dated, is
    in the programmes table; all categories and sellers there count. Raises CannotAnswer where the programme
    is unknown, has not started, or the data begin too late.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {outcome!r} is not one of {OUTCOMES}")
    missing = shop.missing(*NEEDS[outcome])
    if missing:
        raise CannotAnswer(f"the outcome {outcome} needs {missing[0]}, which the data do not have")
    units = _units(shop, programme)
    kind = units["unit_kind"].iloc[0]
    if kind == "customer" and outcome != "orders":
        raise CannotAnswer(f"{outcome} are counted by category or seller, and {programme} goes by customer")
    first_at = units["started_at"].min().to_pydatetime()
    low, high = _span(shop, first_at, SETTLE_DAYS[outcome], periods_before)
    facts = _counts(shop, kind, outcome, first_at=first_at, low=low, high=high)
    if kind == "customer":
        units = units[units["unit_id"].isin(_joined(shop, first_at + low * dt.timedelta(days=PERIOD_DAYS)))]
        if len(units) > most_customers:
            chosen = np.random.default_rng(seed).choice(len(units), most_customers, replace=False)
            units = units.iloc[np.sort(chosen)]
    grid = pd.MultiIndex.from_product([units["unit_id"], range(low, high)], names=["unit_id", "period"])
    rows = facts.set_index(["unit_id", "period"]).reindex(grid)
    days = (units["started_at"] - first_at) / pd.Timedelta(days=PERIOD_DAYS)
    start = pd.Series(np.floor(days.to_numpy()), index=units["unit_id"])
    frame = _measured(rows.reset_index(), kind, outcome)
    # Numbered from 1, for a start of 0 would mean never.
    shift = 1 - low
    frame = frame.assign(period=frame["period"] + shift, start=frame["unit_id"].map(start) + shift)
    unit, scale = _unit(kind, outcome)
    return ProgrammePanel(
        frame=frame, unit_kind=kind, unit=unit, scale=scale,
        first_at=first_at + low * dt.timedelta(days=PERIOD_DAYS),
    )  # fmt: skip


def _units(shop: Shop, programme: str) -> pd.DataFrame:
    table = shop["programmes"]
    rows = table.filter(table.programme == programme).order_by("unit_kind", "unit_id").execute()
    if rows.empty:
        known = table.select("programme").distinct().order_by("programme").execute()["programme"]
        raise CannotAnswer(f"there is no programme {programme!r}; the table has {', '.join(known)}")
    if rows["unit_kind"].nunique() > 1:
        raise CannotAnswer(
            f"{programme} names units of several kinds; they cannot be compared with each other"
        )
    rows["started_at"] = rows["started_at"].where(rows["started_at"] < pd.Timestamp(shop.as_of))
    if rows["started_at"].isna().all():
        raise CannotAnswer(f"{programme} has not started for anyone yet")
    return rows


def _span(shop: Shop, first_at: dt.datetime, settle_days: int, periods_before: int) -> tuple[int, int]:
    """First and last (exclusive) period, counted from the first start, that lie wholly in the data."""
    earliest = purchases(shop).placed_at.min().execute()
    if pd.isna(earliest):
        raise CannotAnswer("there are no purchases")
    before = int((first_at - pd.Timestamp(earliest).to_pydatetime()).days // PERIOD_DAYS)
    after = int((shop.as_of - first_at).days - settle_days) // PERIOD_DAYS
    if before < 1 or after < 1:
        raise CannotAnswer(
            f"the data hold {max(before, 0)} periods of {PERIOD_DAYS} days before the first start and "
            f"{max(after, 0)} after it; at least one of each is needed"
        )
    return -min(before, periods_before), after


def _joined(shop: Shop, moment: dt.datetime) -> pd.Index:
    customers = shop["customers"]
    known = customers.filter(customers.joined_at < ibis.literal(moment, type="timestamp(6)"))
    return pd.Index(known.select("customer_id").execute()["customer_id"])


def _counts(shop: Shop, kind: str, outcome: str, *, first_at, low: int, high: int) -> pd.DataFrame:
    """The number of events and the sum of their values, by unit and period."""
    start = ibis.literal(first_at, type="timestamp(6)")
    rows = _events(shop, kind, outcome)
    days = rows.at.epoch_seconds() - start.epoch_seconds()
    # Shifted to be above nought before dividing, since engines differ on how they round negative numbers.
    span = PERIOD_DAYS * 86_400
    rows = rows.mutate(period=((days + span * 1000) / span).floor().cast("int64") - 1000)
    rows = rows.filter((rows.period >= low) & (rows.period < high))
    return rows.group_by("unit_id", "period").agg(count=_.count(), value=_.value.sum()).execute()


def _events(shop: Shop, kind: str, outcome: str) -> Table:
    """One row an order and unit (or a ticket and unit): unit_id, at, value."""
    orders = purchases(shop)
    if kind == "customer":
        return orders.select(unit_id=orders.customer_id, at=orders.placed_at, value=ibis.literal(1.0))
    items = shop["items"].select("item_id", unit_id=_[COLUMNS[kind]])
    lines = shop["order_lines"].select("order_id", "item_id").join(items, "item_id")
    pairs = lines.filter(lines.unit_id.notnull()).select("order_id", "unit_id").distinct()
    placed = orders.select("order_id", at=orders.placed_at)
    if outcome == "response_hours":
        tickets = shop["tickets"]
        answered = tickets.filter(tickets.first_response_at.notnull() & tickets.order_id.notnull())
        hours = (answered.first_response_at.epoch_seconds() - answered.opened_at.epoch_seconds()) / 3600
        return answered.select("order_id", at=answered.opened_at, value=hours).join(pairs, "order_id")
    rows = pairs.join(placed, "order_id")
    if outcome == "orders":
        return rows.mutate(value=ibis.literal(1.0))
    returned = shop["returns"].select("order_id").distinct().mutate(value=ibis.literal(1.0))
    rows = rows.left_join(returned, "order_id").drop("order_id_right")
    return rows.mutate(value=rows.value.fill_null(0.0))


def _measured(rows: pd.DataFrame, kind: str, outcome: str) -> pd.DataFrame:
    count = rows["count"].astype(float)
    if outcome == "orders":
        count = count.fillna(0.0)
        values = 100 * count if kind == "customer" else np.log(count + _HALF)
    elif outcome == "returns":
        values = 100 * rows["value"].astype(float) / count
    else:
        values = np.log((rows["value"].astype(float) / count).clip(lower=1 / 60))
    return pd.DataFrame({"unit_id": rows["unit_id"], "period": rows["period"], "outcome": values})


def _unit(kind: str, outcome: str) -> tuple[str, str]:
    if outcome == "returns":
        return "pp of orders", "points"
    if outcome == "response_hours":
        return "% of hours to the first answer", "log"
    return (
        ("orders per 100 customers and 4 weeks", "points") if kind == "customer" else ("% of orders", "log")
    )
