"""The truth of who the customers are: who has left and why, what is still to come, what a new circle does."""

from __future__ import annotations

import numpy as np

from market import settings
from market.aftermath import ASKED_DAYS, ASKED_FROM_DAYS, LEAVING_REASONS, leaving_chances
from market.settings import CANCEL_PROBABILITY
from market.world import History, World, order_probability

_OUTLOOK_DAYS = 90


def customer_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return the share still alive, orders to come, reasons of leaving, and the fall after a change."""
    return {**_amounts_to_come(world, history), **_reasons(world, history), **_change_of_circle(history)}


def _purchases(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Days with a purchase and day of the last one (-1: none) of each customer, on the habit clock."""
    orders, customers = history.log["orders"], len(history.alive)
    kept = ~orders["cancelled"]
    who, day = orders["customer"][kept], orders["day"][kept]
    last = np.full(customers, -1.0)
    np.maximum.at(last, who, day)
    return np.bincount(who, minlength=customers), last


def _amounts_to_come(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Everybody goes on at the pace of the day after the end; who leaves after a purchase is gone."""
    count, _ = _purchases(history)
    past = history.snapshots[settings.WEEKS]
    own = past["boost"] * (past["boost_until"] >= settings.WEEKS)
    own = own + world.effects.coupon * (past["coupon_until"] >= settings.WEEKS)
    weekly = (1.0 - CANCEL_PROBABILITY) * order_probability(history.outside[settings.WEEKS - 1] + own, 1.0)
    dropout = np.maximum(world.people.dropout, 1e-9)
    ahead = history.alive * -np.expm1(_OUTLOOK_DAYS / 7 * np.log1p(-weekly * dropout)) / dropout
    bought = count > 0
    return {
        "C1.alive_share": 100.0 * history.alive[count > 1].mean(),
        "C1.expected_orders": {f"{_OUTLOOK_DAYS} days": 100.0 * ahead[bought].mean()},
    }


def _reasons(world: World, history: History) -> dict[str, dict[str, float]]:
    """Shares of the reasons among those who left, each counted by the chance to be asked before the end."""
    _, last = _purchases(history)
    left = np.flatnonzero(~history.alive & (last >= 0))
    asked = ((settings.DAYS - ASKED_FROM_DAYS - last[left]) / ASKED_DAYS).clip(0.0, 1.0)
    if not asked.sum():
        return {}
    shares = 100.0 * (asked @ leaving_chances(world, left)) / asked.sum()
    return {"C8.reason_share": dict(zip(LEAVING_REASONS, map(float, shares), strict=True))}


def _change_of_circle(history: History) -> dict[str, float]:
    """Orders in the ten weeks after a change of circle against the same weeks without the fall, in %."""
    with_it, without = history.tally["moved_orders"], history.tally["moved_orders_without"]
    return {"C9.order_change": 100.0 * (with_it / without - 1.0)} if without else {}
