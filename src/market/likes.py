"""Who liked each post and when: friends, people the shop knows not, and likes that were bought.

Honest posts differ in how many of their likers the shop knows. Some hard cases are honest: friends who all
watch a live event and like within minutes, circles whose members like each other without being friends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market.manipulation import BURST, RING, make_rings
from market.settings import stream

if TYPE_CHECKING:
    from market.world import World

_LAST_LIKE_DAYS = 1.8  # likes come within 44 hours of the post, before the coupon is issued
_KNOWN, _CONCENTRATION = 0.7, 4.0  # share of likers whom the shop knows as friends, and how alike posts are
_LIVE, _LIVE_MINUTES, _LIVE_LIKES = 0.02, 12.0, 8
_CLOSE_CIRCLES, _CLOSE = (
    0.05,
    0.6,
)  # circles that like each other, and how many of their strangers are of them
_CUSTOMERS = 0.10  # of the other strangers: customers without a tie
_BURST_DAYS = (10 / 1440, 0.5)


def soon(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Return days after the post, most of them few."""
    return _LAST_LIKE_DAYS * rng.random(rows) ** 2.5


def honest_likes(
    world: World, shares: dict, tie_share: np.ndarray, tie_friend: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (share, customer or −1, days after the post) of every like that was not bought."""
    rng = stream(world.seed, "honest likes")
    total = shares["likes"]
    friends = np.bincount(tie_share, minlength=len(total))
    known = rng.beta(_KNOWN * _CONCENTRATION, (1 - _KNOWN) * _CONCENTRATION, len(total))
    known = np.minimum(rng.binomial(total, known), friends)
    first = np.cumsum(friends) - friends
    turn = np.arange(len(tie_share)) - first[tie_share] + rng.integers(0, 1 << 30, len(total))[tie_share]
    chosen = turn % friends[tie_share] < known[tie_share]
    unknown = np.repeat(np.arange(len(total)), total - known)
    share = np.concatenate([tie_share[chosen], unknown])
    who = np.concatenate([tie_friend[chosen], np.full(len(unknown), -1)])
    age = soon(rng, len(share))
    live = (rng.random(len(total)) < _LIVE) & (total >= _LIVE_LIKES)
    begin, watching = rng.random(len(total)), live[share] & ((who >= 0) | (rng.random(len(share)) < 0.25))
    age = np.where(watching, begin[share] + _LIVE_MINUTES / 1440 * rng.random(len(share)), age)
    who = _named_strangers(world, shares, share, who, tie_share, tie_friend, rng)
    return share, who, age


def _named_strangers(
    world: World,
    shares: dict,
    share: np.ndarray,
    who: np.ndarray,
    tie_share: np.ndarray,
    tie_friend: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Some strangers are customers: anyone, members of a close circle, ring members who hide what they do."""
    author, week = shares["customer"][share], shares["week"][share]
    customers = len(world.people)
    named = who.copy()
    strange = who < 0
    anyone = strange & (rng.random(len(who)) < _CUSTOMERS)
    named[anyone] = rng.integers(0, customers, anyone.sum())
    circle = world.network.circle
    by_circle = np.argsort(circle, kind="stable")
    size = np.bincount(circle)
    begin = np.cumsum(size) - size
    close = rng.random(len(size)) < _CLOSE_CIRCLES
    neighbour = strange & close[circle[author]] & (rng.random(len(who)) < _CLOSE)
    home = circle[author[neighbour]]
    named[neighbour] = by_circle[begin[home] + (rng.random(neighbour.sum()) * size[home]).astype(np.int64)]
    members = np.concatenate([np.zeros(0, np.int64), *make_rings(world)])
    hides = rng.permutation(np.flatnonzero(strange & (shares["fake_way"][share] == 0)))
    hides = hides[
        : int(shares["fake_likes"][shares["fake_way"] == RING].sum())
    ]  # one for each like of a ring
    if len(members):
        named[hides] = rng.choice(members, len(hides))
    fresh = strange & (named >= 0)
    fresh &= (named != author) & (world.people.joined_week[named.clip(0)] < week)
    key, taken = share * customers + named, np.sort(tie_share * customers + tie_friend)
    fresh &= (
        taken[np.searchsorted(taken, key).clip(max=max(len(taken) - 1, 0))] != key if len(taken) else True
    )
    once = np.zeros(len(who), bool)
    once[np.unique(np.where(fresh, key, -1), return_index=True)[1]] = True
    return np.where(strange, np.where(fresh & once, named, -1), who)


def bought_likes(
    world: World, shares: dict, *, taken: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (share, customer or −1, days after the post) of bought likes: in a burst, or as honest ones.

    taken: share · customers + customer of the honest likes; who liked already does not like again.
    """
    rng = stream(world.seed, "bought likes")
    count, way = shares["fake_likes"], shares["fake_way"]
    share = np.repeat(np.arange(len(count)), count)
    low, high = np.log(_BURST_DAYS)
    length = np.exp(low + (high - low) * rng.random(len(count)))
    if world.fraud == "easy":
        length[:] = 1 / 36
    begin = rng.random(len(count)) * (0.6 if world.fraud == "easy" else 1.0)
    together = begin[share] + length[share] * rng.random(len(share))
    age = np.where(way[share] == BURST, together, soon(rng, len(share)))
    who = np.full(len(share), -1)
    first = np.cumsum(count) - count
    ring_of = np.full(len(world.people), -1)
    rings = make_rings(world)
    for number, ring in enumerate(rings):
        ring_of[ring] = number
    for row in np.flatnonzero(way == RING):
        author = shares["customer"][row]
        members = rings[ring_of[author]]
        here = members[(members != author) & (world.people.joined_week[members] < shares["week"][row])]
        likers = rng.permutation(here)[: count[row]]
        who[first[row] : first[row] + len(likers)] = likers
    who[np.isin(share * len(world.people) + who, taken)] = -1
    return share, who, age
