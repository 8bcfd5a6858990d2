"""The frame of a randomised offer: who was in the test, what was known before, who bought after."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.experiment import Experiment
from helpers.data.panel import customer_panel
from helpers.data.purchases import dated_purchases, line_values
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside

WORDS = words_beside(__file__, "who_gains")

COVARIATES = (
    "tenure_days", "orders_before", "orders_90d_before", "spend_before_cents", "days_since_last_order",
    "categories_before", "coupons_used_before", "shares_before", "likes_received_before", "returns_before",
    "friends", "friends_orders_90d_before", "age_band", "gender", "city_tier", "channel",
    "category_orders_before", "in_segment",
)  # fmt: skip

# Without these nobody's group is known.
GROUP_NEEDS = ("items.category", "shares.posted_at")


def offer_test(
    shop: Shop, test: Experiment, *, category: str, shares: int, outcome_days: int
) -> pd.DataFrame:
    """Return one row a customer of a test whose outcome window lies fully in the data, by customer_id.

    The columns of the customer panel as of the draw, and: arm, offered (0.0, 1.0), bought (0.0, 1.0: any
    purchase in the outcome window), category_orders_before (purchases before the draw whose dearest line was
    of the category), in_segment (bool: at least one of these and at least `shares` posts before the draw;
    false for all where no category is named or the shop lacks one of GROUP_NEEDS). Raises CannotAnswer when
    nobody can be followed or one of the arms is not there.
    """
    rows = shop["experiments"]
    drawn = rows.filter((rows.experiment == test.name) & rows.assigned_at.notnull())
    drawn = drawn.select("customer_id", "arm", index_at="assigned_at")
    panel = customer_panel(shop, drawn.drop("arm"), outcome_days=outcome_days)
    frame = panel.left_join(drawn.select("customer_id", "arm"), "customer_id").drop("customer_id_right")
    bought = _category_orders(shop, drawn, category)
    frame = frame.left_join(bought, "customer_id").drop("customer_id_right")
    found = frame.order_by("customer_id").execute()
    if found.empty:
        raise CannotAnswer(WORDS.text("nobody followed", name=test.name, outcome_days=outcome_days))
    if test.control not in set(found["arm"]) or found["arm"].nunique() < 2:
        raise CannotAnswer(
            WORDS.text(
                "arms missing", name=test.name, control=test.control, found=sorted(found["arm"].unique())
            )
        )
    category_orders = found["category_orders_before"].fillna(0).astype("int64")
    posts = found["shares_before"].fillna(0).astype("int64")
    return found.assign(
        offered=(found["arm"] != test.control).astype(float),
        bought=found["repurchased"].astype(float),
        city_tier=found["city_tier"].astype("Int64").astype("string"),
        category_orders_before=category_orders,
        in_segment=(category_orders > 0) & (posts >= shares) & (not shop.missing(*GROUP_NEEDS)),
    )


def _category_orders(shop: Shop, drawn: Table, category: str) -> Table:
    """Count each customer's purchases before the draw whose dearest line was of the category."""
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    orders = orders.join(drawn.select("customer_id", "index_at"), "customer_id")
    orders = orders.filter(orders.placed_at < orders.index_at)
    lines = line_values(shop).join(orders.select("order_id", "customer_id"), "order_id")
    lines = lines.left_join(shop["items"].select("item_id", "category"), "item_id")
    place = ibis.row_number().over(
        group_by=lines.order_id, order_by=[lines.value_cents.desc(), lines.line_number.asc()]
    )
    dearest = lines.mutate(place=place).filter((_.place == 0) & (_.category == category))
    return dearest.group_by("customer_id").agg(category_orders_before=_.count())
