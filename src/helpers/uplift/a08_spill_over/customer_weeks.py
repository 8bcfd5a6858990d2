"""Customers by weeks: who bought, what each had done before, and how many friends' shares each had seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside
from helpers.uplift.a08_spill_over.friend_circles import friend_circles

WORDS = words_beside(__file__, "spill_over")

WEEK = dt.timedelta(days=7)
LOOK_BACK = 13
FEWEST_ROWS, FEWEST_SHARES = 500, 20
LONGEST_GAP = 60


@dataclass(frozen=True, kw_only=True)
class CustomerWeeks:
    """One row a customer and week in which the customer had already joined.

    customer, week: (rows,) codes. bought: 0.0 or 1.0. seen: friends' shares in the weeks just before;
    coming: in `seen_weeks` weeks after as many between (nan where the data end); usual: in the weeks before
    those seen. own: 1.0 where the customer shared in the weeks just before. history: rows x columns, known at
    the week's start. circle: (rows,) code of the group of friends. shares: made, each counted by the part of
    its `seen_weeks` that lies in the panel. sampled_share: of customers, kept in the sample.
    """

    customer: np.ndarray
    week: np.ndarray
    bought: np.ndarray
    seen: np.ndarray
    coming: np.ndarray
    usual: np.ndarray
    own: np.ndarray
    history: np.ndarray
    circle: np.ndarray
    weeks: int
    seen_weeks: int
    shares: float
    sampled_share: float


def customer_weeks(
    shop: Shop, *, weeks: int = 26, seen_weeks: int = 4, most_customers: int = 30_000, seed: int = 1
) -> CustomerWeeks:
    """Return the last `weeks` weeks of every customer, or of a random sample when there are more.

    A friend is one whose tie holds when the week begins; the same friends are asked for shares before and
    after it. seen_weeks: how long a share counts as seen. Raises CannotAnswer without ties, with fewer than
    20 shares or 500 rows, and ValueError unless 1 <= seen_weeks < 13 and weeks > 3 x seen_weeks.
    """
    if not 1 <= seen_weeks < LOOK_BACK or weeks <= 3 * seen_weeks:
        raise ValueError(
            f"seen_weeks {seen_weeks} must lie between 1 and {LOOK_BACK - 1}, and weeks {weeks} be over "
            "three times it"
        )
    start = shop.known_until("shares") - weeks * WEEK
    customers = shop["customers"].select("customer_id", "joined_at").order_by("customer_id").execute()
    codes = pd.Index(customers["customer_id"])
    orders = _events(dated_purchases(shop), "placed_at", codes, start)
    shares = _events(shop["shares"], "posted_at", codes, start)
    ties = _ties(shop, codes, start, weeks)
    recent = int((shares["week"] >= -seen_weeks).sum())
    if ties.empty or recent < FEWEST_SHARES:
        raise CannotAnswer(
            WORDS.text(
                "few ties or shares",
                weeks=weeks + seen_weeks,
                found=len(ties),
                recent=recent,
                fewest_shares=FEWEST_SHARES,
            )
        )
    kept = _sample(len(codes), most_customers, seed)
    joined = ((customers["joined_at"] - start) / pd.Timedelta(WEEK)).fillna(-1e3).to_numpy(float)
    rows = _rows(orders, shares, ties, joined, kept, weeks=weeks, seen_weeks=seen_weeks)
    if len(rows["bought"]) < FEWEST_ROWS:
        raise CannotAnswer(WORDS.text("few rows", found=len(rows["bought"]), fewest_rows=FEWEST_ROWS))
    circle = friend_circles(shop, codes, seed=seed)
    inside = np.clip(weeks - 1 - shares["week"], 0, seen_weeks) - np.clip(-1 - shares["week"], 0, seen_weeks)
    return CustomerWeeks(
        **rows, circle=circle[rows["customer"]], weeks=weeks, seen_weeks=seen_weeks,
        shares=float(inside.sum() / seen_weeks), sampled_share=float(kept.mean()),
    )  # fmt: skip


def _sample(customers: int, most: int, seed: int) -> np.ndarray:
    kept = np.ones(customers, dtype=bool)
    if customers > most:
        kept[np.random.default_rng(seed).permutation(customers)[most:]] = False
    return kept


def _events(table, time: str, codes: pd.Index, start: dt.datetime) -> pd.DataFrame:
    """Customer code and week from the start (negative before) of each event."""
    rows = table.select("customer_id", at=table[time])
    rows = rows.filter(rows["at"].notnull()).execute()
    week = np.floor((rows["at"] - start) / pd.Timedelta(WEEK)).astype(int)
    frame = pd.DataFrame({"customer": codes.get_indexer(rows["customer_id"]), "week": week})
    return frame[frame["customer"] >= 0]


def _ties(shop: Shop, codes: pd.Index, start: dt.datetime, weeks: int) -> pd.DataFrame:
    """Ties that hold at the start of some week, with the first and last (exclusive) such week."""
    table = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at")
    end = ibis.literal(start + weeks * WEEK, type="timestamp(6)")
    begin = ibis.literal(start, type="timestamp(6)")
    rows = table.filter(
        (table.since_at.isnull() | (table.since_at < end))
        & (table.until_at.isnull() | (table.until_at > begin))
    ).execute()

    def first_week(times: pd.Series, missing: float) -> np.ndarray:
        return np.ceil((times - start) / pd.Timedelta(WEEK)).fillna(missing).to_numpy(float)

    frame = pd.DataFrame(
        {
            "a": codes.get_indexer(rows["customer_a"]), "b": codes.get_indexer(rows["customer_b"]),
            "since": first_week(rows["since_at"], -np.inf), "until": first_week(rows["until_at"], np.inf),
        }
    )  # fmt: skip
    return frame[(frame["a"] >= 0) & (frame["b"] >= 0)].sort_values(["a", "b"], ignore_index=True)


def _counts(events: pd.DataFrame, customers: int, weeks: int) -> np.ndarray:
    """Events before each week from -LOOK_BACK on, customers x (LOOK_BACK + weeks + 1): a running sum."""
    place = np.clip(events["week"].to_numpy() + LOOK_BACK + 1, 0, LOOK_BACK + weeks + 1)
    wide = LOOK_BACK + weeks + 2
    counts = np.bincount(events["customer"] * wide + place, minlength=customers * wide)
    return counts.reshape(customers, wide).cumsum(axis=1, dtype=np.int32)[:, :-1]


def _rows(orders, shares, ties, joined, kept, *, weeks: int, seen_weeks: int) -> dict[str, np.ndarray]:
    customers = len(joined)
    bought, posted = _counts(orders, customers, weeks), _counts(shares, customers, weeks)
    last = _last_before(orders, customers)
    parts = []
    for week in range(weeks):
        now = week + LOOK_BACK
        here = np.flatnonzero(kept & (joined < week))
        holds = ties[(ties["since"] <= week) & (ties["until"] > week)]
        a, b = holds["a"].to_numpy(), holds["b"].to_numpy()
        post = posted[:, now] - posted[:, now - seen_weeks]
        early = posted[:, now - seen_weeks] - posted[:, now - LOOK_BACK]
        # Not the weeks right after: what a customer buys and shares moves friends to share in those.
        end = now + 1 + 2 * seen_weeks
        ahead = (
            posted[:, end] - posted[:, end - seen_weeks]
            if end < posted.shape[1]
            else np.full(customers, np.nan)
        )
        of_friends = [_of_friends(values, a, b)[here] for values in (post, early, ahead, np.ones(customers))]
        buys = bought[:, now + 1] > bought[:, now]
        past = [bought[here, now - back] for back in (0, seen_weeks, LOOK_BACK)]
        history = _history(week - joined[here], past, week - last[here], early[here], of_friends[3])
        parts.append(
            {
                "customer": here, "week": np.full(len(here), week), "bought": buys[here].astype(float),
                "seen": of_friends[0], "usual": of_friends[1], "coming": of_friends[2],
                "own": (post[here] > 0).astype(float), "history": history,
            }
        )  # fmt: skip
        last = np.where(buys, week, last)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _last_before(orders: pd.DataFrame, customers: int) -> np.ndarray:
    last = np.full(customers, -np.inf)
    before = orders[orders["week"] < 0]
    np.maximum.at(last, before["customer"].to_numpy(), before["week"].to_numpy(float))
    return last


def _of_friends(values: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.bincount(a, values[b], len(values)) + np.bincount(b, values[a], len(values))


def _history(tenure, past, gap, shared_early, friends) -> np.ndarray:
    """What predicts buying: how often, how recently, since when (and their products), own shares, friends."""
    orders, before_recent, before_quarter = past
    gap = np.minimum(gap, LONGEST_GAP)
    n, t, r = np.log1p(orders), np.log1p(np.maximum(tenure, 0)), np.log(np.maximum(gap, 1))
    f = np.log1p(friends)
    columns = (
        n, t, r, n**2, t**2, r**2, n * t, n * r, t * r, orders == 0, orders == 1, gap <= 1,
        gap >= LONGEST_GAP, orders / (np.maximum(tenure, 0) + 1), np.log1p(orders - before_quarter),
        orders > before_recent, np.log1p(shared_early), f, f**2,
    )  # fmt: skip
    return np.column_stack(columns).astype(float)
