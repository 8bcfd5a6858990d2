"""From scores to lists, and from lists to how well each customer was served."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.sparse import csr_array

from methods.counts import count
from methods.lists.matrices import without_zeros

ACCURACY = ("hit_rate", "recall", "ndcg", "map", "mrr")
_BATCH_SCORES = 4_000_000
_BATCH_LISTS = 100_000


class Fitted(Protocol):
    """A recommender that has learned. history: the customers x products matrix it recommends from."""

    @property
    def history(self) -> csr_array: ...

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return a score of every product (columns) for each row number in `customers` (rows)."""


class Model(Protocol):
    """A recommender with its settings, not fitted. key, label: its name in code and in words."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def personal(self) -> bool:
        """Whether customers get lists of their own."""
        ...

    def fit(self, interactions: csr_array) -> Fitted:
        """Learn from customers x products, 1 where bought."""
        ...


class Learner(Protocol):
    """Anything that can be fitted."""

    def fit(self, interactions: csr_array) -> Fitted:
        """Learn from customers x products, 1 where bought."""
        ...


def recommend(
    fitted: Fitted, customers: np.ndarray, *, length: int, hidden: csr_array | None = None
) -> np.ndarray:
    """Return each customer's list: the `length` best of all products, best first.

    fitted: a model that has learned.
    customers: row numbers.
    hidden: customers x products; what is set in it is never listed.
    Returns int32 (customers, length); -1 where fewer products are left. Every product is ranked, none is
    sampled. Works in batches of about 4 million scores.

    >>> from methods.lists.lists_for_all import Popular
    >>> bought = csr_array(np.array([[1, 0, 0], [1, 1, 0]], dtype=np.float32))
    >>> recommend(Popular().fit(bought), np.array([0, 1]), length=2, hidden=bought).tolist()
    [[1, 2], [2, -1]]
    """
    size = max(1, _BATCH_SCORES // fitted.history.shape[1])
    lists = np.full((len(customers), length), -1, np.int32)
    for start in range(0, len(customers), size):
        batch = customers[start : start + size]
        found = best(fitted.scores(batch), length=length, hidden=None if hidden is None else hidden[batch])
        lists[start : start + len(batch), : found.shape[1]] = found
    return lists


def best(scores: np.ndarray, *, length: int, hidden: csr_array | None = None) -> np.ndarray:
    """Return the columns of the `length` highest scores of each row, highest first, -1 where hidden.

    Scores are compared as float32. Equal scores go to the lower column, which in a `Split` is the product
    with more buyers, so the same scores always give the same list. A score of -inf is never listed.
    Raises ValueError on a missing score.
    """
    scores = np.asarray(scores, np.float32) + np.float32(0)
    if np.isnan(scores).any():
        raise ValueError("scores hold missing values (NaN); a product that must not be listed scores -inf")
    # The bits of a float rise with it once the sign is turned round, and those of a negative one all.
    turned = (scores.view(np.int32) >> 31).view(np.uint32) | np.uint32(1 << 31)
    width = scores.shape[1]
    keys = (scores.view(np.uint32) ^ turned).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(width, 0, -1, dtype=np.uint64)
    keys[scores == -np.inf] = 0
    if hidden is not None:
        hidden = without_zeros(hidden)
        keys[np.repeat(np.arange(len(keys)), np.diff(hidden.indptr)), hidden.indices] = 0
    length = min(length, width)
    top = np.sort(np.partition(keys, width - length, axis=1)[:, width - length :], axis=1)[:, ::-1]
    column = width - (top & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return np.where(top == 0, -1, column).astype(np.int32)


def accuracy(lists: np.ndarray, relevant: csr_array) -> dict[str, np.ndarray]:
    """Return what each customer got out of their list of k products; one float64 array a measure.

    lists: (customers, k) products, best first, -1 for none.
    relevant: customers x products, row i for lists[i]; every row needs at least one product (customers
        without any are not judged). hit_rate: 1 if any listed product is relevant. recall: relevant
        products listed / all relevant. ndcg: sum of 1 / log2(place + 1) over hits, by that of the best
        possible list of k. map: mean over all relevant products of the precision at their place, 0 where
        not listed. mrr: 1 / place of the first hit, 0 without a hit. Definitions of trec_eval: recall_k,
        ndcg_cut_k, map_cut_k, recip_rank of the first k, success_k.
    Raises ValueError where lists and rows differ in number, a row has no relevant product (a stored 0 is
    none), or a list holds a product twice.

    >>> found = accuracy(np.array([[2, 0]]), csr_array(np.array([[1, 1, 0]])))
    >>> {name: round(float(values[0]), 2) for name, values in found.items()}
    {'hit_rate': 1.0, 'recall': 0.5, 'ndcg': 0.39, 'map': 0.25, 'mrr': 0.5}
    """
    relevant = without_zeros(relevant)
    counts = np.diff(relevant.indptr)
    if len(lists) != len(counts):
        raise ValueError(f"{count(len(lists), 'list')} but {count(len(counts), 'row')} of relevant products")
    if (counts == 0).any():
        row = int(np.argmin(counts))
        raise ValueError(f"row {row} has no relevant product: leave such customers out and count them")
    _refuse_repeats(lists)
    values = {name: np.empty(len(lists)) for name in ACCURACY}
    for start in range(0, len(lists), _BATCH_LISTS):
        part = slice(start, start + _BATCH_LISTS)
        for name, batch in _measures(hits(lists[part], relevant[part]), counts[part]).items():
            values[name][part] = batch
    return values


def _refuse_repeats(lists: np.ndarray) -> None:
    """Raise ValueError where a list holds a product twice, which would count as two hits."""
    for start in range(0, len(lists), _BATCH_LISTS):
        ordered = np.sort(lists[start : start + _BATCH_LISTS], axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
        if again.any():
            row, place = np.argwhere(again)[0]
            raise ValueError(
                f"list {start + row} holds product {ordered[row, place]} twice: list each product once, "
                "and -1 where none is left"
            )


def hits(lists: np.ndarray, relevant: csr_array) -> np.ndarray:
    """Return a bool array like `lists`: whether each listed product is relevant to its row."""
    relevant = without_zeros(relevant)
    width = relevant.shape[1]
    rows = np.arange(len(lists), dtype=np.int64)
    known = np.sort(np.repeat(rows, np.diff(relevant.indptr)) * width + relevant.indices)
    asked = np.where(lists < 0, np.int64(-1), rows[:, None] * width + lists)
    if not len(known):
        return np.zeros(lists.shape, bool)
    place = np.minimum(np.searchsorted(known, asked.ravel()), len(known) - 1).reshape(asked.shape)
    return known[place] == asked


def _measures(found: np.ndarray, relevant: np.ndarray) -> dict[str, np.ndarray]:
    places = np.arange(1, found.shape[1] + 1)
    gain = 1 / np.log2(places + 1)
    ideal = np.cumsum(gain)[np.minimum(relevant, len(places)) - 1]
    number = found.sum(axis=1)
    precision = np.cumsum(found, axis=1) / places
    first = np.where(number > 0, found.argmax(axis=1) + 1, np.inf)
    return {
        "hit_rate": (number > 0).astype(float),
        "recall": number / relevant,
        "ndcg": found @ gain / ideal,
        "map": (precision * found).sum(axis=1) / relevant,
        "mrr": 1 / first,
    }
