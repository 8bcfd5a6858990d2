"""The truth of asking customers to share: what each number of asks brings and costs, what a reminder does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from market import asking
from market.aftermath import LEAVING_SHARES, TIRED, tired_chance
from market.programmes import ASKS, FORCED_ARMS
from market.settings import CANCEL_PROBABILITY, FATIGUE_WEEKS, FORCED_WEEK, QUIET_DAYS, SIZES
from market.state import State
from market.weeks import live, live_again
from market.world import History, World, order_probability

# What E2 reckons with unless told otherwise: margin of a sale, worth of a share, cost of an opt-out, of a tie
MARGIN, SHARE_WORTH, OPT_OUT_COST, TIE_COST = 0.30, 10.0, 5.0, 1.0
_LATER_WEEKS = range(FORCED_WEEK + FATIGUE_WEEKS, FORCED_WEEK + 2 * FATIGUE_WEEKS)
PAST = {"past 7 days": 7, "past 28 days": 28}


def asks_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return what asks do in the 84 days from their draw, by arm, and what reminders do.

    Not given above 100,000 customers.
    """
    if len(world.people) > 5 * SIZES["demo"]:
        return {}
    inside = np.flatnonzero(world.people.joined_week < FORCED_WEEK)
    none, arms = _arm(world, history, inside, 0), {}
    for asks, name in zip(ASKS[1:], FORCED_ARMS[1:], strict=True):
        own = _arm(world, history, inside, asks)
        arms[name] = {key: own[key] - none[key] for key in own}
        anyway = LEAVING_SHARES[TIRED]
        arms[name]["reason_named"] = 100.0 * (anyway + tired_chance(asks) * (1.0 - anyway))
    truth: dict[str, float | dict[str, float]] = {
        f"E2.{key}": {name: arm[key] for name, arm in arms.items()} for key in arms["ask_6"]
    }
    net = [0.0, *(arm["net_value"] for arm in arms.values())]
    return {**truth, "E2.turning_point": float(ASKS[int(np.argmax(net))]), **_reminders(world, history)}


def _arm(world: World, history: History, inside: np.ndarray, asks: int) -> dict[str, float]:
    """Means over the customers of the test if each had this arm and others were as they happened."""
    had = world.programmes.asks
    drawn = np.zeros_like(had)
    drawn[inside] = asks
    beyond = np.maximum(had, 3).astype(float) - np.maximum(drawn, 3)
    shift = {FORCED_WEEK + week: world.effects.fatigue * beyond for week in range(FATIGUE_WEEKS)}
    state = live(world, weeks=FORCED_WEEK).state
    again = replace(world, programmes=replace(world.programmes, asks=drawn))
    purchases, shares = live_again(again, state, history.outside, shift)
    orders, shared = purchases[inside].mean(), shares[inside].mean()
    margin = MARGIN * (purchases * _order_value(world, history))[inside].mean()
    opted_out = float(asking.opt_out_chance(np.array(asks), world.effects.opt_out))
    ties = _ties_ended(world, inside, asks)
    net = margin + SHARE_WORTH * shared - OPT_OUT_COST * opted_out - TIE_COST * ties
    return {
        "shares": 100.0 * shared,
        "orders": 100.0 * orders,
        "margin": margin,
        "opt_outs": 100.0 * opted_out,
        "ties_ended": 100.0 * ties,
        "net_value": net,
        "still_buying": 100.0 * _buys_later(world, history, state)[inside].mean(),
    }


def _order_value(world: World, history: History) -> np.ndarray:
    """What an order of each customer is worth: the mean of those of the customer's type in these weeks."""
    orders, lines = history.log["orders"], history.log["lines"]
    value = np.bincount(lines["order"], lines["quantity"] * lines["price"], len(orders["customer"])) / 100.0
    weeks = (orders["week"] >= FORCED_WEEK) & (orders["week"] < FORCED_WEEK + FATIGUE_WEEKS)
    kind, kept = world.people.type[orders["customer"]], weeks & ~orders["cancelled"]
    many = np.bincount(kind[kept], minlength=5)
    return (np.bincount(kind[kept], value[kept], 5) / np.maximum(many, 1))[world.people.type]


def _ties_ended(world: World, inside: np.ndarray, asks: int) -> float:
    """Ties that asks are expected to end before anything else does, a customer of the test."""
    net, end = world.network, FORCED_WEEK + FATIGUE_WEEKS
    others = world.programmes.asks.astype(float)
    lasts = np.where(
        (net.tie_since < end) & (net.tie_until_unasked > end), asking.lasting_asks(net.tie_since), 0.0
    )
    total = np.zeros(len(world.people))
    for one, other in ((net.a, net.b), (net.b, net.a)):
        chance = -np.expm1(-world.effects.unfriend * lasts * (asks + others[other]))
        total += np.bincount(one, chance, len(total))
    return float(total[inside].mean())


def _buys_later(world: World, history: History, state: State) -> np.ndarray:
    """Chance of a purchase in the 84 days after those of the test, of each customer as the arm left them."""
    nothing = np.ones(len(world.people))
    for week in _LATER_WEEKS:
        rate = history.outside[week] + state.own_boost(week, world.effects.coupon)
        opens = (state.last_day + QUIET_DAYS - 7.0 * week).clip(0.0, 7.0)
        nothing *= 1.0 - (1.0 - CANCEL_PROBABILITY) * order_probability(rate, 1.0 - opens / 7.0)
    return state.alive * (1.0 - nothing)


def _reminders(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """What a reminder adds to sharing, over all moments, and how that goes with reminders before."""
    rows = asking.reminders(world, history)
    if len(rows.customer) < 2:
        return {}
    gain = 100.0 * rows.effect
    slopes = {name: _slope(gain, asked_before(rows, days)) for name, days in PAST.items()}
    return {"E2.prompt_effect": gain.mean(), "E2.prompt_fatigue": slopes}


def asked_before(rows: asking.Prompts, days: float) -> np.ndarray:
    """Return how many reminders each customer had got in so many days before each row."""
    wide = 1e5
    key = rows.customer * wide + rows.day
    sent = np.sort(key[rows.asked])
    return np.searchsorted(sent, key, side="left") - np.searchsorted(sent, key - days, side="left")


def _slope(gain: np.ndarray, before: np.ndarray) -> float:
    spread = before - before.mean()
    return float(spread @ gain / (spread @ spread)) if spread.any() else 0.0
