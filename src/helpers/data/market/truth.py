"""The truth, worked out from the coefficients by intervention on each customer, never estimated."""

from __future__ import annotations

import numpy as np

from helpers.data.market import settings
from helpers.data.market.settings import CANCEL_PROBABILITY, OUTCOME_DAYS, QUIET_DAYS
from helpers.data.market.truth_customers import customer_truth
from helpers.data.market.truth_programmes import programme_truth, reply_truth
from helpers.data.market.truth_recommend import recommend_truth
from helpers.data.market.truth_segments import graph_truth
from helpers.data.market.world import History, World, order_probability

_STUDY_WEEKS = 15  # weeks that a 92-day window can touch after the order's own


def find_truth(world: World, history: History) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return finding id to true value, and the potential outcomes of the share study's customers."""
    outcomes = share_outcomes(world, history)
    truth = {
        **_sharing(history, outcomes),
        **_likes(world, history, outcomes),
        **_tests(world, history),
        **_spill_over(history),
        **programme_truth(world, history),
        **reply_truth(world, history),
        **graph_truth(world, history),
        **recommend_truth(world, history),
        **customer_truth(world, history),
    }
    return {name: float(value) for name, value in truth.items()}, outcomes


def return_chance(
    world: World, history: History, index: dict[str, np.ndarray], *, boost, until, coupon
) -> np.ndarray:
    """Return each index customer's chance of buying again in the 90 days after the landmark.

    boost, until, coupon: what the running share adds, its last week, and the coupon's last week, had the
    customer not ordered since. Others' conduct is held as it happened.
    """
    who, day = index["customer"], index["day"]
    week = (day // 7).astype(np.int64)
    opens, ends = day + QUIET_DAYS, day + QUIET_DAYS + OUTCOME_DAYS
    nothing = np.ones(len(who))
    for ahead in range(1, _STUDY_WEEKS):
        now = week + ahead
        inside = (7.0 * now < ends) & (now < settings.WEEKS)
        chosen = np.flatnonzero(inside)
        at, person = now[chosen], who[chosen]
        rate = np.empty(len(chosen))
        for value in np.unique(at):
            rate[at == value] = history.outside[int(value)][person[at == value]]
        rate += boost[chosen] * (at <= until[chosen]) + world.effects.coupon * (at <= coupon[chosen])
        start = np.maximum(opens[chosen], 7.0 * at)
        room = 7.0 * (at + 1) - start
        seen = (np.minimum(ends[chosen], 7.0 * (at + 1)) - start) / room
        chance = order_probability(rate, room / 7.0) * seen
        nothing[chosen] *= 1.0 - (1.0 - CANCEL_PROBABILITY) * chance
    return (1.0 - world.people.dropout[who]) * (1.0 - nothing)


def share_outcomes(world: World, history: History) -> dict[str, np.ndarray]:
    """Return both potential outcomes of the share study: not_shared and shared, chances of buying again."""
    index = history.log["index"]
    week = (index["day"] // 7).astype(np.int64)
    earned = np.where(index["coupon"], week + settings.COUPON_WEEKS, index["old_coupon"])
    old = {"boost": index["old_boost"], "until": index["old_until"], "coupon": index["old_coupon"]}
    new = {"boost": index["boost"], "until": week + settings.SHARE_WEEKS, "coupon": earned}
    return {
        "customer": index["customer"],
        "not_shared": return_chance(world, history, index, **old),
        "shared": return_chance(world, history, index, **new),
    }


def _sharing(history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    index = history.log["index"]
    gain = 100.0 * (outcomes["shared"] - outcomes["not_shared"])
    base, did = 100.0 * outcomes["not_shared"], index["shared"]
    moved = index["if_prompted"] & ~index["if_not"]
    lipstick = index["lipstick"]
    return {
        "A1.adjusted_uplift": gain.mean(),
        "A1.adjusted_uplift_sharers": gain[did].mean(),
        "A1.self_selection": base[did].mean() - base[~did].mean(),
        "A1.relative_uplift_sharers": 100.0 * gain[did].mean() / base[did].mean(),
        "A1.adjusted_uplift_lipstick": gain[lipstick].mean(),
        "A1.adjusted_uplift_not_lipstick": gain[~lipstick].mean(),
        "A2.first_stage": 100.0 * moved.mean(),
        "A2.intention_to_treat": (moved * gain).mean(),
        "A2.complier_effect": gain[moved].mean(),
    }


def _likes(world: World, history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    """Likes and the coupon, among the share study's sharers."""
    index = history.log["index"]
    week = (index["day"] // 7).astype(np.int64)
    did = index["shared"]

    def chance(likes: np.ndarray | float, coupon: np.ndarray) -> np.ndarray:
        boost = world.effects.share * index["factor"] + world.effects.like * np.log1p(likes)
        boost = np.broadcast_to(boost, week.shape)
        return 100.0 * return_chance(
            world, history, index, boost=boost, until=week + settings.SHARE_WEEKS, coupon=coupon
        )

    none, some = index["old_coupon"], week + settings.COUPON_WEEKS
    without = chance(0.0, none)
    truth = {"A3.ten_likes_uplift": (chance(10.0, none) - without)[did].mean()}
    total = 100.0 * (outcomes["shared"] - outcomes["not_shared"])[did].mean()
    if abs(total) > 1e-12:
        direct = (without - 100.0 * outcomes["not_shared"])[did].mean()
        truth["A3.percent_through_likes"] = 100.0 * (1.0 - direct / total)
    near = did & (index["likes"] >= 15) & (index["likes"] <= 25)
    if near.any():
        truth["A4.coupon_at_threshold"] = (chance(20.0, some) - chance(20.0, none))[near].mean()
    return truth


def _window_chance(world: World, history: History, *, week: int, shift: np.ndarray) -> np.ndarray:
    """Return the chance (%) of an order within 8 weeks of a Monday, with `shift` added to the log rate."""
    past = history.snapshots[week]
    opens = (past["last_day"] + QUIET_DAYS - 7.0 * week).clip(0.0, 7.0)
    nothing = np.ones(len(world.people))
    for now in range(week, week + settings.TEST_WEEKS):
        own = past["boost"] * (now <= past["boost_until"]) + world.effects.coupon * (
            now <= past["coupon_until"]
        )
        fraction = 1.0 - opens / 7.0 if now == week else 1.0
        chance = order_probability(history.outside[now] + own + shift, fraction)
        nothing *= 1.0 - (1.0 - CANCEL_PROBABILITY) * chance
    return 100.0 * past["alive"] * (1.0 - nothing)


def _tests(world: World, history: History) -> dict[str, float]:
    """The cashback (by circle) and the try-first perk: effect on ordering within 8 weeks."""
    effects, programmes, people = world.effects, world.programmes, world.people
    week = settings.CASHBACK_WEEK
    had = programmes.cashback * effects.cashback
    gain = _window_chance(world, history, week=week, shift=effects.cashback - had)
    gain -= _window_chance(world, history, week=week, shift=-had)
    truth = {"A5.cashback_uplift": gain[people.joined_week < week].mean()}
    week = settings.TRY_FIRST_WEEK
    past = history.snapshots[week]
    recent = past["last_day"] >= 7 * (week - 26)
    keen = recent & past["lipstick_bought"] & (past["shares"] > 0)
    full = effects.try_first + effects.try_first_lipstick * keen
    had = full * (recent & programmes.try_first)
    base = _window_chance(world, history, week=week, shift=-had)
    gain = _window_chance(world, history, week=week, shift=full - had) - base
    truth["A9.try_first_uplift"] = gain[recent].mean()
    for name, group in (("lipstick_sharers", keen), ("others", recent & ~keen)):
        truth[f"A9.try_first_uplift_{name}"] = gain[group].mean()
    truth["A9.relative_uplift_lipstick_sharers"] = 100.0 * gain[keen].mean() / base[keen].mean()
    return truth


def _spill_over(history: History) -> dict[str, float]:
    return {"A8.spillover_week": 100.0 * history.tally["spill"] / max(history.tally["exposed"], 1.0)}
