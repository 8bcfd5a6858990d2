"""Influence beyond shared taste: do friends answer this author more than their own taste explains?

An exposure is a post and a friend at its time. What a friend's taste explains is read off all exposures of
like taste; what is left is the author's influence, a gamma distributed factor around 1 that few exposures
leave near 1 (empirical Bayes, as in Robbins 1956 and Clayton & Kaldor 1987).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import gamma

_TASTE_BINS = 12


def expected_answers(frame: pd.DataFrame) -> np.ndarray:
    """Return the chance of an answer that the friend's taste explains, float per exposure.

    frame: answered and taste. Exposures of like taste (twelve groups of equal size) have one chance.

    >>> frame = pd.DataFrame({"answered": [True, False, True, True], "taste": [1.0, 1.0, 3.0, 3.0]})
    >>> expected_answers(frame).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    rank = frame["taste"].rank(method="average").to_numpy()
    group = np.minimum((rank - 1) * _TASTE_BINS // max(len(frame), 1), _TASTE_BINS - 1).astype(int)
    answered = frame["answered"].to_numpy(dtype=float)
    rate = np.bincount(group, answered) / np.maximum(np.bincount(group), 1)
    return rate[group]


def author_influence(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row an author: exposures, answers, expected, influence, low, high, pull.

    frame: author, answered, taste, one row an exposure. influence: factor on what taste explains,
        shrunken, with a 95 % interval. pull: answers that author draws, influence times expected.

    >>> frame = pd.DataFrame({"author": ["a"] * 3 + ["b"] * 3, "answered": [1, 1, 0, 0, 0, 1], "taste": 1.0})
    >>> author_influence(frame)[["author", "answers", "expected"]].to_numpy().tolist()
    [['a', 2.0, 1.5], ['b', 1.0, 1.5]]
    """
    code, authors = pd.factorize(frame["author"], sort=True)
    seen = np.bincount(code, minlength=len(authors)).astype(float)
    drawn = np.bincount(code, frame["answered"].to_numpy(dtype=float), len(authors))
    expected = np.bincount(code, expected_answers(frame), len(authors))
    mean, shape = _shrunken(drawn, expected)
    low, high = (gamma.ppf(level, drawn + shape, scale=1 / (expected + shape)) for level in (0.025, 0.975))
    columns = {"exposures": seen, "answers": drawn, "expected": expected, "influence": mean}
    return pd.DataFrame({"author": authors, **columns, "low": low, "high": high, "pull": mean * expected})


def redrawn_pull(frame: pd.DataFrame, *, draws: int, rng: np.random.Generator) -> Iterator[pd.Series]:
    """Yield the pull by author in resamples of the posts; what taste explains stays as in all of them.

    frame: as for `author_influence`, with share_id.
    """
    posts, names = pd.factorize(frame["share_id"])
    code, authors = pd.factorize(frame["author"], sort=True)
    answered, chance = frame["answered"].to_numpy(dtype=float), expected_answers(frame)
    for _draw in range(draws):
        weight = rng.poisson(1.0, len(names))[posts].astype(float)
        drawn, expected = (np.bincount(code, weight * one, len(authors)) for one in (answered, chance))
        yield pd.Series(_shrunken(drawn, expected)[0] * expected, index=authors)


def _shrunken(drawn: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, float]:
    """The factor of each author on what taste explains, pulled to 1, and the shape that says how far."""
    shape = _shape(drawn, expected)
    return (drawn + shape) / (expected + shape), shape


def _shape(answers: np.ndarray, expected: np.ndarray) -> float:
    """The shape of the gamma distribution that makes the answers likeliest (negative binomial)."""

    def minus_likelihood(log_shape: float) -> float:
        shape = np.exp(log_shape)
        inside = gammaln(answers + shape) - gammaln(shape) + shape * np.log(shape / (shape + expected))
        return -float((inside + answers * np.log((expected + 1e-12) / (shape + expected))).sum())

    return float(np.exp(minimize_scalar(minus_likelihood, bounds=(-3.0, 7.0), method="bounded").x))
