"""Lists that a coin showed or withheld, as the shop wrote them down."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.logs.hold_out import check_coin

# Customers by their purchases before the coin.
GROUPS = {
    "first_order": "one purchase before",
    "few_orders": "2 to 4 purchases before",
    "many_orders": "5 or more purchases before",
}
_GROUPS_FROM = (1, 2, 5)


def read_holdouts(shop: Shop) -> pd.DataFrame:
    """Return one row a place in a list: who, which list, shown or not, bought or not, price, own history.

    slate_id, customer_id, item_id, policy (text), shown (bool), shown_chance (0 to 1; where the data do not
    say, the share shown), bought (0/1), money (list price where bought, else 0; nan without prices), group
    (see GROUPS, by purchases before the coin). Raises CannotAnswer where the coin was not fair, or fewer
    than 100 places of each list were shown and withheld.
    """
    log = shop["holdouts"].left_join(shop["items"].select("item_id", "list_price_cents"), "item_id")
    orders = dated_purchases(shop).select("customer_id", "placed_at")
    slates = log.group_by("slate_id", "customer_id").agg(decided_at=log.decided_at.min())
    pairs = slates.join(orders, "customer_id")
    counts = pairs.filter(pairs.placed_at < pairs.decided_at).group_by("slate_id").agg(before=ibis._.count())
    frame = log.left_join(counts, "slate_id").select(
        "holdout_id", "slate_id", "customer_id", "item_id", "policy", "shown", "shown_chance", "bought",
        "list_price_cents", "before",
    )  # fmt: skip
    frame = frame.order_by("holdout_id").to_pandas()
    frame["shown"] = frame["shown"].astype(bool)
    frame["bought"] = frame["bought"].astype(float)
    frame["shown_chance"] = frame["shown_chance"].astype(float).fillna(frame["shown"].mean())
    frame["money"] = frame["bought"] * frame.pop("list_price_cents").astype(float) / 100.0
    place = np.searchsorted(_GROUPS_FROM, frame.pop("before").fillna(0).clip(lower=1), side="right") - 1
    frame["group"] = np.array(list(GROUPS))[place]
    check_coin(frame)
    return frame
