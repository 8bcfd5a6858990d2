"""Accounts that like the same posts at the same moments (CopyCatch, Beutel et al. 2013; SynchroTrap).

Two accounts coincide on a post when their likes fall into the same ten minutes. On a post that everybody
likes at once (a live event) that says nothing, so each coincidence is held against how often likers of that
post coincide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import poisson

from methods.result import Result

FEWEST_POSTS = 3
LARGEST_BUCKET = 500


@dataclass(frozen=True, kw_only=True)
class Lockstep(Result):
    """Pairs of accounts that coincide on 3 posts or more.

    pairs: a row a pair: one, other (accounts), together (posts), expected, p (before allowing for the number
    of possible partners). p: of each account, its best pair times the accounts it could have been paired with
    (0 to 1). component: int, of each account, numbered from 0, −1 outside all pairs beyond chance 0.01.
    skipped: moments with more than 500 likers, which were not looked at.
    """

    pairs: pd.DataFrame
    p: np.ndarray
    component: np.ndarray
    skipped: int


def lockstep_pairs(
    account: np.ndarray,
    post: np.ndarray,
    age_days: np.ndarray,
    *,
    accounts: int,
    bucket_days: float = 10 / 1440,
    fewest_posts: int = FEWEST_POSTS,
) -> Lockstep:
    """Find pairs of accounts that like together, and how many posts they would share by chance.

    account, post: int (likes,), from 0; one like an account and post. age_days: float (likes,), after the
    post. accounts: how many there are. bucket_days: length of a moment. fewest_posts: on which a pair must
    coincide. Expected: the sum, over the posts where they coincide, of the share of that post's pairs of
    likers that do; the pair itself taken out. Poisson tail, Bonferroni over possible partners.
    Returns a `Lockstep`. Raises ValueError on columns of unlike length.

    >>> rng = np.random.default_rng(1)
    >>> post, account = np.repeat(np.arange(40), 20), rng.integers(2, 400, 800)
    >>> age = rng.random(800)
    >>> account[0:800:20], account[1:800:20], age[1:800:20] = 0, 1, age[0:800:20]
    >>> found = lockstep_pairs(account, post, age, accounts=400)
    >>> bool(found.p[0] < 1e-6), bool((found.p[2:] < 0.05).any())
    (True, False)
    """
    account, post, age = (
        np.asarray(account, np.int64),
        np.asarray(post, np.int64),
        np.asarray(age_days, float),
    )
    if not len(account) == len(post) == len(age):
        raise ValueError("account, post and age_days need one entry a like each")
    moments = _Moments.of(post, np.floor(age / bucket_days).astype(np.int64))
    one, other, where, skipped = _coincidences(account, post, moments)
    key, place, together = np.unique(one * accounts + other, return_inverse=True, return_counts=True)
    enough = together[place] >= fewest_posts
    key, place, together = np.unique(
        (one * accounts + other)[enough], return_inverse=True, return_counts=True
    )
    rate = _rate(post, moments)
    expected = np.bincount(place, rate[where[enough]], len(key)) if len(key) else np.zeros(0)
    p = poisson.sf(together - 1, expected) if len(key) else np.zeros(0)
    first, second = np.divmod(key, accounts)
    pairs = pd.DataFrame({"one": first, "other": second, "together": together, "expected": expected, "p": p})
    best = np.ones(accounts)
    np.minimum.at(best, first, p)
    np.minimum.at(best, second, p)
    best = np.minimum(best * max(accounts - 1, 1), 1.0)
    return Lockstep(pairs=pairs, p=best, component=_components(pairs, accounts), skipped=skipped)


@dataclass(frozen=True)
class _Moments:
    """Likes by moment: their order, and of each moment of a post where it begins therein and its likes."""

    order: np.ndarray
    start: np.ndarray
    size: np.ndarray

    @classmethod
    def of(cls, post: np.ndarray, bucket: np.ndarray) -> _Moments:
        key = post * (bucket.max(initial=0) + 1) + bucket
        order = np.argsort(key)  # one key: several, or a stable order, take three times as long
        when = key[order]
        start = np.flatnonzero(np.append(True, when[1:] != when[:-1])[: len(when)])
        return cls(order, start, np.diff(np.append(start, len(when))))


def _coincidences(
    account: np.ndarray, post: np.ndarray, moments: _Moments
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return every pair of likes in one moment of one post: the smaller account, the larger, the post."""
    large = moments.size > LARGEST_BUCKET
    looked = (moments.size > 1) & ~large
    start, size = moments.start[looked], moments.size[looked]
    first = np.repeat(np.cumsum(size) - size, size)
    within = np.arange(len(first)) - first
    like = moments.order[np.repeat(start, size) + within]
    ahead = np.repeat(size, size) - within - 1  # likes of the moment that stand behind this
    left = np.repeat(np.arange(len(like)), ahead)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    one, other = account[like[left]], account[like[right]]
    differs = one != other
    one, other = one[differs], other[differs]
    return np.minimum(one, other), np.maximum(one, other), post[like[left[differs]]], int(large.sum())


def _rate(post: np.ndarray, moments: _Moments) -> np.ndarray:
    """Share of a post's pairs of likers that coincide, one pair taken out; at least that of all posts."""
    posts = int(post.max()) + 1 if len(post) else 0
    if not posts:
        return np.zeros(0)
    size = moments.size.astype(float)
    same = np.bincount(post[moments.order[moments.start]], size * (size - 1) / 2, posts)
    likers = np.bincount(post, minlength=posts).astype(float)
    every = likers * (likers - 1) / 2
    usual = same.sum() / max(every.sum(), 1.0)
    return np.maximum((same - 1 + usual) / every.clip(1.0), usual).clip(0.0, 1.0)


def _components(pairs: pd.DataFrame, accounts: int) -> np.ndarray:
    beyond = pairs[pairs["p"] * accounts < 0.01]
    found = np.full(accounts, -1)
    if not len(beyond):
        return found
    ends = beyond["one"].to_numpy(), beyond["other"].to_numpy()
    graph = coo_array((np.ones(len(beyond)), ends), shape=(accounts, accounts))
    label = connected_components(graph, directed=False)[1]
    members = np.unique(np.concatenate(ends))
    found[members] = np.unique(label[members], return_inverse=True)[1]
    return found
