"""Sharing: who shows an order to friends, how many like it, and what the brand answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from market.people import People
from market.settings import BEG_FROM, LIKES_FOR_COUPON, logistic

if TYPE_CHECKING:
    from market.network import Network

LIKES_SHAPE = 4.0  # of the gamma that likes scatter by, beyond Poisson
BEGS = np.array([0.30, 0.25, 0.55, 0.35, 0.30])  # chance of begging just below the coupon, by type
_AGE_LOGIT = np.array([0.35, 0.40, 0.10, -0.10, -0.30, -0.45])
_TIER_LOGIT = np.array([0.0, 0.10, 0.05, 0.0, -0.10, -0.15])


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the shop knew of the customer when the order came: one entry an order."""

    orders_before: np.ndarray
    shares_before: np.ndarray
    friends: np.ndarray
    tenure_days: np.ndarray
    lipstick: np.ndarray


def share_logit(known: Known, people: People, who: np.ndarray) -> np.ndarray:
    """Return the log odds of sharing an unprompted order.

    They depend on nothing but what a customer panel shows at the order: so given the panel, sharing is as
    good as random, although the same traits go with the hidden order rate.
    """
    fraction = known.shares_before / np.maximum(known.orders_before, 1)
    female = people.gender[who] == 0
    return (
        -4.55
        + 1.42 * np.log1p(np.minimum(known.orders_before, 20))
        + 0.40 * np.log1p(known.friends)
        + 0.60 * fraction
        + 0.35 * known.lipstick
        + 0.25 * known.lipstick * female
        + 0.15 * female
        + _AGE_LOGIT[people.age[who]]
        + _TIER_LOGIT[people.city_tier[who]]
        - 0.10 * np.log1p(known.tenure_days / 30.0)
    )


def share_chance(logit: np.ndarray) -> np.ndarray:
    """Return the chance of sharing: everybody shares sometimes and nobody always, so the groups overlap."""
    return 0.025 + 0.925 * logistic(logit)


def share_factor(known: Known) -> np.ndarray:
    """Return how much sharing moves this customer, 1 being middling: more for lipstick and newcomers."""
    return 0.60 + 0.90 * known.lipstick + 0.80 * (known.orders_before <= 2) - 0.15 * (known.friends >= 12)


def potential_likes(
    known: Known,
    people: People,
    who: np.ndarray,
    *,
    circle_log: np.ndarray,
    appeal: np.ndarray,
    uniform: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (likes earned, likes after begging, likes to expect) of each order if it were shared."""
    mean = np.exp(
        0.85
        + 0.42 * np.log1p(known.friends)
        + 0.30 * known.lipstick
        + circle_log
        + appeal
        + people.charm[who]
    )
    earned = rng.poisson(mean * rng.standard_gamma(LIKES_SHAPE, len(who)) / LIKES_SHAPE)
    begs = (earned >= BEG_FROM) & (earned < LIKES_FOR_COUPON) & (uniform < BEGS[people.type[who]])
    begged = LIKES_FOR_COUPON + np.floor(3 * rng.random(len(who))).astype(np.int64)
    return earned, np.where(begs, begged, earned), mean


def bought_likes(people: People, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the likes that a buying account pays for on each order it shares."""
    return np.where(people.buys_likes[who], rng.integers(25, 61, len(who)), 0)


@dataclass(frozen=True, kw_only=True)
class Comments:
    """Comments on a week's shares. share: number within the week's shares."""

    share: np.ndarray
    author: np.ndarray
    likes: np.ndarray
    replied: np.ndarray


def make_comments(
    sharers: np.ndarray,
    likes: np.ndarray,
    *,
    network: Network,
    week: int,
    liveliness: np.ndarray,
    rng: np.random.Generator,
) -> Comments:
    """Friends comment; the brand answers well-liked comments more often and looks at nothing else."""
    share = np.repeat(np.arange(len(sharers)), rng.poisson(0.10 * likes))
    author = network.one_friend(sharers[share], rng.random(len(share)), week)
    share, author = share[author >= 0], author[author >= 0]
    received = rng.poisson(np.exp(0.9 + 0.35 * liveliness[author]))
    chance = logistic(-2.2 + 0.45 * received)
    return Comments(share=share, author=author, likes=received, replied=rng.random(len(share)) < chance)
