"""What a regression with unit and period effects says of a staged programme, for comparison only."""

from __future__ import annotations

import numpy as np

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.staged.panel_grid import PanelGrid


def two_way_fixed_effects(grid: PanelGrid, *, level: float = 0.95) -> Interval:
    """Return the coefficient of "treated by now" beside unit and period effects, clustered.

    grid: of `panel_grid`. Biased where effects grow with time or differ by stage, for early stages then
        serve as controls of later ones, some with negative weight (Goodman-Bacon 2021, Journal of
        Econometrics 225).
    Raises ValueError when units and periods explain all of the treatment.

    >>> import pandas as pd
    >>> from methods.staged.panel_grid import panel_grid
    >>> rows = pd.DataFrame({"seller": np.repeat(np.arange(20), 2), "month": np.tile([1, 2], 20)})
    >>> rows["start"] = np.where(rows["seller"] < 10, 2, 0)
    >>> rows["orders"] = rows["month"] + 2 * (rows["start"] == rows["month"])
    >>> grid = panel_grid(rows, unit="seller", period="month", outcome="orders", start="start")
    >>> round(two_way_fixed_effects(grid).estimate, 6)
    2.0
    """
    treated = (grid.periods[None, :] >= grid.start[:, None]).astype(float)
    rest = _without_means(treated, grid.weight)
    weighted = rest * grid.weight[:, None]
    size = float((weighted * rest).sum())
    if size < 1e-12:
        raise ValueError("treatment does not vary within units and periods; there is nothing to compare")
    outcome = _without_means(grid.outcome, grid.weight)
    estimate = float((weighted * outcome).sum() / size)
    moves = (weighted * (outcome - estimate * rest)).sum(axis=1) / size
    sums = np.bincount(grid.cluster, weights=moves)
    error = float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)))
    return normal_interval(estimate, error, len(grid.start), level=level)


def _without_means(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    rows = values.mean(axis=1, keepdims=True)
    columns = np.average(values - rows, axis=0, weights=weight)
    return values - rows - columns
