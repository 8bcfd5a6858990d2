"""Activities that a lot gave to some customers and held back from others, and what these did afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis
import pandas as pd
from ibis import _

from helpers.data.drawn_sizes import drawn_sizes
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer
from methods.trials.sample_ratio import SampleRatio

WORDS = words_beside(__file__, "reasons")

CONTROL = "control"
BEFORE_DAYS = 182
FEWEST = 25  # customers an arm
ALIKE = 0.01  # planned shares of one arm that differ by rounding


@dataclass(frozen=True, kw_only=True)
class ActivityDraws:
    """The first lot of each customer for one kind.

    frame: one row a customer whose days after the lot are all known: customer_id, arm (text), drawn_at, and
    orders_before (within 182 days). arms: those other than control. ratio: arms against the plan, of
    all drawn. again: later lots of the same customers, left out. unfollowed: customers whose days are not
    over.
    """

    kind: str
    days: int
    frame: pd.DataFrame = field(repr=False)
    arms: tuple[str, ...]
    ratio: SampleRatio
    again: int
    unfollowed: int


def read_draws(shop: Shop, *, kind: str, days: int, outcome: str = "") -> ActivityDraws:
    """Return who was drawn to what for one kind of activity, followed for `days` from the lot.

    outcome: the table that tells what they did then, if not orders: days beyond its end are not known.
    Raises CannotAnswer where nobody of this kind was drawn, nobody was held back (arm `control`), an arm was
    planned with other shares for some customers than for others, or has fewer than 25 who can be followed.
    """
    rows = _lots(shop, kind)
    again = len(rows)
    rows = rows.drop_duplicates("customer_id", ignore_index=True)
    again -= len(rows)
    if CONTROL not in set(rows["arm"]):
        raise CannotAnswer(WORDS.text("nobody held back", kind=kind, control=CONTROL))
    if rows["arm"].nunique() < 2:
        raise CannotAnswer(WORDS.text("all held back", kind=kind))
    _demand_one_lot(rows, kind)
    ratio = drawn_sizes(shop, rows["arm"], rows["drawn_at"], planned=_planned(rows))
    end = shop.known_until(outcome) if outcome else shop.end
    known = rows[rows["drawn_at"] + pd.Timedelta(days=days) <= end]
    sizes = known["arm"].value_counts()
    arms = tuple(sorted(name for name in sizes.index if name != CONTROL and sizes[name] >= FEWEST))
    if not arms or sizes.get(CONTROL, 0) < FEWEST:
        raise CannotAnswer(WORDS.text("small arms of activity", kind=kind, fewest=FEWEST, days=days))
    frame = known[known["arm"].isin([CONTROL, *arms])].reset_index(drop=True)
    frame["orders_before"] = _counts(shop, frame, since=-BEFORE_DAYS, until=0)
    return ActivityDraws(
        kind=kind,
        days=days,
        frame=frame,
        arms=arms,
        ratio=ratio,
        again=again,
        unfollowed=len(rows) - len(known),
    )


def drawn_kinds(shop: Shop) -> tuple[str, ...]:
    """Return the kinds of activities of which a lot held some back, in order of their names."""
    table = shop["activities"]
    kinds = table.filter(table.arm == CONTROL).select("kind").distinct().order_by("kind").to_pandas()["kind"]
    return tuple(kinds)


def orders_after(shop: Shop, draws: ActivityDraws) -> pd.Series:
    """Return each row's purchases within the days after the lot."""
    return _counts(shop, draws.frame, since=0, until=draws.days)


def visited_after(shop: Shop, draws: ActivityDraws) -> pd.Series:
    """Return whether each row's customer was seen (any event) within the days after the lot, 0 or 1.

    NaN where events ended before those days were over.
    """
    seen = shop["events"].select("customer_id", at="happened_at")
    known = draws.frame["drawn_at"] + pd.Timedelta(days=draws.days) <= shop.known_until("events")
    return (_within(draws.frame, seen, since=0, until=draws.days) > 0).astype(float).where(known)


def _lots(shop: Shop, kind: str) -> pd.DataFrame:
    table = shop["activities"]
    rows = table.filter((table.kind == kind) & table.arm.notnull() & table.happened_at.notnull())
    rows = rows.select("customer_id", "arm", "planned_share", "activity_id", drawn_at="happened_at")
    frame = rows.order_by("drawn_at", "customer_id", "activity_id").to_pandas()
    if frame.empty:
        raise CannotAnswer(WORDS.text("no lot", kind=kind))
    return frame


def _demand_one_lot(rows: pd.DataFrame, kind: str) -> None:
    """Refuse lots of several chances: who was given an activity then differs from who was not."""
    spread = rows.groupby("arm")["planned_share"].agg(["min", "max"]).dropna()
    apart = spread[spread["max"] - spread["min"] > ALIKE]
    if len(apart):
        facts = {"low": float(apart["min"].iloc[0]), "high": float(apart["max"].iloc[0])}
        raise CannotAnswer(WORDS.text("several lots", kind=kind, arm=apart.index[0], **facts))


def _planned(rows: pd.DataFrame) -> dict[str, float]:
    """The planned share of each arm as recorded; equal shares where it is not."""
    shares = rows.groupby("arm")["planned_share"].mean()
    if shares.isna().any():
        return dict.fromkeys(shares.index, 1 / len(shares))
    return (shares / shares.sum()).to_dict()


def _counts(shop: Shop, frame: pd.DataFrame, *, since: int, until: int) -> pd.Series:
    bought = dated_purchases(shop).select("customer_id", at="placed_at")
    return _within(frame, bought, since=since, until=until)


def _within(frame: pd.DataFrame, rows: ibis.expr.types.Table, *, since: int, until: int) -> pd.Series:
    """Count each customer's rows in a stretch of days around the lot; its start counts, its end does not."""
    drawn = ibis.memtable(frame[["customer_id", "drawn_at"]])
    both = rows.join(drawn, "customer_id")
    start, end = (both.drawn_at + ibis.interval(days=days) for days in (since, until))
    inside = both.filter((both["at"] >= start) & (both["at"] < end))
    counts = inside.group_by("customer_id").agg(many=_.count()).to_pandas().set_index("customer_id")["many"]
    return frame["customer_id"].map(counts).fillna(0.0).astype(float)
