"""Likes, comments, clicks, joins and the brand's replies on each post, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market.joins import make_joins
from market.likes import bought_likes, honest_likes, soon
from market.network import Network, spread
from market.people import habit_to_clock
from market.settings import stream

if TYPE_CHECKING:
    from market.world import World

KINDS = ("like", "comment", "click", "reply", "join")
_A_MOMENT = 1.0 / 1440.0


def make_reactions(world: World, log: dict) -> dict[str, np.ndarray]:
    """Return reactions as columns: share, customer (-1: stranger or brand), kind, parent, likes, day."""
    rng = stream(world.seed, "reactions")
    shares, comments = log["shares"], log["comments"]
    tie_share, tie_friend = audience(world.network, shares)
    likes = honest_likes(world, shares, tie_share, tie_friend)
    parts = [
        _like_rows(shares, *likes),
        _like_rows(shares, *bought_likes(world, shares, taken=likes[0] * len(world.people) + likes[1])),
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


def _like_rows(shares: dict, share: np.ndarray, who: np.ndarray, age: np.ndarray) -> dict[str, np.ndarray]:
    return _part(share, who, "like", shares["posted"][share] + age)


def _comments(rng: np.random.Generator, shares: dict, comments: dict) -> dict[str, np.ndarray]:
    day = shares["posted"][comments["share"]] + soon(rng, len(comments["share"]))
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
