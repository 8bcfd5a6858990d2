"""What an added order costs when every order is paid for, those included that would have come anyway."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes
from methods.regression.clustered import ratio_of_contrasts
from methods.regression.covariates import Covariates
from methods.trials.cluster_trial import ClusterTrial
from methods.trials.encouragement import complier_effect

# Who orders more also redeems a little more by chance: only what leaves no doubt is a record of the payment.
BEYOND_DOUBT = 0.001
WORTH = ("coupons.worth_cents", "coupons.redeemed_order_id")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Orders paid for per order added, and money per order added.

    paid_orders: ends are infinite where nothing bounds them. cents: the same in hundredths, None where the
    data hold no payment. source: where the payment was read.
    """

    paid_orders: Interval
    cents: Interval | None
    source: str

    @property
    def is_bounded(self) -> bool:
        """Whether the cashback added orders, so that a cost of each exists."""
        return is_bounded(self.paid_orders)


def is_bounded(value: Interval) -> bool:
    """Whether both ends are numbers and the low one is above nil."""
    return all(map(math.isfinite, (value.estimate, value.low, value.high))) and value.low > 0


def added_cost(
    shop: Shop, frame: pd.DataFrame, trial: ClusterTrial, *, outcome_days: int, cashback_cents: int
) -> Cost:
    """Return the cost of an added order.

    frame, trial: of `group_trials`. cashback_cents: paid on each order of the cashback arm, or 0 to read it
    from redeemed circle coupons. Orders with cashback over orders added: (a + b) / b of the adjusted means,
    Fieller's interval. Raises ValueError on a negative amount.
    """
    if cashback_cents < 0:
        raise ValueError(f"cashback_cents {cashback_cents} must be 0 (read it from the coupons) or more")
    orders = frame["orders_after"].to_numpy(dtype=float)
    fit = trial.fit(orders)
    unit = np.eye(len(fit.coefficients))
    paid = _interval(ratio_of_contrasts(fit, unit[0] + unit[1], unit[1]), len(frame))
    if cashback_cents:
        return Cost(paid_orders=paid, cents=paid.scaled(cashback_cents), source="the amount given")
    cents = _from_coupons(shop, frame, trial, orders, outcome_days)
    return Cost(paid_orders=paid, cents=cents, source="redeemed coupons")


def _interval(numbers: tuple[float, float, float], rows: int) -> Interval:
    return Interval(**dict(zip(("estimate", "low", "high"), numbers, strict=True)), n=rows)


def _from_coupons(
    shop: Shop, frame: pd.DataFrame, trial: ClusterTrial, orders: np.ndarray, outcome_days: int
) -> Interval | None:
    """Worth of circle coupons redeemed in the window, in so far as the cashback arm redeemed more of it."""
    if shop.missing(*WORTH):
        return None
    paid = _redeemed(shop, frame, outcome_days)
    if (
        trial.p_value(paid) > BEYOND_DOUBT
        or trial.effect(paid).estimate < 0
        or not excludes(trial.effect(orders), 0)
    ):
        return None
    columns = Covariates(matrix=trial.covariates, names=trial.names, sources=trial.names, dropped=())
    moved = complier_effect(
        frame.assign(paid=paid, orders=orders), outcome="paid", treatment="orders",
        instrument="treated", covariates=columns, cluster="group",
    )  # fmt: skip
    return _interval((moved.effect.estimate, moved.low, moved.high), len(frame))


def _redeemed(shop: Shop, frame: pd.DataFrame, outcome_days: int) -> np.ndarray:
    coupons, orders = shop["coupons"], shop["orders"]
    circle = coupons.filter((coupons.source == "circle") & coupons.redeemed_order_id.notnull())
    rows = circle.select("worth_cents", order_id=circle.redeemed_order_id)
    rows = rows.join(orders.select("order_id", "customer_id", "placed_at"), "order_id").execute()
    merged = frame[["customer_id", "landmark_at"]].merge(rows, on="customer_id", how="left")
    since = merged["placed_at"] - merged["landmark_at"]
    inside = (since > pd.Timedelta(0)) & (since <= pd.Timedelta(days=outcome_days))
    worth = merged["worth_cents"].astype("Float64").fillna(0.0).astype(float) * inside
    return worth.groupby(merged["customer_id"]).sum().reindex(frame["customer_id"]).to_numpy()
