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
    "no_order": "no purchase before",
    "first_order": "one purchase before",
    "few_orders": "2 to 4 purchases before",
    "many_orders": "5 or more purchases before",
}
_GROUPS_FROM = (0, 1, 2, 5)
# What a list is credited with is counted for so long (the contract's column `bought`).
DAYS = 7


def read_holdouts(shop: Shop) -> pd.DataFrame:
    """Return one row a place in a list: who, which list, shown or not, bought or not, price, own history.

    slate_id, customer_id, item_id, policy (text), shown (bool), shown_chance (0 to 1; where the data do not
    say, the share shown), bought (0/1), money (list price where bought, else 0; nan without prices), group
    (see GROUPS) and before, the purchases before the coin, and decided_at. Raises CannotAnswer where the
    coin was not fair overall, for a list, a group or by past purchases (`check_coin`), or a list was shown
    or withheld too rarely.
    """
    log = shop["holdouts"].left_join(shop["items"].select("item_id", "list_price_cents"), "item_id")
    orders = dated_purchases(shop).select("customer_id", "placed_at")
    slates = log.group_by("slate_id", "customer_id").agg(decided_at=log.decided_at.min())
    pairs = slates.join(orders, "customer_id")
    counts = pairs.filter(pairs.placed_at < pairs.decided_at).group_by("slate_id").agg(before=ibis._.count())
    frame = log.left_join(counts, "slate_id").select(
        "holdout_id", "slate_id", "customer_id", "item_id", "policy", "shown", "shown_chance", "bought",
        "list_price_cents", "before", "decided_at",
    )  # fmt: skip
    frame = frame.order_by("holdout_id").to_pandas()
    frame["shown"] = frame["shown"].astype(bool)
    frame["bought"] = frame["bought"].astype(float)
    declared = bool(frame["shown_chance"].notna().all())
    frame["shown_chance"] = frame["shown_chance"].astype(float).fillna(frame["shown"].mean())
    frame["money"] = frame["bought"] * frame.pop("list_price_cents").astype(float) / 100.0
    frame["before"] = frame["before"].fillna(0).astype(int)
    place = np.searchsorted(_GROUPS_FROM, frame["before"], side="right") - 1
    frame["group"] = np.array(list(GROUPS))[place]
    slates = frame.drop_duplicates("slate_id").assign(group=lambda rows: rows["group"].map(GROUPS))
    check_coin(slates, declared=declared, by=("policy", "group"), history="before")
    return frame


def read_purchases_after(shop: Shop, places: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list: what was bought of it, and of everything else, in the 7 days after the coin.

    places: of `read_holdouts`. Columns: slate_id, customer_id, policy, group, shown, shown_chance, listed
    (products of the list bought, at whatever till), other (products of the shop's orders that the list did
    not hold), and listed_money and other_money, the same at list prices (nan where one is not known). Lists
    of which the data do not hold the 7 days are left out.
    """
    ended = places["decided_at"] + pd.Timedelta(days=DAYS) <= shop.end
    keys = ["slate_id", "customer_id", "policy", "group", "shown", "shown_chance", "decided_at"]
    own = places[ended].groupby(keys, sort=False)[["bought", "money"]].sum(min_count=1)
    lists = own.set_axis(["listed", "listed_money"], axis=1).reset_index()
    log = shop["holdouts"]
    slates = log.group_by("slate_id", "customer_id").agg(decided_at=log.decided_at.min())
    bought = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    bought = bought.join(shop["order_lines"].select("order_id", "item_id"), "order_id")
    after = slates.join(bought, "customer_id")
    until = after.decided_at + ibis.interval(days=DAYS)
    after = after.filter((after.placed_at >= after.decided_at) & (after.placed_at < until))
    after = after.select("slate_id", "item_id").distinct()
    other = after.anti_join(log.select("slate_id", "item_id"), ["slate_id", "item_id"])
    other = other.join(shop["items"].select("item_id", "list_price_cents"), "item_id")
    sums = other.group_by("slate_id").agg(
        other=ibis._.count(),
        priced=ibis._.list_price_cents.count(),
        other_money=ibis._.list_price_cents.sum() / 100,
    )
    frame = sums.to_pandas().set_index("slate_id").reindex(lists["slate_id"])
    money = frame["other_money"].fillna(0.0).where(frame["priced"].eq(frame["other"]) | frame["other"].isna())
    return lists.assign(other=frame["other"].fillna(0.0).to_numpy(float), other_money=money.to_numpy(float))
