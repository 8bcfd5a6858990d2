"""Each customer's purchases in one row."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from ibis.expr.types import Table

from helpers.data.order_sums import OrderSums, order_sums
from helpers.data.purchase_history import day_number
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.bg_nbd import Histories, histories
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

DAYS_A_WEEK = 7


def end_of(shop: Shop) -> dt.datetime:
    """Return the moment up to which the shop is seen (naive UTC); raises CannotAnswer without any times."""
    if shop.as_of is None:
        raise CannotAnswer(WORDS.text("no times"))
    return shop.as_of


def shop_before(shop: Shop, *, days: int) -> Shop:
    """Return the shop as it could be seen `days` before its end, the same one each time it is asked for."""
    return shop.once(("before", days), lambda: shop.at(days_before_end(shop, days=days)))


def last_day(shop: Shop) -> int:
    """Return the last day that may be seen, as whole days since 1970-01-01 in the shop's clock."""
    moment = end_of(shop) - dt.timedelta(microseconds=1)
    local = shop.clock.local(moment)
    return (local - dt.datetime(1970, 1, 1)) // dt.timedelta(days=1)


def days_before_end(shop: Shop, *, days: int) -> dt.datetime:
    """Return the moment (naive UTC) that many days before the end, by the shop's clock.

    Whole days of the clock, also where it was put forward or back in between: of a shop seen until midnight,
    midnight.
    """
    return shop.clock.moment(shop.clock.local(end_of(shop)) - dt.timedelta(days=days))


def history_frame(shop: Shop, *, until: int) -> pd.DataFrame:
    """Return one row a customer who joined or ordered up to the day `until`, ordered by customer_id.

    Who is known only by an order after `until` and by no date of joining is left out: nobody knew of them.
    Orders of one day are one purchase, as in the published studies of the purchase model. Days count from
    1970-01-01. customer_id (text); first_day, last_day (whole days in the shop's clock; NaN without an
    order); purchases (days with an order, up to `until`); purchases_later (days with an order after
    `until`); spend_cents, repeat_spend_cents (all days; all but the first day; NaN without prices).
    """
    return shop.once(("history", until), lambda: _history_frame(shop, until=until)).copy(deep=False)


def _history_frame(shop: Shop, *, until: int) -> pd.DataFrame:
    sums = order_sums(shop, until=until)
    joined, first = sums.customers["joined_day"], sums.days["first_day"]
    later = sums.days["purchases_later"] > 0
    known = (joined.isna() & ~later) | (joined <= until) | (first <= until)
    return histories_of(sums)[known].reset_index(drop=True)


def histories_of(sums: OrderSums) -> pd.DataFrame:
    """Return the columns of `history_frame` for every customer of these sums."""
    spend = sums.lines["spend_cents"]
    return pd.concat(
        [
            sums.customers["customer_id"],
            sums.days[["first_day", "last_day", "purchases", "purchases_later"]],
            spend,
            (spend - sums.lines["first_spend_cents"].fillna(0.0)).rename("repeat_spend_cents"),
        ],
        axis=1,
    )


def weeks(buyers: pd.DataFrame, *, until: int) -> Histories:
    """Return the histories of customers with a purchase, in weeks, as the purchase model wants them."""
    first = buyers["first_day"].to_numpy(dtype=float)
    return histories(
        buyers["purchases"].to_numpy(dtype=float) - 1,
        (buyers["last_day"].to_numpy(dtype=float) - first) / DAYS_A_WEEK,
        (until - first) / DAYS_A_WEEK,
    )


def purchase_days(shop: Shop) -> Table:
    """Return the days on which customers bought: customer_id (text), day (since 1970-01-01, shop's clock)."""
    rows = purchases(shop)
    return rows.select("customer_id", day=day_number(shop, rows.placed_at)).distinct()
