"""The truth of what the uplift chapter says beside its main effects: gaps, begging, clicks, plans."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from scipy.stats import nbinom

from market import clicks, settings
from market.network import spread
from market.recommendations import TAKEN_PROBABILITY
from market.sharing import BEGS, LIKES_SHAPE
from market.truth_window import return_chance, week_chances
from market.world import History, World

# Nothing in the market could move these: what lies before its cause, or elsewhere.
NOUGHT = (
    "A1.negative_control", "A1.known_zero_error", "A8.shares_yet_to_come", "A8.change_a1", "A8.change_a2",
    "A11.halo", "A11.other_shops", "A11.coupon_issued",
)  # fmt: skip
PLANNED_PP, POWER, LEVEL = 2.0, 0.8, 0.95
FOLLOW_DAYS = settings.QUIET_DAYS + settings.OUTCOME_DAYS
CONVERT_DAYS = 7.0
BEGGED_UP_TO = 3  # begged likes land within so many of the threshold


def uplift_truth(
    world: World, history: History, outcomes: dict[str, np.ndarray]
) -> dict[str, float | dict[str, float]]:
    """Return finding id to true value, or to one a segment."""
    return {
        **dict.fromkeys(NOUGHT, 0.0),
        **_gaps(history, outcomes),
        **_coupon(world, history),
        **_friends(world, history),
        **_words(history, world.effects),
        **_plan(history, outcomes),
    }


def _gaps(history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    """What plain comparisons of the share study's two groups show, and what would explain the effect away."""
    index = history.log["index"]
    did, chance = index["shared"], outcomes["propensity"]
    shared, base = outcomes["shared"][did], outcomes["not_shared"]
    others = base[~did].mean()
    ratio = shared.mean() / base[did].mean()
    ratio = max(ratio, 1.0 / ratio)
    return {
        "A1.raw_gap": 100.0 * (shared.mean() - others),
        "A1.raw_gap_relative": 100.0 * (shared.mean() / others - 1.0),
        "A1.common_ground": 100.0 * ((chance >= 0.01) & (chance <= 0.99)).mean(),
        "A1.e_value": ratio + math.sqrt(ratio * (ratio - 1.0)),
        "A2.sample_ratio": 50.0,
        "A5.sample_ratio": 50.0,
    }


def _coupon(world: World, history: History) -> dict[str, float]:
    """The coupon's effect around the threshold, over all posts followed up, and the begging there."""
    shares, orders = history.log["shares"], history.log["orders"]
    day = orders["day"][shares["order"]]
    followed = day + FOLLOW_DAYS + settings.QUIET_DAYS <= settings.DAYS
    near = followed & (shares["likes"] >= 15) & (shares["likes"] <= 25) & (shares["bought"] == 0)
    truth = {}
    if followed.any():
        post = {name: values[followed] for name, values in shares.items()}
        truth["A4.bunching"] = _begged_percent(world, post)
    if near.any():
        post = {"customer": shares["customer"][near], "day": day[near]}
        week = shares["week"][near].astype(np.int64)
        boost = world.effects.share * shares["factor"][near] + world.effects.like * np.log1p(20.0)
        runs = {"boost": boost, "until": week + settings.SHARE_WEEKS}
        with_it = return_chance(world, history, post, coupon=week + settings.COUPON_WEEKS, **runs)
        without = return_chance(world, history, post, coupon=shares["old_coupon"][near], **runs)
        truth["A4.coupon_at_threshold"] = 100.0 * (with_it - without).mean()
    return truth


def _begged_percent(world: World, post: dict[str, np.ndarray]) -> float:
    """Posts that beg or buy their way to just over the coupon, in % of those that come there without."""
    spread_out = nbinom(LIKES_SHAPE, LIKES_SHAPE / (LIKES_SHAPE + post["expected"]))
    below, at, above = (
        spread_out.cdf(likes - 1)
        for likes in (settings.BEG_FROM, settings.LIKES_FOR_COUPON, settings.LIKES_FOR_COUPON + BEGGED_UP_TO)
    )
    kind, plain = world.people.type[post["customer"]], ~world.people.buys_likes[post["customer"]]
    total = post["likes"] + post["fake_likes"]
    past = settings.LIKES_FOR_COUPON + BEGGED_UP_TO
    bought = (post["fake_way"] > 0) & (total >= settings.LIKES_FOR_COUPON) & (total < past)
    pushed = post["fake_pushed"]
    begged = (BEGS[kind] * (at - below))[plain].sum()
    others = (above - at)[plain].sum() + (bought & ~pushed).sum()
    return float(100.0 * (begged + (bought & pushed).sum()) / others)


def _friends(world: World, history: History) -> dict[str, float]:
    """What friends' shares bring: orders per 100 shares, and buying again per friend drawn to be prompted."""
    shares, tally = history.log["shares"], history.tally
    last, first = settings.WEEKS - 1, settings.SPILL_FROM - 1
    seen = np.clip(last - shares["week"], 0, settings.SPILL_WEEKS)
    seen -= np.clip(first - shares["week"], 0, settings.SPILL_WEEKS)
    return {
        "A8.spillover_week": 100.0 * tally["spill"] / max(tally["exposed"], 1.0),
        "A8.friends_orders_per_100_shares": 100.0
        * tally["spill"]
        / max(seen.sum() / settings.SPILL_WEEKS, 1.0),
        "A8.friend_prompted": _friend_prompted(world, history),
    }


