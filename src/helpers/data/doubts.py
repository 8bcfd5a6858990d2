"""What looks odd in a shop as it is seen: the loader's doubts, and what the chosen day adds."""

from __future__ import annotations

import pandas as pd

from helpers.data.plausibility import Doubt
from helpers.data.shop import Shop
from methods.counts import count


def doubts(shop: Shop) -> pd.DataFrame:
    """Return one row a doubt about the shop: what looks odd, with its number, and what to do.

    Customers without a joining date are in the tables even before their first order; those who had not
    ordered by `as_of` are known only because they bought later, and are counted apart.
    """
    return shop.receipt.doubts_frame(*_known_from_later(shop))


def _known_from_later(shop: Shop) -> tuple[Doubt, ...]:
    if shop.missing("customers", "orders.placed_at"):
        return ()
    undated = shop["customers"].filter(shop["customers"].joined_at.isnull())
    later = int(undated.anti_join(shop["orders"], "customer_id").count().execute())
    if not later:
        return ()
    everybody = int(shop["customers"].count().execute())
    day = shop.clock.local(shop.end).date()
    return (
        Doubt(
            found=f"{later:,} of {count(everybody, 'customer')} have no joining date and no order "
            f"before {day}.",
            advice="They are known from what came later, or never bought: they did not join and stay away.",
        ),
    )
