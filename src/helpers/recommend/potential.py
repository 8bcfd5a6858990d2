"""What each customer had bought of each category before a moment, and the chance to buy it soon after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.purchases import dated_purchases
from helpers.report import CannotAnswer

_LONG_AGO_DAYS = 730.0


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Customers times categories at one moment, all of them, also where nothing was bought.

    customers, categories: sorted ids. traits: float64 (customers * categories, traits), categories running
    fastest. bought: whether the customer bought the category in the `days` after (all False when days is 0).
    """

    customers: np.ndarray = field(repr=False)
    categories: np.ndarray = field(repr=False)
    traits: np.ndarray = field(repr=False)
    bought: np.ndarray = field(repr=False)

    @property
    def category(self) -> np.ndarray:
        """The category's place of each cell, int."""
        return np.tile(np.arange(len(self.categories)), len(self.customers))

    @property
    def customer(self) -> np.ndarray:
        """The customer's place of each cell, int."""
        return np.repeat(np.arange(len(self.customers)), len(self.categories))


def read_cells(
    shop, *, at: dt.datetime, days: int, categories: np.ndarray, most_customers: int, seed: int
) -> Cells:
    """Return the cells of the customers who had bought before `at` (naive UTC), a sample if there are many.

    Every trait is of purchases strictly before `at`, every outcome of purchases in [at, at + days).
    """
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    goods = shop["items"].select("item_id", "category").filter(lambda t: t.category.notnull())
    lines = shop["order_lines"].select("order_id", "item_id").join(goods, "item_id")
    end = at + dt.timedelta(days=days)
    rows = lines.join(orders, "order_id").filter(lambda t: t.placed_at < end)
    before = rows.placed_at < at
    sums = rows.group_by("customer_id", "category").agg(
        times=rows.order_id.nunique(where=before),
        last_at=rows.placed_at.max(where=before),
        first_at=rows.placed_at.min(where=before),
        after=(~before).any(),
    )
    frame = sums.order_by("customer_id", "category").to_pandas()
    known = frame.groupby("customer_id")["times"].sum()
    customers = np.sort(known.index[known > 0].to_numpy(object))
    if len(customers) > most_customers:
        chosen = np.random.default_rng(seed).choice(len(customers), most_customers, replace=False)
        customers = customers[np.sort(chosen)]
    frame = frame[frame["customer_id"].isin(customers) & frame["category"].isin(categories)]
    row = np.searchsorted(customers, frame["customer_id"].to_numpy(object))
    cell = row * len(categories) + np.searchsorted(categories, frame["category"].to_numpy(object))
    size = len(customers) * len(categories)
    bought = np.zeros(size, bool)
    bought[cell[frame["after"].to_numpy(bool)]] = True
    traits = _traits(frame, cell, at=at, shape=(len(customers), len(categories)))
    return Cells(customers=customers, categories=categories, traits=traits, bought=bought)


def _traits(frame: pd.DataFrame, cell: np.ndarray, *, at: dt.datetime, shape: tuple[int, int]) -> np.ndarray:
    """Own purchases of the category, of anything, how long ago, for how long, and one column a category."""
    times = np.zeros(shape[0] * shape[1])
    times[cell] = frame["times"].to_numpy(float)
    since, tenure = np.full_like(times, _LONG_AGO_DAYS), np.zeros_like(times)
    for column, name in ((since, "last_at"), (tenure, "first_at")):
        ago = (pd.Timestamp(at) - frame[name]) / pd.Timedelta(days=1)
        known = ago.notna().to_numpy()
        column[cell[known]] = ago.to_numpy(float)[known]
    grid = times.reshape(shape)
    total = np.repeat(grid.sum(axis=1), shape[1])
    latest = np.repeat(since.reshape(shape).min(axis=1), shape[1])
    longest = np.repeat(tenure.reshape(shape).max(axis=1), shape[1])
    kinds = np.tile(np.eye(shape[1]), (shape[0], 1))
    columns = (
        np.log1p(times), times > 0, times / np.maximum(total, 1.0), np.log1p(since), np.log1p(total),
        np.log1p(latest), np.log1p(longest), np.log1p(total) * np.log1p(latest), kinds,
    )  # fmt: skip
    return np.column_stack(columns)


def fit_potential(cells: Cells) -> Pipeline:
    """Fit a logistic regression of buying a category; raises CannotAnswer below 50 purchases."""
    happened = int(cells.bought.sum())
    if happened < 50 or happened == len(cells.bought):
        raise CannotAnswer(
            f"purchases of a category by customers who had bought before: {happened}; learning needs 50"
        )
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=300))
    return model.fit(cells.traits, cells.bought)


def chances(model: Pipeline, cells: Cells) -> np.ndarray:
    """Return each cell's chance, float64."""
    return model.predict_proba(cells.traits)[:, 1]


def base_chances(learned: Cells, judged: Cells) -> np.ndarray:
    """Return the share of customers who bought the category in the learning window, for everybody."""
    share = learned.bought.reshape(-1, len(learned.categories)).mean(axis=0)
    return share[judged.category]
