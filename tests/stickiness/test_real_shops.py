"""On real tables the chapter answers B1, B2, B4 and B9 and says why it cannot answer the rest."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import stickiness
from helpers.data.purchase_history import back_test_histories, last_seen_day, purchase_history
from methods.customers.value_check import check_forecast
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
    shop, days = real_shop("cdnow"), 181
    until = last_seen_day(shop) - days
    known = back_test_histories(shop, stretches=[(until, days)])
    check = check_forecast(known[until, days], until=until, days=days)
    assert check.customers == 23_570
    assert abs(check.miss_percent) < 5
    assert check.chances.brier < check.chances.base_brier


@pytest.fixture
def windows_of_27_weeks(real_shop):
    """The invoices fitted at the end of each whole week from the 13th (a quarter) on, for 27 weeks."""
    shop, days = real_shop("online_retail"), 27 * 7
    last = last_seen_day(shop)
    first = int(purchase_history(shop, until=last)["first_day"].min())
    untils = range(first + 13 * 7 - 1, last - days + 1, 7)
    known = back_test_histories(shop, stretches=[(until, days) for until in untils])
    return [check_forecast(history, until=until, days=days) for (until, _), history in known.items()]


def last_hidden_day(window):
    return pd.Timestamp(window.until + window.days, unit="D")


def test_invoices_of_27_weeks(windows_of_27_weeks):
    """Where the 27 weeks end before the Christmas trade, their purchases are predicted within 5 %."""
    windows = [one for one in windows_of_27_weeks if last_hidden_day(one) < pd.Timestamp("2011-11-01")]
    assert len(windows) == 8
    predicted, actual = sum(one.predicted for one in windows), sum(one.actual for one in windows)
    assert abs(predicted / actual - 1) < 0.05
    for one in windows:
        assert abs(one.miss_percent) < 6


def test_invoices_of_27_weeks_to_christmas(windows_of_27_weeks):
    """Fitted by June, then 27 weeks into December: too few are predicted, and yet the right customers.

    The model knows no season, and this file holds no earlier Christmas to learn it from: the 2.7 % that are
    published for these invoices rest on 24 months, the file has the last 12 of them.
    """
    found = windows_of_27_weeks[-1]
    assert last_hidden_day(found) > pd.Timestamp("2011-12-01")
    assert -15 < found.miss_percent < 0
    assert found.chances.ranking > found.recency_ranking + 0.04
    assert found.chances.brier < found.chances.base_brier - 0.015


def test_the_invoices_season_is_said_and_nothing_is_foretold(real_shop):
    """Next to no purchase of this one year looks like a last one, and the stretches differ by the season."""
    answer = stickiness.lifetime_value(real_shop("online_retail"))
    found = {one.id: one for one in answer.findings}
    assert answer.forecast.hidden.alike() < 0.001
    assert "seasonal" in found["B9.hidden_days_miss"].reading
    assert "pause from a farewell" in found["B9.purchases_to_come"].reason
