"""Bought likes: which accounts buy them, in which way, and how many each of their posts gets.

Everything here is drawn from random streams of its own and moves nobody: a buyer's coupon was earned with the
likes paid for, and each way of buying brings enough of them to earn it, so the weeks pass as they do without
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market.settings import LIKES_FOR_COUPON, stream

if TYPE_CHECKING:
    from market.world import World

WAYS = ("none", "burst", "drip", "top-up", "ring")
BURST, DRIP, TOP_UP, RING = 1, 2, 3, 4
RING_LIKES = 0.6  # chance that a member likes a post of the ring
_RING_SIZE = (25, 40)
_EARLY_WEEKS = 8


def ways_of_buying(world: World) -> np.ndarray:
    """Return each customer's way of buying likes, a place in WAYS: a quarter each, or all bursts."""
    ways = np.zeros(len(world.people), np.int8)
    buyers = np.flatnonzero(world.people.buys_likes)
    if world.fraud == "easy":
        ways[buyers] = BURST
    elif world.fraud == "hard":
        ways[stream(world.seed, "ways of buying").permutation(buyers)] = 1 + np.arange(len(buyers)) % 4
    return ways


def make_rings(world: World) -> list[np.ndarray]:
    """Return rings of 25 to 40 accounts that like each other: buyers of this way, and early customers."""
    rng = stream(world.seed, "rings")
    buyers = np.flatnonzero(ways_of_buying(world) == RING)
    if not len(buyers):
        return []
    early = np.flatnonzero((world.people.joined_week < _EARLY_WEEKS) & ~world.people.buys_likes)
    rings, spare = [], rng.permutation(early)
    for part in np.array_split(rng.permutation(buyers), max(round(len(buyers) / 26), 1)):
        room = max(int(rng.integers(_RING_SIZE[0], _RING_SIZE[1] + 1)) - len(part), 0)
        rings.append(np.sort(np.concatenate([part, spare[:room]])))
        spare = spare[room:]
    return rings


def plan_fakes(world: World, shares: dict[str, np.ndarray]) -> None:
    """Add to the posts how likes were bought, how many came, and whether as many as the coupon asks.

    fake_way: a place in WAYS. fake_likes: whole numbers. fake_pushed: whether they were bought to reach the
    coupon, and no more.
    """
    rows = len(shares["customer"])
    way = ways_of_buying(world)[shares["customer"]]
    short = np.maximum(LIKES_FOR_COUPON - shares["likes"], 0)
    topped = np.where(short > 0, short + stream(world.seed, "topping up").integers(0, 4, rows), 0)
    size = np.zeros(len(world.people), np.int64)
    for ring in make_rings(world):
        size[ring] = len(ring)
    others = np.maximum(size[shares["customer"]] - 1, 0)
    liked = (stream(world.seed, "ring likes").random((rows, _RING_SIZE[1])) < RING_LIKES).cumsum(axis=1)
    in_ring = np.where(others > 0, liked[np.arange(rows), np.clip(others, 1, _RING_SIZE[1]) - 1], 0)
    likes = np.select(
        [way == TOP_UP, way == RING, way > 0], [topped, np.maximum(in_ring, short), shares["bought"]], 0
    )
    shares["fake_likes"] = likes.astype(np.int64)
    shares["fake_way"] = np.where(likes > 0, way, 0).astype(np.int8)
    shares["fake_pushed"] = (likes > 0) & ((way == TOP_UP) | ((way == RING) & (in_ring < short)))
