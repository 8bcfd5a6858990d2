"""From which month on a first order in the data is a first order at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import complete_months, month_start, seen_until
from helpers.data.crowded_moment import commonest_moments, crowd_of
from helpers.data.purchase_history import DAY_SECONDS, order_days
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

EARLY_COHORTS = 3  # beyond them few customers have orders older than the data
LEAST_OTHERS = 6
LARGE_BEGIN = 3  # times the usual month's new customers
MADE_OF_ORDERS = 0.99  # of customers joined at their very first order
OLD_SHARE = 0.01  # so few early customers from before the data do not move a percentage that is shown


@dataclass(frozen=True, kw_only=True)
class Newness:
    """Which monthly cohorts hold newcomers.

    since: the first such month (its first moment). kind: "joined" where the dates of joining show it, "left
    out" where early cohorts are dropped, "first seen" where neither is possible. older: share of the early
    customers not known to have joined in the data's time. early: the cohorts dropped, first and last.
    """

    since: pd.Timestamp
    kind: str
    older: float
    early: tuple[pd.Timestamp, pd.Timestamp] | None = None

    @property
    def known(self) -> bool:
        """Whether customers of the cohorts are new as far as can be told."""
        return self.kind != "first seen"


def newness(shop: Shop, cohorts: pd.Series) -> Newness:
    """Return the first cohort whose customers are new as far as can be told.

    cohorts: months with a first order in the data (their first moments, rising, at least one).
    """
    early = cohorts.iloc[:EARLY_COHORTS]
    older = _older_share(shop, before=early.iloc[-1] + pd.DateOffset(months=1))
    if older <= OLD_SHARE:
        return Newness(since=cohorts.iloc[0], kind="joined", older=older)
    if len(cohorts) >= EARLY_COHORTS + LEAST_OTHERS:
        ends = (early.iloc[0], early.iloc[-1])
        return Newness(since=cohorts.iloc[EARLY_COHORTS], kind="left out", older=older, early=ends)
    return Newness(since=cohorts.iloc[0], kind="first seen", older=older)


def _older_share(shop: Shop, *, before: pd.Timestamp) -> float:
    """Of the customers first seen before a moment, the share not known to have joined in the data's time."""
    orders = dated_purchases(shop)
    first = orders.group_by("customer_id").agg(first_at=shop.local(orders.placed_at).min())
    if shop.once("joined at the first order", lambda: _made_of_orders(shop)):
        return 1.0
    begin = pd.Timestamp(first.first_at.min().execute()).normalize().to_pydatetime()
    rows = first.filter(first.first_at < before.to_pydatetime())
    rows = rows.left_join(shop["customers"].select("customer_id", "joined_at"), "customer_id")
    older = rows.joined_at.isnull() | (shop.local(rows.joined_at) < begin)
    imported = crowd_of(commonest_moments(shop["customers"], "joined_at").to_pandas())
    if imported is not None:  # the day of an import is when nobody joined
        older = older | (rows.joined_at == imported.at.to_pydatetime())
    return float(older.cast("int64").mean().execute())


def _made_of_orders(shop: Shop) -> bool:
    """Whether dates of joining tell nothing: all are that of the first order, and a crowd comes first."""
    orders = dated_purchases(shop)
    first = orders.group_by("customer_id").agg(first_at=orders.placed_at.min())
    rows = first.left_join(shop["customers"].select("customer_id", "joined_at"), "customer_id")
    months = rows.group_by(month=shop.local(rows.first_at).truncate("M")).agg(
        new=rows.count(), same=(rows.joined_at == rows.first_at).cast("int64").sum()
    )
    frame = months.order_by("month").to_pandas()
    later = frame["new"].iloc[EARLY_COHORTS:]
    if len(later) < LEAST_OTHERS or frame["same"].sum() < MADE_OF_ORDERS * frame["new"].sum():
        return False
    return bool(frame["new"].iloc[:EARLY_COHORTS].max() > LARGE_BEGIN * later.median())


def newcomer_spend(shop: Shop, *, days: int) -> pd.DataFrame:
    """Return what newcomers spent within so many days of their first order, one row a customer.

    cohort (month of the first order), cents. Only whole months of newcomers, each customer of which was
    watched for all those days. Raises CannotAnswer where nobody can be told to be new.
    """
    months = complete_months(shop)
    if not len(months):
        raise CannotAnswer(WORDS.text("no whole month"))
    bought = order_days(shop)
    own = bought.group_by("customer_id").mutate(first_day=bought.day.min())
    spent = own.spend_cents.sum(where=own.day < own.first_day + days)
    frame = own.group_by("customer_id").agg(first_day=own.first_day.min(), cents=spent).to_pandas()
    frame["cohort"] = pd.to_datetime(frame["first_day"], unit="D").dt.to_period("M").dt.to_timestamp()
    end = (pd.Timestamp(seen_until(shop)) - pd.Timestamp(0)) // pd.Timedelta(seconds=DAY_SECONDS)
    last_of_month = (frame["cohort"] + pd.offsets.MonthEnd(0) - pd.Timestamp(0)) // pd.Timedelta(days=1)
    watched = (last_of_month + days <= end) & (frame["cohort"] >= pd.Timestamp(month_start(months.start)))
    cohorts = pd.Series(np.sort(frame.loc[watched, "cohort"].unique()))
    if cohorts.empty:
        raise CannotAnswer(WORDS.text("no month watched", days=days))
    new = newness(shop, cohorts)
    if not new.known:
        raise CannotAnswer(WORDS.text("earliest look new"))
    kept = frame[watched & (frame["cohort"] >= new.since)]
    return kept[["cohort", "cents"]].reset_index(drop=True)
