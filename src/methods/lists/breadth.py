"""What lists do to the catalogue: how much of it they show, how well known it is, whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from methods.intervals.resampling import leave_out_groups
from methods.lists.model_comparison import ModelComparison
from methods.lists.ranking import hits
from methods.result import Result

BREADTH = (
    "coverage",
    "popularity",
    "novelty",
    "diversity",
    "item_gini",
    "seller_gini",
    "head_recall",
    "tail_recall",
)
_GROUPS = 20


def gini(amounts: np.ndarray) -> float:
    """Return the Gini coefficient: 0 when all amounts are equal, near 1 when one holds everything.

    amounts: of 0 or more, at least one above 0; ValueError otherwise. Gini 1912.

    >>> gini(np.array([0, 0, 0, 1]))
    0.75
    """
    amounts = np.sort(np.asarray(amounts, float))
    if not amounts.size or amounts.sum() <= 0 or amounts[0] < 0:
        raise ValueError("the Gini coefficient needs amounts of 0 or more, at least one above 0")
    size = len(amounts)
    return float(((2 * np.arange(1, size + 1) - size - 1) @ amounts) / (size * amounts.sum()))


def different_pairs(groups: np.ndarray) -> np.ndarray:
    """Return the share of a list's pairs that are of different groups; NaN for fewer than two products.

    groups: int (lists, places), -1 where there is no product.

    >>> different_pairs(np.array([[0, 0, 1], [2, 2, 2]])).round(2).tolist()
    [0.67, 0.0]
    """
    ordered = np.sort(groups, axis=1)
    number = (ordered >= 0).sum(axis=1)
    same = np.zeros(len(groups))
    for gap in range(1, groups.shape[1]):  # in order, products of a group stand side by side
        alike = ordered[:, gap:] == ordered[:, :-gap]
        same += (alike & (ordered[:, gap:] >= 0)).sum(axis=1)
    pairs = number * (number - 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, 1 - same / pairs, np.nan)


@dataclass(frozen=True)
class Catalogue(Result):
    """What is known of each product (columns of the split) before the cut.

    bought_by: share of customers who had bought it. head: whether it is one of the best sellers that
    together hold half of all purchases. seller, category: codes, -1 unknown; None when hardly known.
    """

    bought_by: np.ndarray
    head: np.ndarray
    seller: np.ndarray | None
    category: np.ndarray | None

    @classmethod
    def of(cls, comparison: ModelComparison) -> Catalogue:
        """Describe the products that a comparison could recommend."""
        split, purchases = comparison.split, comparison.purchases
        buyers = np.bincount(split.train.indices, minlength=split.train.shape[1])
        before = np.cumsum(buyers) - buyers
        return cls(
            bought_by=buyers / split.train.shape[0],
            head=before < buyers.sum() / 2,
            seller=_codes(purchases.sellers[split.items]),
            category=_codes(purchases.categories[split.items]),
        )


def breadth(
    lists: np.ndarray, relevant: csr_array, catalogue: Catalogue, *, seed: int
) -> dict[str, tuple[float, float, float]]:
    """Return estimate, low and high of each measure of `BREADTH` for one set of lists.

    catalogue: of the products.
    lists: int (customers, places), -1 for none.
    relevant: customers x products, row i for lists[i], what was bought later. coverage: % of products in
        at least one list. popularity: mean % of customers who had bought a listed product. novelty: mean
        -log2 of that share (bits). diversity: % of a list's pairs that are of different categories.
        item_gini, seller_gini: Gini of the number of times shown, over all products and sellers.
        head_recall, tail_recall: % of judged purchases of best sellers (half of all purchases) and of the
        rest that were listed. Measures whose columns are missing are left out. Intervals by a 20-group
        jackknife over customers, cut at the ends of the scale.

    >>> lists = np.array([[0, 1]] * 20 + [[0, 2]] * 20)
    >>> later = csr_array(np.tile([[0.0, 1.0, 0.0]], (40, 1)))
    >>> share, head = np.array([0.5, 0.2, 0.1]), np.array([True, False, False])
    >>> known = Catalogue(bought_by=share, head=head, seller=None, category=None)
    >>> round(breadth(lists, later, known, seed=1)["coverage"][0])
    100
    """
    group = np.random.default_rng(seed).permutation(len(lists)) % min(_GROUPS, len(lists))
    found = hits(lists, relevant)
    head = np.append(catalogue.head, False)[lists]
    wanted = catalogue.head[relevant.indices]
    wanting = np.repeat(group, np.diff(relevant.indptr))
    columns = [
        np.bincount(group, weights=(found & head).sum(axis=1)),
        np.bincount(wanting, weights=wanted, minlength=group.max() + 1),
        np.bincount(group, weights=(found & ~head).sum(axis=1)),
        np.bincount(wanting, weights=~wanted, minlength=group.max() + 1),
    ]
    names = [name for name in BREADTH if _known(name, catalogue)]
    if catalogue.category is not None:
        apart = different_pairs(np.append(catalogue.category, -1)[lists])
        columns += [
            np.bincount(group, weights=np.nan_to_num(apart)),
            np.bincount(group, weights=np.isfinite(apart)),
        ]
    parts = np.hstack([_shown(lists, group, len(catalogue.head)), np.column_stack(columns)])
    estimate, low, high = leave_out_groups(lambda total: _measure(total, catalogue, names), parts)
    top = [np.inf if name == "novelty" else 1 if name.endswith("gini") else 100 for name in names]
    return {
        name: (float(estimate[n]), float(max(low[n], 0)), float(min(high[n], top[n])))
        for n, name in enumerate(names)
        if np.isfinite([estimate[n], low[n], high[n]]).all()
    }


def bought(comparison: ModelComparison, catalogue: Catalogue) -> dict[str, float]:
    """Return popularity, item_gini and seller_gini of what the judged customers went on to buy themselves."""
    relevant = comparison.split.test[comparison.customers]
    count = np.bincount(relevant.indices, minlength=relevant.shape[1])
    values = {"popularity": 100 * count @ catalogue.bought_by / count.sum(), "item_gini": gini(count)}
    if catalogue.seller is not None:
        sold = catalogue.seller >= 0
        values["seller_gini"] = gini(np.bincount(catalogue.seller[sold], weights=count[sold]))
    return values


def _known(name: str, catalogue: Catalogue) -> bool:
    needed = {"diversity": catalogue.category, "seller_gini": catalogue.seller}
    return needed.get(name, catalogue) is not None


def _shown(lists: np.ndarray, group: np.ndarray, width: int) -> np.ndarray:
    """Count how often each product (columns) was shown to each group of customers (rows)."""
    listed = lists >= 0
    key = (group[:, None] * width + lists)[listed]
    return np.bincount(key, minlength=(group.max() + 1) * width).reshape(-1, width)


def _measure(total: np.ndarray, catalogue: Catalogue, names: list[str]) -> np.ndarray:
    width = len(catalogue.head)
    shown, (head_hits, head, tail_hits, tail), pairs = total[:width], total[width:][:4], total[width + 4 :]
    share = shown / shown.sum()
    values = {
        "coverage": 100 * np.mean(shown > 0),
        "popularity": 100 * share @ catalogue.bought_by,
        "novelty": -share @ np.log2(catalogue.bought_by),
        "item_gini": gini(shown),
        "head_recall": 100 * head_hits / head if head else np.nan,
        "tail_recall": 100 * tail_hits / tail if tail else np.nan,
    }
    if "diversity" in names:
        values["diversity"] = 100 * pairs[0] / pairs[1] if pairs[1] else np.nan
    if "seller_gini" in names and catalogue.seller is not None:
        sold = catalogue.seller >= 0
        values["seller_gini"] = gini(np.bincount(catalogue.seller[sold], weights=shown[sold]))
    return np.array([values[name] for name in names])


def _codes(names: np.ndarray) -> np.ndarray | None:
    """Number the names, -1 for unknown; None unless at least two are known, for nine products of ten."""
    known = np.array([name is not None for name in names])
    if known.mean() < 0.9 or len(set(names[known])) < 2:
        return None
    found, number = np.unique(names[known].astype(str), return_inverse=True)
    codes = np.full(len(names), -1, np.min_scalar_type(-len(found)))  # small numbers are sorted fastest
    codes[known] = number
    return codes
