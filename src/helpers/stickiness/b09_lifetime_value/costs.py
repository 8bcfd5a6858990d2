"""The costs of B9: what winning and keeping a customer cost, and what a new one spends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from ibis.expr.types import Table
from scipy.stats import norm

from helpers.data.purchase_history import day_number
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import Finding, Verdict, words_beside
from helpers.report.formats import count
from methods.customers.value_model import Forecast, newcomer
from methods.intervals.estimates import Interval, ratio_of_sums

WORDS = words_beside(__file__)


def cost_findings(
    shop: Shop, ahead: Forecast, history: pd.DataFrame, *, since: int, level: float
) -> tuple[Finding, ...]:
    """Return what a new customer spends within the horizon, beside what winning and keeping cost.

    since: the day (whole days since 1970-01-01) from which costs are counted.
    """
    currency, days = shop.currency, ahead.horizon_days
    winning = winning_cost(shop, first_day=since, level=level)
    keeping = keeping_cost(shop, first_day=since, level=level)
    amounts = {
        "B9.newcomer_value": (
            newcomer_worth(ahead, history),
            f"{currency} in the first {count(days, 'day')}",
        ),
        "B9.winning_cost": (winning, f"{currency} a customer won"),
        "B9.keeping_cost": (keeping, f"{currency} a customer who came back"),
    }
    costs = [_cost(id, amount, unit, currency=currency, days=days) for id, (amount, unit) in amounts.items()]
    return (*costs, _ratio(winning, keeping, level=level))


def _cost(id: str, amount: Interval | None, unit: str, *, currency: str, days: int) -> Finding:
    if amount is None:
        return WORDS.skip(id, WORDS.text(f"without {id}"))
    method = WORDS.text(f"method of {id}")
    return WORDS.finding(id, amount, scale=0.01, unit=unit, method=method, currency=currency, days=days)


def _ratio(winning: Interval | None, keeping: Interval | None, *, level: float) -> Finding:
    if winning is None or keeping is None or keeping.low <= 0 or winning.estimate <= 0:
        reason = "the cost of winning or that of keeping a customer is not known."
        return WORDS.skip("B9.winning_over_keeping", reason)
    ratio = winning.estimate / keeping.estimate
    halves = [(one.high - one.low) / (2 * one.estimate) for one in (winning, keeping)]
    log_half = float(np.hypot(halves[0], halves[1]))
    spread = float(np.exp(log_half))
    low, high = ratio / spread, ratio * spread
    z = abs(np.log(ratio)) / log_half * norm.ppf(0.5 + level / 2) if log_half > 0 else 0.0
    return WORDS.finding(
        "B9.winning_over_keeping",
        Interval(estimate=ratio, low=low, high=high, n=keeping.n, level=level),
        method=WORDS.text("ratio"),
        assumptions=(WORDS.text("coupons only"),),
        verdict=_dearer(low, high),
        p_value=float(2 * norm.sf(z)),
    )


def _dearer(low: float, high: float) -> Verdict:
    """Whether winning costs more than keeping: supported, contradicted or not settled."""
    if low == high or low <= 1 <= high:
        return "not settled"
    return "supported" if low > 1 else "contradicted"


def newcomer_worth(ahead: Forecast, history: pd.DataFrame) -> Interval | None:
    """Return the worth of a first purchase and those to follow within the horizon, in hundredths.

    Errors are joined as independent. None without prices.
    """
    if ahead.spend is None:
        return None
    later, error = newcomer(ahead)
    each = float(ahead.spend.expected(np.zeros(1), np.zeros(1))[0])
    first = history["first_spend_cents"].dropna()
    worth = float(first.mean()) + later * each
    spread = [first.sem(), error * each, later * each * ahead.spend.relative_error]
    half = 1.96 * float(np.sqrt(np.square(spread).sum()))
    return Interval(estimate=worth, low=worth - half, high=worth + half, n=len(history))


def winning_cost(shop: Shop, *, first_day: int, level: float = 0.95) -> Interval | None:
    """Return the mean acquisition cost of customers whose first purchase is on or after `first_day`.

    In hundredths of the shop's currency. None when the shop does not record it for two such customers.
    """
    if shop.missing("customers.acquisition_cost_cents"):
        return None
    first = _first_days(shop)
    rows = first.filter(first.first_day >= first_day).join(
        shop["customers"].select("customer_id", "acquisition_cost_cents"), "customer_id"
    )
    costs = rows.filter(rows.acquisition_cost_cents.notnull()).acquisition_cost_cents.to_pandas()
    return _mean(costs.to_numpy(dtype=float), level=level)


def keeping_cost(shop: Shop, *, first_day: int, level: float = 0.95) -> Interval | None:
    """Return the worth of coupons used per customer who came back on or after `first_day`, in hundredths.

    None when the shop has no coupons that name their order, or fewer than two customers came back.
    """
    if shop.missing("coupons.redeemed_order_id"):
        return None
    orders, first = dated_purchases(shop), _first_days(shop)
    orders = orders.select("order_id", "customer_id", day=day_number(shop, orders.placed_at))
    later = orders.join(first, "customer_id")
    later = later.filter((later.day > later.first_day) & (later.day >= first_day))
    coupons = shop["coupons"]
    used = coupons.filter(coupons.redeemed_order_id.notnull())
    used = used.group_by(order_id=used.redeemed_order_id).agg(worth_cents=used.worth_cents.sum())
    paid = later.left_join(used, "order_id").drop("order_id_right")
    own = paid.group_by("customer_id").agg(cost=paid.worth_cents.fill_null(0).sum()).cost.to_pandas()
    return _mean(own.to_numpy(dtype=float), level=level)


def _first_days(shop: Shop) -> Table:
    orders = dated_purchases(shop)
    days = orders.select("customer_id", day=day_number(shop, orders.placed_at))
    return days.group_by("customer_id").agg(first_day=days.day.min())


def _mean(values: np.ndarray, *, level: float) -> Interval | None:
    return ratio_of_sums(values, np.ones(len(values)), level=level) if len(values) > 1 else None
