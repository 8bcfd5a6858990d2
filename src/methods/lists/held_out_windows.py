"""Chances judged on one stretch of time after another, each learned only from the stretch before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import t as student
from sklearn.pipeline import Pipeline

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, ratio_of_sums
from methods.lists.category_chances import Cells, base_chances, chances, fit_potential, too_little

FEWEST_WINDOWS = 3  # below that the spread between windows is not known


@dataclass(frozen=True, kw_only=True)
class Window:
    """What was predicted for one window, and what happened in it.

    begins_at: naive UTC. customers: ids. predicted, base, bought: float64 (customers, categories): the chance
    of each customer, the chance that everybody was given, and whether it was bought (0 or 1).
    """

    begins_at: dt.datetime
    customers: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    base: np.ndarray = field(repr=False)
    bought: np.ndarray = field(repr=False)

    @property
    def ratio(self) -> float:
        """Purchases predicted over purchases made."""
        return float(self.predicted.sum() / self.bought.sum())


def hold_out_windows(
    read: Callable[..., Cells], *, end: dt.datetime, days: int, most_windows: int
) -> tuple[list[Window], Pipeline]:
    """Return the last windows of `days` before `end`, oldest first, and the model learned on the last.

    Each window is predicted by a model of the window before it, so at most most_windows + 1 are read, by
    `read(at=…, days=…)`, which gives Cells. Windows with too few customers or purchases are left out. Raises
    CannotAnswer where the last two are not enough to learn and judge.
    """
    windows: list[Window] = []
    learned: Cells | None = None
    model: Pipeline | None = None
    for number in range(most_windows + 1, 0, -1):
        begins_at = end - dt.timedelta(days=number * days)
        cells = read(at=begins_at, days=days)
        fault = too_little(cells)
        if number <= 2 and fault:
            raise CannotAnswer(
                f"chances are learned and judged on two windows of {count(days, 'day')}; in the one that "
                "begins "
                f"{count(number * days, 'day')} before the end, {fault}"
            )
        if model is not None and learned is not None and not fault:
            windows.append(_judged(begins_at, cells, chances(model, cells), base_chances(learned, cells)))
        learned, model = (None, None) if fault else (cells, fit_potential(cells))
    assert model is not None  # the last window was enough to learn from
    return windows, model


def _judged(begins_at: dt.datetime, cells: Cells, predicted: np.ndarray, base: np.ndarray) -> Window:
    shape = (len(cells.customers), len(cells.categories))
    return Window(
        begins_at=begins_at,
        customers=cells.customers,
        predicted=predicted.reshape(shape),
        base=base.reshape(shape),
        bought=cells.bought.astype(float).reshape(shape),
    )


def by_customer(windows: list[Window], **sums: list[np.ndarray]) -> pd.DataFrame:
    """Add up numbers of cells over each customer's categories and windows: one row a customer."""
    who = np.concatenate([window.customers for window in windows])
    columns = {name: np.concatenate([cell.sum(axis=1) for cell in cells]) for name, cells in sums.items()}
    return pd.DataFrame(columns).groupby(who).sum()


def level(windows: list[Window]) -> Interval:
    """Return purchases predicted over purchases made, windows and customers alike taken as drawn.

    From three windows on: their mean ratio with the t interval over windows, or with that over customers
    where it is wider, since so few windows may agree by luck. Below: the ratio of sums over customers alone.
    """
    sums = by_customer(windows, predicted=[w.predicted for w in windows], bought=[w.bought for w in windows])
    over_customers = ratio_of_sums(sums["predicted"], sums["bought"])
    if len(windows) < FEWEST_WINDOWS:
        return over_customers
    ratios = np.array([window.ratio for window in windows])
    half = student.ppf(0.975, len(ratios) - 1) * ratios.std(ddof=1) / np.sqrt(len(ratios))
    half = max(half, (over_customers.high - over_customers.low) / 2)
    mean = float(ratios.mean())
    return Interval(estimate=mean, low=mean - half, high=mean + half, n=over_customers.n)


def range_of_next(windows: list[Window], expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return between which numbers of buyers a next window should lie 19 times in 20, by category.

    expected: buyers predicted by category. From how far each category's own windows missed, in shares of
        what was predicted: t prediction interval, so it holds the seasons and chance of the windows seen.
        All nan below three windows.
    """
    if len(windows) < FEWEST_WINDOWS:
        return np.full(len(expected), np.nan), np.full(len(expected), np.nan)
    predicted = np.array([window.predicted.sum(axis=0) for window in windows])
    misses = np.array([window.bought.sum(axis=0) for window in windows]) / predicted - 1.0
    half = student.ppf(0.975, len(windows) - 1) * misses.std(axis=0, ddof=1) * np.sqrt(1 + 1 / len(windows))
    middle = misses.mean(axis=0)
    return expected * np.maximum(1 + middle - half, 0.0), expected * (1 + middle + half)
