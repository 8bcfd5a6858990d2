"""Units that a programme reached at different times, and their events in periods of four weeks."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

PERIOD_DAYS = 28
PERIOD = dt.timedelta(days=PERIOD_DAYS)


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


def sums_by_period(events: Table, first_at: dt.datetime, *, periods: int) -> pd.DataFrame:
    """Return the number of events (count) and the sum of their values, by unit_id and period from 1.

    events: unit_id, at (naive UTC), value.
    """
    seconds = events.at.epoch_seconds() - ibis.literal(first_at, type="timestamp(6)").epoch_seconds()
    rows = events.mutate(period=(seconds // (PERIOD_DAYS * 86_400)).cast("int64") + 1)
    rows = rows.filter((rows.period >= 1) & (rows.period <= periods))
    return rows.group_by("unit_id", "period").agg(count=_.count(), value=_.value.sum()).execute()
