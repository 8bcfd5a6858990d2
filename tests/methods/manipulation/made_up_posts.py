"""Posts with likes of honest arrival, and fakes of each kind to put among them."""

from __future__ import annotations

import numpy as np
import pandas as pd

ACCOUNTS = 3_000


def honest(*, posts: int = 1_500, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return likes and posts: 3 to 40 likes each, three in ten of strangers on average, varying by post."""
    rng = np.random.default_rng(seed)
    size = rng.geometric(0.08, posts).clip(3, 60)
    post = np.repeat(np.arange(posts), size)
    share = rng.beta(1.2, 2.8, posts)
    tied = rng.random(len(post)) >= share[post]
    liker = np.where(tied, rng.integers(0, ACCOUNTS, len(post)), -1)
    known = ~tied & (rng.random(len(post)) < 0.3)
    liker[known] = rng.integers(0, ACCOUNTS, known.sum())
    likes = pd.DataFrame({"post": post, "liker": liker, "age_days": arrival(rng, len(post)), "tied": tied})
    author = rng.integers(0, ACCOUNTS // 5, posts)
    return likes, pd.DataFrame({"author": author, "group": 0, "week": rng.integers(0, 20, posts)})


def arrival(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Return days after the post, most likes soon."""
    return 1.8 * rng.random(rows) ** 2.5


def bought(post: int, count: int, rng: np.random.Generator, *, burst: bool) -> pd.DataFrame:
    """Return likes of nobody known, in 40 minutes or along the honest curve."""
    age = 0.5 * rng.random() + rng.random(count) / 36 if burst else arrival(rng, count)
    return pd.DataFrame({"post": post, "liker": -1, "age_days": age, "tied": False})


def ring(posts: np.ndarray, members: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return likes of a ring on its own posts, each member on six posts in ten."""
    post, liker = (part.ravel() for part in np.meshgrid(posts, members))
    taken = rng.random(len(post)) < 0.6
    age = arrival(rng, taken.sum())
    return pd.DataFrame({"post": post[taken], "liker": liker[taken], "age_days": age, "tied": False})
