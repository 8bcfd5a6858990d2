"""Likes, comments, clicks, joins and the brand's replies on each post, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market.joins import make_joins
from market.network import Network, spread
from market.people import habit_to_clock
from market.settings import stream

if TYPE_CHECKING:
    from market.world import World

KINDS = ("like", "comment", "click", "reply", "join")
_A_MOMENT = 1.0 / 1440.0
_LAST_LIKE_DAYS = 1.8  # likes come within 44 hours of the post, before the coupon is issued


def make_reactions(world: World, log: dict) -> dict[str, np.ndarray]:
    """Return reactions as columns: share, customer (-1: stranger or brand), kind, parent, likes, day."""
    rng = stream(world.seed, "reactions")
    shares, comments = log["shares"], log["comments"]
    tie_share, tie_friend = audience(world.network, shares)
    parts = [
        _likes(rng, shares, tie_share, tie_friend),
        _bought(rng, shares),
        _comments(rng, shares, comments),
        _clicks(shares, log["clicks"], world.people.type),
    ]
    parts.append(_replies(rng, parts, np.flatnonzero(comments["replied"])))
    share, friend, day = make_joins(world, shares, tie_share, tie_friend)
    parts.append(_part(share, friend, "join", day))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def audience(network: Network, shares: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return every (share, friend whose tie held in the week of the share)."""
    who = shares["customer"]
    share, slot = spread(network.start[who], network.start[who + 1])
    week = shares["week"][share]
    holds = (network.since[slot] <= week) & (network.until[slot] > week)
    return share[holds], network.friend[slot[holds]]


def _part(
    share: np.ndarray,
    customer: np.ndarray,
    kind: str,
    day: np.ndarray,
    *,
    likes: np.ndarray | None = None,
    parent: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    rows = len(share)
    return {
        "share": np.asarray(share),
        "customer": np.asarray(customer, dtype=np.int64),
        "kind": np.full(rows, KINDS.index(kind), np.int8),
        "parent": np.full(rows, -1) if parent is None else parent,
        "likes": np.full(rows, -1) if likes is None else likes,
        "day": day,
    }


def _soon(rng: np.random.Generator, rows: int) -> np.ndarray:
    return _LAST_LIKE_DAYS * rng.random(rows) ** 2.5


def _likes(
    rng: np.random.Generator, shares: dict, tie_share: np.ndarray, tie_friend: np.ndarray
) -> dict[str, np.ndarray]:
    """About seven in ten likes come from friends, each once; the rest from people the shop knows not."""
    total = shares["likes"]
    friends = np.bincount(tie_share, minlength=len(total))
    known = np.minimum(rng.binomial(total, 0.7), friends)
    first = np.cumsum(friends) - friends
    turn = np.arange(len(tie_share)) - first[tie_share] + rng.integers(0, 1 << 30, len(total))[tie_share]
    chosen = turn % friends[tie_share] < known[tie_share]
    unknown = np.repeat(np.arange(len(total)), total - known)
    share = np.concatenate([tie_share[chosen], unknown])
    who = np.concatenate([tie_friend[chosen], np.full(len(unknown), -1)])
    return _part(share, who, "like", shares["posted"][share] + _soon(rng, len(share)))


def _bought(rng: np.random.Generator, shares: dict) -> dict[str, np.ndarray]:
    """Bought likes come from strangers in one burst within 40 minutes."""
    share = np.repeat(np.arange(len(shares["bought"])), shares["bought"])
    begin = 0.6 * rng.random(len(shares["bought"]))
    day = shares["posted"][share] + begin[share] + rng.random(len(share)) / 36.0
    return _part(share, np.full(len(share), -1), "like", day)


def _comments(rng: np.random.Generator, shares: dict, comments: dict) -> dict[str, np.ndarray]:
    day = shares["posted"][comments["share"]] + _soon(rng, len(comments["share"]))
    return _part(comments["share"], comments["author"], "comment", day, likes=comments["likes"])


def _clicks(shares: dict, clicks: dict, kind: np.ndarray) -> dict[str, np.ndarray]:
    """Clicks as they were logged; on a post that was not up yet, right after it came."""
    share, who = clicks["share"], clicks["customer"]
    day = np.maximum(habit_to_clock(clicks["day"], kind[who]), shares["posted"][share] + _A_MOMENT)
    return _part(share, who, "click", day)


def _replies(
    rng: np.random.Generator, parts: list[dict[str, np.ndarray]], replied: np.ndarray
) -> dict[str, np.ndarray]:
    """The brand answers within a day; `parent` is the row of the comment."""
    first = len(parts[0]["share"]) + len(parts[1]["share"])
    comments = parts[2]
    day = comments["day"][replied] + 0.02 + 0.8 * rng.random(len(replied))
    nobody = np.full(len(replied), -1)
    return _part(comments["share"][replied], nobody, "reply", day, parent=first + replied)
