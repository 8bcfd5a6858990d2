"""Doubts about the whole: what no rule refuses by row and yet is hardly meant, each with its number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from helpers.data.catalogue import CATALOGUE
from helpers.data.clock import Clock
from helpers.data.crowded_moment import commonest_moments, crowd_of
from helpers.data.source import FIRST_DAY
from methods.counts import count, percent

LARGEST_CUSTOMER, TIMES_THE_NEXT, LARGEST_ORDER, LARGEST_BUYER = 0.05, 5, 0.20, 0.20
TIMES_OF_A_STAND_IN = 2  # an id that is plainly nobody's needs less to be one
WITHOUT_LINES, CANCELLED, FREE, GUESTS = 0.01, 1 / 3, 0.05, 0.05
SHORTEST_OWN_ID = 5  # shorter ids of orders stand in those of customers by chance
PRICED_ITEMS = 100  # most sold, whose prices are followed: enough to see a unit change, and cheap
PRICE_STEP = 5  # times the price of the month before, of half of the products at once: no sale, but a unit
UNLIKE_PRICE = 20  # times the list price: no discount or surcharge, but another unit
THIN_MONTH, SAME_TIME, REPEATED_ITEMS, FEWEST_ROWS, FEWEST_MONTHS = 0.10, 0.50, 0.10, 20, 4
IN_EVERY_ORDER, SHOWN_CHARGES = 0.90, 3
# Of ten orders a month, none comes by chance once in 20,000 months.
FEWEST_A_MONTH, SHOWN_MONTHS = 10, 6
_STAND_IN = re.compile(r"(?i)0+|-1|9+|n/?a|null|none|nan|guest|anonymous|unknown|test|游客|散客|匿名")
_BY_THE_HOUR = ("orders", "events", "shares", "reactions", "reviews", "returns", "tickets")
_IMPORTED = (("customers", "joined_at"), ("orders", "placed_at"))
_OLD = ("customers.joined_at", "items.launched_at", "sellers.opened_at", "ties.since_at")


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """What was found, with its number, and what to check or declare. named: the id it is about."""

    found: str
    advice: str
    named: str = ""


def find_doubts(connection: BaseBackend, tables: Mapping[str, Table], clock: Clock) -> tuple[Doubt, ...]:
    """Return the doubts about accepted tables, in the order in which they should be read.

    tables: accepted rows by contract name; what is not there, or not filled, is not doubted.
    """
    shop = _Shop(connection, tables)
    checks = (
        _customers, _guests, _old, _cancelled, _largest_order, _largest_buyer, _without_lines, _free, _prices,
        _repeated_items, _charges, _strangers, _coupons, _somebody_elses, _refunds, _circles,
    )  # fmt: skip
    found = [doubt for check in checks for doubt in check(shop)]
    dated = (_price_steps, _crowds, _months, _times_of_day)
    return tuple([*found, *(doubt for check in dated for doubt in check(shop, clock))])


class _Shop:
    """The tables, and a short way to ask one row of numbers of them.

    Where there are lines: `items`, one row an order and item (lines, spent), and `baskets`, one row an order
    (spent, items, repeated: an item on several lines), each worked out once for all that look at lines.
    """

    def __init__(self, connection: BaseBackend, tables: Mapping[str, Table]) -> None:
        self._connection, self.tables = connection, tables
        if "order_lines" in tables:
            lines = tables["order_lines"]
            spent = (lines.quantity.cast("float64") * lines.unit_price_cents).sum()
            each = lines.group_by("order_id", "item_id").aggregate(lines=lines.count(), spent=spent)
            self.items = each.cache()
            several = self.items.lines > 1
            baskets = self.items.group_by("order_id").aggregate(
                spent=self.items.spent.sum(), items=self.items.item_id.count(), repeated=several.any()
            )
            self.baskets = baskets.cache()

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def has(self, *names: str) -> bool:
        return all(name in self.tables for name in names)

    def frame(self, rows: Table) -> pd.DataFrame:
        return self._connection.to_pyarrow(rows).to_pandas()

    def count(self, rows: Table) -> int:
        return int(self._connection.execute(rows.count()))


def _customers(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("orders"):
        return
    orders = shop["orders"]
    each = orders.group_by("customer_id").aggregate(orders=orders.count())
    top = shop.frame(each.order_by(ibis.desc("orders"), "customer_id").limit(2))
    total, customers = shop.count(orders), shop.count(each)
    if len(top) == 2 and total >= 10:
        first, second = top["orders"]
        name = str(top["customer_id"][0])
        # A page names nobody: only an id that is plainly a stand-in is written out.
        shown = name if _STAND_IN.fullmatch(name) else "…"
        times = TIMES_OF_A_STAND_IN if shown == name else TIMES_THE_NEXT
        if first > LARGEST_CUSTOMER * total and first >= times * second:
            yield Doubt(
                found=f"One customer, {shown}, holds {percent(first / total)} of all orders: {first:,} of "
                f"{total:,}; the next, {second:,}.",
                advice=f'If this id means nobody (guests, the till), declare nulls = ["{shown}"].',
                named=name,
            )
    if total >= 10 and total == customers:
        yield Doubt(
            found=f"No customer ordered twice: {count(total, 'order')} of {count(customers, 'customer')}.",
            advice="Is customer_id the person or the order? Map the person's id, such as customer_unique_id.",
        )


def _guests(shop: _Shop) -> Iterator[Doubt]:
    """Ids made of the order's own: whoever orders as a guest is a new customer each time."""
    if not shop.has("orders"):
        return
    orders = shop["orders"]
    own = (orders.order_id.length() >= SHORTEST_OWN_ID) & orders.customer_id.contains(orders.order_id)
    told = shop.frame(orders.aggregate(own=own.sum(), orders=orders.count())).loc[0]
    yield from _part_of_orders(
        told["own"],
        told["orders"],
        most=GUESTS,
        are="are of a customer whose id is made of the order's",
        advice="Guests count as new customers each time, so fewer seem to come back: map what tells a "
        "person, or leave them out with only or reject.",
    )


