"""B3: how often do active customers share, react and review?"""

from __future__ import annotations

from helpers.data.monthly.activity import SOCIAL
from helpers.data.monthly.levels import Levels, levels
from helpers.data.monthly.measures import COMMENTS, INTERACTION, JOINS, REACTIONS, REVIEWS, SHARES
from helpers.data.shop import Shop
from helpers.report import question, words_beside

WORDS = words_beside(__file__)


@question(WORDS, needs=("orders.placed_at",), one_of=tuple((need,) for need in SOCIAL))
def interaction(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return how many active customers interact, and how often they share, react, join events and review.

    months: how many recent complete months the levels and trends rest on. Raises CannotAnswer when the shop
    records neither shares, reactions nor reviews.
    """
    kept = [one for one in (SHARES, REACTIONS, COMMENTS, JOINS, REVIEWS) if not shop.missing(*one.needs)]
    return levels(shop, INTERACTION, *kept, words=WORDS, months=months, level=level)
