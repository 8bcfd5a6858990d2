"""The truth of ratings: how far sellers really differ; delivery and customers' conduct foretell nothing."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from market.aftermath import make_tickets, return_logit
from market.facts import Facts
from market.settings import DAYS, logistic

_SETTLE, _HISTORY, _FEWEST, _SLOW_HOURS = 30.0, 365.0, 30, 24.0


def ratings_truth(facts: Facts) -> dict[str, float | dict[str, float]]:
    """Return the spread between sellers' true standardised shares over the last 365 days that are settled.

    Lateness depends on the city tier alone, and a return on the product alone, so neither does a seller's
    delivery differ nor a customer's conduct foretell.
    """
    spread = {"product": _product(facts), "service": _service(facts), "delivery": 0.0}
    return {
        "E3.spread": {name: value for name, value in spread.items() if value is not None},
        "E3.foretold": {"delivery": 0.0},
        "E3.conduct_foretells": 50.0,
        "E3.conduct_gap": 0.0,
    }


def _product(facts: Facts) -> float | None:
    """Of all lines of purchases, each with its chance of being returned."""
    lines, goods = facts.lines, facts.world.goods
    chance = logistic(return_logit(facts.world, facts.orders, lines, controlled=True))
    kept = _settled(facts, lines["order"])
    return _spread(goods.seller[lines["item"]][kept], goods.category[lines["item"]][kept], chance[kept])


def _service(facts: Facts) -> float | None:
    """Of the orders that a contact is about, the chance that it was not answered within a day."""
    contacts = make_tickets(facts.world, facts.orders, facts.lines, facts.returns)
    goods = facts.world.goods
    main = facts.lines["item"][facts.lines["line"] == 1][contacts["order"]]
    fast = facts.world.programmes.desk_week[goods.seller[main]] <= contacts["opened"] // 7
    middle = 1.9 + facts.world.effects.desk * fast
    chance = norm.sf((np.log(_SLOW_HOURS) - middle) / 0.8)
    kept = _settled(facts, contacts["order"]) & (contacts["opened"] <= DAYS - _SLOW_HOURS / 24.0)
    return _spread(goods.seller[main][kept], goods.category[main][kept], chance[kept])


def _settled(facts: Facts, order: np.ndarray) -> np.ndarray:
    placed, end = facts.orders["placed"][order], DAYS - _SETTLE
    inside = (placed <= end) & (placed > end - _HISTORY)
    return inside & ~facts.orders["cancelled"][order]


def _spread(seller: np.ndarray, kind: np.ndarray, chance: np.ndarray) -> float | None:
    """Standard deviation, in points, between the shares of sellers with 30 cases, as if all had one mix."""
    many = np.bincount(seller)[seller] >= _FEWEST if len(seller) else np.zeros(0, bool)
    seller, kind, chance = seller[many], kind[many], chance[many]
    if len(np.unique(seller)) < 3:
        return None
    usual = np.bincount(kind, chance) / np.maximum(np.bincount(kind), 1)
    expected, true = np.bincount(seller, usual[kind]), np.bincount(seller, chance)
    ratio = true[expected > 0] / expected[expected > 0]
    return float(100.0 * chance.mean() * ratio.std(ddof=1))
