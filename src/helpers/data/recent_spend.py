"""What each customer ordered and paid in a span of whole months."""

from __future__ import annotations

import pandas as pd

from helpers.data.monthly.activity import activity
from helpers.data.shop import Shop


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
