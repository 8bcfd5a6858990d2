"""Prices by place among friends, told as open coupons: what they would earn beyond one price for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from helpers.incentives.f03_seeds.pass_chances import PassChances
from methods.pricing import NetworkPrices, network_prices
from methods.pricing.network_prices import strongest_pull

# In units of the usual good: worth 10, satiety 1, cost 2, as in the source of the method.
WORTH, SATIETY, UNIT_COST = 10.0, 1.0, 2.0
PULL = 0.2  # of what a customer would buy alone, what all friends together add on average


@dataclass(frozen=True, kw_only=True)
class PlacePrices:
    """gain_percent: profit beyond that of one price. coupon_percent: what the tenth of customers with the
    lowest best price would get off the one price."""

    gain_percent: float
    coupon_percent: float
    prices: NetworkPrices


def place_prices(chances: PassChances) -> PlacePrices | None:
    """Price every customer by how strongly friends follow.

    A friend's purchase adds to one's own in proportion to the chance of joining that friend's posts; the mean
    sum over all friends is 0.2 of 2·satiety, an assumption. None where a few customers gather so many friends
    that amounts would grow without end.
    """
    people, ends = len(chances.ties), chances.ties.ends.astype(np.int64)
    follower, followed = np.concatenate([ends, ends[:, ::-1]]).T
    weight = chances.chance[followed]
    strength = PULL * 2 * SATIETY * people / weight.sum()
    pull = csr_array((strength * weight, (follower, followed)), shape=(people, people))
    if strongest_pull(pull) >= 2 * SATIETY:
        return None
    found = network_prices(pull, worth=WORTH, satiety=SATIETY, unit_cost=UNIT_COST)
    lowest = np.sort(found.prices)[: max(people // 10, 1)].mean()
    return PlacePrices(
        gain_percent=100 * found.gain,
        coupon_percent=max(100 * (1 - lowest / found.one_price), 0.0),
        prices=found,
    )
