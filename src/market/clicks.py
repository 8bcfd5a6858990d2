"""Clicks on posts: who looks at whose post in a week, and whom it persuades if an order follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from market.settings import stream
from market.world import brushing_now

if TYPE_CHECKING:
    from market.state import Log, State
    from market.world import World

CLOSE, LOOSE, STRANGER = 0, 1, 2
CLOSE_FROM = 0.5  # strength from which a friend is close
CLICKED = np.array([0.2, 0.28, 0.12])  # chance a week to click on the post of the friend (or stranger) met
_TAKEN = np.array([0.14, 0.14, 0.03])  # chance a week to take its item, if there is an order
PERSUADED = _TAKEN / CLICKED  # chance that who clicked takes the item, if an order follows in that week
_FIRST_HOURS = 1.0  # clicks fall on the first day of the week, days


@dataclass(frozen=True, kw_only=True)
class Look:
    """One entry a customer: the poster met (-1: nobody), by which tie, and whether that draws a click.

    persuades: whether the customer would also take the item, if there is an order this week.
    """

    sender: np.ndarray
    tie: np.ndarray
    clicks: np.ndarray
    persuades: np.ndarray


def look(world: World, state: State, who: np.ndarray, uniform: np.ndarray, week: int) -> Look:
    """Return whose last post each customer meets this week. uniform: shape (2, customers).

    A friend is met at low values of the second uniform, a stranger at high ones.
    """
    friend, strength = world.network.one_tie(who, uniform[0], week)
    stranger = (uniform[0] * len(world.people)).astype(np.int64)
    far = uniform[1] > 1.0 - CLICKED[STRANGER]
    tie = np.where(far, STRANGER, np.where(strength >= CLOSE_FROM, CLOSE, LOOSE))
    place = np.where(far, 1.0 - uniform[1], uniform[1])
    sender = np.where(far, stranger, friend)
    sender = np.where((sender == who) | (place >= CLICKED[tie]), -1, sender)
    post = np.where(sender >= 0, state.shared_number[sender], -1)
    return Look(
        sender=sender,
        tie=tie.astype(np.int8),
        clicks=post >= 0,
        persuades=(sender >= 0) & (place < world.effects.persuasion * _TAKEN[tie]),
    )


def click(
    world: World,
    state: State,
    log: Log,
    seen: Look,
    *,
    week: int,
    who: np.ndarray,
    day: np.ndarray,
    chance: np.ndarray,
) -> None:
    """Log the clicks of this week's buyers and, at the same chances, of all others still there."""
    rng = stream(world.seed, "clicks", week)
    buys = np.zeros(len(world.people), bool)
    buys[who] = True
    others = np.flatnonzero(state.alive & (world.people.joined_week < week) & ~buys)
    met = look(world, state, others, rng.random((2, len(others))), week)
    ends = np.full(len(world.people), 7.0 * week + _FIRST_HOURS)
    ends[who] = np.minimum(ends[who], day)
    for customer, look_at in ((who, seen), (others, met)):
        honest = look_at.clicks & ~brushing_now(world.people, week)[customer]
        honest &= world.people.joined_week[customer] < week
        rows = np.flatnonzero(honest)
        begin, these = 7.0 * week, customer[rows]
        log.add(
            "clicks",
            customer=these,
            share=state.shared_number[look_at.sender[rows]],
            tie=look_at.tie[rows],
            day=begin + rng.random(len(rows)) * (ends[these] - begin),
            chance=chance[these],
        )
