"""A moment that far more rows bear than any other: the day of an import, or of an unknown time."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pandas as pd
from ibis.expr.types import Table

CROWD, TIMES_THE_NEXT, FEWEST_ROWS = 0.10, 5, 20


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """The moment (UTC), and how many of all dated rows bear it."""

    at: pd.Timestamp
    rows: int
    all: int


def commonest_moments(rows: Table, column: str) -> Table:
    """Return the two moments with most rows, the commonest first: at, rows, and all (rows with any)."""
    dated = rows.filter(rows[column].notnull())
    each = dated.group_by(at=dated[column]).aggregate(rows=dated.count())
    told = each.mutate(all=each.rows.sum().over(ibis.window()))
    return told.order_by(ibis.desc("rows"), "at").limit(2)


def crowd_of(commonest: pd.DataFrame) -> Crowd | None:
    """Return the crowded moment, None where there is none.

    commonest: of `commonest_moments`. Crowded is what holds a tenth of the rows and five times the next.

    >>> days = pd.to_datetime(["2025-05-01", "2025-06-01"])
    >>> crowd_of(pd.DataFrame({"at": days, "rows": [300, 4], "all": 900})).rows
    300
    """
    if commonest.empty:
        return None
    first, second, every = (
        commonest["rows"].iloc[0],
        commonest["rows"].iloc[1:].sum(),
        commonest["all"].iloc[0],
    )
    if first < max(FEWEST_ROWS, CROWD * every, TIMES_THE_NEXT * second):
        return None
    return Crowd(at=pd.Timestamp(commonest["at"].iloc[0]), rows=int(first), all=int(every))
