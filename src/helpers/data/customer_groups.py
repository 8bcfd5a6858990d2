"""Groups of customers by value and habit, learned from those who have bought more than once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.customer_features import Axes, Features, customer_features
from helpers.data.customer_history import last_day, shop_before
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.clustering import Grouping, group
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

LARGEST_NUMBER = 8
FEWEST_REPEAT_BUYERS = 200


@dataclass(frozen=True, kw_only=True)
class CustomerGroups:
    """The customers with a purchase, as they are described, and their groups (one label a customer).

    often: bool, who bought on two days and so taught the groups.
    """

    features: Features
    grouping: Grouping
    often: np.ndarray


def repeat_buyers(features: Features) -> np.ndarray:
    """Return who bought on two days, bool; raises CannotAnswer with fewer than 200 of them."""
    often = features.plain["purchases"].to_numpy() > 1
    if often.sum() < FEWEST_REPEAT_BUYERS:
        raise CannotAnswer(
            WORDS.text("few repeat buyers", often=often.sum(), fewest_repeat_buyers=FEWEST_REPEAT_BUYERS)
        )
    return often


def group_customers(
    shop: Shop,
    *,
    numbers: tuple[int, ...] = (),
    bootstraps: int,
    seed: int,
    axes: Axes | None = None,
    fresh: bool = True,
) -> CustomerGroups:
    """Group the customers with a purchase by value and habit.

    numbers: numbers of groups tried, 2 to 8 when empty. bootstraps: of each, and twice as many `fresh` ones
    of the chosen, which say how firm the groups are. axes: of another date, on which these customers are set.
    One purchase shows no habit, so the groups are learned from those with more, and the others are only
    placed where their purchase fits best. Raises CannotAnswer with fewer than 200 who bought on two days.
    """
    features = customer_features(shop, until=last_day(shop), axes=axes)
    often = repeat_buyers(features)
    tried = numbers or range(2, LARGEST_NUMBER + 1)
    grouping = group(
        features.matrix, learn=often, numbers=tried, bootstraps=bootstraps, fresh=fresh, seed=seed
    )
    return CustomerGroups(features=features, grouping=grouping, often=often)


def groups_before(shop: Shop, *, days: int, number: int, axes: Axes, seed: int) -> CustomerGroups:
    """Group the customers by what was known of them `days` ago, on today's axes, in so many groups.

    Worked out once for all who ask. Raises CannotAnswer where too few had bought on two days by then.
    """
    before = shop_before(shop, days=days)
    return before.once(
        ("groups", number, seed),
        lambda: group_customers(before, numbers=(number,), bootstraps=4, seed=seed, axes=axes, fresh=False),
    )
