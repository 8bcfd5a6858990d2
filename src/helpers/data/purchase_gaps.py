"""Days from each purchase to the next, and the shop's repurchase cycle: one for all who name a cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data.cohorts import seen_until
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.survival import repurchase_cycle
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")


def purchase_gaps(shop: Shop) -> pd.DataFrame:
    """Return one row a purchase day of a customer: how long until the next one, or until the data end.

    Columns: customer (integer code), begun (day number on the shop's clock), days (integer), arrived (bool),
    first (bool: begun by the customer's first purchase). Several orders on one day are one purchase.
    """
    return shop.once("purchase gaps", lambda: _purchase_gaps(shop)).copy(deep=False)


def _purchase_gaps(shop: Shop) -> pd.DataFrame:
    orders = purchases(shop)
    local = shop.local(orders.placed_at)
    days = orders.select("customer_id", day=(local.epoch_seconds() // 86_400).cast("int64")).distinct()
    frame = days.order_by("customer_id", "day").execute()
    end = (seen_until(shop) - pd.Timestamp(0)) // pd.Timedelta(days=1)
    codes, day = pd.factorize(frame["customer_id"])[0], frame["day"].to_numpy()
    same = codes[1:] == codes[:-1]
    arrived = np.append(same, False)
    # The day on which the data end is not seen, so an open gap was watched until the day before.
    until = np.where(arrived, np.append(day[1:], 0), end - 1)
    return pd.DataFrame(
        {
            "customer": codes,
            "begun": day,
            "days": until - day,
            "arrived": arrived,
            "first": np.append(True, ~same)[: len(day)],
        }
    )


def gaps_until(gaps: pd.DataFrame, *, until: int) -> pd.DataFrame:
    """Return the gaps as they could be seen at the end of the day `until` (day number)."""
    known = gaps[gaps["begun"] <= until]
    watched = until - known["begun"]
    return known.assign(
        days=np.minimum(known["days"], watched), arrived=known["arrived"] & (known["days"] <= watched)
    )


def cycle_of(gaps: pd.DataFrame, *, weights: np.ndarray | None = None) -> float:
    """Return the repurchase cycle of gaps in days, nan when it is not reached; weights: one a customer."""
    own = None if weights is None else weights[gaps["customer"].to_numpy()]
    return repurchase_cycle(gaps["days"], gaps["arrived"], weights=own)


def no_cycle() -> CannotAnswer:
    """Return the refusal where half of the purchases are never followed."""
    return CannotAnswer(WORDS.text("no cycle"))


def known_cycle(gaps: pd.DataFrame) -> float:
    """Return the repurchase cycle of gaps in days; raises CannotAnswer where it is not reached."""
    days = cycle_of(gaps)
    if np.isnan(days):
        raise no_cycle()
    return days
