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
    and shared (0.0, 1.0), before_7 and before_28 (requests sent to the customer in those days before),
    surplus_before (moments asked before, less those their chances say) and shared_before (posts until the day
    before; where posts have no time, moments a week ago or more at which the customer shared).
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
    sent = found["asks"] * found["asked"]
    surplus = (found["asked"] - found["chance"]).fillna(0.0)
    return found.assign(
        **{f"before_{days}": _sum_before(found, sent, since=days) for days in PAST_DAYS},
        surplus_before=_sum_before(found, surplus).round(9),
        shared_before=_shared_before(shop, found),
    )


def _keys(rows: pd.DataFrame, who: np.ndarray, at: pd.Series) -> tuple[np.ndarray, float]:
    """Numbers that order moments by customer and day, and the days that lie within one customer."""
    begin = rows["asked_at"].min()
    span = (rows["asked_at"].max() - begin) / pd.Timedelta(days=1) + max(PAST_DAYS) + 2
    days = ((at - begin) / pd.Timedelta(days=1)).clip(-0.5, span).to_numpy()
    return who * (3 * span) + days, span


def _sum_before(
    rows: pd.DataFrame, amounts: pd.Series, *, since: float | None = None, until: float = 0
) -> np.ndarray:
    """Sum of the same customer's amounts from `since` to `until` days before each row (by customer, time)."""
    key, span = _keys(rows, pd.factorize(rows["customer_id"])[0].astype(float), rows["asked_at"])
    total = np.concatenate([[0.0], np.cumsum(amounts)])
    begin = key - (span if since is None else since)
    return total[np.searchsorted(key, key - until)] - total[np.searchsorted(key, begin)]


def _shared_before(shop: Shop, rows: pd.DataFrame) -> np.ndarray:
    if shop.missing("shares.posted_at"):
        return _sum_before(rows, rows["shared"], until=min(PAST_DAYS))
    posts = shop["shares"].select("customer_id", "posted_at").execute().dropna()
    who, customers = pd.factorize(rows["customer_id"])
    code = pd.Index(customers).get_indexer(posts["customer_id"])
    posted, _ = _keys(rows, code[code >= 0].astype(float), posts.loc[code >= 0, "posted_at"])
    posted = np.sort(posted)
    key, span = _keys(rows, who.astype(float), rows["asked_at"])
    return (
        (np.searchsorted(posted, key - 1) - np.searchsorted(posted, who * (3 * span) - 1))
        .clip(0)
        .astype(float)
    )


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
