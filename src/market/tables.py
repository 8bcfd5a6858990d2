"""The contract's tables of customers, goods and trade; `BUILDERS` names the builder of every table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from market import aftermath, brushing, coupons, people, social_tables
from market.activities import more_visits
from market.columns import Ids, choice, ids, number, seen, times, whole
from market.events import KINDS, make_events
from market.facts import Facts
from market.invitations import draw_invitations
from market.review_rewards import with_rewarded
from market.settings import CATEGORIES, DAYS


def customers(facts: Facts) -> pa.Table:
    """One row a customer."""
    who = facts.world.people
    return pa.table(
        {
            "customer_id": facts.customer_ids.text,
            "joined_at": times(facts.joined),
            "invited_by": facts.customer_ids.take(draw_invitations(facts.world).inviter),
            "channel": choice(people.CHANNELS, who.channel),
            "acquisition_cost_cents": whole(who.acquisition_cost_cents),
            "age_band": choice(people.AGE_BANDS, who.age),
            "gender": choice(people.GENDERS, who.gender),
            "city_tier": whole(who.city_tier),
        }
    )


def sellers(facts: Facts) -> pa.Table:
    """One row a seller; all opened before the market's first day."""
    names = facts.world.goods.seller_name
    opened = -30.0 - 17.0 * np.arange(len(names))
    return pa.table(
        {"seller_id": Ids("s", len(names)).text, "name": pa.array(names), "opened_at": times(opened)}
    )


def items(facts: Facts) -> pa.Table:
    """One row an item."""
    goods = facts.world.goods
    return pa.table(
        {
            "item_id": facts.item_ids.text,
            "seller_id": Ids("s", len(goods.seller_name)).take(goods.seller),
            "category": choice(CATEGORIES, goods.category),
            "title": pa.array(goods.title),
            "list_price_cents": whole(goods.price_cents),
            "launched_at": times(7.0 * goods.launched_week),
        }
    )


def orders(facts: Facts) -> pa.Table:
    """One row an order; what had not arrived by the end has no shipping days yet."""
    these = facts.orders
    rows = len(these["customer"])
    used = np.full(rows, -1)
    redeemed = facts.coupons["order"] >= 0
    used[facts.coupons["order"][redeemed]] = np.flatnonzero(redeemed)
    refunded = np.zeros(rows, bool)
    refunded[facts.returns["order"][seen(facts.returns["day"])]] = True
    several = np.bincount(facts.lines["order"], minlength=rows) > 1
    arrived = these["arrived"] < DAYS
    status = np.where(arrived, 2, np.where(these["placed"] + 0.8 < DAYS, 1, 0))
    status = np.where(refunded & ~several, 4, status)
    gone = these["cancelled"]
    return pa.table(
        {
            "order_id": facts.order_ids.text,
            "customer_id": facts.customer_ids.take(these["customer"]),
            "placed_at": times(these["placed"]),
            "status": choice(
                ("paid", "shipped", "completed", "cancelled", "refunded"), np.where(gone, 3, status)
            ),
            "coupon_id": Ids("d", len(redeemed)).take(used),
            "shipping_fee_cents": whole(these["fee"]),
            "shipping_days": number(these["shipping_days"], missing=gone | ~arrived),
            "promised_days": number(these["promised_days"]),
        }
    )


def order_lines(facts: Facts) -> pa.Table:
    """One row a line."""
    lines = facts.lines
    return pa.table(
        {
            "order_id": facts.order_ids.take(lines["order"]),
            "line_number": whole(lines["line"]),
            "item_id": facts.item_ids.take(lines["item"]),
            "quantity": whole(lines["quantity"]),
            "unit_price_cents": whole(lines["price"]),
        }
    )


def _up_to_end(columns: dict[str, np.ndarray], moment: str = "day") -> dict[str, np.ndarray]:
    """Keep what happened before the market's end, in order of time."""
    rows = np.flatnonzero(seen(columns[moment]))
    rows = rows[np.argsort(columns[moment][rows], kind="stable")]
    return {name: values[rows] for name, values in columns.items()}


def _numbered(prefix: str, rows: int) -> pa.Array:
    return ids(prefix, np.arange(rows), count=max(rows, 1))


def returns(facts: Facts) -> pa.Table:
    """One row a returned line."""
    these = _up_to_end(facts.returns)
    return pa.table(
        {
            "return_id": _numbered("b", len(these["day"])),
            "order_id": facts.order_ids.take(these["order"]),
            "item_id": facts.item_ids.take(these["item"]),
            "returned_at": times(these["day"]),
            "reason": choice(aftermath.RETURN_REASONS, these["reason"]),
            "refund_cents": whole(these["refund"]),
        }
    )


def tickets(facts: Facts) -> pa.Table:
    """One row a service contact; answers after the end are not yet known."""
    these = _up_to_end(
        aftermath.make_tickets(facts.world, facts.lived_orders, facts.lived_lines, facts.returns), "opened"
    )
    return pa.table(
        {
            "ticket_id": _numbered("t", len(these["opened"])),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "order_id": facts.order_ids.take(these["order"]),
            "opened_at": times(these["opened"]),
            "first_response_at": times(np.where(seen(these["first"]), these["first"], np.nan)),
            "resolved_at": times(np.where(seen(these["resolved"]), these["resolved"], np.nan)),
            "topic": choice(aftermath.TOPICS, these["topic"]),
            "text": _unwritten(these["opened"]),
        }
    )


