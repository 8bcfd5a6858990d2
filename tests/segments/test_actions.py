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


COSTS = dict(zip((action.name for action in ACTIONS), (10, 0, 3, 8, 15, 20), strict=True))


def terms(*, margin=30, contact=0.5):
    told = {"margin": margin, "contact": contact, **COSTS}
    return ", ".join(f"{name} {number}" for name, number in told.items())


def plan(shop, stages, *, margin=30, contact=0.5, **options):
    declared = terms(margin=margin, contact=contact)
    return segment_actions(shop, stages, offer_terms=declared, **options).rows.set_index("segment")


def test_effects_come_from_findings_or_are_given_and_are_never_invented(shop, stages):
    assert known_effects([]) == {}
    answer = segment_actions(shop, stages)
    assert isinstance(answer, Skipped)
    assert "no effect of any action is known" in answer.reason
    found = known_effects([measured("A5.cashback_uplift", 4.0, 2.0, 6.0)])
    assert set(found) == {"win-back coupon"}
    assert found["win-back coupon"].source == "A5.cashback_uplift"
    offer = measured("A9.offer_uplift_others", 4.0, 2.0, 6.0, "spring perk")
    assert known_effects([offer])["wake-up offer"].source == "A9.offer_uplift_others"
    other = measured("A9.offer_uplift_others", 1.0, 0.0, 2.0, "spring perk: dear")
    assert known_effects([offer, other]) == {}, "which of two arms the offer is nobody says"
    given = known_effects([], {"wake-up offer": (1.0, 0.0, 2.0)})
    assert given["wake-up offer"].source == "given"


def test_an_interval_over_zero_means_no_action(shop, stages):
    effects = {"wake-up offer": (20.0, -1.0, 41.0), "win-back coupon": (90.0, 80.0, 95.0)}
    rows = plan(shop, stages, effects=effects, margin=60)
    assert rows.loc["silent", "advice"] == "no action: the interval covers zero"
    assert rows.loc["silent", "contacted"] == 0
    assert rows.loc["lost", "advice"] == "win-back coupon"
    assert rows.loc["new", "advice"] == "no action: test first"
    assert np.isnan(rows.loc["new", "value"])


@pytest.mark.parametrize(("verdict", "advised"), [("supported", True), ("not settled", False)])
def test_an_effect_that_its_own_chapter_leaves_open_is_not_built_on(shop, stages, verdict, advised):
    """Its interval alone would leave out nil; beside the other tests of its chapter it does not."""
    effect = replace(measured("A5.cashback_uplift", 90.0, 80.0, 95.0), verdict=verdict)
    answer = segment_actions(shop, stages, findings=[effect], offer_terms=terms(margin=60))
    lost = answer.rows.set_index("segment").loc["lost"]
    assert lost["low"] > 0
    assert (lost["contacted"] > 0) == (lost["advice"] == "win-back coupon") == advised
    assert (answer.findings[0].verdict == "supported") == advised
    assert ("beside the other tests of its chapter" in answer.findings[0].reading) != advised


def test_net_value_agrees_with_a_count_by_hand(shop, stages):
    effects = {"win-back coupon": (5.0, 3.0, 7.0)}
    rows = plan(shop, stages, effects=effects, margin=40, contact=1)
    row, benefit = rows.loc["lost"], COSTS["win-back coupon"]
    assert row["value"] == pytest.approx(
        row["extra"] / 100 * (0.4 * row["spend"] - benefit) - 1.0 - benefit * row["buys"] / 100
    )
    everybody = 5.0 * row["buys"] / row["extra"]
    assert 15 < everybody < 80
    assert row["low"] < row["value"] < row["high"]


def test_without_declared_costs_only_a_break_even_is_told(shop, stages):
    answer = segment_actions(shop, stages, effects={"win-back coupon": (5.0, 3.0, 7.0)})
    row = answer.rows.set_index("segment").loc["lost"]
    assert row["value"] == pytest.approx(row["extra"] / 100 * row["spend"])
    assert (row["advice"], row["worth"], row["contacted"]) == ("declare its costs", False, 0)
    told = {one.id: one for one in answer.findings}
    assert "Its costs are not declared" in told["C8.break_even"].reading
    assert "offer_terms" in told["C8.plan_value"].reason
    assert "may cost at most" in answer.draw().figure._suptitle.get_text()
    some = segment_actions(
        shop, stages, effects={"win-back coupon": (5.0, 3.0, 7.0)}, offer_terms="margin 40"
    )
    assert some.rows.set_index("segment").loc["lost", "value"] == pytest.approx(0.4 * row["value"])


