"""Influence beyond shared taste: do friends answer this author more than their own taste explains?

An exposure is a post and a friend at its time. What a friend's taste explains is read off all exposures alike
in the friend's own earlier purchases of the category; what is left is the author's influence, a gamma
distributed factor around 1 that few exposures leave near 1 (empirical Bayes, as in Robbins 1956 and Clayton &
Kaldor 1987).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import gamma

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

ANSWER_KINDS = ("join", "click", "like", "comment")
_TASTE_BINS = 12
_PRIOR_PURCHASES = 3.0


def answer_kind(shop: Shop) -> str:
    """Return the costliest kind of answer that the shop records: join, else click, like, comment."""
    known = shop["reactions"].filter(_.customer_id.notnull()).select("kind").distinct().to_pandas()["kind"]
    return next((kind for kind in ANSWER_KINDS if kind in set(known)), ANSWER_KINDS[0])


def exposures(
    shop: Shop, *, until: dt.datetime, kind: str, since: dt.datetime = dt.datetime.min
) -> pd.DataFrame:
    """Return one row a post in [since, until) and friend of its author then: answered or not, and taste.

    Columns: share_id, author, friend (text), answered (boolean, an answer of this kind before `until`), taste
    (float: the friend's share of purchases in the post's category up to the post over everyone's, pulled to
    1; 1 without category).
    """
    posts = shop["shares"].filter((_.posted_at < until) & (_.posted_at >= since))
    posts = posts.select("share_id", "item_id", "posted_at", author="customer_id")
    pairs = posts.join(both_ways(shop), "author")
    begun = pairs.since_at.isnull() | (pairs.since_at <= pairs.posted_at)
    pairs = pairs.filter(begun & (pairs.until_at.isnull() | (pairs.until_at > pairs.posted_at)))
    answers = shop["reactions"].filter((_.kind == kind) & _.customer_id.notnull() & (_.posted_at < until))
    answers = answers.select("share_id", friend="customer_id").distinct().mutate(answered=True)
    pairs = pairs.left_join(answers, ["share_id", "friend"]).select(
        "share_id", "item_id", "posted_at", "author", "friend", answered=_.answered.fill_null(False)
    )
    if shop.missing("items.category", "orders.placed_at"):
        return _sorted(pairs.select("share_id", "author", "friend", "answered").to_pandas()).assign(taste=1.0)
    return _sorted(_with_taste(shop, pairs, until))


def both_ways(shop: Shop) -> Table:
    """Return each tie from both sides: author, friend, since_at, until_at."""
    ties = shop["ties"]
    one = ties.select("since_at", "until_at", author="customer_a", friend="customer_b")
    other = ties.select("since_at", "until_at", author="customer_b", friend="customer_a")
    return one.union(other.select(*one.columns))


def _with_taste(shop: Shop, pairs: Table, until: dt.datetime) -> pd.DataFrame:
    """Count, for each exposure, the friend's purchase lines before the post, all and of its category."""
    items = shop["items"].select("item_id", "category")
    pairs = pairs.left_join(items, "item_id").select(
        "share_id", "author", "friend", "answered", "posted_at", "category"
    )
    orders = dated_purchases(shop).filter(_.placed_at < until).select("order_id", "customer_id", "placed_at")
    lines = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(items, "item_id")
    lines = lines.select(friend="customer_id", placed_at="placed_at", bought="category")
    met = pairs.left_join(lines, "friend").select(
        "share_id", "author", "friend", "answered", "category", "bought",
        earlier=lambda row: row.placed_at < row.posted_at,
    )  # fmt: skip
    counted = met.group_by("share_id", "author", "friend", "answered", "category").agg(
        every=met.earlier.sum().fill_null(0),
        same=(met.earlier & (met.bought == met.category)).sum().fill_null(0),
    )
    frame = counted.to_pandas()
    share = lines.group_by("bought").agg(lines=_.count()).to_pandas().set_index("bought")["lines"]
    common = frame["category"].map(share / share.sum()).to_numpy(dtype=float)
    own = (frame["same"] + _PRIOR_PURCHASES * common) / (frame["every"] + _PRIOR_PURCHASES)
    taste = np.where(np.isfinite(common), own / common, 1.0)
    return frame[["share_id", "author", "friend", "answered"]].assign(taste=taste)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["author", "share_id", "friend"], ignore_index=True)


def expected_answers(frame: pd.DataFrame) -> np.ndarray:
    """Return the chance of an answer that the friend's taste explains, float per exposure.

    frame: answered and taste. Exposures of like taste (twelve groups of equal size) have one chance.
    """
    rank = frame["taste"].rank(method="average").to_numpy()
    group = np.minimum((rank - 1) * _TASTE_BINS // max(len(frame), 1), _TASTE_BINS - 1).astype(int)
    answered = frame["answered"].to_numpy(dtype=float)
    rate = np.bincount(group, answered) / np.maximum(np.bincount(group), 1)
    return rate[group]


def author_influence(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row an author: exposures, answers, expected, influence, low, high, pull.

    frame: author, answered, taste, one row an exposure. influence: factor on what taste explains, shrunken,
    with a 95 % interval. pull: answers that author draws, influence times expected.
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
