"""A test of rewards for reviews: points for each, a badge for three, or nothing.

Rewards add reviews to orders that would have none; the others stay as they are. Points bring short and rosy
ones, the badge long ones with pictures, until it is earned. Reviews move no purchase.
"""

from __future__ import annotations

import numpy as np

from market.aftermath import deliver, make_reviews
from market.people import habit_to_clock
from market.settings import DAYS, stream
from market.world import History, World

ARMS, PLANNED = ("control", "points", "badge"), (0.5, 0.25, 0.25)
START_DAY, TEST_DAYS = 7.0 * 26, 84.0
BADGE_AT = 3  # reviews, earlier ones counted
_DRAWS = 24
# By arm: mean log of characters (3.2 of usual reviews), pictures, and what is added to the mood of 4.35.
_LENGTH, _PICTURES, _MOOD = np.array([3.2, 2.7, 3.6]), np.array([0.5, 0.2, 1.2]), np.array([0.0, 0.3, 0.0])


def draw_arms(world: World) -> np.ndarray:
    """Return each customer's arm (number in ARMS), −1 for those who joined after the start."""
    uniform = stream(world.seed, "review rewards").random(len(world.people))
    arm = np.searchsorted(np.cumsum(PLANNED), uniform, side="right").clip(max=len(ARMS) - 1)
    return np.where(7 * world.people.joined_week < START_DAY, arm, -1)


def with_rewarded(
    world: World, orders: dict, lines: dict, usual: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the usual reviews and after them those that the rewards added."""
    rng = stream(world.seed, "rewarded reviews")
    added = _added(world, orders, lines, usual, draw_arms(world), rng)
    return {name: np.concatenate([values, added[name]]) for name, values in usual.items()}


def _added(
    world: World, orders: dict, lines: dict, usual: dict, arm: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the reviews that these arms add, as columns."""
    main = lines["item"][lines["line"] == 1]
    rows = _reviewed_more(world, orders, usual, arm, rng)
    kind, size = arm[orders["customer"][rows]], len(rows)
    mood = 4.35 - 0.45 * world.goods.defect[main[rows]] + _MOOD[kind] + 0.8 * rng.standard_normal(size)
    return {
        "order": rows,
        "customer": orders["customer"][rows],
        "item": main[rows],
        "rating": np.round(mood).clip(1, 5).astype(np.int64),
        "length": np.round(np.exp(_LENGTH[kind] + 0.8 * rng.standard_normal(size))).astype(np.int64),
        "pictures": rng.poisson(_PICTURES[kind]).astype(np.int64),
        "day": orders["arrived"][rows] + 0.2 + rng.exponential(3.0, size),
    }


def _reviewed_more(
    world: World, orders: dict, usual: dict, arm: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the orders that get a review for a reward; the badge works until it is earned."""
    chance = np.array([0.0, world.effects.points_reviews, world.effects.badge_reviews])
    reviewed = np.zeros(len(orders["customer"]), bool)
    reviewed[usual["order"]] = True
    in_test = (orders["placed"] >= START_DAY) & (orders["placed"] < START_DAY + TEST_DAYS)
    these = np.flatnonzero(in_test & (arm[orders["customer"]] > 0) & ~orders["cancelled"] & ~orders["faked"])
    these = these[np.lexsort((orders["placed"][these], orders["customer"][these]))]
    who, done = orders["customer"][these], reviewed[these]
    keen = rng.random(len(these)) < chance[arm[who]]
    written = np.bincount(usual["customer"][usual["day"] < START_DAY], minlength=len(arm))
    gets = np.zeros(len(these), bool)
    turn = _turns(who)
    for now in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == now)
        short = (arm[who[rows]] != ARMS.index("badge")) | (written[who[rows]] < BADGE_AT)
        gets[rows] = keen[rows] & short & ~done[rows]
        written[who[rows]] += gets[rows] | done[rows]
    return these[gets]


def _turns(who: np.ndarray) -> np.ndarray:
    """Number the rows of each customer from 0; rows of one customer stand together."""
    step = np.arange(len(who))
    first = np.concatenate([[True], who[1:] != who[:-1]])[: len(who)]
    return step - np.maximum.accumulate(np.where(first, step, 0)) if len(who) else step


def reward_truth(world: World, history: History) -> dict[str, dict[str, float]]:
    """Return what each reward changes against none, by arm; its reviews are drawn anew, orders stay."""
    log, kind = history.log, world.people.type
    placed = habit_to_clock(log["orders"]["day"], kind[log["orders"]["customer"]])
    orders = log["orders"] | {"placed": placed}
    deliver(world, orders)
    usual, arm = make_reviews(world, orders, log["lines"]), draw_arms(world)
    asked = arm >= 0
    if not asked.any():
        return {}
    before = usual["day"] < START_DAY
    written = np.bincount(usual["customer"][before], minlength=len(arm))
    none = _measures(usual, written, asked)
    truth: dict[str, dict[str, float]] = {name: {} for name in none}
    for number, name in enumerate(ARMS[1:], start=1):
        changed = []
        for draw in range(_DRAWS):
            rng = stream(world.seed, "rewards drawn anew", number, draw)
            added = _added(world, orders, log["lines"], usual, np.where(asked, number, -1), rng)
            reviews = {key: np.concatenate([values, added[key]]) for key, values in usual.items()}
            changed.append(_measures(reviews, written, asked))
        for measure, value in none.items():
            found = np.mean([one[measure] for one in changed]) - value
            if np.isfinite(found):
                truth[measure][name] = float(found)
    for measure in ("F5.badge_short", "F5.badge_earned"):
        truth[measure].pop("points", None)
    return truth


def _measures(reviews: dict, written: np.ndarray, asked: np.ndarray) -> dict[str, float]:
    """What reviews posted in the test's days come to, those of customers in the test."""
    end = min(START_DAY + TEST_DAYS, DAYS)
    rows = (reviews["day"] >= START_DAY) & (reviews["day"] < end) & asked[reviews["customer"]]
    who = reviews["customer"][rows]
    count = np.bincount(who, minlength=len(asked))
    pictured = np.bincount(who, weights=reviews["pictures"][rows] > 0, minlength=len(asked))
    short, new = asked & (written < BADGE_AT), asked & (written == 0)
    with np.errstate(invalid="ignore"):
        return {
            "F5.added_reviews": 100 * count[asked].mean(),
            "F5.with_pictures": 100 * pictured[asked].mean(),
            "F5.length_change": reviews["length"][rows].mean() if rows.any() else np.nan,
            "F5.rating_change": reviews["rating"][rows].mean() if rows.any() else np.nan,
            "F5.first_reviewers": 100 * (count[new] > 0).mean() if new.any() else np.nan,
            "F5.badge_short": 100 * count[short].mean() if short.any() else np.nan,
            "F5.badge_earned": 100 * count[asked & ~short].mean() if (asked & ~short).any() else np.nan,
        }