@pytest.mark.parametrize(
    ("text", "said"),
    [("margin", "'margin' is none of"), ("free lunch 3", "'free lunch 3'"), ("margin 130", "above 100"),
     ("contact -1", "'contact -1'"), ("contact 1 ()", "'contact 1 ()'"),
     ("brought forward 101", "above 100")],
)  # fmt: skip
def test_terms_that_cannot_be_read_are_quoted(shop, stages, text, said):
    answer = segment_actions(shop, stages, effects={"wake-up offer": (1.0, 0.0, 2.0)}, offer_terms=text)
    assert said in answer.reason


def test_who_is_a_member_already_is_left_out(shop, stages):
    """The market's scheme: its members among the best of the active are no target of the membership."""
    rows = shop["programmes"]
    rows = rows.filter((rows.programme == "membership") & (rows.unit_kind == "customer")).to_pandas()
    active = stages.members[stages.members["tier"] == "active"]
    best = active[active["purchases_to_come"].rank(ascending=False, pct=True) <= 1 / 3]
    members = best["customer_id"].isin(set(rows["unit_id"])).sum()
    assert members > 0
    found = plan(shop, stages, effects={"membership": (5.0, 3.0, 7.0)}).loc["active, most to come"]
    assert (found["already"], found["customers"]) == (members, len(best) - members)
    none = replace(shop, tables={name: rows for name, rows in shop.tables.items() if name != "programmes"})
    assert plan(none, stages, effects={"membership": (5.0, 3.0, 7.0)})["already"].sum() == 0


@pytest.mark.parametrize("budget", [50.0, 500.0, 1e9])
def test_the_budget_is_kept_and_spent_on_the_best_first(shop, stages, budget):
    effects = {action.name: (30.0, 25.0, 35.0) for action in ACTIONS}
    rows = plan(shop, stages, effects=effects, margin=80, budget=budget)
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


@pytest.mark.parametrize("untreated", [10.0, 40.0, None])
def test_an_effect_is_scaled_by_the_base_of_those_on_whom_it_was_measured(shop, stages, untreated):
    """An offer that moves 4 in 100 of people of whom 40 buy moves one in ten; of 10, four in ten."""
    effect = replace(measured("A5.cashback_uplift", 4.0, 2.0, 6.0), untreated=untreated)
    row = segment_actions(shop, stages, findings=[effect]).rows.set_index("segment").loc["lost"]
    given = segment_actions(shop, stages, effects={"win-back coupon": (4.0, 2.0, 6.0)})
    within = 100 * (1 - (1 - row["buys"] / 100) ** (56 / 90))  # of 90 days, brought to the 56 of the test
    everybody = given.rows.set_index("segment").loc["lost", "extra"]
    assert row["extra"] == pytest.approx(4.0 * within / untreated if untreated else everybody)


@pytest.mark.parametrize("untreated", [0.1, 1.0])
def test_an_effect_on_people_who_hardly_buy_is_carried_over_only_in_part(shop, stages, untreated):
    effect = replace(measured("A5.cashback_uplift", 4.0, 2.0, 6.0), untreated=untreated)
    answer = segment_actions(shop, stages, findings=[effect])
    assert answer.rows.set_index("segment").loc["lost", "extra"] == pytest.approx(3 * 4.0)
    assert "carried over only in part" in answer.findings[0].reading


def test_nobody_is_moved_who_would_have_bought_anyway():
    (effect,) = known_effects([], {"win-back coupon": (60.0, 40.0, 80.0)}).values()
    here, cut = effect.carried(60.0, everybody=60.0, days=90)
    assert (here.estimate, here.low, here.high, cut) == (40.0, 40.0, 40.0, True)


