"""B3, B4 and B5: answered where the tables are, skipped with the reason where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.stickiness import interaction, order_value, recommendation


def test_every_number_stands_beside_its_months_and_customers(make_shop, random_tables):
    shop = make_shop(random_tables(seed=1, customers=200))
    for answer in (interaction(shop), order_value(shop), recommendation(shop)):
        table = answer.table()
        assert len(table.columns) - len(table.attrs["unseen"]) <= 7
        told = [found for found in answer.findings if found.status == "answered"]
        for one, found in zip(answer.series, told, strict=True):
            assert f"{found.n:,} customers" in found.reading
            assert one.measure.id == found.id
        assert answer.series[0].recent_months in answer.findings[0].reading
        assert len(table) == len(told)
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


@pytest.mark.parametrize("unsigned", [False, True], ids=["no row of the kind", "rows of nobody known"])
def test_a_kind_of_reaction_that_nobody_recorded_is_no_nil(make_shop, random_tables, unsigned):
    tables = random_tables(seed=3)
    reactions = tables["reactions"]
    reactions["kind"] = "like"
    if unsigned:
        reactions.loc[::3, ["kind", "customer_id"]] = "comment", None
        reactions.loc[1::3, ["kind", "customer_id"]] = "join", None
    told = {finding.id: finding for finding in interaction(make_shop(tables)).findings}
    for kind in ("comment", "join"):
        skipped = told[f"B3.{kind}s_per_100_active"]
        assert skipped.status == "skipped"
        assert f"none of the known customers' reactions is a {kind}" in skipped.reason


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
    shopped = "who bought or visited in a month" if "events" in present else "who bought in a month"
    assert f"A customer {shopped} paid" in reading
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


@pytest.mark.parametrize("scores", [(9, 0, 8, 10), (10,), (0,)], ids=["around nil", "all for", "all against"])
def test_a_month_of_few_answers_lies_within_the_scale_of_the_score(make_shop, random_tables, scores):
    tables = random_tables(seed=3)
    answers = tables["surveys"].iloc[::4].assign(kind="nps")
    tables["surveys"] = answers.assign(score=[scores[n % len(scores)] for n in range(len(answers))])
    months = recommendation(make_shop(tables)).series[0].frame
    assert len(months) > 3
    assert months["low"].ge(-100 - 1e-9).all()
    assert months["high"].le(100 + 1e-9).all()
    assert (months["low"] < months["high"]).all()


def money_shop(make_shop, amounts, **options):
    """A customer each with one order of this much, in twelve months."""
    rng = np.random.default_rng(1)
    names = [f"c{number}" for number in range(len(amounts))]
    placed = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.uniform(0, 364.9, len(amounts)), unit="D")
    placed = placed.sort_values()
    orders = pd.DataFrame({"order_id": names, "customer_id": names, "placed_at": placed, "status": "paid"})
    lines = pd.DataFrame({"order_id": names, "line_number": 1, "item_id": "i", "quantity": 1})
    lines["unit_price_cents"] = np.maximum(1, np.round(100 * np.asarray(amounts))).astype("int64")
    people = pd.DataFrame({"customer_id": names})
    items = pd.DataFrame({"item_id": ["i"]})
    tables = {"customers": people, "items": items, "orders": orders, "order_lines": lines}
    return make_shop(tables, timezone="UTC", **options)


def test_a_mean_of_amounts_without_one_is_withheld_and_a_capped_one_stands_under_its_own_name(make_shop):
    amounts = 50 * (np.random.default_rng(2).pareto(1.3, 1_500) + 1)
    answer = order_value(money_shop(make_shop, amounts))
    found = {one.id: one for one in answer.findings}
    assert {found[id].status for id in ("B4.aov", "B4.arpu_month")} == {"skipped"}
    assert "tail index" in found["B4.aov"].reason
    seen = np.minimum(amounts, np.quantile(amounts, 0.95))
    assert found["B4.aov_capped"].estimate == pytest.approx(seen.mean(), rel=0.03)
    assert "not what the shop takes" in found["B4.aov_capped"].reading
    assert "capped" in answer.draw().figure._suptitle.get_text()
    assert answer.table()["measure"].str.contains("capped").all()


def test_wide_amounts_that_have_a_mean_keep_it(make_shop):
    amounts = 50 * np.random.default_rng(3).lognormal(0, 1.3, 1_500)
    found = {one.id: one for one in order_value(money_shop(make_shop, amounts)).findings}
    assert set(found) == {"B4.aov", "B4.arpu_month"}
    aov = found["B4.aov"]
    assert aov.high - aov.estimate > aov.estimate - aov.low


def test_who_only_likes_a_post_is_no_shopper(make_shop, random_tables, tmp_path):
    tables = random_tables(seed=1)
    found = {one.id: one for one in order_value(make_shop(tables)).findings}
    reactions = pd.concat([tables["reactions"]] * 3, ignore_index=True)
    reactions["customer_id"] = np.roll(reactions["customer_id"].to_numpy(), 7)
    more = {**tables, "reactions": reactions.assign(kind="like")}
    again = {one.id: one for one in order_value(make_shop(more, folder=tmp_path / "likes")).findings}
    assert again["B4.arpu_month"].estimate == pytest.approx(found["B4.arpu_month"].estimate)
    assert again["B4.arpu_month"].n == found["B4.arpu_month"].n
