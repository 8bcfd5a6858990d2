"""Customers of a test that drew how often each was asked to share, followed from the draw."""

from __future__ import annotations

import datetime as dt
import re

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.experiment import Experiment
from helpers.data.panel import customer_panel
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside

WORDS = words_beside(__file__, "forced_sharing")

BEFORE = (
    "orders_90d_before",
    "orders_before",
    "days_since_last_order",
    "shares_before",
    "friends",
    "tenure_days",
)
NUMBER = re.compile(r"(\d+)\D*$")
# Counted where the shop has the column beside them.
TIES, OPT_OUTS, REASONS = "ties.until_at", "prompts.opted_out", "surveys.reason"


def asked_customers(shop: Shop, test: Experiment, *, outcome_days: int) -> pd.DataFrame:
    """Return one row a customer of a test whose window lies fully in the data, by customer_id.

    Columns: those of BEFORE, index_at, arm (text), asks (requests drawn, integer); of the `outcome_days`
    after the draw orders, shares, spend (whole currency), bought (0.0, 1.0) and, where the shop knows them,
    ties_ended and opted_out (0.0, 1.0). Raises CannotAnswer where the test has no control or no other arm,
    or an arm does not say how often it asked (`asks_of`).
    """
    rows = shop["experiments"]
    rows = rows.filter((rows.experiment == test.name) & rows.assigned_at.notnull())
    drawn = rows.select("customer_id", "arm", index_at="assigned_at")
    posted = shop.known_until("shares") - dt.timedelta(days=outcome_days)
    drawn = drawn.filter(drawn.index_at <= ibis.literal(posted, type="timestamp(6)"))
    panel = customer_panel(shop, drawn.drop("arm"), outcome_days=outcome_days)
    told = panel.select(
        "customer_id", "index_at", *BEFORE, "orders_after", "spend_after_cents", "repurchased"
    )
    frame = told.left_join(drawn.select("customer_id", "arm"), "customer_id").drop("customer_id_right")
    found = frame.order_by("customer_id").execute()
    arms = sorted(found["arm"].unique())
    if test.control not in arms or len(arms) < 2:
        raise CannotAnswer(
            WORDS.text(
                "no two arms followed",
                name=test.name,
                found=len(arms),
                outcome_days=outcome_days,
                arms=", ".join(arms) or "none",
                control=test.control,
            )
        )
    asks = {arm: 0 if arm == test.control else asks_of(arm, test=test.name) for arm in arms}
    counted = {"shares": _within(shop["shares"], drawn, "posted_at", outcome_days)}
    if not shop.missing(TIES):
        counted["ties_ended"] = _within(_both_ends(shop["ties"]), drawn, "until_at", outcome_days)
    if not shop.missing(OPT_OUTS, "prompts.asked_at"):
        left = shop["prompts"].filter(_.opted_out)
        counted["opted_out"] = _within(left, drawn, "asked_at", outcome_days).clip(upper=1)
    events = {name: found["customer_id"].map(many).fillna(0.0) for name, many in counted.items()}
    return found.assign(
        asks=found["arm"].map(asks),
        orders=found["orders_after"].fillna(0).astype(float),
        spend=found["spend_after_cents"].fillna(0).astype(float) / 100,
        bought=found["repurchased"].astype(float),
        **events,
    )


def asks_of(arm: str, *, test: str) -> int:
    """Return how often an arm asked, the last number in its name; raises CannotAnswer where it has none.

    >>> asks_of("ask_3", test="forced_share")
    3
    """
    found = NUMBER.search(arm)
    if found is None or int(found[1]) == 0:
        raise CannotAnswer(WORDS.text("arm without number", arm=arm, test=test))
    return int(found[1])


def bought_later(shop: Shop, frame: pd.DataFrame, *, days: int) -> pd.Series:
    """Return who bought in the days after the window (0.0, 1.0; by row), NaN where those are not all known.

    days: of the window, and of the stretch after it. frame: of `asked_customers`.
    """
    orders = dated_purchases(shop).select("customer_id", "placed_at").execute()
    pairs = frame[["customer_id", "index_at"]].merge(orders, on="customer_id")
    wait = (pairs["placed_at"] - pairs["index_at"]) / pd.Timedelta(days=1)
    later = set(pairs.loc[(wait > days) & (wait <= 2 * days), "customer_id"])
    known = frame["index_at"] + pd.Timedelta(days=2 * days) <= pd.Timestamp(shop.as_of)
    return frame["customer_id"].isin(later).astype(float).where(known)


def stated_reasons(shop: Shop, frame: pd.DataFrame) -> pd.DataFrame:
    """Return reasons given for leaving after the draw: customer_id, reason and arm, the first of each."""
    answers = shop["surveys"]
    rows = answers.filter((answers.kind == "leaving") & answers.reason.notnull())
    rows = rows.select("customer_id", "reason", "answered_at").execute()
    found = rows.merge(frame[["customer_id", "arm", "asks", "index_at"]], on="customer_id")
    found = found[found["answered_at"] > found["index_at"]]
    return found.sort_values(["customer_id", "answered_at"]).drop_duplicates("customer_id")


def _both_ends(ties: Table) -> Table:
    """One row a customer and tie that has ended."""
    ended = ties.filter(ties.until_at.notnull())
    ends = [ended.select("until_at", customer_id=ended[name]) for name in ("customer_a", "customer_b")]
    return ibis.union(*ends)


def _within(events: Table, drawn: Table, moment: str, days: int) -> pd.Series:
    """Events of each customer in the days after the draw, by customer; who has none is missing."""
    rows = events.select("customer_id", at=events[moment])
    rows = rows.join(drawn.select("customer_id", "index_at"), "customer_id")
    inside = (rows["at"] > rows.index_at) & (rows["at"] <= rows.index_at + ibis.interval(days=days))
    counted = rows.filter(inside).group_by("customer_id").agg(events=_.count())
    return counted.execute().set_index("customer_id")["events"].astype(float)
