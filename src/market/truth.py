"""The truth, worked out from the coefficients by intervention on each customer, never estimated."""

from __future__ import annotations

import numpy as np

from market import settings
from market.truth_asks import asks_truth
from market.truth_community import community_truth
from market.truth_customers import customer_truth
from market.truth_incentives import incentive_truth
from market.truth_mechanisms import mechanism_truth
from market.truth_programmes import programme_truth, reply_truth
from market.truth_recommend import recommend_truth
from market.truth_segments import graph_truth
from market.truth_stickiness import stickiness_truth
from market.truth_tests import cashback_truth, offer_truth, same_effect
from market.truth_uplift import uplift_truth
from market.truth_window import return_chance
from market.world import History, World

Truth = dict[str, float | dict[str, float]]


def find_truth(world: World, history: History) -> tuple[Truth, dict[str, np.ndarray]]:
    """Return finding id to true value, and the potential outcomes of the share study's customers.

    Where one id is asked of several (an arm, a programme, a stage), its value is a number a segment.
    """
    outcomes = share_outcomes(world, history)
    truth: Truth = {
        **_sharing(history, outcomes),
        **_likes(world, history, outcomes),
        **cashback_truth(world, history),
        **offer_truth(world, history),
        **programme_truth(world, history),
        **reply_truth(world, history),
        **community_truth(world, history),
        **uplift_truth(world, history, outcomes),
        **graph_truth(world, history),
        **stickiness_truth(world, history, outcomes),
        **recommend_truth(world, history),
        **customer_truth(world, history),
        **incentive_truth(world, history),
        **asks_truth(world, history),
        **mechanism_truth(world, history),
    }
    # Likes that are bought move nobody, so the same uplifts are true without them.
    columns = ("all", "suspect likes removed")
    for own, id in (("E1.share_uplift", "A1.adjusted_uplift"), ("E1.prompt_uplift", "A2.intention_to_treat")):
        truth[own] = {column: float(truth[id]) for column in columns}  # type: ignore[arg-type]
    return {name: _plain(value) for name, value in truth.items()}, outcomes


def _plain(value: float | dict[str, float]) -> float | dict[str, float]:
    """As Python numbers, which JSON can hold."""
    if isinstance(value, dict):
        return {segment: float(number) for segment, number in value.items()}
    return float(value)


def share_outcomes(world: World, history: History) -> dict[str, np.ndarray]:
    """Return both potential outcomes of the share study: not_shared and shared, chances of buying again."""
    index = history.log["index"]
    week = (index["day"] // 7).astype(np.int64)
    earned = np.where(index["coupon"], week + settings.COUPON_WEEKS, index["old_coupon"])
    old = {"boost": index["old_boost"], "until": index["old_until"], "coupon": index["old_coupon"]}
    new = {"boost": index["boost"], "until": week + settings.SHARE_WEEKS, "coupon": earned}
    return {
        "customer": index["customer"],
        "propensity": index["propensity"],
        "not_shared": return_chance(world, history, index, **old),
        "shared": return_chance(world, history, index, **new),
    }


def _sharing(history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    index = history.log["index"]
    gain = 100.0 * (outcomes["shared"] - outcomes["not_shared"])
    base, did = 100.0 * outcomes["not_shared"], index["shared"]
    moved = index["if_prompted"] & ~index["if_not"]
    return {
        "A1.adjusted_uplift": gain.mean(),
        "A1.adjusted_uplift_sharers": gain[did].mean(),
        "A1.calibrated_uplift_sharers": gain[did].mean(),
        "A1.self_selection": base[did].mean() - base[~did].mean(),
        "A1.relative_uplift_sharers": 100.0 * gain[did].mean() / base[did].mean(),
        "A2.first_stage": 100.0 * moved.mean(),
        "A2.intention_to_treat": (moved * gain).mean(),
        **same_effect("A2", (moved * gain).mean()),
        "A2.complier_effect": gain[moved].mean(),
    }


def _likes(world: World, history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    """What likes do, among the share study's sharers."""
    index = history.log["index"]
    week = (index["day"] // 7).astype(np.int64)
    did = index["shared"]

    def chance(likes: np.ndarray | float, coupon: np.ndarray) -> np.ndarray:
        boost = world.effects.share * index["factor"] + world.effects.like * np.log1p(likes)
        boost = np.broadcast_to(boost, week.shape)
        return 100.0 * return_chance(
            world, history, index, boost=boost, until=week + settings.SHARE_WEEKS, coupon=coupon
        )

    none = index["old_coupon"]
    without = chance(0.0, none)
    total = 100.0 * (outcomes["shared"] - outcomes["not_shared"])[did].mean()
    through = (100.0 * outcomes["shared"] - without)[did].mean()
    truth = {
        "A3.ten_likes_uplift": (chance(10.0, none) - without)[did].mean(),
        "A3.points_through_likes": through,
    }
    if abs(total) > 1e-12:
        truth["A3.percent_through_likes"] = 100.0 * through / total
    return truth
