"""A9, a longer look: did the offer add orders, or only bring forward what would have come anyway?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from helpers.data.experiment import Experiment
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.trials.intention_to_treat import intention_to_treat

TIMES_AS_LONG = 2


def orders_over(shop: Shop, test: Experiment, *, days: int) -> pd.DataFrame:
    """Return customer_id and orders (purchases within so many days of the draw) of those followed as long."""
    table = shop["experiments"]
    drawn = table.filter((table.experiment == test.name) & table.assigned_at.notnull())
    drawn = drawn.select("customer_id", index_at="assigned_at")
    drawn = drawn.mutate(end_at=drawn.index_at + ibis.interval(days=days))
    drawn = drawn.filter(drawn.end_at <= ibis.literal(shop.as_of, type="timestamp(6)"))
    orders = dated_purchases(shop).select("customer_id", "placed_at")
    rows = drawn.left_join(orders, "customer_id").drop("customer_id_right")
    inside = (rows.placed_at > rows.index_at) & (rows.placed_at <= rows.end_at)
    counted = rows.group_by("customer_id").agg(orders=inside.fill_null(False).cast("int64").sum())
    return counted.order_by("customer_id").execute()


@dataclass(frozen=True, kw_only=True)
class LongerLook:
    """What an offer did to orders a customer over a window twice as long; None where too few are followed.

    followed: customers of the offer and the control whose longer window is over.
    """

    days: int
    followed: int
    added: Interval | None

    @property
    def only_sooner(self) -> bool:
        """Whether the offer may have done no more than bring purchases forward."""
        return self.added is None or self.added.low <= 0


def longer_look(
    pair: pd.DataFrame, orders: pd.DataFrame, *, days: int, covariates: Sequence[str]
) -> LongerLook:
    """Compare orders over the longer window, from one row a customer of an offer and of the control.

    orders: see `orders_over`, of the same days.
    """
    frame = pair.merge(orders, on="customer_id").astype({"orders": float})
    try:
        found = intention_to_treat(frame, outcome="orders", treatment="offered", covariates=covariates)
    except CannotAnswer:  # too few of an arm
        return LongerLook(days=days, followed=len(frame), added=None)
    return LongerLook(days=days, followed=len(frame), added=found.effect)
