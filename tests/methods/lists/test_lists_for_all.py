"""Best sellers, best sellers lately, and the customer's own products."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from methods.lists.lists_for_all import BuyAgain, Popular, PopularInGroup, RecentlyPopular
from methods.lists.ranking import recommend

BOUGHT = csr_array(np.array([[1, 1, 0], [0, 1, 0], [1, 1, 1]], np.float32))
DAYS = csr_array(np.array([[90, 40, 0], [0, 50, 0], [5, 3, 28]], np.float32))


def test_popularity_is_the_number_of_buyers_and_the_same_for_all():
    assert Popular().fit(BOUGHT).scores(np.array([2, 0])).tolist() == [[2, 3, 1], [2, 3, 1]]


def test_recent_popularity_counts_purchases_up_to_the_window():
    scores = RecentlyPopular(days_ago=DAYS, window_days=28).fit(BOUGHT).scores(np.array([0]))
    assert scores.tolist() == [[1, 1, 1]]
    scores = RecentlyPopular(days_ago=DAYS, window_days=45).fit(BOUGHT).scores(np.array([0]))
    assert scores.tolist() == [[1, 2, 1]]


def test_buy_again_lists_own_products_the_latest_first():
    fitted = BuyAgain(days_ago=DAYS, half_life_days=10).fit(BOUGHT)
    assert recommend(fitted, np.arange(3), length=3).tolist() == [[1, 0, 2], [1, 0, 2], [1, 0, 2]]
    assert fitted.scores(np.array([0]))[0, 1] == np.float32(0.5**4)


def test_a_group_gets_its_own_best_sellers_and_borrows_the_rest():
    fitted = PopularInGroup(groups=np.array([0, 0, 1]), borrowed=6.0).fit(BOUGHT)
    everybody = np.array([2, 3, 1]) / 6
    assert fitted.scores(np.array([0, 1])).tolist() == [(np.array([1, 2, 0]) + 6 * everybody).tolist()] * 2
    assert fitted.scores(np.array([2])).tolist() == [(np.array([1, 1, 1]) + 6 * everybody).tolist()]
