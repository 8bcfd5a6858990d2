"""What is known of customers at a day that may show who will buy next: habits, pace, friends who did."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from scipy import sparse

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.segments.features import customer_features
from helpers.segments.graph import active_ties
from helpers.segments.history import last_day
from helpers.segments.outlook import foretell

# A share of seeds among few friends is pulled to that among all, as if so much more strength were there.
_FRIENDS_PULL, _BEYOND_PULL = 1.0, 3.0
_LOGGED = ("days_since_last", "purchases_per_90_days", "spend_per_purchase_cents", "shares_per_purchase")


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """Customers with a purchase, as of the end of a shop.

    habits: float, one row a customer (index customer_id). expected: purchases foretold for the horizon from
    recency and frequency alone (BG/NBD). ends_a, ends_b, strength: standing ties between them, by row number.
    seeds: bool, one a customer.
    """

    habits: pd.DataFrame
    expected: np.ndarray
    ends_a: np.ndarray
    ends_b: np.ndarray
    strength: np.ndarray
    seeds: np.ndarray

    def matrix(self, *, seeds: np.ndarray | None = None, ties: str = "true", seed: int = 1) -> np.ndarray:
        """Return what a model sees (float, customers by columns).

        seeds: bool, other seeds than the own ones. ties: "true", "none", or "placebo", where everybody keeps
        the number of friends but one end of every tie is dealt anew by `seed`.
        """
        known = [self.habits.to_numpy(), np.log(self.expected + 0.01)[:, None]]
        if ties != "none":
            known.append(self._friends(self.seeds if seeds is None else seeds, ties, seed))
        return np.column_stack(known)

    def _friends(self, seeds: np.ndarray, ties: str, seed: int) -> np.ndarray:
        """Seeds among friends and among friends' friends, and how many friends there are.

        The way out and back to oneself is taken off, or being a seed would tell of itself.
        """
        other = self.ends_b
        if ties == "placebo":
            other = np.random.default_rng(seed).permutation(other)
        size = (len(seeds), len(seeds))
        one_way = sparse.coo_matrix((self.strength, (self.ends_a, other)), shape=size)
        graph = (one_way + one_way.T).tocsr()
        back = np.asarray(graph.multiply(graph).sum(axis=1)).ravel()
        degree, is_seed = np.asarray(graph.sum(axis=1)).ravel(), seeds.astype(float)
        near = graph @ is_seed
        beyond, reach = graph @ near - back * is_seed, graph @ degree - back
        base = is_seed.mean()
        return np.column_stack(
            [
                (near + _FRIENDS_PULL * base) / (degree + _FRIENDS_PULL),
                (beyond + _BEYOND_PULL * base) / (reach + _BEYOND_PULL),
                np.log1p(degree),
            ]
        )


def likeness(shop: Shop, *, category: str, seeds: pd.Index, horizon_days: int) -> Likeness:
    """Describe every customer with a purchase before `shop.as_of`.

    category: whose own share is left out of the habits, for every seed has it. seeds: customer_ids.
    Raises NotEstimable where the purchase model cannot be fitted.
    """
    until = last_day(shop)
    features = customer_features(shop, until=until)
    plain = features.plain
    expected = foretell(features.history, until=until, horizon_days=horizon_days).customers[
        "purchases_to_come"
    ]
    ties = active_ties(shop).to_pandas()
    a, b = (plain.index.get_indexer(ties[side]) for side in ("customer_a", "customer_b"))
    strength = ties["strength"].astype(float).fillna(1.0).to_numpy()
    known = (a >= 0) & (b >= 0)
    return Likeness(
        habits=_habits(plain, category).join(_fixed(shop)).fillna(0.0),
        expected=expected.to_numpy(dtype=float),
        ends_a=a[known],
        ends_b=b[known],
        strength=strength[known],
        seeds=plain.index.isin(seeds),
    )


def _habits(plain: pd.DataFrame, category: str) -> pd.DataFrame:
    """Logarithms of skewed habits, and shares of the other categories among themselves."""
    own = f"share of {category}"
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
