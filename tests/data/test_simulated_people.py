"""Customers of a simulation: a part of the circles stands for the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data import simulated_people as module
from helpers.data.purchase_history import last_seen_day
from tests.market_runs import market_shop


def test_a_part_of_the_circles_is_like_the_whole(tmp_path, monkeypatch):
    """As many customers as the part says, as often without a friend, with as many friends, buying as much."""
    found = []
    shop, _ = market_shop(tmp_path, customers=1_200, seed=3)
    for most in (30_000, 400):
        monkeypatch.setattr(module, "MOST_SIMULATED", most)
        anew = replace(shop)  # keeps nothing of what was worked out before
        found.append(module.simulated_people(anew, until=last_seen_day(anew), at_likes=20))
    whole, part = found
    assert whole.part == 1 > part.part > 0.2
    size = len(part.population) / len(whole.population)
    assert abs(size / part.part - 1) < 0.15
    friends = [one.population.ties.degrees for one in found]
    assert abs(friends[1].mean() / friends[0].mean() - 1) < 0.15
    assert abs((friends[1] == 0).mean() - (friends[0] == 0).mean()) < 0.1
    rates = [(one.population.shape / one.population.pace).mean() for one in found]
    assert abs(np.log(rates[1] / rates[0])) < 0.25