def test_purchases_brought_forward_are_no_gain(shop, stages):
    effects = {"win-back coupon": (5.0, 3.0, 7.0)}
    whole, fewer = (
        segment_actions(shop, stages, effects=effects, offer_terms=f"margin 40{more}")
        for more in ("", ", brought forward 25 (the test of spring)")
    )
    values = [answer.rows.set_index("segment").loc["lost", "value"] for answer in (whole, fewer)]
    assert values[1] == pytest.approx(0.75 * values[0])
    assert "25 % of the purchases" in str(fewer.findings[0].assumptions)
    assert "undeclared" in str(whole.findings[0].assumptions)
    net = plan(shop, stages, effects=effects)
    forward = segment_actions(
        shop, stages, effects=effects, offer_terms=terms() + ", brought forward 100"
    ).rows.set_index("segment")
    lost = net.loc["lost"]
    assert forward.loc["lost", "value"] == pytest.approx(
        lost["value"] - lost["extra"] / 100 * 0.3 * lost["spend"]
    )


def test_every_declared_number_is_printed_with_its_unit_and_source(shop, stages):
    declared = "margin 30 (accounts of 2025), contact 0.5 (price list), win-back coupon 15"
    answer = segment_actions(shop, stages, effects={"win-back coupon": (5.0, 3.0, 7.0)}, offer_terms=declared)
    told = answer.findings[-1].reading
    for words in ("margin 30.0 % of a purchase (accounts of 2025)", "0.50 a head (price list)",
                  "win-back coupon for each who buys", "15.00 (no source named)"):  # fmt: skip
        assert words in told


def test_without_a_lifecycle_it_says_so(bare_shop, shop, make_shop, random_tables):
    tables = random_tables(seed=1)
    cancelled = make_shop({**tables, "orders": tables["orders"].assign(status="cancelled")})
    answer = segment_actions(shop, lifecycle(cancelled), effects={"wake-up offer": (1.0, 0.0, 2.0)})
    assert "two different days" in answer.reason


@pytest.mark.parametrize(
    ("lacks", "said"),
    [(["buyers"], "does not say how many customers buy at all"), (["cents"], "does not say what they spend"),
     (["buyers", "cents"], "differ too much) or what they spend")],
)  # fmt: skip
def test_what_the_forecast_lacks_is_named_where_it_says_the_rest(shop, stages, lacks, said):
    totals = {name: total for name, total in stages.forecast.totals.items() if name not in lacks}
    partly = replace(stages, forecast=replace(stages.forecast, totals=totals))
    answer = segment_actions(shop, partly, effects={"wake-up offer": (1.0, 0.0, 2.0)})
    assert said in answer.reason
    assert "how many purchases come" not in answer.reason


def test_where_nothing_is_foretold_the_reason_of_c1_stands(shop, stages):
    withheld = replace(stages.forecast, totals={}, withheld="these data cannot tell a pause from a farewell")
    silent = replace(stages, forecast=withheld)
    for stage, said in ((silent, "weighed: these data cannot"), (replace(stages, forecast=None), "weighed.")):
        answer = segment_actions(shop, stage, effects={"wake-up offer": (1.0, 0.0, 2.0)})
        assert said in answer.reason


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
    some = ["price"] * 40 + ["quality"] * 30 + ["moved abroad"] * 5
    shop = make_shop({**tables, "surveys": survey(some)})
    answer = leaving_reasons(shop)
    assert [finding.segment for finding in answer.findings] == ["price"]
    assert "moved abroad" not in answer.draw().alt
    assert "quality" not in answer.draw().alt, "the 5 would come back from the 75 who answered"
    assert answer.table()["reason"].tolist()[:2] == ["price", "quality"]
    own = ["price"] * 40 + [f"Mr Smith of shop {number} was rude" for number in range(40)]
    words = leaving_reasons(make_shop({**tables, "surveys": survey(own)}, folder=tmp_path / "own")).table()
    assert words["customers"].tolist() == [40, 40]
    assert not words["reason"].str.contains("Smith").any(), "what one customer wrote is no group"
    two = make_shop({**tables, "surveys": survey(some[:40] + some[-5:])}, folder=tmp_path / "two")
    assert "how few gave another" in leaving_reasons(two).reason
    few = make_shop({**tables, "surveys": survey(["price"] * 12)}, folder=tmp_path / "few")
    assert "only 12 customers" in leaving_reasons(few).reason
    twice = pd.concat(
        [survey(["price"] * 40), survey(["quality"] * 40).assign(survey_id=lambda f: "z" + f["survey_id"])]
    )
    last = make_shop({**tables, "surveys": twice}, folder=tmp_path / "twice")
    assert leaving_reasons(last).reasons["reason"].tolist() == ["quality"]
