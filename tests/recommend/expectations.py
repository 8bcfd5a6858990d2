"""What the lists of an answer should have served in the demo market, worked out from its hidden tastes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.recommend.d02_value_of_ties.value_of_ties import COMPARISONS
from market import Market
from market.settings import START_UTC
from market.simulate import build_world
from market.truth_recommend import Kept, chance_of_something_new, chance_to_buy


class Expected:
    """The chance (%) that each judged customer of a comparison is served, given that they can be judged.

    It is known who ordered when and what they came for; only the drawing of the baskets is open.
    """

    def __init__(self, market: Market, comparison, *, seed: int) -> None:
        purchases, split = comparison.purchases, comparison.split
        self.world = build_world(market.tables["customers"].num_rows, seed)
        self.person = _numbers(purchases.customers[split.customers])
        self.item = _numbers(purchases.items[split.items])
        self.shape = (len(self.world.people), len(self.world.goods.category))
        self.orders = _later_orders(market, split.cut_at)
        row, column = split.train.nonzero()
        bought = self._matrix(self.person[row], self.item[column])
        self.judged = chance_of_something_new(self.world, self.orders, bought=bought)

    def served(self, lists: np.ndarray, customers: np.ndarray) -> np.ndarray:
        """Return one chance a list. customers: row numbers of the split; lists: their products."""
        row, place = np.nonzero(lists >= 0)
        listed = self._matrix(self.person[customers[row]], self.item[lists[row, place]])
        who = self.person[customers]
        return 100 * chance_to_buy(self.world, self.orders, listed)[who] / self.judged[who]

    def _matrix(self, rows: np.ndarray, columns: np.ndarray) -> csr_array:
        return csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=self.shape)


def truth_of_lists(answer, expected: Expected) -> dict[str, dict[str, float]]:
    """Return the truths of D1's lists, and of each one's gain over the best list for all."""
    comparison = answer.comparison
    rate = {e.label: expected.served(e.lists, comparison.customers).mean() for e in comparison.entries}
    base = rate[comparison.best_for_all.label]
    return {"D1.hit_rate": rate, "D1.gain": {name: value - base for name, value in rate.items()}}


def truth_of_ties(answer, expected: Expected) -> dict[str, float]:
    """Return the truths of D2's differences."""
    rate = {
        key: sum(expected.served(lists, one.customers).mean() for lists in one.lists) / len(one.lists)
        for key, one in answer.by_source.items()
    }
    pairs = {key: pair for key, pair in COMPARISONS.items() if set(pair) <= set(rate)}
    return {f"D2.{key}": rate[first] - rate[second] for key, (first, second) in pairs.items()}


def _numbers(ids) -> np.ndarray:
    """The market numbers its customers, items and orders from 0: c0017 is number 17."""
    return pd.Series(ids).str[1:].astype(int).to_numpy()


def _later_orders(market: Market, cut_at) -> Kept:
    orders = market.tables["orders"].to_pandas().merge(market.labels["orders"], on="order_id")
    orders = orders[(orders["status"] != "cancelled") & (orders["placed_at"] >= cut_at)]
    came_for = orders["came_for_item_id"]
    wanted = np.full(len(orders), -1)
    wanted[came_for.notna()] = _numbers(came_for.dropna())
    week = (orders["placed_at"] - START_UTC) // pd.Timedelta(days=7)
    return Kept(customer=_numbers(orders["customer_id"]), week=week.to_numpy(), wanted=wanted)
