"""Programmes that reach units in stages: effects by stage and period against those not treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.result import Result
from methods.staged.did_2x2 import did_2x2
from methods.staged.panel_grid import PanelGrid, panel_grid

AGGREGATES = ("simple", "stage", "period", "since_start")
CLUSTERS_PER_TEST = 5
DRAWS_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class StagedEffects(Result):
    """Effects of a staged programme with one influence value a unit for each.

    cells: stage, period, since_start (periods since the stage began; below 0 a pre-trend), estimate,
    standard_error, low, high (simultaneous over all cells), treated, controls (units). influence: units x
    cells. pretrend_p: that all effects before the start are nought (nan without any, or with fewer than 5
    clusters for each). units: used; dropped: left out (see `group_time_att`).
    """

    cells: pd.DataFrame
    influence: np.ndarray
    grid: PanelGrid
    controls: str
    level: float
    critical: float
    pretrend_p: float
    units: int
    dropped: int

    def overall(self, kind: str = "stage") -> Interval:
        """Return one number: `simple`, `stage`, `period` or `since_start`, the average over that.

        simple weighs each treated cell by the units of its stage; the others first average within stage,
        period or time since start, and then (stage: by its units; period, since_start: evenly) over them.
        Raises ValueError on another kind.
        """
        if kind not in AGGREGATES:
            raise ValueError(f"kind {kind!r} is not one of {AGGREGATES}")
        if kind == "simple":
            return self._interval(*self._weighted(self._after().to_numpy()))
        groups = self._groups(kind, self._after().to_numpy())
        rows = [self._weighted(mask) for _, mask in groups]
        estimates = np.array([estimate for estimate, _ in rows])
        influence = np.column_stack([values for _, values in rows])
        if kind == "stage":
            return self._interval(
                *_stage_average(self.grid, [stage for stage, _ in groups], estimates, influence)
            )
        return self._interval(estimates.mean(), influence.mean(axis=1))

    def before(self) -> Interval | None:
        """Return the mean of the effects before the start, which should be nought; None without any."""
        found = self._before()
        return None if found is None else self._interval(*found)

    def _before(self) -> tuple[float, np.ndarray] | None:
        masks = self._groups("since_start", ~self._after().to_numpy())
        rows = [self._weighted(mask) for _, mask in masks]
        if not rows:
            return None
        influence = np.column_stack([values for _, values in rows])
        return float(np.mean([estimate for estimate, _ in rows])), influence.mean(axis=1)

    def just_before(self) -> Interval | None:
        """Return the effect in the last period before the start; None where that cannot be compared.

        A dip that brings units into the programme stands here alone; the mean over many periods hides it.
        """
        last = (self.cells["since_start"] == -1).to_numpy()
        return self._interval(*self._weighted(last)) if last.any() else None

    def periods_under_way(self) -> float:
        """Return how many periods of a steady drift the average effect holds, from the last one before."""
        cells = self.cells[self._after()]
        units = [self.grid.weight[self.grid.start == stage].sum() for stage in cells["stage"]]
        return float(np.average(cells["since_start"] + 1, weights=units))

    def without_drift(self) -> Interval | None:
        """Return the average effect less what went on steadily before; None where that cannot be compared.

        A drift as steady after the start as before it is taken out, for the price of a wider interval.
        """
        before = self._before()
        if before is None:
            return None
        estimate, influence = self._weighted(self._after().to_numpy())
        reach = self.periods_under_way()
        return self._interval(estimate - reach * before[0], influence - reach * before[1])

    def moving_units(self) -> float:
        """Return by how many units the average effect is moved, as if each moved it alike.

        Each unit moves it by its share in the means compared; a few treated, a few controls or a few heavy
        ones are few, whatever the number of all units (the sum of squares squared, over that of fourth
        powers: Satterthwaite's degrees of freedom, 1946, for units with the same noise).
        """
        cells = self.cells[self._after()]
        sizes = np.array([self.grid.weight[self.grid.start == stage].sum() for stage in cells["stage"]])
        moves = np.zeros(len(self.grid.start))
        for (_, cell), size in zip(cells.iterrows(), sizes / sizes.sum(), strict=True):
            treated = self.grid.start == cell["stage"]
            free = np.isinf(self.grid.start) if self.controls == "never" else self.grid.start > cell["period"]
            for members in (treated, free & ~treated):
                moves += size * np.where(members, self.grid.weight, 0.0) / self.grid.weight[members].sum()
        by_cluster = np.bincount(self.grid.cluster, weights=moves)
        return float((by_cluster**2).sum() ** 2 / (by_cluster**4).sum())

    def by(self, kind: str, *, seed: int = 1, draws: int = 999) -> pd.DataFrame:
        """Return the effects averaged by `stage`, `period` or `since_start`, with simultaneous bands.

        Columns: the kind, estimate, standard_error, low, high. since_start also has rows before the start.
        The band holds for all rows together (multiplier bootstrap, seeded).
        """
        if kind not in AGGREGATES[1:]:
            raise ValueError(f"kind {kind!r} is not one of {AGGREGATES[1:]}")
        mask = np.ones(len(self.cells), bool) if kind == "since_start" else self._after().to_numpy()
        groups = self._groups(kind, mask)
        rows = [self._weighted(chosen) for _, chosen in groups]
        influence = np.column_stack([values for _, values in rows])
        error = self.grid.errors(influence)
        critical = simultaneous_critical(self.grid, influence, level=self.level, seed=seed, draws=draws)
        estimate = np.array([value for value, _ in rows])
        return pd.DataFrame(
            {
                kind: [value for value, _ in groups],
                "estimate": estimate,
                "standard_error": error,
                "low": estimate - critical * error,
                "high": estimate + critical * error,
            }
        )

    def _after(self) -> pd.Series:
        return self.cells["since_start"] >= 0

    def _groups(self, kind: str, mask: np.ndarray) -> list[tuple[float, np.ndarray]]:
        values = self.cells[kind].to_numpy()
        return [(value, mask & (values == value)) for value in np.unique(values[mask])]

    def _weighted(self, mask: np.ndarray) -> tuple[float, np.ndarray]:
        cells = self.cells[mask]
        return _stage_average(
            self.grid, cells["stage"].to_numpy(), cells["estimate"].to_numpy(), self.influence[:, mask]
        )

    def _interval(self, estimate: float, influence: np.ndarray) -> Interval:
        error = float(self.grid.errors(influence[:, None])[0])
        return normal_interval(float(estimate), error, self.units, level=self.level)


def group_time_att(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    start: str,
    controls: str = "not_yet",
    covariates: tuple[str, ...] = (),
    cluster: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
    draws: int = 999,
    seed: int = 1,
) -> StagedEffects:
    """Return the effect on each stage in each period, against units not treated (or not yet).

    frame: one row a unit and period.
    unit: column of units.
    period: numeric column, evenly spaced.
    outcome: numeric.
    start: numeric column, the first treated period of the unit; missing, 0 or infinite for never.
    controls: `not_yet` (never treated, or treated later than the period) or `never`.
    covariates: numeric columns taken at the period before treatment, for the doubly robust form.
    cluster: column whose groups stay together in the error (None: the unit).
    weight: numeric column, how much a unit counts (None: all alike). Units treated from the first period
        on, and units that lack a period or a covariate, are left out. Comparisons are to the last period
        before the start; before the start, to the period just before each one.
    draws: of the multiplier bootstrap behind the simultaneous bands.
    Raises ValueError with no treated stage, no controls, fewer than two periods, or repeated rows.
    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225; doubly robust form, Sant'Anna and
    Zhao (2020), Journal of Econometrics 219.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"seller": np.repeat(np.arange(60), 4), "month": np.tile([1, 2, 3, 4], 60)})
    >>> rows["start"] = np.select([rows["seller"] < 20, rows["seller"] < 40], [3, 4], 0)
    >>> on = (rows["start"] > 0) & (rows["month"] >= rows["start"])
    >>> rows["orders"] = rows["month"] + 2 * on + rng.normal(0, 0.1, 240)
    >>> found = group_time_att(rows, unit="seller", period="month", outcome="orders", start="start", draws=99)
    >>> round(found.overall().estimate, 1)
    2.0
    """
    grid = panel_grid(
        frame,
        unit=unit,
        period=period,
        outcome=outcome,
        start=start,
        covariates=covariates,
        cluster=cluster,
        weight=weight,
    )
    return effects_on(grid, controls=controls, level=level, draws=draws, seed=seed)


def effects_on(
    grid: PanelGrid, *, controls: str = "not_yet", level: float = 0.95, draws: int = 999, seed: int = 1
) -> StagedEffects:
    """Return the staged effects of a panel on a grid; options and errors as `group_time_att`."""
    if controls not in ("not_yet", "never"):
        raise ValueError(f"controls {controls!r} must be 'not_yet' or 'never'")
    if controls == "never" and not np.isinf(grid.start).any():
        raise ValueError("every unit is treated in the end; use controls='not_yet'")
    cells, influence = group_time_cells(grid, controls=controls)
    if not any(cell["since_start"] >= 0 for cell in cells):
        raise ValueError(
            "no stage can be compared: a stage needs a period before its start and units that are not "
            "treated at the same time"
        )
    table, values = pd.DataFrame(cells), np.column_stack(influence)
    error = grid.errors(values)
    critical = simultaneous_critical(grid, values, level=level, seed=seed, draws=draws)
    return StagedEffects(
        cells=table.assign(
            standard_error=error,
            low=table["estimate"] - critical * error,
            high=table["estimate"] + critical * error,
        ),
        influence=values,
        grid=grid,
        controls=controls,
        level=level,
        critical=critical,
        pretrend_p=_joint_p(grid, table, values),
        units=len(grid.start),
        dropped=grid.dropped,
    )


def group_time_cells(grid: PanelGrid, *, controls: str) -> tuple[list[dict], list[np.ndarray]]:
    """Return one record a stage and period, and the influence of each unit on it; see `StagedEffects`."""
    cells, influence = [], []
    for stage in np.unique(grid.start[np.isfinite(grid.start)]):
        first = int(np.searchsorted(grid.periods, stage))
        for now in range(1, len(grid.periods)):
            base = first - 1 if now >= first else now - 1
            treated = grid.start == stage
            last = grid.periods[max(now, base)]
            free = np.isinf(grid.start) if controls == "never" else grid.start > last
            free &= ~treated
            if base < 0 or not free.any():
                continue
            change = grid.outcome[:, now] - grid.outcome[:, base]
            effect = did_2x2(change, treated, free, grid.covariates_at(base), grid.weight)
            cells.append(
                {
                    "stage": stage,
                    "period": grid.periods[now],
                    "since_start": now - first,
                    "estimate": effect.estimate,
                    "treated": int(treated.sum()),
                    "controls": int(free.sum()),
                }
            )
            influence.append(effect.influence)
    return cells, influence


def _stage_average(
    grid: PanelGrid, stages: list | np.ndarray, estimates: np.ndarray, influence: np.ndarray
) -> tuple[float, np.ndarray]:
    """Average by the units of the stages. Their shares are estimated too, so their noise joins the error."""
    belongs = grid.weight[:, None] * (grid.start[:, None] == np.asarray(stages)[None, :])
    share = belongs.mean(axis=0)
    total = share.sum()
    moves = (belongs - share) / total - np.outer((belongs - share).sum(axis=1), share) / total**2
    weights = share / total
    return float(estimates @ weights), influence @ weights + moves @ estimates


def simultaneous_critical(
    grid: PanelGrid, influence: np.ndarray, *, level: float, seed: int, draws: int = 999
) -> float:
    """Return the multiple of the standard error at which all intervals hold together.

    influence: units x estimates. Rademacher multipliers by cluster on the studentised influence values
        (Callaway and Sant'Anna 2021, Algorithm 1); never below the multiple of a single interval.
    """
    sums = grid.cluster_sums(influence)
    error = np.sqrt((sums**2).sum(axis=0))
    used = error > 0
    if not used.any():
        return float(norm.ppf((1 + level) / 2))
    rng = np.random.default_rng(seed)
    scaled = sums[:, used] / error[used]
    largest = []
    for _ in range(0, draws, DRAWS_AT_ONCE):
        signs = 2.0 * rng.integers(0, 2, size=(DRAWS_AT_ONCE, len(sums)), dtype=np.int8) - 1
        largest.append(np.abs(signs @ scaled).max(axis=1))
    return max(float(np.quantile(np.concatenate(largest)[:draws], level)), float(norm.ppf((1 + level) / 2)))


def _joint_p(grid: PanelGrid, cells: pd.DataFrame, influence: np.ndarray) -> float:
    """Wald test that every effect before the start is nought; nan with too few clusters to estimate it."""
    before = (cells["since_start"] < 0).to_numpy()
    if not before.any() or grid.cluster.max() + 1 < CLUSTERS_PER_TEST * before.sum():
        return float("nan")
    estimates = cells.loc[before, "estimate"].to_numpy()
    covariance = grid.covariance(influence[:, before])
    statistic = estimates @ np.linalg.pinv(covariance, rcond=1e-10) @ estimates
    return float(chi2.sf(statistic, np.linalg.matrix_rank(covariance, tol=1e-14)))
