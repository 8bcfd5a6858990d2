"""Which kinds of reactions the shop's customers are known to have given."""

from __future__ import annotations

from helpers.data.shop import Shop


def reaction_kinds(shop: Shop) -> frozenset[str]:
    """Return the kinds of reactions given by known customers: no others count as anybody's deed."""
    reactions = shop["reactions"]
    given = reactions.filter(reactions.customer_id.notnull())
    return frozenset(given.select("kind").distinct().execute()["kind"])
