"""Recommended items: two policies that ran side by side at random, with their exact chances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.goods import Goods
from market.settings import CATEGORIES

FIRST_WEEK = 52
SHOWN_PROBABILITY = 0.045  # chance a week that a customer who still visits sees a slate
TAKEN_PROBABILITY = 0.4  # chance that who clicked and then orders takes the first item clicked
POSITIONS = 5
POLICIES = ("popular", "personal")
_POSITION = np.array([1.0, 0.85, 0.72, 0.62, 0.55])
_NO_FAVOURITE = len(CATEGORIES)


@dataclass(frozen=True, kw_only=True)
class Shelves:
    """The items dealt into five shelves, one a position; chances and expected clicks.

    chance: shape (policy, favourite category or none, item), adding to 1 over the items of a shelf.
    appeal: chance of a click on the item at its position for a customer of average taste.
    clicks: shape (policy, favourite, category): expected clicks per impression at average taste.
    """

    shelf: np.ndarray
    chance: np.ndarray
    appeal: np.ndarray
    clicks: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Slates:
    """Impressions of one week; `lift` is the customer's taste for the item's category over the average."""

    customer: np.ndarray
    favourite: np.ndarray
    policy: np.ndarray
    moment: np.ndarray
    item: np.ndarray
    propensity: np.ndarray
    clicked: np.ndarray


def make_shelves(goods: Goods) -> Shelves:
    """Deal the items that were on sale when the recommender started, by popularity, and fix both policies."""
    weight = np.where(goods.launched_week < FIRST_WEEK, goods.popularity, 0.0)
    shelf = np.empty(len(weight), np.int64)
    shelf[np.argsort(-weight, kind="stable")] = np.arange(len(weight)) % POSITIONS
    favourites = np.arange(len(CATEGORIES) + 1)
    match = goods.category[None, :] == favourites[:, None]
    score = np.stack([np.broadcast_to(weight, match.shape), weight * np.where(match, 12.0, 1.0)])
    uniform = (weight > 0).astype(float)
    chance = np.zeros_like(score)
    for place in range(POSITIONS):
        here = shelf == place
        greedy = score[:, :, here] / score[:, :, here].sum(axis=2, keepdims=True)
        chance[:, :, here] = 0.9 * greedy + 0.1 * uniform[here] / uniform[here].sum()
    appeal = 0.07 * _POSITION[shelf] * np.exp(0.5 * goods.appeal)
    clicks = np.zeros((2, len(favourites), len(CATEGORIES)))
    for number in range(len(CATEGORIES)):
        own = goods.category == number
        clicks[:, :, number] = (chance[:, :, own] * appeal[own]).sum(axis=2) / POSITIONS
    return Shelves(shelf=shelf, chance=chance, appeal=appeal, clicks=clicks)


def taste_lift(taste: np.ndarray) -> np.ndarray:
    """Return the factor on the chance of a click: taste against the average category, 4 at most."""
    return np.minimum(0.4 + 0.6 * len(CATEGORIES) * taste, 4.0)


def show(
    shelves: Shelves,
    visitors: np.ndarray,
    favourite: np.ndarray,
    taste: np.ndarray,
    category: np.ndarray,
    rng: np.random.Generator,
) -> Slates:
    """Show five items to each visitor by a policy drawn at random; return one entry an impression.

    favourite: category of the last order, -1 without one. taste: the visitors' rows. category: of each item.
    """
    policy = rng.integers(0, 2, len(visitors))
    favourite = np.where(favourite < 0, _NO_FAVOURITE, favourite)
    moment = 7.0 * rng.random(len(visitors))
    cell = policy * (_NO_FAVOURITE + 1) + favourite
    item = np.empty((len(visitors), POSITIONS), np.int64)
    flat = shelves.chance.reshape(2 * (_NO_FAVOURITE + 1), -1)
    for place in range(POSITIONS):
        here = np.flatnonzero(shelves.shelf == place)
        edges = np.cumsum(flat[:, here], axis=1)
        edges = edges / edges[:, -1:] + np.arange(len(edges))[:, None]
        spot = np.searchsorted(
            edges.ravel(), cell + np.minimum(rng.random(len(visitors)), 0.9999999), side="right"
        )
        item[:, place] = here[np.minimum(spot - cell * len(here), len(here) - 1)]
    own = np.take_along_axis(taste_lift(taste), category[item].astype(np.int64), axis=1)
    clicked = rng.random(item.shape) < shelves.appeal[item] * own
    return Slates(
        customer=visitors,
        favourite=favourite,
        policy=policy,
        moment=moment,
        item=item,
        propensity=flat[cell[:, None], item],
        clicked=clicked,
    )


def policy_clicks(shelves: Shelves, favourite: np.ndarray, taste: np.ndarray) -> np.ndarray:
    """Return each policy's expected clicks per impression in every context: shape (2, contexts)."""
    return np.einsum("pnc,nc->pn", shelves.clicks[:, favourite], taste_lift(taste))
