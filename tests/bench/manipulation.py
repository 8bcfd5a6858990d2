"""Evidence of bought likes at size: fifty likes a customer, eight likes a post, three in ten of strangers."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

LIBRARIES = ("methods.manipulation",)
LIKES_A_CUSTOMER, LIKES_A_POST = 50, 8


def manipulation(folder: Path, customers: int) -> None:
    """Weigh every post of a shop without fakes: 10,000,000 likes with the usual 200,000 customers."""
    from methods.manipulation import like_evidence

    likes, posts = _likes(customers)
    clock = time.process_time()
    found = like_evidence(likes, posts, accounts=customers, seed=1)
    spent = time.process_time() - clock
    print(f"{len(likes):,} likes weighed in {spent:.1f} s, smallest p {found.posts['p'].min():.1g}")


def _likes(customers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    rows = LIKES_A_CUSTOMER * customers
    count = rows // LIKES_A_POST
    tied = rng.random(rows) < 0.7
    liker = rng.integers(0, customers, rows)
    liker[~tied & (rng.random(rows) < 0.7)] = -1
    likes = {"post": rng.integers(0, count, rows), "liker": liker, "age_days": 1.8 * rng.random(rows) ** 2.5}
    posts = {"author": rng.integers(0, customers, count), "group": rng.integers(0, 3, count)}
    return pd.DataFrame({**likes, "tied": tied}), pd.DataFrame({**posts, "week": rng.integers(0, 78, count)})


STAGES = (manipulation,)