def _part_of_orders(part: int, every: int, *, most: float, are: str, advice: str) -> Iterator[Doubt]:
    """Doubt a part of the orders where it is more than a share `most` of them, and no handful."""
    if part >= FEWEST_ROWS and part > most * every:
        found = f"{percent(part / every)} of orders {are}: {part:,} of {every:,}."
        yield Doubt(found=found, advice=advice)


def _old(shop: _Shop) -> Iterator[Doubt]:
    start = ibis.literal(dt.datetime.fromisoformat(FIRST_DAY))
    for place in _OLD:
        table, _, column = place.partition(".")
        if shop.has(table):
            rows = shop[table]
            if old := shop.count(rows.filter(rows[column] < start)):
                yield Doubt(
                    found=f"{old:,} of {shop.count(rows):,} {table} have {column} before {FIRST_DAY}.",
                    advice="A stand-in for an unknown day belongs into nulls; else check time_formats.",
                )


def _cancelled(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("orders"):
        return
    orders = shop["orders"]
    off = (orders.status == "cancelled").fill_null(False)
    told = shop.frame(orders.aggregate(off=off.sum(), orders=orders.count())).loc[0]
    yield from _part_of_orders(
        told["off"],
        told["orders"],
        most=CANCELLED,
        are="are cancelled",
        advice="They count as no purchase. Check which words of the source were mapped to cancelled.",
    )


def _largest_order(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("order_lines"):
        return
    each = shop.baskets
    top = shop.frame(
        each.aggregate(
            total=each.spent.sum(),
            most=each.spent.max(),
            orders=each.count(),
            order=each.order_id.argmax(each.spent),
        )
    ).loc[0]
    if top["orders"] >= 10 and top["most"] > LARGEST_ORDER * top["total"]:
        yield Doubt(
            found=f"One order is {percent(top['most'] / top['total'])} of all money.",
            advice="Check its price and the declared money and decimal; read sums and means with care.",
            named=str(top["order"]),
        )


def _largest_buyer(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("orders", "order_lines"):
        return
    each = shop.baskets.join(shop["orders"].select("order_id", "customer_id"), "order_id")
    buyers = each.group_by("customer_id").aggregate(
        spent=each.spent.sum(), most=each.spent.max(), orders=each.count()
    )
    everybody = ibis.window()
    told = buyers.mutate(buyers=buyers.count().over(everybody), total=buyers.spent.sum().over(everybody))
    top = shop.frame(told.order_by(ibis.desc("spent"), "customer_id").limit(2))
    if len(top) < 2 or top["buyers"][0] < FEWEST_ROWS or top["most"][0] > top["spent"][0] / 2:
        return  # where one order is most of it, `_largest_order` says so
    spent, total = top["spent"][0], top["total"][0]
    if spent > LARGEST_BUYER * total and spent >= TIMES_THE_NEXT * top["spent"][1]:
        yield Doubt(
            found=f"One customer is {percent(spent / total)} of all money, "
            f"in {count(top['orders'][0], 'order')}.",
            advice="A reseller or a till? Sums and means of money are then those of this customer: "
            "reject such orders, or read counts of customers instead.",
            named=str(top["customer_id"][0]),
        )


def _without_lines(shop: _Shop) -> Iterator[Doubt]:
    """Credit notes and lost lines: each such order counts as a purchase, of nothing."""
    if not shop.has("orders", "order_lines"):
        return
    orders = shop["orders"]
    kept = orders.filter(orders.status.isnull() | (orders.status != "cancelled"))
    yield from _part_of_orders(
        shop.count(kept.anti_join(shop.baskets, "order_id")),
        shop.count(kept),
        most=WITHOUT_LINES,
        are="have no line",
        advice="They count as purchases. Leave credit notes out of orders with only or reject; load lost "
        "lines, or see why they were refused.",
    )


def _free(shop: _Shop) -> Iterator[Doubt]:
    """Samples, gifts and exchanges: orders of nothing but price 0."""
    if not shop.has("orders", "order_lines"):
        return
    each = shop.baskets
    told = shop.frame(each.aggregate(free=(each.spent == 0).sum(), orders=each.count())).loc[0]
    yield from _part_of_orders(
        told["free"],
        told["orders"],
        most=FREE,
        are="cost nothing",
        advice="Samples, gifts and exchanges count as purchases and lower the value of an order: leave "
        "them out with only or reject, if to buy means to pay.",
    )


def _prices(shop: _Shop) -> Iterator[Doubt]:
    """Amounts in one unit beside amounts in another, such as 5 for 5.00 euros beside 500 hundredths."""
    if not shop.has("order_lines", "items"):
        return
    listed = shop["items"].select("item_id", "list_price_cents")
    rows = shop["order_lines"].select("item_id", "unit_price_cents").join(listed, "item_id")
    rows = rows.filter((rows.unit_price_cents > 0) & (rows.list_price_cents > 0))
    part = rows.unit_price_cents / rows.list_price_cents
    told = shop.frame(rows.aggregate(lines=rows.count(), middle=part.median())).loc[0]
    if told["lines"] >= FEWEST_ROWS and not 1 / UNLIKE_PRICE < told["middle"] < UNLIKE_PRICE:
        yield Doubt(
            found=f"Prices paid are {percent(told['middle'])} of list prices at the median.",
            advice="Check the declared money of order_lines and of items: one may be whole units, the other "
            "hundredths.",
        )


def _price_steps(shop: _Shop, clock: Clock) -> Iterator[Doubt]:
    """A month from which the same products cost many times as much, or as little: another unit or money."""
    if not shop.has("orders", "order_lines"):
        return
    every = shop["order_lines"].filter(shop["order_lines"].unit_price_cents > 0)
    sold = every.group_by("item_id").aggregate(lines=every.count())
    most = shop.frame(sold.order_by(ibis.desc("lines"), "item_id").limit(PRICED_ITEMS))["item_id"].tolist()
    lines = every.filter(every.item_id.isin(most))
    orders = shop["orders"].filter(shop["orders"].placed_at.notnull())
    priced = lines.select("order_id", "item_id", "unit_price_cents")
    rows = priced.join(orders.select("order_id", "placed_at"), "order_id")
    rows = rows.mutate(month=clock.shown(rows.placed_at).truncate("M"))
    each = rows.group_by("item_id", "month").aggregate(price=rows.unit_price_cents.mean(), lines=rows.count())
    frame = shop.frame(each).sort_values(["item_id", "month"])
    frame["times"] = frame["price"] / frame.groupby("item_id")["price"].shift()
    told = (
        frame.dropna(subset="times").groupby("month").agg(times=("times", "median"), lines=("lines", "sum"))
    )
    for month, times in told.loc[told["lines"] >= FEWEST_ROWS, "times"].items():
        if not 1 / PRICE_STEP < times < PRICE_STEP:
            yield Doubt(
                found=f"In {month:%Y-%m} half of the most sold products cost {percent(times)} or "
                f"{'less' if times < 1 else 'more'} of what they had cost before.",
                advice="Another unit or currency from then on? Money and its trends are wrong then: part the "
                "file and declare money for each part.",
            )


def _repeated_items(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("order_lines"):
        return
    each = shop.baskets
    told = shop.frame(each.aggregate(again=each.repeated.sum(), orders=each.count())).loc[0]
    if told["orders"] and told["again"] > REPEATED_ITEMS * told["orders"]:
        yield Doubt(
            found=f"{count(int(told['again']), 'order has', 'orders have')} the same item on several lines.",
            advice="Right if each line is a purchase of its own; else the lines were exported twice.",
        )


def _charges(shop: _Shop) -> Iterator[Doubt]:
    """Tax or shipping as a line: in nearly every order and beside other items, unlike a best seller."""
    if not shop.has("order_lines"):
        return
    total = shop.count(shop.baskets)
    pairs = shop.items.filter(shop.items.item_id.notnull()).select("order_id", "item_id")
    usual = shop.frame(
        pairs.group_by("item_id").aggregate(orders=pairs.count()).aggregate(most=ibis._.orders.max())
    )
    if total < FEWEST_ROWS or not usual["most"][0] >= IN_EVERY_ORDER * total:
        return
    beside = pairs.semi_join(shop.baskets.filter(shop.baskets.items > 1), "order_id")
    items = beside.group_by("item_id").aggregate(orders=beside.count())
    everywhere = items.filter(items.orders >= IN_EVERY_ORDER * total)
    top = shop.frame(everywhere.order_by(ibis.desc("orders"), "item_id").limit(SHOWN_CHARGES))
    for name, orders in zip(top["item_id"], top["orders"], strict=True):
        yield Doubt(
            found=f"Item {name} stands beside others in {percent(orders / total)} of orders: {orders:,} of "
            f"{total:,}.",
            advice="A charge, such as tax or shipping, is no item: leave its lines out of order_lines, with "
            f'only = [{{ column = "…", one_of = ["{name}"], holds = false }}].',
            named=str(name),
        )


def _people(shop: _Shop, name: str) -> Table | None:
    """The customers that a table names, once each; None where it names none."""
    columns = [column.name for column in CATALOGUE[name].columns if column.references == "customers"]
    rows = shop[name]
    parts = [rows.select(person=rows[column]).filter(rows[column].notnull()) for column in columns]
    return ibis.union(*parts, distinct=True) if len(parts) > 1 else parts[0].distinct() if parts else None


def _strangers(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("orders"):
        return
    buyers = _people(shop, "orders")
    for name in shop.tables:
        others = None if name in ("orders", "customers") else _people(shop, name)
        if others is None or shop.count(others.semi_join(buyers, "person").limit(1)):
            continue
        if (number := shop.count(others)) >= FEWEST_ROWS:
            yield Doubt(
                found=f"None of the {count(number, 'customer')} in {name} ever ordered.",
                advice="Are the ids of both tables of the same kind? Map one of them by a table of both.",
            )


def _coupons(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("orders", "coupons"):
        return
    used = shop["orders"].filter(shop["orders"].coupon_id.notnull())
    number = shop.count(used)
    if number and not shop.count(used.semi_join(shop["coupons"], "coupon_id").limit(1)):
        yield Doubt(
            found=f"None of the {count(number, 'coupon')} used in orders is in coupons.",
            advice="Are the ids of both tables of the same kind?",
        )


def _somebody_elses(shop: _Shop) -> Iterator[Doubt]:
    for name in ("shares", "reviews", "tickets"):
        if not shop.has("orders", name):
            continue
        rows, orders = shop[name], shop["orders"].select("order_id", owner="customer_id")
        both = rows.select("order_id", "customer_id").join(orders, "order_id")
        if wrong := shop.count(both.filter(both.customer_id != both.owner)):
            of_others = count(wrong, f"{name.removesuffix('s')} is", f"{name} are")
            yield Doubt(
                found=f"{of_others} of somebody else's order.",
                advice=f"Check customer_id and order_id of {name}.",
            )
    if shop.has("returns", "order_lines"):
        rows = shop["returns"].filter(shop["returns"].item_id.notnull())
        if wrong := shop.count(rows.anti_join(shop["order_lines"], ["order_id", "item_id"])):
            yield Doubt(
                found=f"{count(wrong, 'return names', 'returns name')} an item that is not in their order.",
                advice="Check item_id and order_id of the returns.",
            )


def _refunds(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("returns", "order_lines", "orders"):
        return
    back, lines, orders = shop["returns"], shop["order_lines"], shop["orders"]
    returned = back.group_by("order_id").aggregate(back=back.refund_cents.sum())
    paid = lines.group_by("order_id").aggregate(
        paid=(lines.quantity.cast("float64") * lines.unit_price_cents).sum()
    )
    both = returned.join(paid, "order_id").join(orders.select("order_id", "shipping_fee_cents"), "order_id")
    if wrong := shop.count(both.filter(both.back > both.paid + both.shipping_fee_cents.fill_null(0))):
        yield Doubt(
            found=f"{count(wrong, 'order was', 'orders were')} refunded more than was paid for them.",
            advice="Check the unit of refund_cents against that of the prices.",
        )


def _circles(shop: _Shop) -> Iterator[Doubt]:
    if not shop.has("reactions"):
        return
    rows = shop["reactions"]
    pairs = shop.frame(rows.filter(rows.parent_id.notnull()).select("reaction_id", "parent_id"))
    own = int((pairs["reaction_id"] == pairs["parent_id"]).sum())
    if circle := _in_circles(pairs):
        yield Doubt(
            found=f"{count(circle, 'reaction')} answer each other in a circle ({own:,} of them themselves).",
            advice="Check parent_id: it names the comment that a reply answers.",
        )


def _in_circles(pairs: pd.DataFrame) -> int:
    """Count the replies from which going from parent to parent never ends."""
    above = pd.Index(pairs["reaction_id"]).get_indexer(pairs["parent_id"])
    steps = np.append(above, -1)  # -1 stands for a comment without a parent, and leads to itself
    for _ in range(max(1, int(np.ceil(np.log2(len(pairs) + 1))))):
        steps = steps[steps]
    return int((steps[:-1] >= 0).sum())


def _crowds(shop: _Shop, clock: Clock) -> Iterator[Doubt]:
    for name, column in _IMPORTED:
        if not shop.has(name):
            continue
        crowd = crowd_of(shop.frame(commonest_moments(shop[name], column)))
        if crowd is None:
            continue
        yield Doubt(
            found=f"{percent(crowd.rows / crowd.all)} of {name} have {column} "
            f"{clock.local(crowd.at):%Y-%m-%d %H:%M:%S}: {crowd.rows:,} of {crowd.all:,}.",
            advice="If it is the day of an import, it is no time of theirs: map when it happened"
            + (", or leave such rows out with reject." if name == "orders" else f", or leave {column} out.")
            + " First orders, gaps and trends are wrong otherwise.",
        )


def _months(shop: _Shop, clock: Clock) -> Iterator[Doubt]:
    if not shop.has("orders"):
        return
    orders = shop["orders"]
    dated = orders.filter(orders.placed_at.notnull())
    each = dated.group_by(month=clock.shown(dated.placed_at).truncate("M")).aggregate(orders=dated.count())
    frame = shop.frame(each.order_by("month"))
    if len(frame) < FEWEST_MONTHS:
        return
    yield from _empty_months(frame)
    usual, last = frame["orders"].iloc[:-1].median(), frame.iloc[-1]
    if last["orders"] < THIN_MONTH * usual:
        day = pd.Timestamp(last["month"]) - pd.Timedelta(days=1)
        yield Doubt(
            found=f"The last month, {last['month']:%Y-%m}, has {count(last['orders'], 'order')}, "
            f"not {usual:,.0f}.",
            advice=f"If the export ended before it was complete, use --as-of {day:%Y-%m-%d}.",
        )


def _empty_months(frame: pd.DataFrame) -> Iterator[Doubt]:
    """Whole months without any order between others, where a month has enough that none is no chance."""
    there = pd.PeriodIndex(frame["month"], freq="M")
    empty = pd.period_range(there.min(), there.max(), freq="M").difference(there)
    if not len(empty) or frame["orders"].median() < FEWEST_A_MONTH:
        return
    named = ", ".join(str(month) for month in empty[:SHOWN_MONTHS])
    more = f" and {len(empty) - SHOWN_MONTHS:,} more" if len(empty) > SHOWN_MONTHS else ""
    yield Doubt(
        found=f"{count(len(empty), 'whole month has', 'whole months have')} no order between others: "
        f"{named}{more}.",
        advice="If the export lost them, load them; if the shop was closed, say so in notes: trends, cohorts "
        "and forecasts take them for months in which nobody came.",
    )


def _times_of_day(shop: _Shop, clock: Clock) -> Iterator[Doubt]:
    for name in _BY_THE_HOUR:
        if not shop.has(name):
            continue
        rows, column = shop[name], CATALOGUE[name].time
        shown = clock.shown(rows[column])
        each = rows.group_by(second=shown.truncate("s").epoch_seconds().cast("int64") % 86_400).aggregate(
            rows=rows[column].count()
        )
        top = shop.frame(
            each.filter(each.second.notnull()).aggregate(
                all=each.rows.sum(), most=each.rows.max(), at=each.second.argmax(each.rows)
            )
        ).loc[0]
        if not top["all"] >= FEWEST_ROWS or top["most"] <= SAME_TIME * top["all"]:
            continue
        time = (dt.datetime(2000, 1, 1) + dt.timedelta(seconds=int(top["at"]))).time()
        plain = "These are days without a time: hours of the day cannot be answered."
        other = "Days without a time, read in another zone? Declare timezone for their file."
        yield Doubt(
            found=f"{percent(top['most'] / top['all'])} of {name}.{column} are at {time} by the shop's "
            "clock.",
            advice=plain if time == dt.time() else other,
        )
