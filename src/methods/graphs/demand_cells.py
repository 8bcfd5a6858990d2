"""Does a circle buy a category more than chance would have it? One cell a circle and category.

The unit is the customer: a purchase of one member says much about that member's next one, so orders would
make chance look like demand. Under chance the members are any customers of equal breadth (number of
categories bought); the number of buyers then is a sum of hypergeometric counts, one a stratum of breadth,
worked out exactly. Effects are log odds shrunken by an informative Dirichlet prior (Monroe, Colaresi & Quinn
2008), whose weight all circles decide together, so that small circles do not top the list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.fft import irfft, next_fast_len, rfft
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from methods.result import Result

_STRATA = 5
_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Counts(Result):
    """Buyers by circle and category.

    circles: number of each circle; categories: names. members: int, circles by strata. buyers: int, circles
    by categories. stratum_size: int per stratum. stratum_buyers: int, strata by categories, over all
    customers. code, stratum: circle row (-1: circle too small) and stratum of each customer. bought: bool,
    customers by categories.
    """

    circles: np.ndarray
    categories: np.ndarray
    members: np.ndarray
    buyers: np.ndarray
    stratum_size: np.ndarray
    stratum_buyers: np.ndarray
    code: np.ndarray
    stratum: np.ndarray
    bought: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """Buyers to expect by chance, circles by categories."""
        return self.members @ (self.stratum_buyers / self.stratum_size[:, None])


def count_buyers(
    members: pd.DataFrame, bought: pd.DataFrame, *, customer: str, circle: str, category: str, minimum: int
) -> Counts:
    """Count buyers in each circle with at least `minimum` buying members.

    members: one row a customer with `customer` and `circle`.
    bought: pairs of `customer` and `category`, each at least once. Customers without any of these
        purchases are left out.

    >>> members = pd.DataFrame({"who": range(8), "circle": [0] * 4 + [1] * 4})
    >>> bought = pd.DataFrame({"who": [0, 1, 2, 3, 4, 5, 6, 7], "what": ["tea"] * 4 + ["rice"] * 3 + ["tea"]})
    >>> found = count_buyers(members, bought, customer="who", circle="circle", category="what", minimum=2)
    >>> found.categories.tolist(), found.buyers.tolist()
    (['rice', 'tea'], [[0, 4], [3, 1]])
    """
    place = pd.Series(np.arange(len(members)), index=members[customer].to_numpy())
    rows = place.reindex(bought[customer]).to_numpy()
    known = ~np.isnan(rows)
    codes, categories = pd.factorize(bought[category].to_numpy()[known], sort=True)
    matrix = np.zeros((len(members), len(categories)), bool)
    matrix[rows[known].astype(np.int64), codes] = True
    buys = matrix.any(axis=1)
    matrix, circle_of = matrix[buys], members[circle].to_numpy()[buys]
    breadth = matrix.sum(axis=1)
    inner = np.linspace(0, 1, _STRATA + 1)[1:-1]
    edges = np.unique(np.quantile(breadth, inner)) if len(breadth) else np.empty(0)
    stratum = np.searchsorted(edges, breadth, side="left")
    circles, sizes = np.unique(circle_of, return_counts=True)
    circles = circles[sizes >= minimum]
    code = np.searchsorted(circles, circle_of).clip(max=max(len(circles) - 1, 0))
    code = np.where(circles[code] == circle_of, code, -1) if len(circles) else np.full(len(circle_of), -1)
    strata = int(stratum.max(initial=0)) + 1
    inside = code >= 0
    table = np.zeros((len(circles), strata), np.int64)
    np.add.at(table, (code[inside], stratum[inside]), 1)
    return Counts(
        circles=circles,
        categories=np.asarray(categories),
        members=table,
        buyers=_buyers(matrix, code, len(circles)),
        stratum_size=np.bincount(stratum, minlength=strata),
        stratum_buyers=np.array([matrix[stratum == one].sum(axis=0) for one in range(strata)]),
        code=code,
        stratum=stratum,
        bought=matrix,
    )


def _buyers(matrix: np.ndarray, code: np.ndarray, circles: int) -> np.ndarray:
    order = np.argsort(code, kind="stable")
    rows = matrix[order].astype(np.int32)
    totals = np.concatenate([np.zeros((1, matrix.shape[1]), np.int64), np.cumsum(rows, axis=0)])
    edges = np.searchsorted(code[order], np.arange(circles + 1))
    return totals[edges[1:]] - totals[edges[:-1]]


def shuffled(counts: Counts, rng: np.random.Generator) -> np.ndarray:
    """Return the buyers after circles are dealt anew among customers of equal breadth, as `Counts.buyers`."""
    order = np.argsort(counts.stratum, kind="stable")
    turned = np.lexsort((rng.random(len(order)), counts.stratum))
    code = np.empty_like(counts.code)
    code[turned] = counts.code[order]
    return _buyers(counts.bought, code, len(counts.circles))


def chance_of_as_many(counts: Counts, buyers: np.ndarray) -> np.ndarray:
    """Return the chance of at least so many buyers.

    counts: of `count_buyers`.
    Returns float, as `buyers`.
    buyers: int, (draws, circles, categories). The distribution of the sum over strata is the product of
        their Fourier transforms; it is exact to about 1e-14.

    >>> members = pd.DataFrame({"who": range(8), "circle": [0] * 4 + [1] * 4})
    >>> bought = pd.DataFrame({"who": range(8), "what": ["tea"] * 4 + ["rice"] * 4})
    >>> counts = count_buyers(members, bought, customer="who", circle="circle", category="what", minimum=2)
    >>> chance_of_as_many(counts, counts.buyers[None]).round(3).tolist()
    [[[1.0, 0.014], [0.014, 1.0]]]
    """
    found = np.ones(buyers.shape)
    sizes = counts.members.sum(axis=1)
    order = np.argsort(sizes)
    step = max(1, _CELLS_AT_ONCE // (max(int(sizes.max(initial=1)), 1) * len(counts.categories)))
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        length = next_fast_len(int(sizes[rows].max()) + 1)
        whole = 1.0
        for stratum in range(len(counts.stratum_size)):
            whole = whole * rfft(_hypergeometric(counts, rows, stratum, length), axis=2)
        upper = np.cumsum(irfft(whole, length, axis=2)[:, :, ::-1], axis=2)[:, :, ::-1]
        grid = np.ix_(np.arange(len(rows)), np.arange(len(counts.categories)))
        for draw in range(len(buyers)):
            found[draw, rows] = upper[(*grid, buyers[draw, rows])]
    return found.clip(0.0, 1.0)


def _hypergeometric(counts: Counts, rows: np.ndarray, stratum: int, length: int) -> np.ndarray:
    """Chance of 0, 1, … buyers among a circle's members of one stratum: (circles, categories, length)."""
    taken = counts.members[rows, stratum][:, None, None]
    total = counts.stratum_size[stratum]
    good = counts.stratum_buyers[stratum][None, :, None]
    k = np.arange(length)[None, None, :]
    possible = (k <= taken) & (k <= good) & (taken - k <= total - good)

    def choose(n: np.ndarray, r: np.ndarray) -> np.ndarray:
        return gammaln(n + 1.0) - gammaln(r + 1.0) - gammaln(n - r + 1.0)

    spot = np.where(possible, k, 0)
    rest = np.where(possible, taken - k, 0)
    value = choose(good, spot) + choose(total - good, rest) - choose(total, taken)
    return np.where(possible, np.exp(np.where(possible, value, 0.0)), 0.0)


def shrunken_log_odds(buyers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds ratio of each category in a circle against all others, and its standard error.

    buyers: circles by categories. The prior is worth as many buyers as make the circles likeliest.

    >>> odds, error = shrunken_log_odds(np.array([[40, 10], [10, 40]]))
    >>> bool(odds[0, 0] > 0 > odds[0, 1]), odds.shape
    (True, (2, 2))
    """
    total = buyers.sum(axis=0)
    share = (total + 0.5) / (total + 0.5).sum()
    size = buyers.sum(axis=1)

    def minus_likelihood(log_weight: float) -> float:
        weight = np.exp(log_weight)
        rows = gammaln(weight) - gammaln(weight + size)
        cells = gammaln(buyers + weight * share) - gammaln(weight * share)
        return -float(rows.sum() + cells.sum())

    weight = float(np.exp(minimize_scalar(minus_likelihood, bounds=(0.0, 12.0), method="bounded").x))
    prior = weight * share
    mine, others = buyers + prior, total - buyers + prior
    inside = np.log(mine / (size[:, None] + weight - mine))
    outside = np.log(others / ((total.sum() - size)[:, None] + weight - others))
    return inside - outside, np.sqrt(1.0 / mine + 1.0 / others)
