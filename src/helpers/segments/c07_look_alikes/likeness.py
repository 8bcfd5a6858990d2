"""What is known of customers at a day that may show who will buy next: habits, pace, friends who did."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from helpers.data.customer_features import customer_features
from helpers.data.customer_history import last_day
from helpers.data.friend_graph import active_ties
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.customers.likeness import Likeness
from methods.customers.value_model import forecast

_LOGGED = ("days_since_last", "purchases_per_90_days", "spend_per_purchase_cents", "shares_per_purchase")


def likeness(shop: Shop, *, category: str, seeds: pd.Index, horizon_days: int) -> Likeness:
    """Describe every customer with a purchase before `shop.as_of`.

    category: whose own share is left out of the habits, for every seed has it. seeds: customer_ids.
    Raises NotEstimable where the purchase model cannot be fitted.
    """
    until = last_day(shop)
    features = customer_features(shop, until=until)
    plain = features.plain
    ahead = forecast(features.history, until=until, horizon_days=horizon_days, repeat_spend=None)
    ties = active_ties(shop).to_pandas()
    a, b = (plain.index.get_indexer(ties[side]) for side in ("customer_a", "customer_b"))
    strength = ties["strength"].astype(float).fillna(1.0).to_numpy()
    known = (a >= 0) & (b >= 0)
    return Likeness(
        habits=_habits(plain, category).join(_fixed(shop)).fillna(0.0),
        expected=ahead.purchases,
        ends_a=a[known],
        ends_b=b[known],
        strength=strength[known],
        seeds=plain.index.isin(seeds),
    )


def _habits(plain: pd.DataFrame, category: str) -> pd.DataFrame:
    """Logarithms of skewed habits, and shares of the other categories among themselves."""
    own = f"share of {category}"  # no page says this
    kept = plain.drop(columns=["purchases", own], errors="ignore")
    kept = kept.assign(**{name: np.log1p(kept[name]) for name in _LOGGED if name in kept})
    tastes = [name for name in kept if name.startswith("share of ")]
    rest = (1 - plain[own]).clip(lower=0.05) if own in plain else 1.0
    return kept.assign(**{name: kept[name] / rest for name in tastes})


def _fixed(shop: Shop) -> pd.DataFrame:
    """Age band and gender as columns of 0 and 1, where they are known."""
    known = [name for name in ("age_band", "gender") if not shop.missing(f"customers.{name}")]
    people = shop["customers"].select("customer_id", *known).to_pandas().set_index("customer_id")
    return pd.get_dummies(people.astype(object), dtype=float) if known else people


def buyers(shop: Shop, *, category: str = "", item: str = "", since=None) -> pd.Index:
    """Return the customers with a purchase of a category or of an item; of anything when both are empty.

    since: only purchases from this moment on (naive UTC).
    """
    orders = dated_purchases(shop)
    if since is not None:
        orders = orders.filter(orders.placed_at >= ibis.literal(since))
    orders = orders.select("order_id", "customer_id")
    if category or item:
        lines = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id")
        items = shop["items"]
        chosen = items.filter(items.item_id == item if item else items.category == category)
        orders = lines.semi_join(chosen, "item_id")
    return pd.Index(orders.select("customer_id").distinct().to_pandas()["customer_id"])
