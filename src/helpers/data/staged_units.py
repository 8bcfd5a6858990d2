"""Units that a programme reached at different times, and their events in periods of four weeks."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

PERIOD_DAYS = 28
PERIOD = dt.timedelta(days=PERIOD_DAYS)
HALF = 0.5  # added to counts that are weights or have a logarithm


def without_always_treated(units: pd.DataFrame, earliest: dt.datetime) -> tuple[pd.DataFrame, int]:
    """Leave out units without a whole period before their start, and count them.

    units: with started_at (missing: never). earliest: when what is measured begins. They have no "before" to
    compare with; kept, the first of them would leave none to all others. Where the programme reached every
    unit so early, they stay and the question is declined.
    """
    always = units["started_at"] < pd.Timestamp(earliest + PERIOD)
    if not (units["started_at"].notna() & ~always).any():
        return units, 0
    return units[~always], int(always.sum())


def whole_periods(earliest: dt.datetime, start_at: dt.datetime, end: dt.datetime) -> tuple[int, int]:
    """Return how many whole periods lie before a start and from it on; never below 0."""
    return max((start_at - earliest).days // PERIOD_DAYS, 0), max((end - start_at).days // PERIOD_DAYS, 0)


def unit_periods(events: Table, units: pd.DataFrame, first_at: dt.datetime, *, periods: int) -> pd.DataFrame:
    """Return one row a unit and period from 1, also where nothing happened.

    events: unit_id, at (naive UTC), value. units: unit_id, started_at (missing: never). first_at: when period
    1 begins. Columns: unit_id, period, count (of events, float), value (their sum, missing without any),
    start (period in which the unit's began, missing: never), weight (the unit's events before the first
    start, and a half).
    """
    names = ["unit_id", "period"]
    grid = pd.MultiIndex.from_product([units["unit_id"], range(1, periods + 1)], names=names)
    sums = _sums_by_period(events, first_at, periods=periods)
    rows = sums.set_index(names).reindex(grid).reset_index()
    begun = np.floor(((units["started_at"] - first_at) / pd.Timedelta(PERIOD)).to_numpy()) + 1
    begins = pd.Series(begun, index=units["unit_id"].to_numpy())
    count = rows["count"].astype(float).fillna(0.0)
    early = count.where(rows["period"] < begins.min(), 0.0)
    return rows[names].assign(
        count=count,
        value=rows["value"].astype(float),
        start=rows["unit_id"].map(begins),
        weight=early.groupby(rows["unit_id"]).transform("sum") + HALF,
    )


def _sums_by_period(events: Table, first_at: dt.datetime, *, periods: int) -> pd.DataFrame:
    seconds = events.at.epoch_seconds() - ibis.literal(first_at, type="timestamp(6)").epoch_seconds()
    rows = events.mutate(period=(seconds // (PERIOD_DAYS * 86_400)).cast("int64") + 1)
    rows = rows.filter((rows.period >= 1) & (rows.period <= periods))
    return rows.group_by("unit_id", "period").agg(count=_.count(), value=_.value.sum()).execute()
