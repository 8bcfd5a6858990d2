"""Friends who join a post: by the sharer's influence and their own taste, which goes with the circle's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market.settings import CATEGORIES, stream

if TYPE_CHECKING:
    from market.world import World

_BASE = 0.07  # joins per friend and post at influence 1 and middling taste
_MOST_TASTE = 4.0
_WITHIN_DAYS = 3.0


def join_chances(world: World, shares: dict, tie_share: np.ndarray, tie_friend: np.ndarray) -> np.ndarray:
    """Return the chance that each friend reached by a post joins it."""
    category = world.goods.category[shares["item"][tie_share]]
    taste = np.minimum(len(CATEGORIES) * world.taste[tie_friend, category], _MOST_TASTE)
    influence = world.people.influence[shares["customer"][tie_share]]
    return -np.expm1(-_BASE * influence * taste)


def make_joins(
    world: World, shares: dict, tie_share: np.ndarray, tie_friend: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (share, customer, day) of each join; joins move nothing else."""
    rng = stream(world.seed, "joins")
    chosen = rng.random(len(tie_share)) < join_chances(world, shares, tie_share, tie_friend)
    share = tie_share[chosen]
    return share, tie_friend[chosen], shares["posted"][share] + _WITHIN_DAYS * rng.random(len(share)) ** 2


def expected_joins(world: World, shares: dict, tie_share: np.ndarray, tie_friend: np.ndarray) -> np.ndarray:
    """Return the joins to expect on each customer's posts, float per customer."""
    chance = join_chances(world, shares, tie_share, tie_friend)
    return np.bincount(shares["customer"][tie_share], weights=chance, minlength=len(world.people))
