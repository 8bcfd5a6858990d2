"""Labels that a test may compare with: hidden types, circles, faked orders, bought and begged likes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.brushing import burst_sellers
from market.columns import Ids, ids, seen, times
from market.facts import Facts
from market.joins import expected_joins
from market.manipulation import WAYS, make_rings
from market.people import TYPES
from market.reactions import audience
from market.settings import DAYS
from market.truth_tests import offer_outcomes


def find_labels(facts: Facts, outcomes: dict[str, np.ndarray]) -> dict[str, pd.DataFrame]:
    """Return frames named customers, posts, orders, sellers, share_study and offer_test.

    share_study: both chances (0 to 1) of buying again within 90 days, not_shared and shared, the chance of
    sharing that was at work, and what the customer would do with and without the prompt. offer_test: both
    chances of buying within the try-first test's 56 days, without and offered.
    """
    index = facts.history.log["index"]
    study = pd.DataFrame(
        {
            "customer_id": facts.customer_ids.take(outcomes["customer"]).to_numpy(zero_copy_only=False),
            "order_id": facts.order_ids.take(index["order"]).to_numpy(zero_copy_only=False),
            "not_shared": outcomes["not_shared"],
            "shared": outcomes["shared"],
            "propensity": index["propensity"],
            "shares_if_prompted": index["if_prompted"],
            "shares_if_not_prompted": index["if_not"],
            "likes_if_shared": index["likes"],
        }
    )
    return {"customers": _customers(facts, outcomes), "posts": _posts(facts), "orders": _orders(facts),
            "sellers": _sellers(facts), "share_study": study, "offer_test": _offers(facts)}  # fmt: skip


def _offers(facts: Facts) -> pd.DataFrame:
    offer = offer_outcomes(facts.world, facts.history)
    who = facts.customer_ids.take(offer["customer"]).to_numpy(zero_copy_only=False)
    return pd.DataFrame({"customer_id": who, "without": offer["without"], "offered": offer["offered"]})


def _customers(facts: Facts, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
    people, net = facts.world.people, facts.world.network
    uplift = np.full(len(people), np.nan)
    uplift[outcomes["customer"]] = 100.0 * (outcomes["shared"] - outcomes["not_shared"])
    width = int(net.circle.max()) + 1
    moved = np.where(7.0 * net.moved_week >= DAYS, np.nan, 7.0 * net.moved_week)
    return pd.DataFrame(
        {
            "customer_id": facts.customer_ids.text.to_numpy(zero_copy_only=False),
            "type": np.array(TYPES)[people.type],
            "weekly_rate": np.exp(people.log_rate),
            "dropout_probability": people.dropout,
            "alive": facts.history.alive,
            "circle_before": ids("k", net.circle, count=width).to_numpy(zero_copy_only=False),
            "circle_after": ids("k", net.circle_after, count=width).to_numpy(zero_copy_only=False),
            "circle_changed_at": times(moved).to_pandas(),
            "share_uplift_pp": uplift,
            "influence": people.influence,
            "joins_expected": expected_joins(facts.world, facts.shares, *audience(net, facts.shares)),
            "buys_likes": people.buys_likes,
            "in_ring": np.isin(np.arange(len(people)), np.concatenate([[-1], *make_rings(facts.world)])),
            "places_faked_orders": people.brushing,
        }
    )


def _posts(facts: Facts) -> pd.DataFrame:
    rows = np.flatnonzero(seen(facts.shares["posted"]))
    these = {name: values[rows] for name, values in facts.shares.items()}
    return pd.DataFrame(
        {
            "share_id": facts.share_ids.take(rows).to_numpy(zero_copy_only=False),
            "likes_earned": these["earned"],
            "likes_begged": these["likes"] - these["earned"],
            "likes_bought": these["fake_likes"],
            "way": np.array(WAYS)[these["fake_way"]],
        }
    )


def _orders(facts: Facts) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "order_id": facts.order_ids.text.to_numpy(zero_copy_only=False),
            "faked": facts.orders["faked"],
            "came_for_item_id": facts.item_ids.take(facts.orders["wanted"]).to_numpy(zero_copy_only=False),
        }
    )


def _sellers(facts: Facts) -> pd.DataFrame:
    """Each seller's orders and faked ones, by the first line; buys_orders: in burst weeks."""
    sellers = len(facts.world.goods.seller_name)
    seller = facts.world.goods.seller[facts.lines["item"][facts.lines["line"] == 1]]
    return pd.DataFrame(
        {
            "seller_id": Ids("s", sellers).text.to_numpy(zero_copy_only=False),
            "orders": np.bincount(seller, minlength=sellers),
            "faked": np.bincount(seller, facts.orders["faked"], sellers).astype(np.int64),
            "buys_orders": np.isin(np.arange(sellers), burst_sellers(facts.world)),
        }
    )
