"""What counts as a purchase, said once for every chapter."""

from __future__ import annotations

from ibis.expr.types import Table

from helpers.data.shop import Shop


def purchases(shop: Shop) -> Table:
    """Return the orders that count as purchases: all but the cancelled ones."""
    orders = shop["orders"]
    return orders.filter(orders.status.isnull() | (orders.status != "cancelled"))


def dated_purchases(shop: Shop) -> Table:
    """Return the purchases, whose times are known; raises ValueError when the orders carry no times."""
    if shop.missing("orders.placed_at"):
        raise ValueError(
            "table 'orders', column 'placed_at' holds no times, so nothing lies before or after anything; "
            'say needs=("orders.placed_at",) in the analysis'
        )
    return purchases(shop)


def purchase_times(shop: Shop) -> Table:
    """Return order_id, customer_id, placed_at and coupon_id of the dated purchases.

    One expression for all who need no more: an engine that keeps a repeated part keeps what is asked for, and
    whole orders are wide.
    """
    return dated_purchases(shop).select("order_id", "customer_id", "placed_at", "coupon_id")


def line_values(shop: Shop) -> Table:
    """Return order_id, line_number, item_id and value_cents (quantity times unit price) of every line."""
    lines = shop["order_lines"]
    value = lines.quantity * lines.unit_price_cents
    return lines.select("order_id", "line_number", "item_id", value_cents=value)
