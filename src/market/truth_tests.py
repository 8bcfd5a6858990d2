"""The truth of two tests: the cashback drawn by circle and the try-first perk drawn by customer."""

from __future__ import annotations

import numpy as np

from market import settings
from market.settings import CANCEL_PROBABILITY, QUIET_DAYS
from market.world import History, World, order_probability

_KEPT = 1.0 - CANCEL_PROBABILITY
_CLOSED_AFTER_ORDER = QUIET_DAYS**2 / 2.0 / 7.0**2  # part of a week that an order of the week before closes


def cashback_truth(world: World, history: History) -> dict[str, float]:
    """Return the effects of an own cashback on buying and on the orders of its eight weeks."""
    effects, week = world.effects, settings.CASHBACK_WEEK
    had = world.programmes.cashback * effects.cashback
    asked = world.people.joined_week < week
    with_it, without = effects.cashback - had, -had
    gain = window_chance(world, history, week=week, shift=with_it)
    gain -= window_chance(world, history, week=week, shift=without)
    paid = _window_orders(world, history, week=week, shift=with_it)[asked].mean()
    added = paid - _window_orders(world, history, week=week, shift=without)[asked].mean()
    truth = {"A5.cashback_uplift": gain[asked].mean(), "A5.added_orders": 100.0 * added}
    truth |= same_effect("A5", truth["A5.cashback_uplift"])
    if added > 1e-12:
        truth["A5.paid_per_added_order"] = paid / added
        truth["A5.cost_per_added_order"] = paid / added * settings.CASHBACK_PAID_CENTS / 100.0
    return truth


def offer_truth(world: World, history: History) -> dict[str, dict[str, float]]:
    """Return the effects of the try-first perk on buying, by group: finding id and test to the value."""
    outcomes = offer_outcomes(world, history)
    base, keen = 100.0 * outcomes["without"], outcomes["keen"]
    gain = 100.0 * outcomes["offered"] - base
    inside, others = gain[keen].mean(), gain[~keen].mean()
    values = {
        "A9.offer_uplift": gain.mean(),
        **same_effect("A9", gain.mean()),
        "A9.offer_uplift_named": inside,
        "A9.offer_uplift_others": others,
        "A9.segment_difference": inside - others,
        "A9.relative_uplift_named": 100.0 * inside / base[keen].mean(),
        "A9.sample_ratio": 50.0,
    }
    return {name: {"try_first": value} for name, value in values.items()}


def same_effect(requirement: str, effect: float) -> dict[str, float]:
    """Return the truths of a test's decision, looks and margin: all are of its effect on everyone."""
    return {f"{requirement}.{name}": effect for name in ("decision", "while_running", "no_effect")}


def offer_outcomes(world: World, history: History) -> dict[str, np.ndarray]:
    """Return both chances of buying of all in the try-first test, and who had bought lipstick and shared.

    Keys: customer, without, offered (0 to 1), keen.
    """
    week, effects = settings.TRY_FIRST_WEEK, world.effects
    past = history.snapshots[week]
    recent = past["last_day"] >= 7 * (week - 26)
    keen = recent & past["lipstick_bought"] & (past["shares"] > 0)
    full = effects.try_first + effects.try_first_lipstick * keen
    had = full * (recent & world.programmes.try_first)
    without = window_chance(world, history, week=week, shift=-had) / 100.0
    offered = window_chance(world, history, week=week, shift=full - had) / 100.0
    who = np.flatnonzero(recent)
    return {"customer": who, "without": without[who], "offered": offered[who], "keen": keen[who]}


def window_chance(world: World, history: History, *, week: int, shift: np.ndarray) -> np.ndarray:
    """Return the chance (%) of an order within 8 weeks of a Monday, with `shift` added to the log rate."""
    past = history.snapshots[week]
    nothing = np.ones(len(world.people))
    for now in range(week, week + settings.TEST_WEEKS):
        rate = _rate(world, history, past, now, shift)
        chance = order_probability(rate, 1.0 - _closed(past, week) if now == week else 1.0)
        nothing *= 1.0 - _KEPT * chance
    return 100.0 * past["alive"] * (1.0 - nothing)


def _window_orders(world: World, history: History, *, week: int, shift: np.ndarray) -> np.ndarray:
    """Return the expected orders within 8 weeks of a Monday; posts made within them are left out.

    After each order the customer may be gone for good, and part of the next week is closed.
    """
    past = history.snapshots[week]
    ordered, rested = np.zeros(len(world.people)), past["alive"].astype(float)
    total, stays = np.zeros(len(world.people)), 1.0 - world.people.dropout
    for now in range(week, week + settings.TEST_WEEKS):
        rate = _rate(world, history, past, now, shift)
        whole = _KEPT * order_probability(rate, 1.0 - _closed(past, week) if now == week else 1.0)
        part = _KEPT * order_probability(rate, 1.0 - _CLOSED_AFTER_ORDER)
        orders = rested * whole + ordered * part
        total += orders
        ordered, rested = stays * orders, rested * (1.0 - whole) + ordered * (1.0 - part)
    return total


def _rate(world: World, history: History, past: dict, now: int, shift: np.ndarray) -> np.ndarray:
    own = past["boost"] * (now <= past["boost_until"])
    own = own + world.effects.coupon * (now <= past["coupon_until"])
    return history.outside[now] + own + shift


def _closed(past: dict, week: int) -> np.ndarray:
    """Return the part of the first week that an order shortly before it closes."""
    return (past["last_day"] + QUIET_DAYS - 7.0 * week).clip(0.0, 7.0) / 7.0
