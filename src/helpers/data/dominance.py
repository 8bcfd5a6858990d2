"""One order or one customer that holds much of all money: means of money are then theirs, not the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

FEWEST_ORDERS = 10
DOMINATES = 0.20
# Of the orders (or customers), so many are counted as the next largest; at least one.
CAPPED_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Dominance:
    """Who dominates ("order" or "customer"), and the order lines with the largest amounts winsorised."""

    who: str
    lines: Table


def dominance(tables: Mapping[str, Table]) -> Dominance | None:
    """Return who holds more than a fifth of all money, and the lines winsorised; None where nobody does.

    tables: with `orders` and `order_lines`, of which prices are known. The largest hundredth of the orders,
    at least one, is counted as the next largest (Tukey 1962), its lines in proportion; likewise customers
    where no order dominates but one of them does. Cancelled orders are no money, and are left as they are.
    """
    lines = tables["order_lines"]
    by_order = _by_order(tables)
    by_customer = by_order.group_by("customer_id").agg(worth=by_order.worth.sum())
    for who, amounts in (("order", by_order), ("customer", by_customer)):
        count, most, total = (
            amounts.agg(n=amounts.count(), most=amounts.worth.max(), total=amounts.worth.sum())
            .to_pandas()
            .iloc[0]
        )
        if count >= FEWEST_ORDERS and most > DOMINATES * total:
            return Dominance(who=who, lines=_winsorised(lines, by_order, amounts, who, int(count)))
    return None


def largest_spenders(tables: Mapping[str, Table]) -> tuple[float, float, float]:
    """Return what all customers paid, and what the two who paid most did, in hundredths of the currency."""
    by_order = _by_order(tables)
    paid = by_order.group_by("customer_id").agg(worth=by_order.worth.sum())
    most = paid.order_by(ibis.desc("worth")).limit(2).to_pandas()["worth"].tolist()
    total = float(paid.worth.sum().fill_null(0.0).to_pyarrow().as_py())
    largest, second = [*map(float, most), 0.0, 0.0][:2]
    return total, largest, second


def _by_order(tables: Mapping[str, Table]) -> Table:
    """What each order that was not cancelled is worth, and whose it is."""
    orders, lines = tables["orders"], tables["order_lines"]
    kept = orders.filter(orders.status.isnull() | (orders.status != "cancelled"))
    worth = lines.quantity.cast("float64") * lines.unit_price_cents
    each = lines.mutate(worth=worth).join(kept.select("order_id", "customer_id"), "order_id")
    return each.group_by("order_id", "customer_id").agg(worth=each.worth.sum())


def _winsorised(lines: Table, by_order: Table, amounts: Table, who: str, count: int) -> Table:
    """The lines, those of the largest orders or customers at a price that makes them the next largest."""
    place = max(1, int(CAPPED_SHARE * count))
    cap = float(amounts.order_by(ibis.desc("worth")).limit(1, offset=place).to_pandas()["worth"].iloc[0])
    large = amounts.filter(amounts.worth > cap)
    large = large.select(f"{who}_id", factor=cap / large.worth)
    factors = by_order.select("order_id", "customer_id").join(large, f"{who}_id").select("order_id", "factor")
    joined = lines.left_join(factors, "order_id")
    price = joined.unit_price_cents * joined.factor.fill_null(1.0)
    return joined.mutate(unit_price_cents=price.round().cast("int64")).select(*lines.columns)
