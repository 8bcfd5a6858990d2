"""Requests to share as a log holds them: moments at which a coin decided, or weeks nobody drew."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data.shop import Shop

PAST_DAYS = (7, 28)
WEEK = pd.Timedelta(days=7)


def read_prompts(shop: Shop) -> pd.DataFrame:
    """Return one row a request whose answer is known, by customer and time.

    Columns: customer_id, asked_at (naive UTC), asks (requests it stands for), chance (NaN: not drawn), asked
    and shared (0.0, 1.0), before_7 and before_28 (requests sent to the customer in those days before).
    """
    table = shop["prompts"]
    rows = table.filter(table.asked_at.notnull() & table.shared.notnull())
    columns = ("prompt_id", "customer_id", "asked_at", "asks", "chance", "asked", "shared")
    found = rows.select(*columns).execute()
    found = found.sort_values(["customer_id", "asked_at", "prompt_id"], ignore_index=True)
    found = found.assign(
        asks=found["asks"].astype("Float64").fillna(1).astype(float),
        chance=found["chance"].astype("Float64").astype(float),
        asked=found["asked"].astype("boolean").fillna(True).astype(float),
        shared=found["shared"].astype(float),
    )
    return found.assign(**{f"before_{days}": _sent_before(found, days) for days in PAST_DAYS})


def _sent_before(rows: pd.DataFrame, days: int) -> np.ndarray:
    """Requests sent to the same customer in so many days before each row; rows: by customer and time."""
    who = pd.factorize(rows["customer_id"])[0].astype(float)
    at = (rows["asked_at"] - rows["asked_at"].min()) / pd.Timedelta(days=1)
    key = who * (2 * at.max() + 2 * days + 2) + at.to_numpy()
    sent = np.concatenate([[0.0], np.cumsum(rows["asks"] * rows["asked"])])
    return sent[np.searchsorted(key, key)] - sent[np.searchsorted(key, key - days)]


def weeks_of(shop: Shop, prompts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return whether customers shared, and were asked, in each week from the first request to the last.

    Two matrices (customers, weeks) of 0.0 and 1.0 for customers asked in some weeks and not in others, who
    joined before the first, and their ids.
    """
    sent = prompts[prompts["asked"] == 1]
    first, last = sent["asked_at"].min(), sent["asked_at"].max()
    weeks = int((last - first) / WEEK) + 1
    there = shop["customers"].select("customer_id", "joined_at").execute()
    early = set(there.loc[there["joined_at"].isna() | (there["joined_at"] < first), "customer_id"])
    ids = sorted(early.intersection(sent["customer_id"]))
    posts = shop["shares"].select("customer_id", "posted_at").execute()
    dose = _grid(sent["customer_id"], sent["asked_at"], ids, first, weeks)
    outcome = _grid(posts["customer_id"], posts["posted_at"], ids, first, weeks)
    varies = (dose.mean(axis=1) > 0) & (dose.mean(axis=1) < 1)
    return outcome[varies], dose[varies], [one for one, kept in zip(ids, varies, strict=True) if kept]


def _grid(who: pd.Series, at: pd.Series, ids: list[str], first: pd.Timestamp, weeks: int) -> np.ndarray:
    row = pd.Index(ids).get_indexer(who)
    week = np.floor((at - first) / WEEK).to_numpy()
    inside = (row >= 0) & (week >= 0) & (week < weeks)
    grid = np.zeros((len(ids), weeks))
    grid[row[inside], week[inside].astype(int)] = 1.0
    return grid
