"""Products that nobody has bought yet, listed by what they are: category and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.special import gammaln

from methods.lists.ranking import accuracy, best
from methods.lists.search_text import words
from methods.result import Result

_TITLE = 0.5  # what all words of a title weigh beside the category
_BATCH_CELLS = 4_000_000


@dataclass(frozen=True, kw_only=True)
class NewProducts(Result):
    """Lists of new products, and what they did. products: new ones to choose from.

    served: 1 where a customer's list holds a new product that they then bought, float64 (customers,).
    by_chance: the chance of it where as many new products are drawn at random.
    """

    products: int
    served: np.ndarray = field(repr=False)
    by_chance: np.ndarray = field(repr=False)


def product_features(categories: Sequence[str | None], titles: Sequence[str | None]) -> csr_array:
    """Return what products are, float64 (products, features): category, and the rarer words of the title.

    categories, titles: one a product, None where unknown. A category weighs 1, a title's words together half.

    >>> product_features(["口红", "口红", None], ["哑光口红", None, None]).toarray().round(2)[:, 0].tolist()
    [1.0, 1.0, 0.0]
    """
    kinds = _ones([[name] if name else [] for name in categories])
    terms = _ones([sorted(set(words(title))) for title in titles])
    holding = np.bincount(terms.indices, minlength=terms.shape[1])
    terms.data = np.log1p(terms.shape[0] / holding)[terms.indices]
    length = np.sqrt((terms**2).sum(axis=1))
    scaled = terms.multiply(_TITLE / np.where(length > 0, length, 1.0)[:, None])
    return csr_array(hstack([kinds, scaled]))


def list_new_products(
    bought: csr_array, known: csr_array, new: csr_array, later: csr_array, *, length: int = 10
) -> NewProducts:
    """List for each customer the new products most like what they bought, and judge the lists.

    bought: customers x products bought before, 1 where bought.
    known, new: features of those products and of the new ones, as of `product_features`.
    later: customers x new products that they went on to buy; every row needs one.
    length: products a list. Content-based filtering in its plainest form (Pazzani and Billsus 2007): the sum
        of common features.
    Raises ValueError where the rows of customers differ or a row has nothing later.

    >>> features = product_features(["a", "b", "a", "b"], [None] * 4)
    >>> bought, later = (csr_array(np.array([[1.0, 0.0]])) for _ in range(2))
    >>> found = list_new_products(bought, features[:2], features[2:], later, length=1)
    >>> found.served.tolist(), found.by_chance.round(2).tolist()
    ([1.0], [0.5])
    """
    size, lists = max(1, _BATCH_CELLS // max(new.shape[0], 1)), []
    for start in range(0, bought.shape[0], size):
        taste = bought[start : start + size] @ known
        lists.append(best((taste @ new.T).toarray(), length=length))
    served = accuracy(np.concatenate(lists), later)["hit_rate"]
    return NewProducts(
        products=new.shape[0],
        served=served,
        by_chance=_any_at_random(np.diff(later.indptr), new.shape[0], length),
    )


def _any_at_random(wanted: np.ndarray, products: int, length: int) -> np.ndarray:
    """The chance that `length` random products hold one of the wanted: 1 − C(N − r, k) / C(N, k)."""
    rest, length = products - wanted, min(length, products)

    def ways(among: np.ndarray | int) -> np.ndarray:
        return gammaln(np.asarray(among) + 1.0) - gammaln(np.maximum(np.asarray(among) - length, 0) + 1.0)

    return np.where(rest < length, 1.0, 1.0 - np.exp(ways(rest) - ways(products)))


def _ones(found: Sequence[Sequence[str]]) -> csr_array:
    names = {name: place for place, name in enumerate(dict.fromkeys(n for row in found for n in row))}
    row = np.repeat(np.arange(len(found)), [len(one) for one in found])
    column = np.array([names[name] for one in found for name in one], np.int64)
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(found), len(names)))
