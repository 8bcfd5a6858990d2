"""B3: how often do active customers share, react and review?"""

from __future__ import annotations

from dataclasses import replace

from helpers.data.monthly.activity import SOCIAL
from helpers.data.monthly.levels import Levels, levels
from helpers.data.monthly.measures import COMMENTS, INTERACTION, JOINS, REACTIONS, REVIEWS, SHARES
from helpers.data.reaction_kinds import reaction_kinds
from helpers.data.shop import Shop
from helpers.report import question, words_beside

WORDS = words_beside(__file__)
_KINDS = {COMMENTS.id: "comment", JOINS.id: "join"}


@question(WORDS, needs=("orders.placed_at",), one_of=tuple((need,) for need in SOCIAL))
def interaction(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return how many active customers interact, and how often they share, react, join events and review.

    months: how many recent complete months the levels and trends rest on. Raises CannotAnswer when the shop
    records neither shares, reactions nor reviews. A kind of reaction that no known customer
    gave is not told as 0.
    """
    absent = _absent(shop)
    named = (SHARES, REACTIONS, COMMENTS, JOINS, REVIEWS)
    kept = [one for one in named if one.id not in absent and not shop.missing(*one.needs)]
    found = levels(shop, INTERACTION, *kept, words=WORDS, months=months, level=level)
    unknown = (WORDS.skip(id, WORDS.text("no such kind", kind=kind)) for id, kind in absent.items())
    return replace(found, findings=(*found.findings, *unknown))


def _absent(shop: Shop) -> dict[str, str]:
    """The measures of a kind of reaction that no customer is known to have given, with the kind."""
    if shop.missing("reactions.posted_at"):
        return {}
    there = reaction_kinds(shop)
    return {id: kind for id, kind in _KINDS.items() if kind not in there}
