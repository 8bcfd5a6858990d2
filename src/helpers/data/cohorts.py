"""Monthly cohorts: who first bought in a month, and how many of them bought in the months that followed."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import IntegerValue, Table, TimestampValue

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

ROLLING_DAYS = 30


def month_number(time: TimestampValue) -> IntegerValue:
    """Return months since year 0 of a time on the shop's clock, so that months can be subtracted."""
    return time.year() * 12 + time.month() - 1


def complete_months(shop: Shop) -> range:
    """Return the month numbers of the shop's clock that the orders cover whole.

    The first is the month after the first order's month (unless that order is on its first day), for the
    data may begin amid it; the last is the last month that ended by `seen_until`.
    Raises ValueError without order times.
    """
    first = dated_purchases(shop).placed_at.min().execute()
    if first is None or first != first:
        return range(0)
    first = _clock(shop, first)
    return range(_number(first) + (first.day > 1), _number(seen_until(shop)))


def seen_until(shop: Shop) -> dt.datetime:
    """Return the end, on the shop's clock, of the last day on which orders are known to have been written.

    That of the last order of the data or of `shop.as_of`, whichever is earlier: beyond it, no order means
    nothing. Raises ValueError without order times.
    """
    last = shop.receipt.tables["orders"].last if not shop.missing("orders.placed_at") else None
    if last is None:
        raise ValueError("table 'orders', column 'placed_at' holds no times, so no month is known whole")
    end = _clock(shop, min(shop.as_of, dt.datetime.fromisoformat(last) + dt.timedelta(seconds=1)))
    midnight = dt.datetime(end.year, end.month, end.day)
    return midnight if end == midnight else midnight + dt.timedelta(days=1)


def month_start(number: int) -> dt.datetime:
    """Return the first moment of a month number, on the shop's clock.

    >>> month_start(2024 * 12)
    datetime.datetime(2024, 1, 1, 0, 0)
    """
    return dt.datetime(number // 12, number % 12 + 1, 1)


def monthly_cohorts(shop: Shop, *, rolling: bool = False) -> Table:
    """Return how many customers of each monthly cohort bought again, by time since their first order.

    A customer's cohort is the month (shop's clock) of the first purchase in the data. One row a cohort and
    number of months since, 0 included, and only where the whole month was seen; a cell not listed is unknown,
    not zero. Columns: cohort_month (timestamp, its first moment), months_since, customers, active (integers).
    rolling: count windows of 30 days from each customer's own first order instead of calendar months;
    `customers` are then those of the cohort whose window was seen whole.
    Raises ValueError without order times.
    """
    orders = dated_purchases(shop)
    orders = orders.select("customer_id", at=shop.local(orders.placed_at))
    first = orders.group_by("customer_id").agg(first_at=orders.at.min())
    end = seen_until(shop)
    number = month_number(first.first_at)
    if rolling:
        seen = (ibis.literal(end, type="timestamp(6)").epoch_seconds() - first.first_at.epoch_seconds()) // (
            ROLLING_DAYS * 86_400
        )
    else:
        seen = _number(end) - number
    first = first.mutate(cohort=number, periods_seen=seen)
    grid = _grid(first)
    active = _active(orders.join(first, "customer_id"), rolling=rolling)
    cells = grid.left_join(active, ["cohort", "months_since"])
    return cells.select(
        cohort_month=ibis.timestamp(cells.cohort // 12, cells.cohort % 12 + 1, 1, 0, 0, 0),
        months_since=cells.months_since,
        customers=cells.customers,
        active=cells.active.fill_null(0),
    ).order_by("cohort_month", "months_since")


def _grid(first: Table) -> Table:
    """Every cohort and period that was seen whole by at least one of its customers."""
    longest = first.periods_seen.max().execute()
    periods = ibis.memtable(
        {"months_since": list(range(int(longest or 0)))}, schema={"months_since": "int64"}
    )
    sizes = first.group_by("cohort", "periods_seen").agg(customers=lambda rows: rows.count())
    cells = sizes.cross_join(periods).filter(lambda row: row.months_since < row.periods_seen)
    return cells.group_by("cohort", "months_since").agg(customers=lambda rows: rows.customers.sum())


def _active(rows: Table, *, rolling: bool) -> Table:
    if rolling:
        since = (rows.at.epoch_seconds() - rows.first_at.epoch_seconds()) // (ROLLING_DAYS * 86_400)
    else:
        since = month_number(rows.at) - rows.cohort
    rows = rows.mutate(months_since=since.cast("int64")).filter(
        lambda row: row.months_since < row.periods_seen
    )
    once = rows.select("customer_id", "cohort", "months_since").distinct()
    return once.group_by("cohort", "months_since").agg(active=lambda group: group.count())


def _clock(shop: Shop, moment: dt.datetime) -> dt.datetime:
    return moment + dt.timedelta(minutes=shop.receipt.utc_offset_minutes)


def _number(moment: dt.datetime) -> int:
    return moment.year * 12 + moment.month - 1
