"""What each customer had bought of each category before a moment, and what they bought soon after it."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.lists.category_chances import Cells, own_traits


def read_cells(
    shop: Shop,
    *,
    at: dt.datetime,
    days: int,
    lookback_days: float,
    categories: np.ndarray,
    most_customers: int,
    seed: int,
) -> Cells:
    """Return the cells of the customers who had bought before `at` (naive UTC), a sample if there are many.

    Every trait is of purchases in [at - lookback_days, at) but for how long somebody has been a customer,
    which counts up to as many days; every outcome is of purchases in [at, at + days). With the same look-back
    the traits of any moment mean the same: four purchases ever mean less as a shop grows older.
    """
    end, start = at + dt.timedelta(days=days), at - dt.timedelta(days=lookback_days)
    rows = _bought(shop).filter(lambda t: t.placed_at < end)
    customers = _customers(shop, at)
    if len(customers) > most_customers:
        chosen = np.random.default_rng(seed).choice(len(customers), most_customers, replace=False)
        customers = customers[np.sort(chosen)]
        rows = rows.semi_join(ibis.memtable(pd.DataFrame({"customer_id": customers})), "customer_id")
    before = rows.placed_at < at
    recent = before & (rows.placed_at >= start)
    sums = rows.group_by("customer_id", "category").agg(
        times=rows.order_id.nunique(where=recent),
        last_at=rows.placed_at.max(where=recent),
        first_at=rows.placed_at.min(where=before),
        after=(~before).any(),
    )
    frame = sums.order_by("customer_id", "category").to_pandas()
    frame = frame[frame["customer_id"].isin(customers) & frame["category"].isin(categories)]
    row = np.searchsorted(customers, frame["customer_id"].to_numpy(object))
    cell = row * len(categories) + np.searchsorted(categories, frame["category"].to_numpy(object))
    bought = np.zeros(len(customers) * len(categories), bool)
    bought[cell[frame["after"].to_numpy(bool)]] = True
    shape = (len(customers), len(categories))
    traits = own_traits(frame, cell, at=at, lookback_days=lookback_days, shape=shape)
    return Cells(customers=customers, categories=categories, traits=traits, bought=bought)


def _bought(shop: Shop) -> Table:
    """Every purchased product of a known category: order, customer, when placed, category."""
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    goods = shop["items"].select("item_id", "category").filter(lambda t: t.category.notnull())
    lines = shop["order_lines"].select("order_id", "item_id").join(goods, "item_id")
    return lines.join(orders, "order_id")


def _customers(shop: Shop, at: dt.datetime) -> np.ndarray:
    """The customers who had bought before a moment, by id; everybody is read once for all moments."""

    def read() -> pd.DataFrame:
        rows = _bought(shop)
        return rows.group_by("customer_id").agg(first_at=rows.placed_at.min()).to_pandas()

    first = shop.once("first bought of a category", read)
    return np.sort(first.loc[first["first_at"] < at, "customer_id"].to_numpy(object))