def reviews(facts: Facts) -> pa.Table:
    """One row a review."""
    orders, lines = facts.lived_orders, facts.lived_lines
    usual = aftermath.make_reviews(facts.world, orders, lines)
    honest = with_rewarded(facts.world, orders, lines, usual)
    faked = brushing.faked_reviews(facts.world, facts.orders, len(orders["customer"]))
    these = _up_to_end({name: np.concatenate([values, faked[name]]) for name, values in honest.items()})
    return pa.table(
        {
            "review_id": _numbered("v", len(these["day"])),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "order_id": facts.order_ids.take(these["order"]),
            "item_id": facts.item_ids.take(these["item"]),
            "rating": whole(these["rating"]),
            "text": _unwritten(these["day"]),
            "length_characters": whole(these["length"]),
            "pictures": whole(these["pictures"]),
            "posted_at": times(these["day"]),
        }
    )


def _unwritten(rows: np.ndarray) -> pa.Array:
    """Nobody here writes words: reviews have a length alone, and copies share it."""
    return pa.nulls(len(rows), pa.string())


def coupon_rows(facts: Facts) -> pa.Table:
    """One row a coupon."""
    these = facts.coupons
    return pa.table(
        {
            "coupon_id": Ids("d", len(these["issued"])).text,
            "customer_id": facts.customer_ids.take(these["customer"]),
            "source": choice(coupons.SOURCES, these["source"]),
            "worth_cents": whole(these["worth"]),
            "issued_at": times(these["issued"]),
            "expires_at": times(these["expires"]),
            "share_id": facts.share_ids.take(these["share"]),
            "redeemed_order_id": facts.order_ids.take(these["order"]),
        }
    )


def _all_events(facts: Facts) -> dict[str, np.ndarray]:
    """Events of the weeks, and behind them looks before the faked orders of sellers."""
    usual = make_events(facts.world, facts.lived_orders, facts.lived_lines, facts.joined)
    looks = brushing.faked_looks(facts.world, facts.orders, len(facts.lived_orders["customer"]))
    looks["session"] += int(usual["session"].max(initial=-1)) + 1
    return {name: np.concatenate([values, looks[name]]) for name, values in usual.items()}


def _with_more_visits(facts: Facts, usual: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The usual events and after them the visits that activities brought."""
    who, day = more_visits(facts.world)
    first = int(usual["session"].max(initial=-1)) + 1
    more = {
        "customer": who,
        "session": first + np.arange(len(who)),
        "day": day,
        "kind": np.zeros(len(who), int),
    }
    nothing = np.full(len(who), -1)
    return {name: np.concatenate([values, more.get(name, nothing)]) for name, values in usual.items()}


def events(facts: Facts) -> pa.Table:
    """One row a visit, view, search or cart."""
    these = _with_more_visits(facts, _all_events(facts))
    rows = len(these["day"])
    sessions = int(these["session"].max()) + 1 if rows else 1
    queries = Ids("", 1)
    queries.text = pa.array(CATEGORIES)
    return pa.table(
        {
            "event_id": _numbered("e", rows),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "kind": choice(KINDS, these["kind"]),
            "item_id": facts.item_ids.take(these["item"]),
            "session_id": ids("w", these["session"], count=sessions),
            "query": queries.take(these["query"]),
            "happened_at": times(these["day"]),
        }
    )


def surveys(facts: Facts) -> pa.Table:
    """One row an answer."""
    these = _up_to_end(
        aftermath.make_surveys(facts.world, facts.lived_orders, facts.history.alive, facts.joined)
    )
    left = these["score"] < 0
    reasons = Ids("", 1)
    reasons.text = pa.array(aftermath.LEAVING_REASONS)
    return pa.table(
        {
            "survey_id": _numbered("n", len(left)),
            "customer_id": facts.customer_ids.take(these["customer"]),
            "answered_at": times(these["day"]),
            "kind": choice(("nps", "leaving"), left),
            "score": whole(these["score"], missing=left),
            "reason": reasons.take(these["reason"]),
        }
    )


BUILDERS: dict[str, Callable[[Facts], pa.Table]] = {
    "customers": customers,
    "sellers": sellers,
    "items": items,
    "orders": orders,
    "order_lines": order_lines,
    "returns": returns,
    "tickets": tickets,
    "reviews": reviews,
    "ties": social_tables.ties,
    "shares": social_tables.shares,
    "reactions": social_tables.reactions,
    "coupons": coupon_rows,
    "events": events,
    "experiments": social_tables.experiments,
    "programmes": social_tables.programmes,
    "impressions": social_tables.impressions,
    "holdouts": social_tables.holdouts,
    "activities": social_tables.activities,
    "prompts": social_tables.prompts,
    "audits": social_tables.audits,
    "surveys": surveys,
}
