"""Which products stand in one basket more often than chance, or than taste for their categories, explains."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.special import gammainc, gammaincinv
from scipy.stats import gamma

from methods.intervals.multiplicity import benjamini_hochberg
from methods.regression.codes import codes_of
from methods.result import Result

PRIOR_PAIRS = 5.0
_MOST_PRODUCTS = 2_000


@dataclass(frozen=True, kw_only=True)
class BasketPairs(Result):
    """Pairs that were seen together, most surprising first.

    frame: first, second, together (baskets), expected (baskets), lift, low, high, p, p_adjusted. lift is
    (together + prior) / (expected + prior), with the 95 % interval of its gamma posterior: a pair seen once
    where a tenth was expected is no tenfold pair. p: chance of so many or more; p_adjusted: Benjamini and
    Hochberg over all `tested` pairs, those never seen together too. repeats: joint baskets that one habit of
    a customer is worth, 1 where each stands alone. baskets: with two products or more. median_expected: joint
    baskets to expect of the pair in the middle of all tested.
    """

    frame: pd.DataFrame = field(repr=False)
    tested: int
    baskets: int
    median_expected: float = 0.0

    def found(self, level: float = 0.05) -> pd.DataFrame:
        """Return the pairs of which at most a share of `level` are false alarms."""
        return self.frame[self.frame["p_adjusted"] < level]

    def smallest_lift(self, *, expected: float, level: float = 0.05, power: float = 0.8) -> float:
        """Return how many times as often as expected a pair must meet to be found alone with that power.

        expected: joint baskets to expect of it by chance, above 0. Its repeats are those of the middle pair
        seen; it has to stand out among all `tested` (Bonferroni, which Benjamini and Hochberg's rule is where
        one pair alone is true).
        """
        repeats = float(self.frame["repeats"].median()) if len(self.frame) else 1.0
        events = np.arange(1, 10_000)
        needed = int(events[gammainc(events, expected / repeats) < level / max(self.tested, 1)][0])
        return float(gammaincinv(needed, power) * repeats / expected)


def basket_pairs(
    lines: pd.DataFrame,
    *,
    basket: str = "order_id",
    product: str = "item_id",
    customer: str | None = None,
    category: str | None = None,
    stratum: str | None = None,
    prior_pairs: float = PRIOR_PAIRS,
    most_products: int = _MOST_PRODUCTS,
) -> BasketPairs:
    """Compare how often two products share a basket with how often they would by chance.

    lines: one row a product of a basket.
    customer: column of the buyer of each basket. Whoever likes two products buys them together again and
        again, which is one habit and not many baskets: a pair's count and its expectation are divided by
        the joint baskets of the mean habit, Σ n² / Σ n over customers (compound Poisson; for clustered counts
        Rao and Scott 1992). Without it every basket stands alone.
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
    rows, place, code, names = _in_company(
        lines.dropna(subset=[basket, product]), basket, product, most_products
    )
    if len(names) < 2:
        empty = pd.DataFrame(columns=["first", "second", "together", "expected", "lift", "low", "high", "p"])
        return BasketPairs(frame=empty.assign(p_adjusted=[], repeats=[]), tested=0, baskets=0)
    bought = csr_array((np.ones(len(rows)), (place, code)), shape=(place.max() + 1, len(names)))
    group = np.zeros(len(names), int)
    if category is not None:
        group = pd.factorize(rows[category].iloc[np.unique(code, return_index=True)[1]])[0] + 1
    first = np.unique(place, return_index=True)[1]
    part = np.zeros(len(first), int) if stratum is None else pd.factorize(rows[stratum].iloc[first])[0]
    expected = np.zeros((len(names), len(names)))
    for one in np.unique(part):
        expected += _expected(bought[part == one], group)
    buyer = np.arange(len(first)) if customer is None else pd.factorize(rows[customer].iloc[first])[0]
    repeats = _repeats(bought, buyer)
    frame = _judged((bought.T @ bought).tocoo(), repeats, expected, names, prior_pairs)
    upper = expected[np.triu_indices(len(names), 1)]
    return BasketPairs(
        frame=frame,
        tested=len(names) * (len(names) - 1) // 2,
        baskets=bought.shape[0],
        median_expected=float(np.median(upper)),
    )


def _in_company(
    lines: pd.DataFrame, basket: str, product: str, most_products: int
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Lines of the products most bought that share a basket: rows, codes of basket and product, products.

    Texts are turned into numbers once: all that follows counts numbers.
    """
    place, (code, names) = pd.factorize(lines[basket])[0], codes_of(lines[product].to_numpy(object))
    once = ~pd.Series(place * np.int64(len(names)) + code).duplicated().to_numpy()
    often = np.bincount(code[once], minlength=len(names))
    most = np.zeros(len(names), bool)
    most[np.lexsort([names.astype(str), -often])[:most_products]] = True
    kept = once & most[code]
    kept &= np.bincount(place[kept], minlength=len(place))[place] > 1
    here, left = np.unique(code[kept], return_inverse=True)
    return lines[kept], pd.factorize(place[kept])[0], left, names[here]


def _repeats(bought: csr_array, buyer: np.ndarray) -> csr_array:
    """Sum over customers of their joint baskets squared, of each pair (upper triangle)."""
    width = bought.shape[1]
    sizes = np.diff(bought.indptr)
    codes, owners = [], []
    for size in np.unique(sizes):
        here = np.flatnonzero(sizes == size)
        held = np.sort(bought.indices[bought.indptr[here][:, None] + np.arange(size)], axis=1)
        one, two = np.triu_indices(size, 1)
        codes.append((held[:, one].astype(np.int64) * width + held[:, two]).ravel())
        owners.append(np.repeat(buyer[here], len(one)))
    code, owner = np.concatenate(codes), np.concatenate(owners).astype(np.int64)
    habits, times = np.unique(code * (int(buyer.max()) + 1) + owner, return_counts=True)
    pair = habits // (int(buyer.max()) + 1)
    return csr_array((times.astype(float) ** 2, (pair // width, pair % width)), shape=(width, width))


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


def _judged(
    together: coo_array, squares: csr_array, expected: np.ndarray, names: np.ndarray, prior: float
) -> pd.DataFrame:
    upper = together.row < together.col
    one, two, seen = together.row[upper], together.col[upper], together.data[upper]
    chance = expected[one, two]
    repeats = squares[one, two] / seen
    p_values = gammainc(seen / repeats, chance / repeats)
    never = len(names) * (len(names) - 1) // 2 - len(seen)
    adjusted = benjamini_hochberg(np.concatenate([p_values, np.ones(never)]))[: len(seen)]
    low, high = (
        gamma.ppf(tail, (seen + prior) / repeats) * repeats / (chance + prior) for tail in (0.025, 0.975)
    )
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
            "repeats": repeats,
        }
    )
    return frame.sort_values(["p", "first", "second"], ignore_index=True)
