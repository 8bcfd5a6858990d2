"""New, active, silent, lost: one definition for all chapters, by each customer's own cycle."""

from __future__ import annotations

import pandas as pd

from helpers.data.customer_history import history_frame
from helpers.data.purchase_gaps import gaps_until, known_cycle, purchase_gaps
from helpers.data.shop import Shop
from methods.customers.tiers import TierRules, assign_tiers


def lifecycle_stages(shop: Shop, *, until: int, rules: TierRules | None = None) -> pd.Series:
    """Return each customer's stage as known on a day, by customer_id (a category of `TIERS`).

    until: whole days since 1970-01-01 on the shop's clock. rules: where the stages end (`TierRules`).
    Raises CannotAnswer where half of the purchases were not followed by another by then, so that there is no
    cycle to hold a silence against.
    """
    history = history_frame(shop, until=until)
    gaps = gaps_until(purchase_gaps(shop), until=until)
    told = assign_tiers(history, until=until, rules=rules or TierRules(), cycle_days=known_cycle(gaps))
    return told.set_axis(history["customer_id"])
