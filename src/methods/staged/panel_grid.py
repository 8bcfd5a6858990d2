"""A panel as a rectangle: units by periods, with when each unit's treatment starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class PanelGrid(Result):
    """Units that are seen in every period.

    units: (units,) labels. periods: (periods,) sorted. outcome: units x periods. start: (units,) first
    treated period, infinite for never. covariates: units x periods x columns. cluster: (units,) codes.
    weight: (units,) above 0, with mean 1. dropped: units left out, for a missing period or because they were
    treated from the first one on.
    """

    units: np.ndarray
    periods: np.ndarray
    outcome: np.ndarray
    start: np.ndarray
    covariates: np.ndarray
    cluster: np.ndarray
    weight: np.ndarray
    dropped: int

    def covariates_at(self, place: int) -> np.ndarray:
        """Return the covariates in the period of this place, units x columns."""
        return self.covariates[:, place, :]

    def cluster_sums(self, influence: np.ndarray) -> np.ndarray:
        """Return influence (units x estimates) summed by cluster."""
        clusters = self.cluster.max() + 1
        if clusters == len(self.units):
            return influence
        return np.stack([np.bincount(self.cluster, column, minlength=clusters) for column in influence.T], 1)

    def covariance(self, influence: np.ndarray) -> np.ndarray:
        """Return the covariance of estimates whose influence values (units x estimates) these are."""
        sums = self.cluster_sums(influence)
        few = len(sums) / (len(sums) - 1) if len(sums) < len(influence) else 1.0
        return few * sums.T @ sums / len(influence) ** 2

    def errors(self, influence: np.ndarray) -> np.ndarray:
        """Return the standard errors of estimates whose influence values (units x estimates) these are."""
        return np.sqrt(np.diag(self.covariance(influence)))


def panel_grid(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    start: str,
    covariates: tuple[str, ...] = (),
    cluster: str | None = None,
    weight: str | None = None,
) -> PanelGrid:
    """Return the complete units of a long panel; see `group_time_att` for the columns.

    outcome, covariates: columns of numbers.
    Raises KeyError on a missing column; ValueError on a repeated unit and period, a start, cluster or
    weight that changes within a unit, a weight that is not above 0, fewer than two periods or two units.

    >>> rows = pd.DataFrame({"seller": [1, 1, 2, 2], "month": [1, 2, 1, 2], "orders": [3, 5, 2, 2],
    ...                      "start": [2, 2, 0, 0]})
    >>> panel_grid(rows, unit="seller", period="month", outcome="orders", start="start").outcome.tolist()
    [[3.0, 5.0], [2.0, 2.0]]
    """
    fixed = [name for name in (start, cluster, weight) if name]
    columns = [unit, period, outcome, *fixed, *covariates]
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise KeyError(f"the frame has no columns {absent}; it has {list(frame.columns)}")
    rows = frame[list(dict.fromkeys(columns))].sort_values([unit, period])
    _check_rows(rows, unit, period, fixed, numbers=(period, outcome))
    periods = np.sort(rows[period].unique()).astype(float)
    if len(periods) < 2:
        raise ValueError(f"column {period!r} holds {len(periods)} period; before and after need at least 2")
    known = rows[rows[[outcome, *covariates]].notna().all(axis=1)]
    complete = known.groupby(unit)[period].transform("size") == len(periods)
    kept = known[complete]
    begins = _starts(kept.groupby(unit)[start].first(), periods)
    kept = kept[kept[unit].isin(begins.index)]
    if len(begins) < 2:
        raise ValueError(
            f"only {count(len(begins), 'unit is', 'units are')} seen in every one of the "
            f"{count(len(periods), 'period')}"
        )
    shape = (len(begins), len(periods))
    group = kept.groupby(unit)[cluster].first() if cluster else begins.index.to_series()
    size = kept.groupby(unit)[weight].first().to_numpy(float) if weight else np.ones(len(begins))
    if not (np.isfinite(size) & (size > 0)).all():
        raise ValueError(f"column {weight!r} holds {size.min():g}; weights must be above 0")
    return PanelGrid(
        units=begins.index.to_numpy(),
        periods=periods,
        outcome=kept[outcome].to_numpy(float).reshape(shape),
        start=begins.to_numpy(float),
        covariates=kept[list(covariates)].to_numpy(float).reshape(*shape, len(covariates)),
        cluster=pd.factorize(group)[0],
        weight=size / size.mean(),
        dropped=int(rows[unit].nunique() - len(begins)),
    )


def _starts(start: pd.Series, periods: np.ndarray) -> pd.Series:
    """First treated periods, infinite for never; without the units treated from the first period on."""
    begins = start.astype(float)
    begins = begins.where(begins.notna() & (begins != 0) & (begins <= periods[-1]), np.inf)
    return begins[begins > periods[0]]


def _check_rows(
    rows: pd.DataFrame, unit: str, period: str, fixed: list[str], *, numbers: tuple[str, ...]
) -> None:
    for name in numbers:
        if not pd.api.types.is_numeric_dtype(rows[name]):
            raise ValueError(f"column {name!r} holds {rows[name].dtype}; numbers are needed")
    repeated = rows[rows.duplicated([unit, period])]
    if len(repeated):
        first = repeated.iloc[0]
        raise ValueError(
            f"{unit!r} {first[unit]!r} has more than one row in {period!r} {first[period]!r}; "
            "sum or average them first"
        )
    for name in fixed:
        changing = rows.groupby(unit)[name].nunique(dropna=False)
        if (changing > 1).any():
            raise ValueError(f"{name!r} changes within {unit!r} {changing.idxmax()!r}; it must be fixed")
