"""The costs of B9: what winning and keeping a customer cost, and what a new one spends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ibis.expr.types import Table

from helpers.data.newcomers import newcomer_spend
from helpers.data.purchase_forecast import PurchaseForecast
from helpers.data.purchase_history import day_number
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, words_beside
from helpers.report.formats import count
from methods.intervals.estimates import Interval, above_zero, ratio_of_sums

WORDS = words_beside(__file__)
LEAST_COHORTS = 3
_SHORTER_DAYS = (182, 91, 30)


def cost_findings(
    shop: Shop, ahead: PurchaseForecast, *, horizon_days: int, keeping_costs: float, level: float
) -> tuple[Finding, ...]:
    """Return what a new customer spends within the horizon, beside what winning and keeping cost.

    Costs are counted over the last `horizon_days`. keeping_costs: what a customer who came back cost in them
    beside coupons, in the shop's money, declared; below 0: unknown.
    """
    currency, since = shop.currency, ahead.until - horizon_days
    winning = winning_cost(shop, first_day=since, level=level)
    keeping = keeping_cost(shop, first_day=since, level=level)
    amounts = {
        "B9.winning_cost": (winning, WORDS.label("a customer won", currency=currency)),
        "B9.keeping_cost": (keeping, WORDS.label("a customer who came", currency=currency)),
    }
    costs = [_cost(id, amount, unit, currency=currency) for id, (amount, unit) in amounts.items()]
    newcomer = _newcomer(shop, days=horizon_days, level=level)
    first = _mean(_coupons_of(shop, first_day=since, later=False), level=level)
    return (newcomer, *costs, _ratio(winning, first, keeping, other_cents=100 * keeping_costs, level=level))


def _newcomer(shop: Shop, *, days: int, level: float) -> Finding:
    try:
        worth, seen = newcomer_worth(shop, days=days, level=level)
    except CannotAnswer as limit:
        return WORDS.skip("B9.newcomer_value", str(limit))
    return WORDS.finding(
        "B9.newcomer_value",
        worth,
        scale=0.01,
        unit=WORDS.label("in the first", currency=shop.currency, seen=count(seen, "day")),
        method=WORDS.text("method of B9.newcomer_value"),
        currency=shop.currency,
        days=seen,
    )


def _cost(id: str, amount: Interval | None, unit: str, *, currency: str) -> Finding:
    if amount is None:
        return WORDS.skip(id, WORDS.text(f"without {id}"))
    method = WORDS.text(f"method of {id}")
    return WORDS.finding(id, amount, scale=0.01, unit=unit, method=method, currency=currency)


def _ratio(
    winning: Interval | None,
    first: Interval | None,
    keeping: Interval | None,
    *,
    other_cents: float,
    level: float,
) -> Finding:
    """All that winning cost, channel and first coupons, over all that keeping cost; like costs or nothing."""
    if winning is None or first is None or keeping is None or keeping.low <= 0 or winning.estimate <= 0:
        return WORDS.skip("B9.winning_over_keeping", WORDS.text("no costs"))
    if other_cents < 0:
        return WORDS.skip("B9.winning_over_keeping", WORDS.text("unlike costs"))
    won, kept = winning.estimate + first.estimate, keeping.estimate + other_cents
    ratio = won / kept
    off_won = np.hypot(winning.high - winning.low, first.high - first.low) / (2 * won)
    spread = float(np.exp(np.hypot(off_won, (keeping.high - keeping.low) / (2 * kept))))
    return WORDS.finding(
        "B9.winning_over_keeping",
        Interval(estimate=ratio, low=ratio / spread, high=ratio * spread, n=keeping.n, level=level),
        method=WORDS.text("ratio"),
        assumptions=(WORDS.text("declared costs", other=other_cents / 100),),
    )


def newcomer_worth(shop: Shop, *, days: int, level: float) -> tuple[Interval, int]:
    """Return what newcomers spent within `days` of their first order (hundredths), and in how many days.

    Only monthly cohorts whose start is in the data and which were watched whole, at least LEAST_COHORTS of
    them; the days are cut to what so many cohorts allow. Cohorts differ by more than
    their customers do, so they are what the interval counts (ratio of sums, clusters are cohorts).
    Raises CannotAnswer with the reason.
    """
    if shop.missing("order_lines.unit_price_cents"):
        raise CannotAnswer(WORDS.text("without B9.newcomer_value"))
    for tried in dict.fromkeys((days, *(shorter for shorter in _SHORTER_DAYS if shorter < days))):
        try:
            spent = newcomer_spend(shop, days=tried)
        except CannotAnswer as limit:
            reason = str(limit)
            continue
        by_cohort = spent.groupby("cohort")["cents"].agg(["sum", "size"])
        if len(by_cohort) >= LEAST_COHORTS:
            worth = ratio_of_sums(by_cohort["sum"], by_cohort["size"], level=level)
            return replace(above_zero(worth), n=len(spent)), tried
        reason = WORDS.text("few cohorts", cohorts=len(by_cohort), days=tried, least=LEAST_COHORTS)
    raise CannotAnswer(reason)


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
    return _mean(_coupons_of(shop, first_day=first_day, later=True), level=level)


def _coupons_of(shop: Shop, *, first_day: int, later: bool) -> np.ndarray:
    """Worth of the coupons that each customer used from `first_day` on, then first or again."""
    if shop.missing("coupons.redeemed_order_id"):
        return np.empty(0)
    orders, first = dated_purchases(shop), _first_days(shop)
    orders = orders.select("order_id", "customer_id", day=day_number(shop, orders.placed_at))
    bought = orders.join(first, "customer_id")
    chosen = bought.filter(((bought.day > bought.first_day) == later) & (bought.day >= first_day))
    coupons = shop["coupons"]
    used = coupons.filter(coupons.redeemed_order_id.notnull())
    used = used.group_by(order_id=used.redeemed_order_id).agg(worth_cents=used.worth_cents.sum())
    paid = chosen.left_join(used, "order_id").drop("order_id_right")
    own = paid.group_by("customer_id").agg(cost=paid.worth_cents.fill_null(0).sum()).cost.to_pandas()
    return own.to_numpy(dtype=float)


def _first_days(shop: Shop) -> Table:
    orders = dated_purchases(shop)
    days = orders.select("customer_id", day=day_number(shop, orders.placed_at))
    return days.group_by("customer_id").agg(first_day=days.day.min())


def _mean(values: np.ndarray, *, level: float) -> Interval | None:
    return ratio_of_sums(values, np.ones(len(values)), level=level) if len(values) > 1 else None
