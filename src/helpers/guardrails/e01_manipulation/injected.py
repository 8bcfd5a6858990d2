"""How much would be found: fakes of known kind and size put on the shop's own posts, and looked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.guardrails.e01_manipulation.liked import Liked
from methods.intervals import benjamini_hochberg
from methods.intervals.estimates import Interval, wilson
from methods.manipulation import like_evidence

# Likes put on a post, by kind: the smallest drips are what a top-up to a coupon takes.
SIZES = {"bursts": (15, 40), "drips": (8, 15, 40), "rings": (12, 24)}
_POSTS, _POSTS_AN_ACCOUNT, _RING = 90, 4, 30


@dataclass(frozen=True, kw_only=True)
class Injected:
    """found, put: posts of one kind and number of likes that were flagged, and that fakes were put on."""

    kind: str
    likes: int
    found: int
    put: int

    @property
    def share(self) -> Interval:
        """The share that was flagged, with Wilson's interval."""
        return wilson(float(self.found), self.put)


def recall(liked: Liked, *, flag_rate: float, rewirings: int, seed: int) -> tuple[Injected, ...]:
    """Put bursts, drips and a ring on 90 posts in turn; return how many of them are flagged.

    liked: with at least 100 posts. flag_rate: of false flags, as the shop's own are judged (0 to 1).
    Every faking account gets fakes on all its posts, four at most. One search a kind.
    """
    rng = np.random.default_rng(seed)
    out = []
    for kind, sizes in SIZES.items():
        likes, posts, where, size = _with_fakes(liked, kind, rng)
        found = like_evidence(
            likes, posts, accounts=len(liked.accounts) + _RING, rewirings=rewirings, seed=seed
        )
        flagged = benjamini_hochberg(found.posts["p"].to_numpy()) <= flag_rate
        out += [
            Injected(
                kind=kind,
                likes=many,
                found=int(flagged[where[size == many]].sum()),
                put=int((size == many).sum()),
            )
            for many in sizes
        ]
    return tuple(out)


def _with_fakes(
    liked: Liked, kind: str, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Return likes with fakes, posts, the posts that got them, and how many likes each got."""
    posts, likes = liked.posts, liked.likes
    where = _posts_of_accounts(posts["author"].to_numpy(), rng)
    size = np.resize(SIZES[kind], len(where))
    post = np.repeat(where, size)
    usual = likes["age_days"].to_numpy()
    age = rng.choice(usual, len(post))
    if kind == "bursts":
        begin = rng.choice(usual, len(posts))[post]
        age = (
            begin + rng.random(len(post)) * np.exp(rng.uniform(np.log(0.007), np.log(0.25), len(posts)))[post]
        )
    liker = np.full(len(post), -1)
    if kind == "rings":
        members = len(liked.accounts) + np.arange(_RING)
        liker = np.concatenate([rng.choice(members, many, replace=False) for many in size])
    fakes = pd.DataFrame({"post": post, "liker": liker, "age_days": age, "tied": False})
    whole = pd.concat([likes[list(fakes)], fakes], ignore_index=True)
    return whole, posts, where, size


def _posts_of_accounts(author: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return 90 posts of accounts taken in turn, at most four of each."""
    order = rng.permutation(len(author))
    place = pd.Series(author[order]).groupby(author[order]).cumcount().to_numpy()
    order = order[place < _POSTS_AN_ACCOUNT]
    account = pd.unique(author[order])
    rank = pd.Series(np.arange(len(account)), index=account)
    order = order[np.argsort(rank[author[order]].to_numpy(), kind="stable")]
    return order[:_POSTS]
