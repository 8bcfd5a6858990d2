"""What customers will probably buy next, and how well the same model foretold days already seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.segments.history import DAYS_A_WEEK, weeks
from methods.customers.bg_nbd import NotEstimable, PurchaseModel, fit_purchases
from methods.customers.gamma_gamma import SpendModel
from methods.customers.lifetime_value import order_worth
from methods.intervals.estimates import Interval, wilson

LATELY_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class HoldOut:
    """Days hidden from the model, foretold from the days before them.

    foretold, actual: purchases of all customers in the hidden days; error: standard error of foretelling.
    days: number of hidden days. customers: those with a purchase before them. buckets: one row a tenth of the
    customers by foretold purchases: foretold, actual (purchases a customer) and the standard error of actual.
    """

    foretold: float
    actual: int
    error: float
    days: int
    customers: int
    buckets: pd.DataFrame

    @property
    def miss(self) -> float:
        """Foretold against actual purchases, as a share of the actual ones; positive is too many."""
        return self.foretold / self.actual - 1

    @property
    def unexplained(self) -> float:
        """The part of the miss, as a share, that the model's own standard error does not explain."""
        return float(np.sqrt(max(self.miss**2 - (self.error / self.actual) ** 2, 0.0)))


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Each buyer's chance of being still a customer, and the purchases and money to come.

    customers: one row a buyer with alive (0 to 1; NaN for those with one purchase, whom the model takes for
    alive by construction), buys (chance of one purchase or more), purchases_to_come, spend_to_come_cents
    (NaN without prices). purchases, money_cents: (total, standard error of foretelling it); money None
    without prices. alive: (mean chance over those who came back, standard error). bought_lately: share of
    them with a purchase in the last LATELY_DAYS. horizon_days: how far it looks.
    """

    customers: pd.DataFrame
    purchases: tuple[float, float]
    money_cents: tuple[float, float] | None
    alive: tuple[float, float]
    bought_lately: Interval
    model: PurchaseModel
    spend: SpendModel | None
    horizon_days: int


def foretell(buyers: pd.DataFrame, *, until: int, horizon_days: int) -> Outlook:
    """Fit the purchase and spend models to customers with a purchase, and look `horizon_days` ahead.

    buyers: rows of `purchase_history` with purchases > 0. Raises NotEstimable with too few returns.
    """
    known = weeks(buyers, until=until)
    model = fit_purchases(known)
    horizon = horizon_days / DAYS_A_WEEK
    ahead = pd.DataFrame(
        {
            "alive": np.where(buyers["purchases"] > 1, model.alive(known), np.nan),
            "buys": model.buys(known, horizon=horizon),
            "purchases_to_come": model.expected(known, horizon=horizon),
        },
        index=buyers.index,
    )
    repeats = buyers["purchases"].to_numpy(dtype=float) - 1
    worth = order_worth(repeats, buyers["repeat_spend_cents"].to_numpy(dtype=float))
    ahead["spend_to_come_cents"] = ahead["purchases_to_come"] * worth.each if worth else np.nan
    return Outlook(
        customers=ahead,
        purchases=model.total(known, horizon=horizon),
        money_cents=worth.total(model, known, horizon=horizon) if worth else None,
        alive=model.alive_share(known),
        bought_lately=_lately(buyers, until),
        model=model,
        spend=worth.model if worth else None,
        horizon_days=horizon_days,
    )


def _lately(buyers: pd.DataFrame, until: int) -> Interval:
    came_back = buyers[buyers["purchases"] > 1]
    return wilson(int((came_back["last_day"] > until - LATELY_DAYS).sum()), len(came_back))


def hold_out(before: pd.DataFrame, *, until: int, days: int) -> HoldOut:
    """Foretell the purchases of the `days` after `until` from what was known then, and compare.

    before: rows of `purchase_history` up to `until` with purchases > 0. Raises NotEstimable when there were
    too few returns before, or no purchases after.
    """
    actual = int(before["purchases_later"].sum())
    if actual == 0:
        raise NotEstimable("nobody bought in the hidden days")
    known = weeks(before, until=until)
    model = fit_purchases(known)
    each = model.expected(known, horizon=days / DAYS_A_WEEK)
    foretold, error = model.total(known, horizon=days / DAYS_A_WEEK)
    rank = pd.Series(each).rank(method="first", pct=True)
    tenth = np.minimum((rank * 10).astype(int), 9).to_numpy()
    pairs = pd.DataFrame({"foretold": each, "actual": before["purchases_later"].to_numpy(dtype=float)})
    return HoldOut(
        foretold=foretold,
        actual=actual,
        error=error,
        days=days,
        customers=len(before),
        buckets=pairs.groupby(tenth).mean().assign(error=pairs.groupby(tenth)["actual"].sem()),
    )
