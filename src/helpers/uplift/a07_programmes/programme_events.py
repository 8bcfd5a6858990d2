"""What a staged programme may move, as events: orders, order lines sent back, first answers of the desk."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import purchases
from helpers.data.shop import Shop

UNIT_COLUMNS = {"category": "category", "seller": "seller_id"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is measured in a unit and period.

    finding: id of its effect. needs: tables or columns. settle_days: how long what belongs to the last day
    may still be to come. aim: 1 where the programme should raise it, -1 where lower. is_log: whether effects
    are shares of the outcome itself.
    """

    finding: str
    needs: tuple[str, ...] = ()
    settle_days: int = 0
    aim: int = 1
    is_log: bool = False


_DESK = ("tickets.opened_at", "tickets.first_response_at", "tickets.order_id")
OUTCOMES = {
    ("orders", "customer"): Outcome(finding="A7.customer_orders"),
    ("orders", "other"): Outcome(finding="A7.orders", is_log=True),
    ("returns", "other"): Outcome(finding="A7.returns", needs=("returns",), settle_days=28, aim=-1),
    ("response_hours", "other"): Outcome(
        finding="A7.response_time", needs=_DESK, settle_days=14, aim=-1, is_log=True
    ),
}  # fmt: skip


def events_of(shop: Shop, *, outcome: str, unit_kind: str) -> Table:
    """Return one row an event: unit_id (text), at (naive UTC), value (float, what is averaged or summed).

    orders: an order (of a category or seller: with a line of it), value 1. returns: an order line at the
    time of its order, value 1 when it was sent back, else 0. response_hours: a service contact about an
    order whose first line is the unit's, when it was opened, value the logarithm of the hours to the answer.
    """
    orders = purchases(shop)
    if unit_kind == "customer":
        return orders.select(unit_id=orders.customer_id, at=orders.placed_at, value=ibis.literal(1.0))
    lines = _lines(shop, UNIT_COLUMNS[unit_kind])
    placed = orders.select("order_id", at=orders.placed_at)
    if outcome == "response_hours":
        return _answers(shop, lines)
    if outcome == "returns":
        return _sent_back(shop, lines).join(placed, "order_id")
    pairs = lines.select("order_id", "unit_id").distinct()
    return pairs.join(placed, "order_id").mutate(value=ibis.literal(1.0))


def _lines(shop: Shop, column: str) -> Table:
    items = shop["items"].select("item_id", unit_id=_[column])
    lines = shop["order_lines"].select("order_id", "line_number", "item_id").join(items, "item_id")
    return lines.filter(lines.unit_id.notnull())


def _sent_back(shop: Shop, lines: Table) -> Table:
    """A return that names no product means the whole order."""
    returns = shop["returns"]
    some = returns.filter(returns.item_id.notnull()).select("order_id", "item_id").distinct()
    whole = returns.filter(returns.item_id.isnull()).select("order_id").distinct()
    rows = lines.left_join(some.mutate(line_back=1.0), ["order_id", "item_id"])
    rows = rows.select("order_id", "unit_id", "line_back")
    rows = rows.left_join(whole.mutate(order_back=1.0), "order_id").drop("order_id_right")
    back = rows.line_back.notnull() | rows.order_back.notnull()
    return rows.select("order_id", "unit_id", value=back.cast("float64"))


def _answers(shop: Shop, lines: Table) -> Table:
    first = lines.filter(lines.line_number == 1).select("order_id", "unit_id")
    tickets = shop["tickets"]
    seconds = tickets.first_response_at.epoch_seconds() - tickets.opened_at.epoch_seconds()
    rows = tickets.mutate(seconds=seconds).filter(lambda row: row.seconds.notnull() & row.order_id.notnull())
    # An answer within the second of the question has no logarithm.
    hours = ibis.greatest(rows.seconds, 1) / 3600
    return rows.select("order_id", at=rows.opened_at, value=hours.ln()).join(first, "order_id")
