"""Monthly cohorts: who first bought in a month, and how many of them bought in the months that followed."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import IntegerValue, Table, TimestampValue

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

ROLLING_DAYS = 30
_BITS = 60  # periods that one whole number of 64 bits can hold with room to spare


def month_number(time: TimestampValue) -> IntegerValue:
    """Return months since year 0 of a time on the shop's clock, so that months can be subtracted."""
    return time.year() * 12 + time.month() - 1


def complete_months(shop: Shop) -> range:
    """Return the month numbers of the shop's clock that the orders cover whole.

    The first is the month after the first order's month (unless that order is on its first day), for the
    data may begin amid it; the last is the last month that ended by `seen_until`.
    Raises ValueError without order times.
    """
    return shop.once("complete months", lambda: _complete_months(shop))


def seen_until(shop: Shop) -> dt.datetime:
    """Return the end, on the shop's clock, of the last day on which orders are known to have been written.

    That of the last order of the data or of `shop.as_of`, whichever is earlier: beyond it, no order means
    nothing. Raises ValueError without order times.
    """
    last = shop.receipt.tables["orders"].last if not shop.missing("orders.placed_at") else None
    if last is None:
        raise ValueError("table 'orders', column 'placed_at' holds no times, so no month is known whole")
    end = _clock(shop, min(shop.end, dt.datetime.fromisoformat(last) + dt.timedelta(seconds=1)))
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
    begin, end = orders.at.min().execute(), seen_until(shop)
    if begin is None or begin != begin:
        begin = end
    rows = _windows(orders) if rolling else orders.mutate(place=month_number(orders.at) - _number(begin))
    periods = 1 + (end - begin) // dt.timedelta(days=28)
    customers = _bought_in(rows, periods, first_at=rows.first_at if rolling else rows.at)
    cohort = month_number(customers.first_at)
    if rolling:
        left = ibis.literal(end, type="timestamp(6)").epoch_seconds() - customers.first_at.epoch_seconds()
        seen, since = left // (ROLLING_DAYS * 86_400), 0
    else:
        seen, since = _number(end) - cohort, cohort - _number(begin)
    customers = customers.mutate(cohort=cohort, periods_seen=seen, first_place=since)
    cells = _cells(customers, periods)
    return cells.select(
        cohort_month=ibis.timestamp(cells.cohort // 12, cells.cohort % 12 + 1, 1, 0, 0, 0),
        months_since=cells.months_since,
        customers=cells.customers,
        active=cells.active,
    ).order_by("cohort_month", "months_since")


def _windows(orders: Table) -> Table:
    """Each order with the number of the 30-day window since its customer's first one."""
    first = orders.group_by("customer_id").agg(first_at=orders.at.min())
    rows = orders.join(first, "customer_id")
    since = rows.at.epoch_seconds() - rows.first_at.epoch_seconds()
    return rows.mutate(place=since // (ROLLING_DAYS * 86_400))


def _bought_in(rows: Table, periods: int, *, first_at: TimestampValue) -> Table:
    """One row a customer: first_at, and in which periods there was an order, as bits of whole numbers.

    One number holds a customer's whole history, so twenty orders need no twenty rows, no join and no sorting.
    """
    place, marks = rows.place.cast("int64"), {}
    for word in range(_words(periods)):
        bit = place - word * _BITS
        here = (bit >= 0) & (bit < _BITS)
        mark = here.ifelse(ibis.literal(1, type="int64") << here.ifelse(bit, 0), 0)
        marks[f"bought_{word}"] = mark.bit_or()
    return rows.group_by("customer_id").agg(first_at=first_at.min(), **marks)


def _cells(customers: Table, periods: int) -> Table:
    """Count the customers by cohort and period, from one row a cohort and length of watching."""
    counts = {
        f"period_{number}": ((customers[f"bought_{number // _BITS}"] >> number % _BITS) & 1).sum()
        for number in range(periods)
    }
    groups = customers.group_by("cohort", "periods_seen", "first_place")
    wide = groups.agg(customers=customers.count(), **counts)
    long = wide.pivot_longer(
        list(counts), names_to="period", values_to="active", names_transform=lambda name: int(name[7:])
    )
    long = long.mutate(months_since=(long.period - long.first_place).cast("int64"))
    long = long.filter((long.months_since >= 0) & (long.months_since < long.periods_seen))
    return long.group_by("cohort", "months_since").agg(
        customers=long.customers.sum(), active=long.active.sum()
    )


def _words(periods: int) -> int:
    return -(-periods // _BITS)


def _complete_months(shop: Shop) -> range:
    first = dated_purchases(shop).placed_at.min().execute()
    if first is None or first != first:
        return range(0)
    first = _clock(shop, first)
    return range(_number(first) + (first.day > 1), _number(seen_until(shop)))


def _clock(shop: Shop, moment: dt.datetime) -> dt.datetime:
    return shop.clock.local(moment)


def _number(moment: dt.datetime) -> int:
    return moment.year * 12 + moment.month - 1
