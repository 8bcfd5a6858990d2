"""Covariates and habits by the names a reader would use: "money spent before", not `spend_before_cents`."""

from __future__ import annotations

import re

from helpers.report.phrases import said

_NAMES = {
    "tenure_days": "days since joining",
    "orders_before": "orders before",
    "orders_90d_before": "orders in the 90 days before",
    "spend_before_cents": "money spent before",
    "days_since_last_order": "days since the last order",
    "categories_before": "categories bought from",
    "coupons_used_before": "coupons used before",
    "shares_before": "orders shared before",
    "share_rate_before": "part of orders shared",
    "likes_received_before": "likes received before",
    "returns_before": "returns before",
    "friends": "number of friends",
    "friends_orders_90d_before": "friends' orders in the 90 days before",
    "age_band": "age",
    "gender": "gender",
    "city_tier": "size of city",
    "channel": "channel of joining",
    "acquisition_cost_cents": "cost of winning the customer",
    "index_value_cents": "value of the order",
    "index_category": "category of the order",
    "category_orders_before": "orders of the category before",
    "in_segment": "in the named group",
    "days_since_joined": "days since joining",
    "comment_likes": "likes of the comment",
    "spend_per_purchase_cents": "spend per purchase",
}
_SHARE = "share of "
_LOGARITHM = re.compile(r"log\(1 \+ (.+)\)")


def plain_name(name: str) -> str:
    """Return a covariate or a column made of it in plain words; an unknown one loses its underscores.

    >>> plain_name("log(1 + friends)"), plain_name("days_since_last_order unknown")
    ('number of friends (log)', 'days since the last order: none known')
    >>> plain_name("gender: female"), plain_name("shoe_size")
    ('gender: female', 'shoe size')
    """
    if name.startswith(_SHARE):  # of a category, whose name is its own
        return said("share of {}").format(name.removeprefix(_SHARE))
    logged = _LOGARITHM.fullmatch(name)
    if logged:
        return f"{plain_name(logged[1])} ({said('log')})"
    if name.endswith(" unknown") and name.removesuffix(" unknown") in _NAMES:
        return f"{said(_NAMES[name.removesuffix(' unknown')])}: {said('none known')}"
    covariate, colon, level = name.partition(": ")
    return said(_NAMES.get(covariate, covariate.replace("_", " "))) + colon + level
