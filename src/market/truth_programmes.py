"""The truth of what the shop runs: the staged programmes and the brand's replies to comments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from market import settings
from market.aftermath import RETURNED_WITHIN_DAYS, return_logit
from market.settings import CANCEL_PROBABILITY, QUIET_DAYS, SIZES, logistic
from market.weeks import live
from market.world import History, World, order_probability

REPLY_FROM, REPLY_TO = settings.TRY_FIRST_WEEK, settings.WEEKS - settings.REPLY_WEEKS - 1


def programme_truth(world: World, history: History) -> dict[str, dict[str, float]]:
    """Return the effects of quality control, the faster desk and membership on those under them.

    By finding id and programme; before a programme begins it does nothing.
    """
    truth = {
        "A7.returns": {"quality_control": _quality(world, history)},
        "A7.response_time": {"fast_desk": 100.0 * np.expm1(world.effects.desk)},
        "A7.returns_pretrend": {"quality_control": 0.0},
        "A7.response_time_pretrend": {"fast_desk": 0.0},
        "A7.customer_orders_pretrend": {"membership": 0.0},
    }
    if len(world.people) <= 5 * SIZES["demo"]:
        truth["A7.customer_orders"] = {"membership": _membership(world, history)}
    return truth


def _quality(world: World, history: History) -> float:
    """Percentage points of lines returned, over the purchased lines of categories under quality control."""
    orders, lines = history.log["orders"], history.log["lines"]
    category = world.goods.category[lines["item"]]
    under = world.programmes.quality_week[category] <= orders["week"][lines["order"]]
    under &= ~orders["cancelled"][lines["order"]]
    under &= orders["day"][lines["order"]] < settings.DAYS - RETURNED_WITHIN_DAYS
    with_it = logistic(return_logit(world, orders, lines, controlled=True))
    without = logistic(return_logit(world, orders, lines, controlled=False))
    return 100.0 * (with_it - without)[under].mean()


def _membership(world: World, history: History) -> float:
    """Percentage points of members who buy in a week: the same market is lived again without membership."""
    if world.effects.membership == 0.0:
        return 0.0
    without = live(replace(world, effects=replace(world.effects, membership=0.0)))
    gain = history.tally["member_orders"] - without.tally["member_orders"]
    return 100.0 * gain / history.tally["member_weeks"]


def reply_truth(world: World, history: History) -> dict[str, float]:
    """Return what a reply does to its author's buying in the six weeks after that of the post's order.

    Over the replied comments of weeks 48 to 71; other replies to the same author stay as they happened.
    Beside it the plain gap between replied and other comments, and the part that would be there anyway.
    """
    comments = history.log["comments"]
    inside = (comments["week"] >= REPLY_FROM) & (comments["week"] <= REPLY_TO)
    replied = comments["replied"][inside]
    if not replied.any() or replied.all():
        return {}
    these = {name: values[inside] for name, values in comments.items()}
    as_it_was = 100.0 * reply_chance(world, history, these, replied=True)
    answered = {name: values[replied] for name, values in these.items()}
    without = 100.0 * reply_chance(world, history, answered, replied=False)
    others = as_it_was[~replied].mean()
    return {
        "A6.raw_gap": as_it_was[replied].mean() - others,
        "A6.reply_uplift": (as_it_was[replied] - without).mean(),
        "A6.who_is_answered": without.mean() - others,
    }


def reply_chance(world: World, history: History, these: dict, *, replied: bool) -> np.ndarray:
    """Return the chance that each comment's author buys in the six weeks, as it was or without its reply."""
    author, week = these["author"], these["week"].astype(np.int64)
    nothing = np.ones(len(author))
    for ahead in range(1, settings.REPLY_WEEKS + 1):
        now = week + ahead
        rate = np.empty(len(author))
        for value in np.unique(now):
            rate[now == value] = history.outside[int(value)][author[now == value]]
        if not replied:
            rate -= world.effects.reply * ~_other_reply(history, author, now)
        rate += these["boost"] * (now <= these["until"]) + world.effects.coupon * (now <= these["coupon"])
        opens = (these["last_day"] + QUIET_DAYS - 7.0 * now).clip(0.0, 7.0)
        nothing *= 1.0 - (1.0 - CANCEL_PROBABILITY) * order_probability(rate, 1.0 - opens / 7.0)
    return these["alive"] * (1.0 - nothing)


def _other_reply(history: History, author: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Say whether more than one reply to the author is at work in week `now`."""
    comments = history.log["comments"]
    replied = comments["replied"]
    key = np.sort(comments["author"][replied].astype(np.int64) * 1_000 + comments["week"][replied])
    low = np.searchsorted(key, author.astype(np.int64) * 1_000 + now - settings.REPLY_WEEKS, side="left")
    high = np.searchsorted(key, author.astype(np.int64) * 1_000 + now - 1, side="right")
    return high - low > 1
