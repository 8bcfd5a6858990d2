"""What each customer ordered and paid in a span of whole months."""

from __future__ import annotations

import pandas as pd

from helpers.data.cohorts import month_start
from helpers.data.monthly.activity import activity
from helpers.data.shop import Shop
from helpers.report.phrases import said


def spend_in(shop: Shop, months: range) -> pd.DataFrame:
    """Return one row a customer with an order in the months: customer_id (text), orders, spend_cents (int64).

    months: month numbers of the shop's clock (`complete_months`). Ordered by customer_id.
    """
    rows = activity(shop)
    rows = rows.filter((rows.month >= months.start) & (rows.month < months.stop) & (rows.orders > 0))
    own = rows.group_by("customer_id").agg(
        orders=rows.orders.sum().cast("int64"), spend_cents=rows.spend_cents.sum().cast("int64")
    )
    return own.order_by("customer_id").to_pandas()


def months_in_words(months: range) -> str:
    """Return the first and the last of month numbers in words; empty of none.

    >>> months_in_words(range(2024 * 12, 2024 * 12 + 5))
    '2024-01 to 2024-05'
    """
    if not len(months):
        return ""
    first, last = month_start(months.start), month_start(months.stop - 1)
    return f"{first:%Y-%m} {said('to')} {last:%Y-%m}"
