"""B4: how much is an order worth, and how much an active customer a month?"""

from __future__ import annotations

from helpers.data.monthly.levels import Levels, levels
from helpers.data.monthly.measures import AOV, ARPU
from helpers.data.shop import Shop
from helpers.report import question, words_beside

WORDS = words_beside(__file__)


@question(WORDS, needs=AOV.needs)
def order_value(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return the average order value and the revenue per active customer and month (AOV, ARPU)."""
    return levels(shop, AOV, ARPU, words=WORDS, months=months, level=level, currency=shop.currency)
