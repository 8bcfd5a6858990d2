"""What a customer is like: recency, frequency, spend, taste, hours and sharing, ready for clustering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from ibis import _

from helpers.data.customer_history import histories_of
from helpers.data.order_sums import order_sums
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.prices import price_habit
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

LARGEST_CATEGORIES = 12
# A share seen in a handful of orders says little: it is pulled to the shop's mean as if so many more orders
# had been seen there.
_HABIT_ORDERS = 3.0
_TASTE_DIRECTIONS = 3
# How long ago the last purchase was is the lifecycle's subject and changes every day; habits last.
_RECENCY_WEIGHT = 0.5
_FURTHEST = 3.0
# The columns of `Features.matrix` that say how lately and how often somebody buys: the lifecycle's part.
LIFECYCLE = (0, 1)


@dataclass(frozen=True, kw_only=True)
class Axes:
    """What brought habits to one scale, so that customers of another date can be set on the same.

    until: the day of the customers in whom they were found. categories: counted apart. directions: of taste,
    categories by directions; None without categories. scales: one a habit, the centre of each of its columns
    and their common spread.
    """

    until: int
    categories: tuple[str, ...]
    directions: np.ndarray | None
    scales: tuple[tuple[np.ndarray, float], ...]


@dataclass(frozen=True, kw_only=True)
class Features:
    """The customers who have bought, in plain numbers and in the form in which they are compared.

    plain: one row a customer (index customer_id): days_since_last, purchases, purchases_per_90_days (since
    the first one), spend_per_purchase_cents, list_price_paid (of the list price), night_share (22 to 6
    o'clock), shares_per_purchase and `share of <category>` for the largest categories; columns that the
    data lack are absent. matrix: float, standardised; every habit has the same total weight, recency half
    of it. axes: on which it stands.
    """

    plain: pd.DataFrame
    history: pd.DataFrame
    matrix: np.ndarray
    categories: tuple[str, ...]
    axes: Axes


def customer_features(shop: Shop, *, until: int, axes: Axes | None = None) -> Features:
    """Describe every customer with a purchase up to the day `until` (days since 1970-01-01, shop's clock).

    axes: of another date, to compare with it; None finds them in these customers.
    Worked out once a shop, day and axes, for groups and drift look at the same. Raises CannotAnswer where
    nobody has one, or where the other date's habits are not all known.
    """
    name = ("features", until, axes.until if axes else until)
    return shop.once(name, lambda: _customer_features(shop, until=until, axes=axes))


def _customer_features(shop: Shop, *, until: int, axes: Axes | None) -> Features:
    categories = () if shop.missing("items.category") else _largest_categories(shop)
    if axes is not None:
        categories = axes.categories
    sums = order_sums(shop, until=until, habits=True, categories=categories)
    bought = (sums.days["purchases"] > 0).to_numpy()
    if not bought.any():
        raise CannotAnswer(WORDS.text("no purchase by then"))
    history = histories_of(sums)[bought].set_index("customer_id")
    lines, hours = (
        rows[bought].set_axis(history.index) for rows in (sums.lines, sums.hours) if rows is not None
    )
    plain = pd.DataFrame(
        {
            "days_since_last": until - history["last_day"],
            "purchases_per_90_days": _pace(history, until=until),
            "purchases": history["purchases"],
        },
        dtype=float,
    )
    blocks = [
        np.log1p(plain[["days_since_last"]].to_numpy()),
        np.log(plain[["purchases_per_90_days"]].to_numpy()),
    ]
    if history["spend_cents"].gt(0).any():
        plain["spend_per_purchase_cents"] = history["spend_cents"].fillna(0) / history["purchases"]
        blocks.append(np.log1p(plain[["spend_per_purchase_cents"]].to_numpy()))
    if not shop.missing("items.list_price_cents", "order_lines.unit_price_cents"):
        plain["list_price_paid"], pulled = price_habit(lines[["lines", "paid", "paid_square"]].fillna(0.0))
        blocks.append(pulled[:, None])
    plain, blocks = _with_hours(plain, blocks, hours.astype(float))
    directions = None if axes is None else axes.directions
    if len(categories) > 1:
        counts = lines.filter(like="count_").fillna(0.0).set_axis([*categories, None], axis=1)
        plain, taste, directions = _with_taste(plain, counts, categories, directions)
        blocks.append(taste)
    if not shop.missing("shares"):
        posts = shop["shares"].group_by("customer_id").agg(posts=_.count()).to_pandas()
        posts = posts.set_index("customer_id")["posts"].reindex(plain.index, fill_value=0)
        plain["shares_per_purchase"] = posts / plain["purchases"]
        typical = posts.sum() / plain["purchases"].sum()
        pulled = (posts + _HABIT_ORDERS * typical) / (plain["purchases"] + _HABIT_ORDERS)
        blocks.append(np.log(pulled.to_numpy() + 0.01)[:, None])
    if axes is None:
        scales = tuple(_scale(block) for block in blocks)
        axes = Axes(until=until, categories=categories, directions=directions, scales=scales)
    matrix = _standardised(blocks, axes.scales)
    return Features(plain=plain, history=history, matrix=matrix, categories=categories, axes=axes)


def _largest_categories(shop: Shop) -> tuple[str, ...]:
    """The categories with the most lines; lines of cancelled orders count too."""
    lines = shop["order_lines"].group_by("item_id").agg(lines=_.count()).to_pandas()
    named = lines.merge(shop["items"].select("item_id", "category").to_pandas(), on="item_id")
    counts = named.groupby("category")["lines"].sum().sort_index().sort_values(ascending=False, kind="stable")
    return tuple(counts.index[:LARGEST_CATEGORIES])


def _shares(counts: pd.DataFrame) -> np.ndarray:
    """Shares of a row's counts, pulled to the shop's mean where the row has few."""
    seen = counts.to_numpy(dtype=float)
    mean = seen.sum(axis=0) / seen.sum()
    return (seen + _HABIT_ORDERS * mean) / (seen.sum(axis=1, keepdims=True) + _HABIT_ORDERS)


def _with_hours(plain: pd.DataFrame, blocks: list, hours: pd.DataFrame) -> tuple[pd.DataFrame, list]:
    """The mean place on the clock, pulled to the shop's where a customer has few purchases."""
    if hours["first"].min() == hours["last"].max():
        return plain, blocks
    places = hours[["cosine", "sine"]].to_numpy()
    mean = places.sum(axis=0) / hours["all"].sum()
    pulled = (places + _HABIT_ORDERS * mean) / (hours[["all"]].to_numpy() + _HABIT_ORDERS)
    return plain.assign(night_share=hours["night"] / hours["all"]), [*blocks, pulled]


def _with_taste(
    plain: pd.DataFrame, bought: pd.DataFrame, categories: tuple[str, ...], directions: np.ndarray | None
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Square roots of shares compare evenly (Hellinger); their main directions stand for the taste."""
    rooted = np.sqrt(_shares(bought))
    if directions is None:
        centred = rooted - rooted.mean(axis=0)
        _, sizes, every = np.linalg.svd(centred.T @ centred)
        directions = every[: min(_TASTE_DIRECTIONS, int((sizes > 1e-9 * sizes[0]).sum()))].T
    total = bought.sum(axis=1).clip(lower=1)
    named = {f"share of {name}": bought[name] / total for name in categories}
    return plain.assign(**named), rooted @ directions, directions


def _pace(history: pd.DataFrame, *, until: int) -> pd.Series:
    """Purchases in 90 days since the first, pulled to the shop's pace where that was not long ago."""
    days = until - history["first_day"] + 1
    shop_days = days.sum() / history["purchases"].sum()
    return 90 * history["purchases"] / (days + shop_days)


def _scale(block: np.ndarray) -> tuple[np.ndarray, float]:
    """The centre of each column, and the spread that gives the block variance 1 in all."""
    return block.mean(axis=0), max(float(np.sqrt(block.var(axis=0).sum())), 1e-9)


def _standardised(blocks: list[np.ndarray], scales: tuple[tuple[np.ndarray, float], ...]) -> np.ndarray:
    """All blocks on these scales, the furthest customers drawn in; recency, the first, at half its weight."""
    if [block.shape[1] for block in blocks] != [len(centre) for centre, _ in scales]:
        raise CannotAnswer(WORDS.text("other habits"))
    even = [
        np.clip((block - centre) / spread, -_FURTHEST, _FURTHEST)
        for block, (centre, spread) in zip(blocks, scales, strict=True)
    ]
    return np.column_stack([_RECENCY_WEIGHT * even[0], *even[1:]])
