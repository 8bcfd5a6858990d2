"""B3, B4 and B5: answered where the tables are, skipped with the reason where they are not."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.stickiness import interaction, order_value, recommendation


def test_every_number_stands_beside_its_months_and_customers(make_shop, random_tables):
    shop = make_shop(random_tables(seed=1, customers=200))
    for answer in (interaction(shop), order_value(shop), recommendation(shop)):
        table = answer.table()
        assert len(table.columns) <= 7
        for one, found in zip(answer.series, answer.findings, strict=True):
            assert f"{found.n:,} customers" in found.reading
            assert one.measure.id == found.id
        assert answer.series[0].recent_months in answer.findings[0].reading
        assert len(table) == len(answer.findings)
        assert answer.table().attrs["people"] == "customers"
        assert len(answer.draw().png()) > 5_000


def test_money_is_in_the_shops_currency(make_shop, random_tables):
    findings = order_value(make_shop(random_tables(seed=1), currency="GBP")).findings
    assert [one.unit for one in findings] == ["GBP an order", "GBP a month"]
    assert "GBP" in findings[0].reading


def test_only_what_is_recorded_is_counted(make_shop, random_tables):
    tables = random_tables(seed=1)
    del tables["reactions"], tables["reviews"]
    ids = [finding.id for finding in interaction(make_shop(tables)).findings]
    assert ids == ["B3.interaction_rate", "B3.shares_per_100_active"]


@pytest.mark.parametrize(
    ("present", "active", "interacted"),
    [
        ((), "who bought in a month", None),
        (("shares",), "who bought or shared in a month", "shared at least once"),
        (
            ("shares", "reactions", "reviews", "events"),
            "who bought, shared, reacted, reviewed or visited in a month",
            "shared, reacted or reviewed at least once",
        ),
    ],
)
def test_definitions_name_only_what_is_recorded(make_shop, random_tables, present, active, interacted):
    tables = random_tables(seed=1)
    visits = tables["orders"][["customer_id", "placed_at"]].rename(columns={"placed_at": "happened_at"})
    tables["events"] = visits.assign(kind="view", event_id=[f"e{number}" for number in range(len(visits))])
    kept = ("customers", "items", "orders", "order_lines", *present)
    shop = make_shop({name: tables[name] for name in kept})
    reading = order_value(shop).findings[1].reading
    assert f"A customer {active} paid" in reading
    if interacted:
        said = interaction(shop).findings[0].reading
        assert f"Of the customers {active}, " in said
        assert f" {interacted} in it" in said


@pytest.mark.parametrize(
    ("analysis", "missing", "reason"),
    [
        (interaction, ("shares", "reactions", "reviews"), "needs one of shares"),
        (order_value, ("order_lines",), "order_lines.unit_price_cents"),
        (recommendation, ("surveys",), "surveys.answered_at"),
    ],
)
def test_missing_tables_skip_the_question(make_shop, random_tables, analysis, missing, reason):
    tables = {name: frame for name, frame in random_tables(seed=1).items() if name not in missing}
    (finding,) = analysis(make_shop(tables)).findings
    assert finding.status == "skipped"
    assert reason in finding.reason


def test_customers_who_answer_twice_widen_the_score(make_shop, random_tables):
    tables = random_tables(seed=1, customers=200)
    once = recommendation(make_shop(tables)).findings[0]
    again = tables["surveys"].assign(survey_id="again" + tables["surveys"]["survey_id"])
    doubled = tables | {"surveys": pd.concat([tables["surveys"], again], ignore_index=True)}
    twice = recommendation(make_shop(doubled)).findings[0]
    assert twice.estimate == pytest.approx(once.estimate)
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.05)
