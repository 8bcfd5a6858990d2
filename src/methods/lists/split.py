"""What may be learned from and what is judged: one cut in time, and an audit that refuses leaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from methods.counts import count
from methods.errors import CannotAnswer
from methods.lists.purchases import Purchases
from methods.result import Result

ANY_TIME = (
    "the purchases have no times, so a random part was held back: what came later helps to guess what came "
    "earlier, and every figure flatters the lists"
)


class LeakageError(ValueError):
    """Something learned from lies on the wrong side of the cut; the message names rows and what to do."""


@dataclass(frozen=True, kw_only=True)
class Split(Result):
    """Purchases to learn from and purchases to judge by, over the same customers and products.

    train: customers x products, float32, 1 where bought before the cut; only products bought before it.
    days_ago: like train, days (at least 1) between the last purchase and the cut; None without times.
    test: like train, 1 where a purchase is judged. judged: row numbers of the customers who have any.
    customers, items: positions in the Purchases read. Products stand in order of their buyers before the
    cut, most first, so that position 0 is the best seller. exclusions: what was left out, and how much.
    leak: empty, or why the figures flatter. repeats: whether buying a product again counts as a hit.
    """

    train: csr_array = field(repr=False)
    days_ago: csr_array | None = field(repr=False)
    test: csr_array = field(repr=False)
    judged: np.ndarray = field(repr=False)
    customers: np.ndarray = field(repr=False)
    items: np.ndarray = field(repr=False)
    exclusions: pd.DataFrame = field(repr=False)
    cut_at: dt.datetime | None
    repeats: bool
    leak: str = ""

    @property
    def hidden(self) -> csr_array | None:
        """What may not be recommended to each customer: all that was bought before, unless repeats count."""
        return None if self.repeats else self.train


def split_at(
    purchases: Purchases, *, cut_at: dt.datetime, end_at: dt.datetime, repeats: bool = False
) -> Split:
    """Split at one moment for everybody: learn from before `cut_at`, judge on [cut_at, end_at).

    repeats: False judges only products that the customer had not bought before (discovery); True judges
        every later purchase. One global moment, since a cut per customer lets one customer's later taste
        teach about another's earlier one (Ji et al., ACM TOIS 2023; Hidasi & Czapp, RecSys 2023).
    purchases: of the shop.
    Raises ValueError without times, on rows whose time is missing, or with cut_at >= end_at.

    >>> from methods.lists.purchases import Purchases
    >>> day = np.datetime64("2026-01-01", "ns") + np.arange(4) * np.timedelta64(10, "D")
    >>> rows = pd.DataFrame({"customer": [0, 1, 0, 1], "item": [0, 1, 1, 0], "placed_at": day})
    >>> shop = Purchases(rows=rows, customers=np.array(["a", "b"]), items=np.array(["x", "y"]),
    ...                  sellers=np.array([None, None]), categories=np.array([None, None]))
    >>> split = split_at(shop, cut_at=dt.datetime(2026, 1, 15), end_at=dt.datetime(2026, 2, 15))
    >>> split.train.nnz, split.test.nnz
    (2, 2)
    """
    if not purchases.dated:
        raise ValueError("orders.placed_at is empty: use split_at_random, whose figures flatter")
    if cut_at >= end_at:
        raise ValueError(f"cut_at {cut_at} must be earlier than end_at {end_at}")
    rows = purchases.rows
    if rows["placed_at"].isna().any():
        missing = count(rows["placed_at"].isna().sum(), "purchase")
        raise ValueError(f"placed_at: {missing} of {len(rows):,} without a time lie on no side of the cut")
    before = rows[rows["placed_at"] < cut_at]
    later = rows[(rows["placed_at"] >= cut_at) & (rows["placed_at"] < end_at)]
    return split_rows(purchases, before, later, cut_at=cut_at, repeats=repeats)


def split_at_random(purchases: Purchases, *, share: float, seed: int) -> Split:
    """Hold back a random `share` of all customer-product pairs; the only way for purchases without times.

    Every customer keeps at least one product. The split says of itself that it flatters.
    Raises ValueError unless the share lies between 0 and 1.

    >>> from methods.lists.purchases import Purchases
    >>> rows = pd.DataFrame({"customer": np.repeat([0, 1, 2, 3], 5), "item": np.tile(np.arange(5), 4)})
    >>> nobody = np.full(5, None)
    >>> shop = Purchases(rows=rows, customers=np.array(list("abcd")), items=np.array(list("vwxyz")),
    ...                  sellers=nobody, categories=nobody)
    >>> split = split_at_random(shop, share=0.2, seed=1)
    >>> bool(split.leak), split.train.nnz + split.test.nnz
    (True, 20)
    """
    if not 0 < share < 1:
        raise ValueError(f"share {share} must lie between 0 and 1, for instance 0.1")
    rng = np.random.default_rng(seed)
    pairs = purchases.rows[["customer", "item"]].drop_duplicates(ignore_index=True)
    shuffled = pairs.iloc[rng.permutation(len(pairs))]
    first = ~shuffled.duplicated("customer").to_numpy()
    held = (rng.random(len(pairs)) < share) & ~first
    return split_rows(purchases, shuffled[~held], shuffled[held], leak=ANY_TIME)


def audit(
    *,
    training: pd.DataFrame,
    judged: pd.DataFrame,
    cut_at: dt.datetime | None,
    repeats: bool,
    features: Mapping[str, dt.datetime] | None = None,
) -> None:
    """Refuse a split that leaks; silence means that none of these leaks was found.

    training, judged: frames with customer, item and, where there is a cut, placed_at.
    features: name of anything else learned from (friend ties, segments, …) to the last moment that went
        into it.
    cut_at: the moment between the two, None without times.
    Raises LeakageError for training rows at or after the cut, judged rows before it, rows without a time,
    features built after it, judged products that nobody had bought, and (unless repeats) pairs on both
    sides.

    >>> learned = pd.DataFrame({"customer": [0, 1], "item": [0, 1]})
    >>> audit(training=learned, judged=learned, cut_at=None, repeats=True)
    >>> audit(training=learned, judged=learned, cut_at=None, repeats=False)
    Traceback (most recent call last):
        ...
    methods.lists.split.LeakageError: 2 customer-product pairs are on both sides ...
    """
    if cut_at is not None:
        for name, frame in (("training", training), ("judged", judged)):
            unknown = frame["placed_at"].isna()
            _refuse(unknown, f"rows of the {name} part have no time", "leave them out and count them")
        late, early = training["placed_at"] >= cut_at, judged["placed_at"] < cut_at
        _refuse(late, f"training rows lie at or after the cut {cut_at}", "learn only from earlier rows")
        _refuse(early, f"judged rows lie before the cut {cut_at}", "judge only on later rows")
    audit_features(features or {}, cut_at)
    unknown = ~judged["item"].isin(training["item"].unique())
    _refuse(unknown, "judged rows are of products unknown at the cut", "leave them out and count them")
    if not repeats:
        both = judged.merge(training[["customer", "item"]].drop_duplicates(), on=["customer", "item"])
        _refuse(
            pd.Series(True, index=both.index),
            "customer-product pairs are on both sides",
            "leave out what the customer had bought, or let repeats count",
        )


def audit_features(features: Mapping[str, dt.datetime | None], cut_at: dt.datetime | None) -> None:
    """Refuse anything learned from whose last moment (None: it has none) lies after the cut."""
    for name, built_at in features.items():
        if cut_at is not None and built_at is not None and built_at > cut_at:
            raise LeakageError(
                f"feature {name!r} was built with data up to {built_at}, after the cut {cut_at}: "
                "build it again from earlier rows"
            )


def _refuse(wrong: pd.Series, what: str, remedy: str) -> None:
    if wrong.any():
        raise LeakageError(f"{int(wrong.sum())} {what} (first at row {wrong.idxmax()}): {remedy}")


def split_rows(
    purchases: Purchases,
    before: pd.DataFrame,
    later: pd.DataFrame,
    *,
    cut_at: dt.datetime | None = None,
    repeats: bool = False,
    leak: str = "",
) -> Split:
    """Audit rows of `purchases.rows` to learn from and to judge by, and return them as a split.

    leak: why figures on this split flatter, in words; empty for an honest cut in time.
    """
    if before.empty:
        raise CannotAnswer("nothing was bought before the time judged, so there is nothing to learn from.")
    pairs = later.drop_duplicates(["customer", "item"])
    judged, exclusions = _exclude(before, pairs, repeats=repeats)
    if cut_at is None:
        exclusions = exclusions.rename(columns=lambda name: name.replace("after the cut", "held back"))
    audit(training=before, judged=judged, cut_at=cut_at, repeats=repeats)
    buyers = before.drop_duplicates(["customer", "item"])["item"].value_counts(sort=False)
    items = buyers.index.to_numpy()[np.lexsort([buyers.index, -buyers.to_numpy()])]
    customers = np.unique(before["customer"])
    shape = (len(customers), len(items))
    ordered = before if cut_at is None else before.sort_values("placed_at", kind="stable")
    last = ordered.drop_duplicates(["customer", "item"], keep="last")
    places = _places(last, customers, items, len(purchases.items))
    days_ago = None
    if cut_at is not None:
        age = (np.datetime64(cut_at) - last["placed_at"].to_numpy()) / np.timedelta64(1, "D")
        days_ago = csr_array((np.maximum(age, 1.0).astype(np.float32), places), shape=shape)
    test = _ones(_places(judged, customers, items, len(purchases.items)), shape)
    return Split(
        train=_ones(places, shape),
        days_ago=days_ago,
        test=test,
        judged=np.flatnonzero(np.diff(test.indptr)),
        customers=customers,
        items=items,
        exclusions=exclusions,
        cut_at=cut_at,
        repeats=repeats,
        leak=leak,
    )


def _exclude(
    before: pd.DataFrame, pairs: pd.DataFrame, *, repeats: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out what no list could be judged by, and count it; the counts add up to all later purchases."""
    steps = [("all", pairs)]
    known = pairs["customer"].isin(before["customer"].unique())
    steps.append(("left out: the customer had bought nothing before", pairs[~known]))
    pairs = pairs[known]
    if not repeats:
        size = 1 + max(before["item"].max(), pairs["item"].max() if len(pairs) else 0)
        again = pd.Series(_keys(pairs, size)).isin(_keys(before, size)).to_numpy()
        steps.append(("left out: the customer had bought this product before", pairs[again]))
        pairs = pairs[~again]
    sold = pairs["item"].isin(before["item"].unique())
    steps.append(("left out: nobody had bought this product before", pairs[~sold]))
    pairs = pairs[sold]
    steps.append(("judged", pairs))
    frame = pd.DataFrame(
        [(name, len(part), part["customer"].nunique()) for name, part in steps],
        columns=["purchases after the cut", "customer-product pairs", "customers"],
    )
    return pairs, frame


def _keys(frame: pd.DataFrame, size: int) -> np.ndarray:
    return frame["customer"].to_numpy(np.int64) * size + frame["item"].to_numpy(np.int64)


def _places(
    frame: pd.DataFrame, customers: np.ndarray, items: np.ndarray, catalogue: int
) -> tuple[np.ndarray, np.ndarray]:
    column = np.empty(catalogue, np.int64)
    column[items] = np.arange(len(items))
    return np.searchsorted(customers, frame["customer"]), column[frame["item"].to_numpy()]


def _ones(places: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]) -> csr_array:
    matrix = csr_array((np.ones(len(places[0]), np.float32), places), shape=shape)
    matrix.sort_indices()
    return matrix
