"""A shop without suspect likes, its people and posts kept; a shop without accounts flagged before."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import ibis
import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.e01_manipulation.manipulation import Manipulation

_HOLD_CUSTOMERS = ("customer_id", "customer_a", "customer_b", "receiver_id")


def suspect_likes(suspects: Manipulation) -> pd.Series:
    """Return the reaction_ids of strangers' likes on flagged posts; friends' likes there are left alone."""
    likes = suspects.liked.likes
    flagged = suspects.posts["flagged"].to_numpy()
    return likes.loc[flagged[likes["post"]] & ~likes["tied"].to_numpy(), "reaction_id"]


def without_likes(shop: Shop, reactions: pd.Series) -> Shop:
    """Return the shop without these likes. Posts stay: a sharer without his post would count as no sharer."""
    gone = ibis.memtable(pd.DataFrame({"reaction_id": reactions.astype(str)}))
    return _with(shop, {"reactions": shop["reactions"].anti_join(gone, "reaction_id")})


def without_accounts(shop: Shop, customers: np.ndarray) -> Shop:
    """Return the shop without these customers and all that they did, received or wrote."""
    left = {}
    for name, table in shop.tables.items():
        for column in _HOLD_CUSTOMERS:
            if column in table.columns:
                gone = ibis.memtable(pd.DataFrame({column: np.asarray(customers, dtype=str)}))
                table = table.anti_join(gone, column)
        left[name] = table
    return _with(shop, left)


def _with(shop: Shop, tables: dict) -> Shop:
    return replace(shop, tables=MappingProxyType({**shop.tables, **tables}))