def _friend_prompted(world: World, history: History) -> float:
    """Points on buying again per friend prompted, over all pairs of friends in the test.

    The prompt moves some friends to share, and their share raises the rate of the four weeks after it; the
    cap on the number of shares that count is left out.
    """
    index, net = history.log["index"], world.network
    week = (index["day"] // 7).astype(np.int64)
    place = np.full(len(world.people), -1)
    place[index["customer"]] = np.arange(len(week))
    row, slot = spread(net.start[index["customer"]], net.start[index["customer"] + 1])
    friend = place[net.friend[slot]]
    holds = (net.since[slot] <= week[row]) & (net.until[slot] > week[row]) & (friend >= 0)
    row, slot, friend = row[holds], slot[holds], friend[holds]
    if not len(row):
        return 0.0
    slope = _slopes(world, history)
    moved = index["if_prompted"][friend] & ~index["if_not"][friend]
    moved &= (net.since[slot] <= week[friend]) & (net.until[slot] > week[friend])
    gain = np.zeros(len(row))
    for later in range(1, settings.SPILL_WEEKS + 1):
        ahead = week[friend] + later - week[row] - 1
        inside = (ahead >= 0) & (ahead < len(slope))
        gain[inside] += slope[ahead[inside], row[inside]]
    weight = world.people.influence[index["customer"][friend]]
    return 100.0 * world.effects.spillover * float((moved * weight * gain).mean())


def _slopes(world: World, history: History) -> np.ndarray:
    """How each week's log rate moves the chance of buying again, (weeks ahead, index customers)."""
    index = history.log["index"]
    week, did = (index["day"] // 7).astype(np.int64), index["shared"]
    earned = np.where(index["coupon"], week + settings.COUPON_WEEKS, index["old_coupon"])
    chance, slope = week_chances(
        world, history, index,
        boost=np.where(did, index["boost"], index["old_boost"]),
        until=np.where(did, week + settings.SHARE_WEEKS, index["old_until"]),
        coupon=np.where(did, earned, index["old_coupon"]),
    )  # fmt: skip
    nothing = (1.0 - chance).prod(axis=0)
    return (1.0 - world.people.dropout[index["customer"]]) * nothing * slope / (1.0 - chance)


def _words(history: History, effects: settings.Effects) -> dict[str, float | dict[str, float]]:
    """Conversion of the same clicks, had they been on the post of one kind of sender or of another."""
    tie, buys, taken = _first_clicks(history)
    if not len(tie):
        return {}
    names = ("close friend", "loose friend", "stranger", "shop")
    taken_by = [*clicks.PERSUADED, taken[tie == 3].sum() / max(buys[tie == 3].sum(), 1e-12)]
    persuaded = effects.persuasion * (1.0 - settings.CANCEL_PROBABILITY) * buys.mean() * np.array(taken_by)
    rate = dict(zip(names, 100.0 * persuaded, strict=True))
    friends = ("close friend", "loose friend")
    return {
        "A10.friend_over_stranger": {name: rate[name] - rate["stranger"] for name in friends},
        "A10.friend_over_shop": {name: rate[name] - rate["shop"] for name in friends},
        "A10.close_over_loose": rate["close friend"] - rate["loose friend"],
        "A10.stranger_over_shop": rate["stranger"] - rate["shop"],
    }


def _first_clicks(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each customer's first click on an item: tie (3: the shop's), chance of an order after, of taking it."""
    log = history.log
    made, slates = log["clicks"], log["slates"]
    row, position = np.nonzero(slates["clicked"])
    first = position == slates["clicked"][row].argmax(axis=1)
    customer = np.concatenate([made["customer"], slates["customer"][row]])
    item = np.concatenate([log["shares"]["item"][made["share"]], slates["item"][row, position]])
    day = np.concatenate([made["day"], slates["day"][row]])
    tie = np.concatenate([made["tie"], np.full(len(row), 3)])
    buys = np.concatenate([made["chance"], slates["chance"][row]])
    taken = np.concatenate(
        [np.zeros(len(made["day"])), TAKEN_PROBABILITY * slates["buys_after"][row] * first]
    )
    order = np.lexsort((day, item, customer))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (np.diff(customer[order]) != 0) | (np.diff(item[order]) != 0)
    kept = order[fresh & (day[order] <= settings.DAYS - CONVERT_DAYS)]
    return tie[kept], buys[kept], taken[kept]


def _plan(history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    """The size and length of the next test at the true share who buy again and the pace that was."""
    index = history.log["index"]
    base = np.where(index["shared"], outcomes["shared"], outcomes["not_shared"]).mean()
    other = base + PLANNED_PP / 100.0
    if not 0.0 < other < 1.0:
        return {}
    middle, normal = (base + other) / 2.0, NormalDist()
    spread_out = normal.inv_cdf(0.5 + LEVEL / 2.0) * math.sqrt(2.0 * middle * (1.0 - middle))
    spread_out += normal.inv_cdf(POWER) * math.sqrt(base * (1.0 - base) + other * (1.0 - other))
    per_arm = (spread_out / (other - base)) ** 2
    came = np.bincount(((index["day"] - settings.STUDY_START) // 7).astype(int))
    weeks = _weeks_until(came, 2.0 * per_arm)
    return {"A12.sample_per_arm": per_arm, "A12.weeks": weeks + FOLLOW_DAYS / 7.0}


def _weeks_until(came: np.ndarray, needed: float) -> float:
    """Weeks until so many have come, of whom `came` did week by week; then at the pace of the later half."""
    enrolled = np.concatenate([[0.0], came.cumsum()])
    if needed <= enrolled[-1]:
        return float(np.interp(needed, enrolled, np.arange(len(enrolled))))
    return float(len(came) + (needed - enrolled[-1]) / came[len(came) // 2 :].mean())
