"""What the orders to come are worth: the purchase model for their number, the spend model for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.customers.bg_nbd import Histories, PurchaseModel
from methods.customers.gamma_gamma import FEWEST_SPENDING, SpendModel, fit_spend
from methods.customers.likelihood_search import NotEstimable


@dataclass(frozen=True, kw_only=True)
class OrderWorth:
    """The spend model and the worth it expects of each customer's next order (float, unit of the spend).

    model: None where every order has cost the same, which needs no model.
    """

    model: SpendModel | None
    each: np.ndarray

    def total(self, purchases: PurchaseModel, known: Histories, *, horizon: float) -> tuple[float, float]:
        """Return the worth of all orders within `horizon` (weeks) and the error of predicting it.

        Orders and their amounts vary, and the mean amount itself is only estimated.
        """
        total, orders_error = purchases.total(known, horizon=horizon, worth=self.each)
        if self.model is None:
            return total, orders_error
        amounts = float(purchases.expected(known, horizon=horizon) @ self.each**2) / self.model.p
        mean_error = total * self.model.relative_error
        return total, float(np.sqrt(orders_error**2 + amounts + mean_error**2))


def order_worth(repeats: np.ndarray, spent: np.ndarray) -> OrderWorth | None:
    """Fit the spend model to customers (orders after the first, and their money; NaN where it is not known).

    One price for everything, as of a subscription, is the worth of the next order too. None where the model
    cannot be estimated, as without prices.
    """
    mean = np.nan_to_num(spent) / np.maximum(repeats, 1)
    paid = mean[mean > 0]
    if len(paid) >= FEWEST_SPENDING and np.ptp(paid) == 0:
        return OrderWorth(model=None, each=np.full(len(mean), paid[0]))
    try:
        model = fit_spend(repeats, mean)
        return OrderWorth(model=model, each=model.expected(np.where(mean > 0, repeats, 0), mean))
    except NotEstimable:
        return None
