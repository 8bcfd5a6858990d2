"""What each customer had bought of each category before a moment, and the chance to buy it soon after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.errors import CannotAnswer

FEWEST_CUSTOMERS, FEWEST_PURCHASES = 100, 50
# Habits wear off unevenly: the chance may bend at each of these, on the scale of logarithms.
_RECENCY_BENDS_DAYS = (7.0, 14.0, 28.0, 56.0, 112.0)
_TENURE_BENDS_DAYS = (28.0, 56.0)
_TIMES_BENDS = (1.0, 2.0, 4.0, 8.0)


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


def own_traits(
    frame: pd.DataFrame, cell: np.ndarray, *, at: dt.datetime, lookback_days: float, shape: tuple[int, int]
) -> np.ndarray:
    """One row a cell: own purchases of the category and of anything, how long ago, for how long."""
    times = np.zeros(shape[0] * shape[1])
    times[cell] = frame["times"].to_numpy(float)
    since, tenure = np.full_like(times, lookback_days), np.zeros_like(times)
    for column, name in ((since, "last_at"), (tenure, "first_at")):
        ago = (pd.Timestamp(at) - frame[name]) / pd.Timedelta(days=1)
        known = ago.notna().to_numpy()
        column[cell[known]] = np.minimum(ago.to_numpy(float)[known], lookback_days)
    total = times.reshape(shape).sum(axis=1)
    own = [*_bent(since.reshape(shape).min(axis=1), _RECENCY_BENDS_DAYS), total == 0]
    own += _bent(tenure.reshape(shape).max(axis=1), _TENURE_BENDS_DAYS) + _bent(total, _TIMES_BENDS)
    had = times > 0
    share = times / np.repeat(np.maximum(total, 1.0), shape[1])
    of_category = (np.log1p(times), had, share, np.log1p(np.where(had, since, 0.0)))
    kinds = np.tile(np.eye(shape[1]), (shape[0], 1))
    return np.column_stack((*of_category, kinds, np.repeat(np.column_stack(own), shape[1], axis=0)))


def _bent(value: np.ndarray, bends: tuple[float, ...]) -> list[np.ndarray]:
    """Return log(1 + value) and, for each bend, how far it lies beyond it (a linear spline)."""
    scale = np.log1p(value)
    return [scale, *(np.maximum(scale - np.log1p(bend), 0.0) for bend in bends)]


def too_little(cells: Cells) -> str:
    """Say why chances can be neither learned nor judged on these cells; empty when they can."""
    happened = int(cells.bought.sum())
    if len(cells.customers) < FEWEST_CUSTOMERS:
        return f"customers who had bought before: {len(cells.customers)}; it needs {FEWEST_CUSTOMERS}"
    if happened < FEWEST_PURCHASES or happened == len(cells.bought):
        who = "customers who had bought before"
        return f"purchases of a category by {who}: {happened}; it needs {FEWEST_PURCHASES}"
    return ""


def fit_potential(cells: Cells) -> Pipeline:
    """Fit a logistic regression of buying a category; raises CannotAnswer where `too_little` speaks."""
    if fault := too_little(cells):
        raise CannotAnswer(fault)
    # With few columns and many rows Newton's method takes a fortieth of the time of the default.
    model = LogisticRegression(C=1.0, max_iter=100, solver="newton-cholesky")
    return make_pipeline(StandardScaler(), model).fit(cells.traits, cells.bought)


def chances(model: Pipeline, cells: Cells) -> np.ndarray:
    """Return each cell's chance, float64."""
    return model.predict_proba(cells.traits)[:, 1]


def base_chances(learned: Cells, judged: Cells) -> np.ndarray:
    """Return the share of customers who bought the category in the learning window, for everybody."""
    share = learned.bought.reshape(-1, len(learned.categories)).mean(axis=0)
    return share[judged.category]
