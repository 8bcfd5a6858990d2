"""C8: an action is advised only where its whole interval is above its cost; reasons are counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.report import Finding, Skipped
from helpers.report.trust import truth_of
from helpers.segments import leaving_reasons, lifecycle, segment_actions
from helpers.segments.c08_actions.action_terms import ACTIONS, known_effects


@pytest.fixture(scope="module")
def stages(shop):
    return lifecycle(shop)


def measured(name, estimate, low, high, segment=None):
    return Finding(
        id=name, requirement=name[:2], question="?", estimate=estimate, low=low, high=high, n=100,
        segment=segment, method="test", reading="measured.",
    )  # fmt: skip


def plan(shop, stages, **options):
    return segment_actions(shop, stages, **options).rows.set_index("segment")


def test_effects_come_from_findings_or_are_given_and_are_never_invented(shop, stages):
    assert known_effects([]) == {}
    answer = segment_actions(shop, stages)
    assert isinstance(answer, Skipped)
    assert "no effect of any action is known" in answer.reason
    found = known_effects([measured("A5.cashback_uplift", 4.0, 2.0, 6.0)])
    assert set(found) == {"win-back coupon"}
    assert found["win-back coupon"].source == "A5.cashback_uplift"
    given = known_effects([], {"wake-up offer": (1.0, 0.0, 2.0)})
    assert given["wake-up offer"].source == "given"


def test_an_interval_over_zero_means_no_action(shop, stages):
    effects = {"wake-up offer": (20.0, -1.0, 41.0), "win-back coupon": (90.0, 80.0, 95.0)}
    rows = plan(shop, stages, effects=effects, margin_percent=60.0)
    assert rows.loc["silent", "advice"] == "no action: the interval covers zero"
    assert rows.loc["silent", "contacted"] == 0
    assert rows.loc["lost", "advice"] == "win-back coupon"
    assert rows.loc["new", "advice"] == "no action: test first"
    assert np.isnan(rows.loc["new", "net"])


@pytest.mark.parametrize(("verdict", "advised"), [("supported", True), ("not settled", False)])
def test_an_effect_that_its_own_chapter_leaves_open_is_not_built_on(shop, stages, verdict, advised):
    """Its interval alone would leave out nil; beside the other tests of its chapter it does not."""
    effect = replace(measured("A5.cashback_uplift", 90.0, 80.0, 95.0), verdict=verdict)
    answer = segment_actions(shop, stages, findings=[effect], margin_percent=60.0)
    lost = answer.rows.set_index("segment").loc["lost"]
    assert lost["low"] > 0
    assert (lost["contacted"] > 0) == (lost["advice"] == "win-back coupon") == advised
    assert (answer.findings[0].verdict == "supported") == advised
    assert ("beside the other tests of its chapter" in answer.findings[0].reading) != advised


def test_net_value_agrees_with_a_count_by_hand(shop, stages):
    effects = {"win-back coupon": (5.0, 3.0, 7.0)}
    rows = plan(shop, stages, effects=effects, margin_percent=40.0, contact_cost=1.0)
    row, action = rows.loc["lost"], next(action for action in ACTIONS if action.tier == "lost")
    assert row["net"] == pytest.approx(
        row["extra"] / 100 * (0.4 * row["spend"] - action.benefit) - 1.0 - action.benefit * row["buys"] / 100
    )
    everybody = 5.0 * row["buys"] / row["extra"]
    assert 15 < everybody < 80
    assert row["low"] < row["net"] < row["high"]


@pytest.mark.parametrize("budget", [50.0, 500.0, 1e9])
def test_the_budget_is_kept_and_spent_on_the_best_first(shop, stages, budget):
    effects = {action.name: (30.0, 25.0, 35.0) for action in ACTIONS}
    rows = plan(shop, stages, effects=effects, margin_percent=80.0, budget=budget)
    assert (rows["contacted"] * rows["cost"]).sum() <= budget
    assert (rows["contacted"] <= rows["customers"]).all()
    full = rows[rows["low"] > 0].sort_values("contacted")
    if budget == 1e9:
        assert (full["contacted"] == full["customers"]).all()
    else:
        assert rows["contacted"].sum() > 0


def test_a_weekly_effect_goes_on_and_another_does_not():
    effects = known_effects(
        [
            measured("A7.customer_orders", 9.0, 8.5, 9.5, "delivery"),
            measured("A5.cashback_uplift", 4.0, 2.0, 6.0),
            measured("A7.customer_orders", 1.0, 0.5, 1.5, "membership"),
        ]
    )
    assert effects["membership"].over(70).estimate == pytest.approx(10.0)
    assert effects["win-back coupon"].over(70).estimate == 4.0


def test_without_a_lifecycle_it_says_so(bare_shop, shop, make_shop, random_tables):
    tables = random_tables(seed=1)
    cancelled = make_shop({**tables, "orders": tables["orders"].assign(status="cancelled")})
    answer = segment_actions(shop, lifecycle(cancelled), effects={"wake-up offer": (1.0, 0.0, 2.0)})
    assert "two different days" in answer.reason


def test_pictures_and_tables_name_every_action(shop, stages):
    answer = segment_actions(shop, stages, effects={"wake-up offer": (5.0, 4.0, 6.0)})
    assert set(answer.table()["action"]) == {action.name for action in ACTIONS}
    assert len(answer.draw().alt) > 40
    assert answer.findings[-1].id == "C8.plan_value"


def test_the_page_says_in_words_what_measured_an_effect_and_the_finding_keeps_its_id(shop, stages):
    answer = segment_actions(shop, stages, findings=[measured("A5.cashback_uplift", 4.0, 2.0, 6.0)])
    told = answer.table().set_index("segment")["effect from"]
    assert told["lost"] == "the test of the cashback (A5)"
    assert not told.str.contains("uplift|_").any()
    assert "A5.cashback_uplift" in answer.findings[0].method


def test_reasons_cover_the_truth(shop, market):
    answer = leaving_reasons(shop)
    covered = [finding.low <= truth_of(market.truth, finding) <= finding.high for finding in answer.findings]
    assert len(covered) >= 4
    assert np.mean(covered) >= 0.5
    assert answer.reasons["customers"].sum() == answer.answers


def survey(reasons):
    count = len(reasons)
    return pd.DataFrame(
        {
            "survey_id": [f"s{number}" for number in range(count)],
            "customer_id": [f"c{number}" for number in range(count)],
            "kind": "leaving",
            "reason": reasons,
            "answered_at": pd.Timestamp("2024-05-01"),
        }
    )


def test_rare_reasons_are_not_told_and_few_answers_are_none(make_shop, random_tables, tmp_path):
    tables = random_tables(seed=1)
    shop = make_shop({**tables, "surveys": survey(["price"] * 40 + ["moved abroad"] * 5)})
    answer = leaving_reasons(shop)
    assert [finding.segment for finding in answer.findings] == ["price"]
    assert "moved abroad" not in answer.draw().alt
    few = make_shop({**tables, "surveys": survey(["price"] * 12)}, folder=tmp_path / "few")
    assert "only 12 customers" in leaving_reasons(few).reason
    twice = pd.concat(
        [survey(["price"] * 40), survey(["quality"] * 40).assign(survey_id=lambda f: "z" + f["survey_id"])]
    )
    last = make_shop({**tables, "surveys": twice}, folder=tmp_path / "twice")
    assert leaving_reasons(last).reasons["reason"].tolist() == ["quality"]
