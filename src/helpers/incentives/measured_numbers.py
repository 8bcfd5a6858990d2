"""Numbers of a scenario that this shop measured: effects of earlier chapters on the scale of a simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from helpers.data.shop_pace import ASKS_WEEKS, CASHBACK_WEEKS, WEEK_DAYS, ShopPace
from helpers.incentives.scenario import Number, Scenario
from helpers.report import Finding

_COUPON_WEEKS, _SIGHT_WEEKS = 8, 4
_VAGUE = 2.0
_PAID = "A5.cost_per_added_order"


def with_measured(scenario: Scenario, findings: Iterable[Finding], pace: ShopPace) -> Scenario:
    """Return the scenario with every number that a finding of this run measures.

    A finding that was withheld or not answered leaves the range as it is, and so does one whose interval is
    more than twice as wide as the range: it knows less than the range says.
    """
    answered = (one for one in findings if one.status == "answered")
    known = {f"{one.id}: {one.segment}" if one.segment else one.id: one for one in answered}

    def taken(number: Number) -> Number:
        finding, turn = known.get(number.measured_by), _TURNED.get(number.measured_by)
        if finding is None or turn is None:
            return number
        low, likely, high = (
            turn(value, pace) for value in (finding.ends[0], finding.estimate or 0.0, finding.ends[1])
        )
        if high - low > _VAGUE * (number.high - number.low):
            return number
        return number.measured(low, likely, high, source=finding.id)

    return scenario.with_numbers(taken)


def with_payments(scenario: Scenario, findings: Iterable[Finding], *, order_value: float) -> Scenario:
    """Return the scenario with the cashback that this shop pays, as a part of an order's value.

    A5 tells what an added order cost and on how many orders cashback was paid for each: their ratio is what
    one paid order gets. order_value: in the shop's money; nan where it has no prices.
    """
    known = {one.id: one.estimate for one in findings if one.status == "answered"}
    cost, orders = known.get(_PAID), known.get("A5.paid_per_added_order")
    if cost is None or not orders or not np.isfinite(order_value):
        return scenario
    part = cost / orders / order_value

    def taken(number: Number) -> Number:
        return number.measured(part, part, part, source=_PAID) if number.measured_by == _PAID else number

    return scenario.with_numbers(taken)


def _own_share(percent: float, pace: ShopPace) -> float:
    """From % more who buy again to the log of the rate."""
    return percent / 100 * pace.again * _slope(pace)


def _coupon(points: float, pace: ShopPace) -> float:
    """From points more who buy again; the coupon holds for 8 weeks of the outcome's days."""
    return points / 100 * _slope(pace) * pace.outcome_days / (_COUPON_WEEKS * WEEK_DAYS)


def _slope(pace: ShopPace) -> float:
    """How far the log of a steady rate moves when the share who buy moves by 1 (to first order)."""
    return float(np.exp(pace.hazard) / pace.hazard)


def _cashback(orders_per_100: float, pace: ShopPace) -> float:
    """From orders that 100 customers add in 8 weeks."""
    return _more_orders(orders_per_100, pace.cashback_orders, CASHBACK_WEEKS * pace.orders)


def _asks(orders_per_100: float, pace: ShopPace) -> float:
    """From orders that requests to share add to 100 customers in 12 weeks."""
    return _more_orders(orders_per_100, pace.asks_orders, ASKS_WEEKS * pace.orders)


def _more_orders(orders_per_100: float, control: float, otherwise: float) -> float:
    return _log1p(orders_per_100 / (100 * (control if np.isfinite(control) else otherwise)))


def _sight(orders_per_100: float, pace: ShopPace) -> float:
    """From friends' orders that go with 100 shares, over the 4 weeks in which a share works."""
    return _log1p(orders_per_100 / 100 / (pace.friends * _SIGHT_WEEKS * pace.orders))


def _log1p(value: float) -> float:
    return float(np.log1p(max(value, -0.95)))


_TURNED: dict[str, Callable[[float, ShopPace], float]] = {
    "A1.relative_uplift_sharers": _own_share,
    "A4.coupon_at_threshold": _coupon,
    "A5.added_orders": _cashback,
    "A8.friends_orders_per_100_shares": _sight,
    "E2.orders: ask_6": _asks,
}
