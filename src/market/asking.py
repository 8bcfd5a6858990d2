"""Requests to share: what the forced ones cost, and reminders each drawn with a known chance.

A request is felt with a half-life of two weeks (forced asks) or seven days (reminders). Opt-outs and answers
to reminders come from streams of their own and move no order and no share of the market.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.network import NEVER, Network
from market.people import habit_to_clock
from market.settings import DAYS, FATIGUE_WEEKS, FORCED_WEEK, TEST_WEEKS, stream
from market.world import History, World

KINDS = ("share to groups", "reminder")
GROUPS_ASKED, REWARD_CENTS = 3, 300
_WEEKLY = 0.5 ** (1.0 / 2.0)  # of a forced ask that is still felt a week later
REMINDER_WEEK, SLOTS, SLOT_DAYS = 40, 24, 3.5
_PER_SLOT = 0.5 ** (SLOT_DAYS / 7.0)
_IN_PANEL = 0.15
_RECENT_WEEKS = 26
CHANCES = np.array([0.5, 0.3])  # of a reminder: none at the last moment, one at the last moment
_TIRING = 0.35
_ANSWERED_WITHIN_DAYS = 7.0


def felt(weeks: int = FATIGUE_WEEKS) -> np.ndarray:
    """Return how many requests are felt in each week from the first on, for one ask a week (weeks,)."""
    total, path = 0.0, []
    for week in range(weeks):
        total = total * _WEEKLY + (week < TEST_WEEKS)
        path.append(total)
    return np.array(path)


def opt_out_chance(asks: np.ndarray, effects_opt_out: float) -> np.ndarray:
    """Return the chance of opting out within the weeks of the forced asks."""
    return -np.expm1(-effects_opt_out * asks * felt(TEST_WEEKS).sum())


def lasting_asks(since: np.ndarray) -> np.ndarray:
    """Return the requests felt over all weeks in which a tie of this first week holds, for one ask a week."""
    later = np.append(np.cumsum(felt()[::-1])[::-1], 0.0)
    return later[np.clip(since.astype(int) - FORCED_WEEK, 0, FATIGUE_WEEKS)]


def end_ties(network: Network, asks: np.ndarray, unfriend: float, seed: int) -> Network:
    """Return the network without the ties that forced asks ended; asks: a week, of each customer."""
    rng = stream(seed, "ties ended by asks")
    pair = (asks[network.a].astype(float) + asks[network.b])[:, None]
    # When the hazard adds up to a draw from the exponential, the tie ends on the Monday after.
    weeks = np.arange(FORCED_WEEK, FORCED_WEEK + FATIGUE_WEEKS)
    holds = network.tie_since[:, None] <= weeks
    hazard = np.cumsum(unfriend * pair * felt() * holds, axis=1)
    ends = (hazard < rng.exponential(size=len(pair))[:, None]).sum(axis=1)
    by_asks = np.where(ends < FATIGUE_WEEKS, FORCED_WEEK + ends + 1, NEVER)
    return network.ended(np.minimum(network.tie_until, by_asks))


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """One row a request sent, or that a coin kept back; days on the wall clock.

    asks: requests that the row stands for. effect: what being asked adds to the chance of sharing, of
    reminders; NaN for forced asks.
    """

    customer: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    asks: np.ndarray
    chance: np.ndarray
    asked: np.ndarray
    shared: np.ndarray
    opted_out: np.ndarray
    effect: np.ndarray


def forced_asks(world: World, shares: dict[str, np.ndarray]) -> Prompts:
    """Return the forced asks, one row a customer and week; who opts out is asked until the test is over.

    shares: of the facts, with the moment `posted`. A request counts as answered by a post within 7 days.
    """
    rng = stream(world.seed, "forced asks")
    who = np.flatnonzero(world.programmes.asks > 0)
    asks = world.programmes.asks[who].astype(float)
    hazard = np.cumsum(world.effects.opt_out * asks[:, None] * felt(TEST_WEEKS), axis=1)
    leaves = (hazard < rng.exponential(size=len(who))[:, None]).sum(axis=1)
    moment = 7.0 * rng.random((len(who), TEST_WEEKS))
    row, week = np.divmod(np.arange(len(who) * TEST_WEEKS), TEST_WEEKS)
    day = 7.0 * (FORCED_WEEK + week) + moment[row, week]
    return Prompts(
        customer=who[row],
        day=day,
        kind=np.zeros(len(row), int),
        asks=asks[row].astype(int),
        chance=np.ones(len(row)),
        asked=np.ones(len(row), bool),
        shared=_posted_within(shares, who[row], day),
        opted_out=leaves[row] == week,
        effect=np.full(len(row), np.nan),
    )


def _posted_within(shares: dict[str, np.ndarray], who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Say whether each customer posted within 7 days after a moment."""
    wide = 4.0 * DAYS
    posted = np.sort(shares["customer"] * wide + shares["posted"])
    low = np.searchsorted(posted, who * wide + day, side="right")
    return np.searchsorted(posted, who * wide + day + _ANSWERED_WITHIN_DAYS, side="right") > low


def reminders(world: World, history: History) -> Prompts:
    """Return reminders to a panel of recent buyers: twice a week a coin of known chance asks or keeps back.

    Who was reminded at the last moment is less likely to be so now. An answer is a post in a mini-program,
    which stands in no other table. Who opts out is no longer in the panel.
    """
    rng = stream(world.seed, "reminders")
    who = _recent_buyers(world, history)
    who = who[rng.random(len(who)) < _IN_PANEL]
    habit = rng.beta(2.0, 38.0, len(who))
    tired, before, there = np.zeros(len(who)), np.zeros(len(who), int), np.ones(len(who), bool)
    parts: list[dict[str, np.ndarray]] = []
    for slot in range(SLOTS):
        coin, answer, leave, hour = rng.random((4, len(who)))
        chance = CHANCES[before]
        asked, effect = coin < chance, world.effects.reminder * np.exp(-_TIRING * tired)
        shared = answer < habit + asked * effect
        opted_out = asked & (leave < 5.0 * world.effects.opt_out * (1.0 + tired))
        day = 7.0 * REMINDER_WEEK + SLOT_DAYS * slot + hour
        columns = {"customer": who, "day": day, "chance": chance, "asked": asked, "shared": shared}
        columns |= {"opted_out": opted_out, "effect": effect}
        parts.append({name: values[there] for name, values in columns.items()})
        tired, before, there = (tired + asked) * _PER_SLOT, asked.astype(int), there & ~opted_out
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows = len(whole["customer"])
    return Prompts(kind=np.ones(rows, int), asks=np.ones(rows, int), **whole)


def _recent_buyers(world: World, history: History) -> np.ndarray:
    orders = history.log["orders"]
    placed = habit_to_clock(orders["day"], world.people.type[orders["customer"]])
    first, last = 7.0 * (REMINDER_WEEK - _RECENT_WEEKS), 7.0 * REMINDER_WEEK
    recent = ~orders["cancelled"] & (placed >= first) & (placed < last)
    return np.unique(orders["customer"][recent])
