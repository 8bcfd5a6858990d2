"""Chances of buying again in the 90 days after an order's landmark, worked out from the coefficients."""

from __future__ import annotations

import numpy as np

from market import settings
from market.settings import CANCEL_PROBABILITY, OUTCOME_DAYS, QUIET_DAYS
from market.world import History, World

_WEEKS_AHEAD = 14  # weeks that a 92-day window can touch after the order's own


def return_chance(
    world: World,
    history: History,
    index: dict[str, np.ndarray],
    *,
    boost: np.ndarray,
    until: np.ndarray,
    coupon: np.ndarray,
) -> np.ndarray:
    """Return each index customer's chance of buying again in the 90 days after the landmark.

    boost, until, coupon: what the running share adds, its last week, and the coupon's last week, had the
    customer not ordered since. Others' conduct is held as it happened.
    """
    chance, _ = week_chances(world, history, index, boost=boost, until=until, coupon=coupon)
    return (1.0 - world.people.dropout[index["customer"]]) * (1.0 - (1.0 - chance).prod(axis=0))


def week_chances(
    world: World,
    history: History,
    index: dict[str, np.ndarray],
    *,
    boost: np.ndarray,
    until: np.ndarray,
    coupon: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the chance of a first purchase in each week ahead, and how it moves with that week's log rate.

    Both (weeks ahead, index customers), for customers who have not left for good. Arguments: `return_chance`.
    """
    who, day = index["customer"], index["day"]
    week = (day // 7).astype(np.int64)
    opens, ends = day + QUIET_DAYS, day + QUIET_DAYS + OUTCOME_DAYS
    chances, slopes = (np.zeros((_WEEKS_AHEAD, len(who))) for _ in range(2))
    for ahead in range(1, _WEEKS_AHEAD + 1):
        now = week + ahead
        chosen = np.flatnonzero((7.0 * now < ends) & (now < settings.WEEKS))
        at, person = now[chosen], who[chosen]
        rate = np.empty(len(chosen))
        for value in np.unique(at):
            rate[at == value] = history.outside[int(value)][person[at == value]]
        rate += boost[chosen] * (at <= until[chosen]) + world.effects.coupon * (at <= coupon[chosen])
        start = np.maximum(opens[chosen], 7.0 * at)
        room = 7.0 * (at + 1) - start
        seen = (np.minimum(ends[chosen], 7.0 * (at + 1)) - start) / room
        pace = np.exp(rate) * room / 7.0
        kept = (1.0 - CANCEL_PROBABILITY) * seen
        chances[ahead - 1, chosen] = -kept * np.expm1(-pace)
        slopes[ahead - 1, chosen] = kept * pace * np.exp(-pace)
    return chances, slopes
