"""Likers whom the author does not know: their share against that of posts with the same audience."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln
from scipy.stats import betabinom

from methods.errors import CannotAnswer
from methods.result import Result

FEWEST_POSTS = 30
_LEFT_OUT, _FITS = 0.005, 3
_CONCENTRATIONS = (0.3, 3_000.0)


@dataclass(frozen=True, kw_only=True)
class Strangers(Result):
    """The share of strangers of each post against its group.

    p: chance that an honest post of as many likes has so many strangers (0 to 1), an entry a post; 1 without
    likes. expected: float, strangers expected, an entry a post. groups: a row a group: mean (share of
    strangers, 0 to 1), concentration (likes that the mean is worth; large where posts are alike), posts.
    """

    p: np.ndarray
    expected: np.ndarray
    groups: pd.DataFrame


def stranger_share(strangers: np.ndarray, likes: np.ndarray, *, group: np.ndarray | None = None) -> Strangers:
    """Test each post's strangers by a beta-binomial whose mean and concentration the posts themselves give.

    strangers, likes: int (posts,), strangers at most likes. group: (posts,), posts with one kind of audience;
    groups of fewer than 30 posts with likes are taken together. Posts beyond chance 0.005 are left out and
    the curve is fitted anew, so that fakes do not hide each other. Returns a `Strangers`. Raises ValueError
    on counts that cannot be, CannotAnswer on fewer than 30 posts with likes.

    >>> rng = np.random.default_rng(1)
    >>> likes = np.full(500, 40)
    >>> seen = rng.binomial(likes, rng.beta(3, 7, 500))
    >>> seen[0] = 39
    >>> found = stranger_share(seen, likes)
    >>> bool(found.p[0] < 0.001), bool(0.2 < found.groups["mean"].iloc[0] < 0.4)
    (True, True)
    """
    k, m = np.asarray(strangers, np.int64), np.asarray(likes, np.int64)
    if len(k) != len(m) or (k < 0).any() or (k > m).any():
        raise ValueError("strangers: every post needs from 0 to all of its likes")
    if (m > 0).sum() < FEWEST_POSTS:
        raise CannotAnswer(
            f"{(m > 0).sum():,} posts with likes are too few to know the usual share of strangers"
        )
    label = np.zeros(len(k), int) if group is None else pd.factorize(np.asarray(group))[0]
    few = np.bincount(label[m > 0], minlength=label.max() + 1) < FEWEST_POSTS
    label = np.where(few[label], -1, label)
    if ((label == -1) & (m > 0)).sum() < FEWEST_POSTS:
        label = np.where(
            label == -1, np.bincount(label[label >= 0]).argmax() if (label >= 0).any() else 0, label
        )
    p, expected, rows = np.ones(len(k)), np.zeros(len(k)), {}
    for one in np.unique(label):
        mine = np.flatnonzero((label == one) & (m > 0))
        kept = np.ones(len(mine), bool)
        for _ in range(_FITS):
            mean, concentration = fit_beta_binomial(k[mine][kept], m[mine][kept])
            kept = upper_tail(k[mine], m[mine], mean, concentration) > _LEFT_OUT
        p[mine] = upper_tail(k[mine], m[mine], mean, concentration)
        expected[mine] = m[mine] * mean
        rows[int(one)] = (mean, concentration, len(mine))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "concentration", "posts"])
    return Strangers(p=p, expected=expected, groups=table)


def fit_beta_binomial(k: np.ndarray, m: np.ndarray) -> tuple[float, float]:
    """Return mean and concentration of the shares by maximum likelihood on the distinct counts."""
    width = int(m.max()) + 1
    keys, times = np.unique(k * width + m, return_counts=True)
    one, all_ = (part.astype(float) for part in np.divmod(keys, width))

    def loss(at: np.ndarray) -> float:
        mean, s = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
        a, b = mean * s, (1 - mean) * s
        return -float(times @ (betaln(a + one, b + all_ - one) - betaln(a, b)))

    share = ((k.sum() + 0.5) / (m.sum() + 1.0)).clip(1e-4, 1 - 1e-4)
    bounds = [(-12, 12), tuple(np.log(_CONCENTRATIONS))]
    found = minimize(loss, [np.log(share / (1 - share)), np.log(5.0)], method="L-BFGS-B", bounds=bounds)
    return float(1 / (1 + np.exp(-found.x[0]))), float(np.exp(found.x[1]))


def upper_tail(k: np.ndarray, m: np.ndarray, mean: float, concentration: float) -> np.ndarray:
    """Return the chance of k or more of m by a beta-binomial (0 to 1, an entry a pair of counts).

    k, m: int (counts,), k at most m; each pair is worked out once. mean: 0 to 1. concentration: above 0.

    >>> upper_tail(np.array([0, 2]), np.array([3, 3]), 0.5, 2.0).round(6).tolist()
    [1.0, 0.5]
    """
    width = int(m.max()) + 1
    keys, place = np.unique(k * width + m, return_inverse=True)
    pairs = np.column_stack(np.divmod(keys, width))
    a, b = mean * concentration, (1 - mean) * concentration
    tail = np.array([_upper(int(one), int(all_), a, b) for one, all_ in pairs])
    return tail[np.ravel(place)]


def _upper(k: int, m: int, a: float, b: float) -> float:
    if k == 0:
        return 1.0
    if m > 5_000:
        return float(betabinom.sf(k - 1, m, a, b))
    at = np.arange(k, m + 1)
    log = gammaln(m + 1) - gammaln(at + 1) - gammaln(m - at + 1) + betaln(a + at, b + m - at) - betaln(a, b)
    return float(min(np.exp(log).sum(), 1.0))
