"""On real tables the chapter answers B1, B2, B4 and B9 and says why it cannot answer the rest."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import stickiness
from helpers.data.purchase_history import last_seen_day, purchase_history
from helpers.stickiness.value_check import hold_out
from tests.conftest import assert_skipped

ANSWERED = {
    "B1": stickiness.retention,
    "B2": stickiness.repurchase,
    "B4": stickiness.order_value,
    "B9": stickiness.lifetime_value,
}
SKIPPED = {
    "B3": (stickiness.interaction, "shares.posted_at"),
    "B5": (stickiness.recommendation, "surveys.answered_at"),
    "B7": (stickiness.drivers, "late delivery needs orders.shipping_days"),
    "B8": (stickiness.funnel, "events.happened_at"),
}


@pytest.mark.parametrize("name", ["cdnow", "online_retail"])
def test_what_orders_alone_can_answer_is_answered(real_shop, name):
    shop = real_shop(name)
    for requirement, ask in ANSWERED.items():
        answer = ask(shop)
        answered = [one for one in answer.findings if one.status == "answered"]
        assert answered, requirement
        assert {one.requirement for one in answered} == {requirement}
        assert len(answer.draw().png()) > 5_000
    assert_skipped(shop, SKIPPED.values())
    known = {one.id: one for one in stickiness.lifetime_value(shop).findings}
    assert "acquisition cost" in known["B9.winning_cost"].reason


def test_cdnow_master_comes_true(real_shop):
    """The whole cohort of 23,570: the last half year within 5 %, chances better than giving all the mean."""
    shop = real_shop("cdnow")
    check = stickiness.lifetime_value(shop).check
    assert check.customers == 23_570
    assert abs(check.miss_percent) < 5
    assert check.chances.brier < check.chances.base_brier


def test_invoices_of_27_weeks(real_shop):
    """Fitted to six months of first purchases, then 27 weeks to Christmas: ranking beats recency alone.

    The season, which the model does not know, makes it foretell too few. The 5 % that are reported for these
    invoices rest on the year before as well, which is not in this file.
    """
    shop = real_shop("online_retail")
    until = last_seen_day(shop) - 189
    assert pd.Timestamp(until, unit="D") < pd.Timestamp("2011-06-05")
    found = hold_out(purchase_history(shop, until=until, recent_days=189), until=until, days=189)
    assert found.chances.ranking > found.recency_ranking + 0.04
    assert found.chances.brier < found.chances.base_brier - 0.015
    assert -15 < found.miss_percent < 0
