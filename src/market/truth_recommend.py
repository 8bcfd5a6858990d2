"""What a list could have served: chances of purchases worked out from hidden tastes, never estimated.

Given who ordered when and what they came for, only the drawing of the baskets is open. Its chances are known,
so any list, learned by whatever model, has an expected number of customers served.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from market import settings
from market.goods import LINE_SHARES
from market.holdouts import holdout_truth
from market.recommendations import make_shelves, policy_clicks
from market.settings import CATEGORIES
from market.world import History, World

TEST_WEEKS = 8  # D1 judges on the last 56 days
LENGTH = 10
BEST_SELLERS = "best sellers, for all"
_BATCH = 20_000


def recommend_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return finding id to true value of the recommendation chapter, or to one a list or policy."""
    slates = history.log["slates"]
    popular, personal = policy_clicks(
        make_shelves(world.goods), slates["favourite"], world.taste[slates["customer"]]
    )
    values = {"popular": 100.0 * popular.mean(), "personal": 100.0 * personal.mean()}
    return {
        "D5.value": values,
        "D5.value_own": values,
        "D5.error": dict.fromkeys(values, 0.0),
        "D5.difference": values["personal"] - values["popular"],
        **holdout_truth(world, history),
        "D7.pairs_beyond_taste": 0.0,  # lines of a basket are drawn one by one
        **_best_sellers(world, history),
    }


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Orders that were not cancelled, one entry an order. wanted: item the buyer came for, -1 for none."""

    customer: np.ndarray
    week: np.ndarray
    wanted: np.ndarray

    def later(self, first_week: int) -> Kept:
        """Return the orders from this week on."""
        chosen = self.week >= first_week
        return Kept(customer=self.customer[chosen], week=self.week[chosen], wanted=self.wanted[chosen])


def chance_to_buy(world: World, orders: Kept, items: csr_array) -> np.ndarray:
    """Return each customer's chance to buy at least one of their items in these orders, float64 (customers,).

    items: customers x items, set where an item is one of the customer's.
    """
    return _chance(world, orders, items, np.ones(len(world.goods.category), bool), inside=True)


def chance_of_something_new(world: World, orders: Kept, *, bought: csr_array) -> np.ndarray:
    """Return each customer's chance to buy, in these orders, an item that others had bought but not they.

    bought: customers x items, what was bought before. 0 for customers who had bought nothing.
    """
    known = np.bincount(bought.indices, minlength=bought.shape[1]) > 0
    chance = _chance(world, orders, bought, known, inside=False)
    return np.where(np.diff(bought.indptr) > 0, chance, 0.0)


def _chance(world: World, orders: Kept, items: csr_array, known: np.ndarray, *, inside: bool) -> np.ndarray:
    """Return the chance of an item of `items` (inside), or of a known item that is none of them."""
    goods = world.goods
    group = np.eye(len(CATEGORIES))[goods.category]
    nothing = np.ones(len(world.people))
    for week in np.unique(orders.week):
        now = orders.week == week
        who, wanted = orders.customer[now], orders.wanted[now]
        weight = group * goods.shelf_shares(int(week))[:, None]
        listed = (items[who] @ weight) if inside else weight[known].sum(axis=0) - items[who] @ weight
        drawn = np.einsum("nc,nc->n", listed, world.taste[who])
        came = np.asarray(items[who, np.maximum(wanted, 0)]).ravel() > 0
        came = came if inside else known[wanted] & ~came
        first = np.where(wanted >= 0, came, drawn)
        more = sum(part * (1 - drawn) ** extra for extra, part in enumerate(LINE_SHARES))
        np.multiply.at(nothing, who, (1 - first) * more)
    return 1 - nothing


def _best_sellers(world: World, history: History) -> dict[str, dict[str, float]]:
    """Customers served by the ten best sellers they had not bought, % of those who bought something new."""
    orders, lines = history.log["orders"], history.log["lines"]
    cut = settings.WEEKS - TEST_WEEKS
    before = (~orders["cancelled"] & (orders["week"] < cut))[lines["order"]]
    places = orders["customer"][lines["order"]][before], lines["item"][before]
    bought = csr_array(
        (np.ones(before.sum(), np.float32), places), shape=(len(world.people), len(world.goods.category))
    )
    bought.sum_duplicates()
    bought.data[:] = 1
    kept = ~orders["cancelled"]
    later = Kept(
        customer=orders["customer"][kept], week=orders["week"][kept], wanted=orders["wanted"][kept]
    ).later(cut)
    judged = chance_of_something_new(world, later, bought=bought)
    if not judged.sum():
        return {}
    served = chance_to_buy(world, later, _unbought(bought, np.unique(later.customer)))
    return {"D1.hit_rate": {BEST_SELLERS: 100.0 * served[judged > 0].sum() / judged.sum()}}


def _unbought(bought: csr_array, who: np.ndarray) -> csr_array:
    """Return the ten most bought items that each of these customers had not bought."""
    buyers = np.bincount(bought.indices, minlength=bought.shape[1])
    best_first = np.argsort(-buyers, kind="stable")[: np.count_nonzero(buyers)]
    rows, columns = [], []
    for start in range(0, len(who), _BATCH):
        part = who[start : start + _BATCH]
        free = bought[part].toarray()[:, best_first] == 0
        row, place = np.nonzero(free & (np.cumsum(free, axis=1, dtype=np.int32) <= LENGTH))
        rows.append(part[row])
        columns.append(best_first[place])
    places = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.ones(len(places[0]), np.float32), places), shape=bought.shape)
