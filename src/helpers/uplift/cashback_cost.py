"""What an added order costs when every order is paid for, those included that would have come anyway."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import Finding
from helpers.uplift.group_trial import GroupTrial
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes
from methods.regression.clustered import ratio_of_contrasts
from methods.regression.covariates import Covariates
from methods.trials.encouragement import complier_effect

NO_RECORD = (
    "Not answered in money: the data do not say what the cashback paid, for redeemed circle coupons do not "
    "differ between the arms. The cost is the number of orders paid for each one added, times what one order "
    "was paid; give the latter as the parameter cashback_cents."
)
NOT_ADDED = (
    "Not answered: the test does not show that the cashback added any order, so the cost of an added one has "
    "no bound."
)
# Who orders more also redeems a little more by chance: only what leaves no doubt is a record of the payment.
BEYOND_DOUBT = 0.001
WORTH = ("coupons.worth_cents", "coupons.redeemed_order_id")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Orders paid for per order added, and money per order added.

    paid_orders: (estimate, low, high), ends infinite where nothing bounds them. cents: the same in
    hundredths, None where the data hold no payment. source: where the payment was read.
    """

    paid_orders: tuple[float, float, float]
    cents: tuple[float, float, float] | None
    source: str

    @property
    def is_bounded(self) -> bool:
        """Whether the cashback added orders, so that a cost of each exists."""
        return _bounded(self.paid_orders)


def added_cost(shop: Shop, trial: GroupTrial, orders: np.ndarray, *, cashback_cents: int) -> Cost:
    """Return the cost of an added order.

    orders: (rows,) bought in the window. cashback_cents: paid on each order of the cashback arm, or 0.
    Orders with cashback over orders added: (a + b) / b of the adjusted means, Fieller's interval.
    Raises ValueError on a negative amount.
    """
    if cashback_cents < 0:
        raise ValueError(f"cashback_cents {cashback_cents} must be 0 (read it from the coupons) or more")
    fit = trial.fit(orders)
    unit = np.eye(len(fit.coefficients))
    paid_orders = ratio_of_contrasts(fit, unit[0] + unit[1], unit[1])
    if cashback_cents:
        cents = tuple(cashback_cents * value for value in paid_orders)
        return Cost(paid_orders=paid_orders, cents=cents, source="the amount given")
    return Cost(paid_orders=paid_orders, cents=_from_coupons(shop, trial, orders), source="redeemed coupons")


def _from_coupons(shop: Shop, trial: GroupTrial, orders: np.ndarray) -> tuple[float, float, float] | None:
    """Worth of circle coupons redeemed in the window, in so far as the cashback arm redeemed more of it."""
    if shop.missing(*WORTH):
        return None
    paid = _redeemed(shop, trial)
    if (
        trial.p_value(paid) > BEYOND_DOUBT
        or trial.effect(paid).estimate < 0
        or not excludes(trial.effect(orders), 0)
    ):
        return None
    columns = Covariates(matrix=trial.covariates, names=trial.names, sources=trial.names, dropped=())
    moved = complier_effect(
        trial.frame.assign(paid=paid, orders=orders), outcome="paid", treatment="orders",
        instrument="treated", covariates=columns, cluster="group",
    )  # fmt: skip
    return moved.effect.estimate, moved.low, moved.high


def _redeemed(shop: Shop, trial: GroupTrial) -> np.ndarray:
    coupons, orders = shop["coupons"], shop["orders"]
    circle = coupons.filter((coupons.source == "circle") & coupons.redeemed_order_id.notnull())
    rows = circle.select("worth_cents", order_id=circle.redeemed_order_id)
    rows = rows.join(orders.select("order_id", "customer_id", "placed_at"), "order_id").execute()
    merged = trial.frame[["customer_id", "landmark_at"]].merge(rows, on="customer_id", how="left")
    since = merged["placed_at"] - merged["landmark_at"]
    inside = (since > pd.Timedelta(0)) & (since <= pd.Timedelta(days=trial.outcome_days))
    worth = merged["worth_cents"].astype("Float64").fillna(0.0).astype(float) * inside
    return worth.groupby(merged["customer_id"]).sum().reindex(trial.frame["customer_id"]).to_numpy()


def cost_findings(shop: Shop, trial: GroupTrial, cost: Cost, about: dict) -> tuple[Finding, ...]:
    """Return how many orders are paid for each added, and its price where the data or the caller know it."""
    if not cost.is_bounded:
        return (
            _skip("A5.paid_per_added_order", NOT_ADDED, about),
            _skip("A5.cost_per_added_order", NOT_ADDED, about),
        )
    value, low, high = cost.paid_orders
    assumptions = ("every order of the cashback arm is paid", "the groups' arms were drawn at random")
    paid = Finding(
        id="A5.paid_per_added_order",
        estimate=value,
        low=low,
        high=high,
        unit="orders paid per added order",
        method="adjusted mean orders with cashback over orders added; Fieller's interval, CR2 by group",
        assumptions=assumptions,
        reading=(
            f"Cashback is paid on {value:.1f} orders ({low:.1f} to {high:.1f}) for each one it adds: of 100 "
            f"paid, {100 * (1 - 1 / value):.0f} ({100 * (1 - 1 / low):.0f} to {100 * (1 - 1 / high):.0f}) "
            "would have come anyway."
        ),
        **about,
    )
    if cost.cents is None or not _bounded(cost.cents):
        return paid, _skip("A5.cost_per_added_order", NO_RECORD, about)
    money = Interval(
        **dict(zip(("estimate", "low", "high"), cost.cents, strict=True)), n=len(trial.frame)
    ).scaled(0.01)
    return paid, Finding(
        id="A5.cost_per_added_order",
        estimate=money.estimate,
        low=money.low,
        high=money.high,
        unit=shop.currency,
        method=f"cashback paid over orders added; payment from {cost.source}",
        assumptions=assumptions,
        reading=(
            f"An added order cost {money.estimate:.2f} {shop.currency} of cashback ({money.low:.2f} to "
            f"{money.high:.2f}), for those who would have bought anyway are paid too."
        ),
        **about,
    )


def _bounded(numbers: tuple[float, float, float]) -> bool:
    return all(math.isfinite(number) for number in numbers) and numbers[1] > 0


def _skip(name: str, reason: str, about: dict) -> Finding:
    return Finding(
        id=name, requirement=about["requirement"], question=about["question"], status="skipped",
        reason=reason, reading=reason, level=None,
    )  # fmt: skip
