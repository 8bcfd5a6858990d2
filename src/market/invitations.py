"""Invitations: who brought whom, and a reward for bringing friends that a coin offers at joining.

Newcomers of the channel `friend` are handed to inviters afterwards, so nothing else in the market moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.people import CHANNELS, habit_to_clock
from market.settings import DAYS, stream
from market.world import World

WAIT_DAYS = 18.0  # mean time from joining to the joining of whom one brings, exponential
BROUGHT = 0.055  # customers that one brings in the end without a reward
OFFERED = 0.5  # planned share of the reward


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """One entry a customer. rewarded: the arm. inviter: customer who brought them, −1 for nobody.

    coefficient: customers to be brought in the end, by the own arm. delay_days: mean time to joining of those
    who were brought, by how long each was to wait and how much later a newcomer came along.
    within_90_days: share of these waits that are shorter, of inviters with 90 days left.
    """

    rewarded: np.ndarray
    inviter: np.ndarray
    coefficient: np.ndarray
    delay_days: float
    within_90_days: float


def draw_invitations(world: World) -> Invitations:
    """Hand newcomers to inviters: each brings Poisson many, each after an exponential wait.

    Every invitation takes the first newcomer of the channel `friend` that joins after it was due.
    """
    rng, people = stream(world.seed, "invitations"), world.people
    joined = habit_to_clock(people.joined_day, people.type)
    rewarded = rng.random(len(people)) < OFFERED
    coefficient = BROUGHT + world.effects.invite_reward * rewarded
    inviter = np.repeat(np.arange(len(people)), rng.poisson(coefficient))
    due = joined[inviter] + rng.exponential(WAIT_DAYS, len(inviter))
    order = np.argsort(due, kind="stable")
    inviter, due = inviter[order], due[order]
    new = np.flatnonzero(people.channel == CHANNELS.index("friend"))
    new = new[np.argsort(joined[new], kind="stable")]
    step = np.arange(len(due))
    place = np.maximum.accumulate(np.searchsorted(joined[new], due, side="right") - step) + step
    there = place < len(new)
    found = np.full(len(people), -1)
    found[new[place[there]]] = inviter[there]
    late = joined[new[place[there]]] - due[there]
    wait = joined[new[place[there]]] - joined[inviter[there]]
    early = joined[inviter[there]] < DAYS - 90.0
    return Invitations(
        rewarded=rewarded,
        inviter=found,
        coefficient=coefficient,
        within_90_days=float((wait[early] < 90.0).mean()) if early.any() else 1.0,
        delay_days=WAIT_DAYS + (float(late.mean()) if there.any() else 0.0),
    )


def invitation_truth(world: World) -> dict[str, float]:
    """Return what customers bring in the end, by arm and in all, and how many rewards one added one costs."""
    drawn, gain = draw_invitations(world), world.effects.invite_reward
    mean = float(drawn.coefficient.mean())
    truth = {
        "F6.viral_coefficient": mean,
        "F6.multiplier": 1.0 / (1.0 - mean),
        "F6.generation_days": drawn.delay_days,
        "F6.added_by_reward": 100.0 * gain * drawn.within_90_days,
    }
    if gain > 1e-12:
        truth["F6.rewards_per_added"] = (BROUGHT + gain) / gain
    return truth
