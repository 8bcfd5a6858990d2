"""What is fixed in the demo market: calendar, sizes, random streams and causal coefficients."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np

Fraud = Literal["none", "easy", "hard"]  # how well manipulation hides
FRAUDS: tuple[str, ...] = get_args(Fraud)
Change = Literal["", "orders", "shares", "prices"]  # what is another in the last weeks; see CHANGE_WEEK
CHANGES: tuple[str, ...] = get_args(Change)[1:]

SIZES = {"tiny": 800, "small": 4_000, "demo": 20_000, "large": 1_000_000}
FEWEST_CUSTOMERS = 200

WEEKS = 78
DAYS = 7 * WEEKS
CURRENCY, TIMEZONE, UTC_OFFSET_HOURS = "CNY", "Asia/Shanghai", 8
START_LOCAL = dt.datetime(2024, 1, 1)
AS_OF_LOCAL = START_LOCAL + dt.timedelta(days=DAYS)
START_UTC = START_LOCAL - dt.timedelta(hours=UTC_OFFSET_HOURS)
AS_OF_UTC = AS_OF_LOCAL - dt.timedelta(hours=UTC_OFFSET_HOURS)

QUIET_DAYS = 2.0  # nobody orders again within 48 hours of a purchase
OUTCOME_DAYS = 90.0
STUDY_START, STUDY_END = DAYS - 148.0, DAYS - 92.0  # the share study's enrolment window, days from the start
CANCEL_PROBABILITY = 0.03
SHARE_WEEKS, COUPON_WEEKS, REPLY_WEEKS, SPILL_WEEKS = 13, 8, 6, 4
SPILL_FROM = 52  # first week of the 26 over which spill-over is counted
LIKES_FOR_COUPON, BEG_FROM = 20, 15

CASHBACK_WEEK, TRY_FIRST_WEEK, FORCED_WEEK = 36, 48, 22
TEST_WEEKS = 8  # how long the cashback, the try-first perk and the forced asks last
MEMBERSHIP_WEEKS = (30, 38, 46, 62)
QUALITY_WEEKS = {"口红": 24, "女装": 24, "球鞋": 40, "数码": 40, "零食": 56, "护肤": 56}
DESK_WEEKS = (20, 44)
CHANGE_WEEK = WEEKS - 4
# What a planted change does from then on: to the log rate of orders, the log odds of sharing, prices paid.
CHANGED_ORDERS, CHANGED_SHARES, CHANGED_PRICES = np.log(0.7), np.log(2.0), 0.85
FATIGUE_WEEKS = 12  # how long the rate is down from the first of the forced asks
CASHBACK_PAID_CENTS = 800  # for an order of a customer with group cashback

CATEGORIES = (
    "口红", "球鞋", "家居", "零食", "母婴", "数码", "女装", "男装", "护肤", "图书", "户外", "宠物",
)  # fmt: skip
LIPSTICK = CATEGORIES.index("口红")


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Every causal coefficient of the market; on the log of the weekly order rate where not said otherwise.

    share: of a share, times the customer's own factor. like: per log(1 + likes) of the share that is
    running. coupon: of the coupon earned at 20 likes. spillover: per friend's share of the last 4 weeks,
    weighted by that friend's influence, 3 at most. reply: of the brand's answer to a comment. cashback,
    try_first: of the two tests. try_first_lipstick: further, for lipstick buyers who had shared.
    membership: full strength. quality: demand in a category under quality control. quality_returns: on the
    log odds of a return. fatigue: per ask beyond three. prompt, ask: on the log odds of sharing. desk: on
    log response time. opt_out, unfriend: weekly hazard, for each request that is still felt, of opting out of
    messages and of losing a tie. reminder: on the chance of answering a reminder when none is felt. shown:
    times the planted gains of showing a product at the hold-out counter.
    persuasion: times the chances that a click on a post or list settles which item an order takes, 1 at most.
    greeting_visits: visits that a birthday greeting brings in 14 days. streak_visits: visits a week while a
    check-in streak runs. invite_reward: customers that one brings more, in the end, for a reward.
    points_reviews, badge_reviews: chance that an order is reviewed which would not be, for points or short of
    a badge.
    """

    share: float = 0.14
    like: float = 0.05
    coupon: float = 0.60
    spillover: float = 0.06
    reply: float = 0.30
    cashback: float = 0.22
    try_first: float = 0.05
    try_first_lipstick: float = 0.45
    membership: float = 0.25
    quality: float = 0.06
    quality_returns: float = -0.60
    fatigue: float = 0.08
    prompt: float = 1.50
    ask: float = 0.50
    desk: float = -0.70
    opt_out: float = 0.0006
    unfriend: float = 0.00012
    reminder: float = 0.12
    shown: float = 1.0
    persuasion: float = 1.0
    greeting_visits: float = 0.10
    streak_visits: float = 0.12
    invite_reward: float = 0.04
    points_reviews: float = 0.20
    badge_reviews: float = 0.15

    @classmethod
    def none(cls) -> Effects:
        """Return the null market: nothing moves purchases or what they hold; asks and prompts move shares."""
        zero = replace(cls(), **{field.name: 0.0 for field in fields(cls)})
        return replace(zero, prompt=cls.prompt, ask=cls.ask)

    def scaled(self, factor: float) -> Effects:
        """Return these effects times `factor`, the two on sharing unchanged."""
        kept = {"prompt", "ask"}
        changed = {f.name: factor * getattr(self, f.name) for f in fields(self) if f.name not in kept}
        return replace(self, **{**changed, "persuasion": min(changed["persuasion"], 1.0)})


def day_before_change() -> str:
    """Return the last day (shop's clock) before a planted change, YYYY-MM-DD.

    >>> day_before_change()
    '2025-06-01'
    """
    return str((START_LOCAL + dt.timedelta(days=7 * CHANGE_WEEK - 1)).date())


def stream(seed: int, name: str, *numbers: int) -> np.random.Generator:
    """Return the random stream of one purpose, so that adding a draw elsewhere does not move it."""
    return np.random.Generator(np.random.SFC64([20240101, seed, zlib.crc32(name.encode()), *numbers]))


def pick(uniform: np.ndarray, probabilities: np.ndarray | Sequence[float]) -> np.ndarray:
    """Turn uniforms into category numbers with these probabilities (one row for all)."""
    edges = np.cumsum(np.asarray(probabilities, dtype=float))
    return np.minimum(np.searchsorted(edges / edges[-1], uniform, side="right"), len(edges) - 1)


def logistic(value: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-value))."""
    return 1.0 / (1.0 + np.exp(-value))
