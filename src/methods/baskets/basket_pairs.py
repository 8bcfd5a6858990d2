"""Which products stand in one basket more often than chance, or than taste for their categories, explains."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.stats import gamma, poisson

from methods.intervals.multiplicity import benjamini_hochberg

PRIOR_PAIRS = 5.0
_MOST_PRODUCTS = 2_000


@dataclass(frozen=True, kw_only=True)
class BasketPairs:
    """Pairs that were seen together, most surprising first.

    frame: first, second, together (baskets), expected (baskets), lift, low, high, p, p_adjusted. lift is
    (together + prior) / (expected + prior), with the 95 % interval of its gamma posterior: a pair seen once
    where a tenth was expected is no tenfold pair. p: chance of so many or more; p_adjusted: Benjamini and
    Hochberg over all `tested` pairs, those never seen together too. baskets: with two products or more.
    """

    frame: pd.DataFrame = field(repr=False)
    tested: int
    baskets: int

    def found(self, level: float = 0.05) -> pd.DataFrame:
        """Return the pairs of which at most a share of `level` are false alarms."""
        return self.frame[self.frame["p_adjusted"] < level]


def basket_pairs(
    lines: pd.DataFrame,
    *,
    basket: str = "order_id",
    product: str = "item_id",
    category: str | None = None,
    stratum: str | None = None,
    prior_pairs: float = PRIOR_PAIRS,
    most_products: int = _MOST_PRODUCTS,
) -> BasketPairs:
    """Compare how often two products share a basket with how often they would by chance.

    lines: one row a product of a basket.
    category: column that explains joint purchases away: expected is then, for the pairs of these
        categories that were bought, how often they would be these two products. Without it every product
        goes with every other alike.
    stratum: column, such as the month, within which chance is worked out, since what is on sale at the
        same time meets more often.
    prior_pairs: baskets of chance that the shrinkage adds.
    most_products: only so many, the most bought, are paired. Sources: gamma-Poisson shrinkage of
        DuMouchel (1999); Benjamini and Hochberg (1995).

    >>> lines = pd.DataFrame({"order_id": [1, 1, 2, 2, 3, 3], "item_id": ["a", "b", "a", "b", "a", "c"]})
    >>> basket_pairs(lines).frame[["first", "second", "together"]].values.tolist()
    [['a', 'b', 2], ['a', 'c', 1]]
    """
    rows = lines.dropna(subset=[basket, product]).drop_duplicates([basket, product])
    often = rows[product].value_counts()
    kept = often.index[np.lexsort([often.index.astype(str), -often.to_numpy()])][:most_products]
    rows = rows[rows[product].isin(kept)]
    rows = rows[rows[basket].map(rows[basket].value_counts()) > 1]
    names = np.sort(rows[product].unique())
    if len(names) < 2:
        empty = pd.DataFrame(columns=["first", "second", "together", "expected", "lift", "low", "high", "p"])
        return BasketPairs(frame=empty.assign(p_adjusted=[]), tested=0, baskets=0)
    code, place = np.searchsorted(names, rows[product]), pd.factorize(rows[basket])[0]
    bought = csr_array((np.ones(len(rows)), (place, code)), shape=(place.max() + 1, len(names)))
    group = np.zeros(len(names), int)
    if category is not None:
        group = pd.factorize(rows.drop_duplicates(product).set_index(product)[category].reindex(names))[0] + 1
    first = np.unique(place, return_index=True)[1]
    part = np.zeros(len(first), int) if stratum is None else pd.factorize(rows[stratum].iloc[first])[0]
    expected = np.zeros((len(names), len(names)))
    for one in np.unique(part):
        expected += _expected(bought[part == one], group)
    frame = _judged((bought.T @ bought).tocoo(), expected, names, prior_pairs)
    return BasketPairs(frame=frame, tested=len(names) * (len(names) - 1) // 2, baskets=bought.shape[0])


def _expected(bought: csr_array, group: np.ndarray) -> np.ndarray:
    """Baskets that would hold each two products if, within categories, products were dealt at random."""
    member = csr_array((np.ones(len(group)), (np.arange(len(group)), group)))
    held = bought @ member
    pairs = (held.T @ held).toarray()
    own = np.diag_indices_from(pairs)
    pairs[own] = (pairs[own] - held.sum(axis=0)) / 2  # unordered pairs within a category
    weight = bought.T @ (bought.sum(axis=1) - 1.0)  # an item of a large basket meets more others
    total = np.bincount(group, weights=weight, minlength=len(pairs))
    share = np.divide(weight, total[group], out=np.zeros_like(weight), where=total[group] > 0)
    chance = np.outer(share, share)
    squares = np.bincount(group, weights=share**2, minlength=len(pairs))
    same = group[:, None] == group[None, :]
    apart = np.maximum(1.0 - squares, 1e-12)[group]  # two lines of a basket are never the same product
    chance = np.where(same, 2.0 * chance / apart[:, None], chance)
    return pairs[np.ix_(group, group)] * chance


def _judged(together: coo_array, expected: np.ndarray, names: np.ndarray, prior: float) -> pd.DataFrame:
    upper = together.row < together.col
    one, two, seen = together.row[upper], together.col[upper], together.data[upper]
    chance = expected[one, two]
    p_values = poisson.sf(seen - 1, chance)
    never = len(names) * (len(names) - 1) // 2 - len(seen)
    adjusted = benjamini_hochberg(np.concatenate([p_values, np.ones(never)]))[: len(seen)]
    low, high = (gamma.ppf(tail, seen + prior) / (chance + prior) for tail in (0.025, 0.975))
    frame = pd.DataFrame(
        {
            "first": names[one],
            "second": names[two],
            "together": seen.astype(int),
            "expected": chance,
            "lift": (seen + prior) / (chance + prior),
            "low": low,
            "high": high,
            "p": p_values,
            "p_adjusted": adjusted,
        }
    )
    return frame.sort_values(["p", "first", "second"], ignore_index=True)
