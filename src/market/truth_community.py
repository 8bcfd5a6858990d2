"""The truth of an order shown to friends: how many of them it persuaded to buy the product."""

from __future__ import annotations

import numpy as np

from market import settings
from market.settings import QUIET_DAYS
from market.world import History, World

OUTCOME_DAYS, WEEKS = 28, 26


def community_truth(world: World, history: History) -> dict[str, float]:
    """Return the points of friends who bought the product because it was shown to them.

    Over shares of the 26 weeks that end 30 days before the last: friends whom the share persuaded to buy in
    the 28 days that begin 48 hours after its order, as it happened, over friends who could see it. To whom a
    share was shown (timeline, group or one friend) has nothing to do with whom it persuades, so all count.
    """
    shares, orders = history.log["shares"], history.log["orders"]
    last = settings.DAYS - OUTCOME_DAYS - QUIET_DAYS
    chosen = (shares["day"] <= last) & (shares["day"] > last - 7 * WEEKS)
    seen = 0
    for week in np.unique(shares["week"][chosen]):
        sharers = shares["customer"][chosen & (shares["week"] == week)]
        seen += len(world.network.reach(sharers, int(week))[0])
    rows = np.flatnonzero((orders["source"] >= 0) & ~orders["cancelled"])
    source = orders["source"][rows]
    since = orders["day"][rows] - shares["day"][source]
    inside = chosen[source] & (since > QUIET_DAYS) & (since <= QUIET_DAYS + OUTCOME_DAYS)
    friends = _is_friend(world, shares["customer"][source], orders["customer"][rows], orders["week"][rows])
    if not seen:
        return {}
    return {"A8.community_purchases": 100.0 * float((inside & friends).sum()) / seen}


def _is_friend(world: World, sender: np.ndarray, buyer: np.ndarray, week: np.ndarray) -> np.ndarray:
    """Whether each buyer is a friend of the sender in that week."""
    found = np.zeros(len(sender), dtype=bool)
    for now in np.unique(week):
        rows = np.flatnonzero(week == now)
        owner, friend = world.network.reach(sender[rows], int(now))
        hit = friend == buyer[rows][owner]
        found[rows[owner[hit]]] = True
    return found
