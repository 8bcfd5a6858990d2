"""Every sentence that A2 can say, and what its draw, its plan and its data must be for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.report import Skipped
from helpers.uplift import prompt_test
from helpers.uplift.a02_prompt_test.prompt_test import WORDS, Sharing
from methods.intervals.estimates import Interval
from methods.trials.encouragement import ComplierEffect
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

WHAT = {"what": ["the prompt", "the arm “B”"]}
OFFER = {
    **WHAT,
    "at_draw": [False, True],
    "outcome_days": [1, 90],
    "treated_mean": [0.0, 0.4],
    "control_mean": [1.0],
    "levelled": [False, True],
}
MOVED = {**WHAT, "weak": [False, True], "first_stage_f": [2.0, 45.0]}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        ("A2.intention_to_treat", {"facts": {**OFFER, "doubt": [""]}}),
        ("A2.complier_effect", {"facts": {**MOVED, "doubt": [""]}}),
        ("A2.first_stage", {"verdicts": ["reported"], "facts": {**MOVED, "landmark_hours": [1, 48]}}),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


def test_so_wide_an_interval_that_nothing_could_be_seen_says_so():
    facts = {**MOVED, "doubt": [""]}
    options = {"verdicts": ["not settled"], "intervals": {"wide": (49.4, -8.9, 140.1)}, "facts": facts}
    assert_truth_table(WORDS, "A2.complier_effect", **options)
    for found in cases(WORDS, "A2.complier_effect", **options):
        assert "judges nothing" in found.reading
        assert "To be found" not in found.reading


@pytest.mark.parametrize(
    ("verdict", "doubt", "said"),
    [
        ("supported", "", ""),
        ("contradicted", "the draw cannot be trusted", "the draw cannot be trusted"),
        ("not settled", "the arms do not have equal sizes", "the arms do not have equal sizes"),
    ],
)
@pytest.mark.parametrize(
    ("chance", "p"), [(0.0004, "(p < 0.001)"), (0.02, "(p = 0.020)"), (0.3, "(p = 0.300)")]
)
def test_the_draw_is_told(verdict, doubt, said, chance, p):
    options = {
        "verdicts": [verdict],
        "facts": {
            **WHAT,
            "planned": [0.25, 0.5],
            "declared": [verdict != "not settled"],
            "absent": [[], ["blue"]],
            "doubt": [doubt],
            "chance": [chance],
            "alarm": [0.001],
        },
        "intervals": {"share": (50.0, 48.0, 52.0)},
    }
    assert_truth_table(WORDS, "A2.sample_ratio", **options)
    for found in cases(WORDS, "A2.sample_ratio", **options):
        assert said in found.reading
        assert p in found.reading
        assert ("no sign" in found.reading) == (verdict == "supported" and chance >= 0.05)


@pytest.mark.parametrize("id", ["A2.intention_to_treat", "A2.complier_effect"])
def test_a_doubt_is_said_and_settles_nothing(id):
    facts = {**OFFER, **MOVED, "doubt": ["the arms do not have the planned sizes"]}
    for found in cases(WORDS, id, verdicts=["not settled"], facts=facts):
        assert "But the arms do not have the planned sizes: this is not settled." in found.reading


@pytest.mark.parametrize(("verdict", "said"), [
    ("supported", "brings"), ("contradicted", "keeps"), ("not settled", "not settled"),
])  # fmt: skip
def test_the_title_claims_only_what_is_settled(verdict, said):
    for found in cases(WORDS, "A2.intention_to_treat", verdicts=[verdict], facts={**OFFER, "doubt": [""]}):
        title, _ = WORDS.picture(
            "effects", [found], arms=1, what="the prompt", settled=0, effects=["drawn 1.0 pp"]
        )
        assert said in title
        assert ("not settled" in title) == (verdict == "not settled")


def drawn_tables(random_tables, shares=(1, 1), arms=("control", "prompt"), seed=1):
    """Tables of a shop whose customers are drawn at their first order of the study window."""
    tables = random_tables(seed=3, customers=1_500)
    orders = tables["orders"].query("status != 'cancelled'")
    start = orders["placed_at"].max() - np.timedelta64(148, "D")
    enrolled = orders[orders["placed_at"] >= start].groupby("customer_id")["placed_at"].min()
    chance = np.array(shares) / sum(shares)
    drawn = np.random.default_rng(seed).choice(list(arms), len(enrolled), p=chance)
    rows = pd.DataFrame(
        {
            "experiment": "share_prompt",
            "customer_id": enrolled.index,
            "arm": drawn,
            "assigned_at": enrolled.to_numpy(),
        }
    )
    return {**tables, "experiments": rows}


def by_key(answer) -> dict:
    return {finding.key: finding for finding in answer.findings}


def test_a_plan_of_three_to_one_is_no_alarm_and_unplanned_is_one(make_shop, random_tables):
    shop = make_shop(drawn_tables(random_tables, shares=(3, 1)))
    plan = Experiment(name="share_prompt", kind="prompt", planned={"control": 75, "prompt": 25})
    planned = by_key(prompt_test(shop.declaring(plan)))
    assert planned["A2.sample_ratio", None].verdict == "supported"
    unplanned = by_key(prompt_test(shop))
    assert unplanned["A2.sample_ratio", None].verdict == "not settled"
    assert "planned under [experiments.share_prompt]" in unplanned["A2.sample_ratio", None].reading
    wrong = Experiment(name="share_prompt", kind="prompt", planned={"control": 50, "prompt": 50})
    assert by_key(prompt_test(shop.declaring(wrong)))["A2.sample_ratio", None].verdict == "contradicted"
    assert unplanned["A2.intention_to_treat", None].verdict == "not settled"
    one, other = (found["A2.intention_to_treat", None].estimate for found in (planned, unplanned))
    assert one == other


def test_without_shares_the_draw_is_still_answered(make_shop, random_tables, tmp_path):
    tables = drawn_tables(random_tables)
    whole = by_key(prompt_test(make_shop(tables, folder=tmp_path / "whole")))
    del tables["shares"], tables["reactions"]
    answer = prompt_test(make_shop(tables, folder=tmp_path / "few"))
    found = by_key(answer)
    assert found["A2.intention_to_treat", None].status == "answered"
    assert found["A2.sample_ratio", None].estimate == whole["A2.sample_ratio", None].estimate
    for name in ("A2.first_stage", "A2.complier_effect"):
        assert "shares.posted_at" in found[name, None].reason
    assert list(answer.table()["arm"]) == ["control", "prompt"]
    assert answer.draw().png().startswith(b"\x89PNG")


def test_each_of_several_arms_is_compared_with_the_control(make_shop, random_tables):
    tables = drawn_tables(random_tables, shares=(1, 1, 1), arms=("control", "red", "blue"))
    answer = prompt_test(make_shop(tables))
    tests = [finding for finding in answer.findings if finding.id == "A2.intention_to_treat"]
    assert [finding.segment for finding in tests] == ["blue", "red"]
    frame = answer.study.frame
    assert [finding.n for finding in tests] == [
        frame["arm"].isin(["control", arm]).sum() for arm in ("blue", "red")
    ]
    assert "arm “red”" in tests[1].reading
    assert set(answer.table()["arm"]) == {"red", "blue"}
    assert "2 arms" in answer.draw().figure.get_suptitle()


def moved(outcome: float, sharing: float, low: float, high: float) -> Sharing:
    """What a draw did that moved so many to buy again and to share, in shares of customers."""
    one = Interval(estimate=outcome / sharing, low=low, high=high, n=900, standard_error=0.1)
    first, reduced = (
        Interval(estimate=value, low=value - 0.03, high=value + 0.03, n=900) for value in (sharing, outcome)
    )
    effect = ComplierEffect(
        effect=one, low=low, high=high, first_stage=first, first_stage_f=40.0, reduced_form=reduced
    )
    return Sharing(moved=effect, profile=pd.DataFrame())


@pytest.mark.parametrize(
    ("outcome", "low", "high", "why", "told"),
    [
        (0.02, 0.1, 0.3, "", (0.2, 0.1, 0.3)),
        (0.12, 0.4, 1.9, "", (1.0, 0.4, 1.0)),
        (-0.12, -1.9, -0.4, "", (-1.0, -1.0, -0.4)),
        (0.25, 1.7, 4.1, "not by sharing", None),
        (-0.25, -4.1, -1.7, "not by sharing", None),
        (0.02, -np.inf, np.inf, "unbounded", None),
    ],
)
def test_no_more_than_everybody_whom_the_prompt_moved_can_come_back(outcome, low, high, why, told):
    found = moved(outcome, 0.1, low, high)
    assert found.why_not == why
    if told:
        assert (found.effect.estimate, found.effect.low, found.effect.high) == pytest.approx(told)


def test_a_prompt_that_works_otherwise_than_through_sharing_says_so(make_shop, random_tables):
    """Of those prompted everybody comes back, though hardly one more shares."""
    tables = drawn_tables(random_tables)
    drawn = tables["experiments"]
    again = drawn[drawn["arm"] == "prompt"]
    orders = pd.DataFrame(
        {
            "order_id": [f"again{place}" for place in range(len(again))],
            "customer_id": again["customer_id"].to_numpy(),
            "placed_at": again["assigned_at"].to_numpy() + np.timedelta64(20, "D"),
            "status": "completed",
        }
    )
    first = drawn.set_index("customer_id")["assigned_at"]
    index = tables["orders"].set_index("customer_id")["placed_at"]
    own = tables["orders"][index.to_numpy() == first.reindex(index.index).to_numpy()]
    own = own[own["customer_id"].isin(again["customer_id"].iloc[:150])]
    shares = pd.DataFrame(
        {
            "share_id": [f"more{place}" for place in range(len(own))],
            "customer_id": own["customer_id"].to_numpy(),
            "order_id": own["order_id"].to_numpy(),
            "posted_at": own["placed_at"].to_numpy() + np.timedelta64(1, "h"),
        }
    )
    tables["orders"] = pd.concat([tables["orders"], orders], ignore_index=True)
    tables["shares"] = pd.concat([tables["shares"], shares], ignore_index=True)
    found = by_key(prompt_test(make_shop(tables)))
    assert found["A2.first_stage", None].low > 0
    assert found["A2.complier_effect", None].status == "skipped"
    assert "works otherwise than through sharing" in found["A2.complier_effect", None].reason


def drawn_on_one_day(random_tables):
    """Tables of a test whose customers were all drawn at one moment, whatever they ordered."""
    tables = random_tables(seed=3, customers=1_500)
    names = tables["customers"]["customer_id"].to_numpy()[:900]
    day = tables["orders"]["placed_at"].max() - np.timedelta64(100, "D")
    arms = np.random.default_rng(2).choice(["control", "banner"], len(names))
    rows = pd.DataFrame({"experiment": "banner_test", "customer_id": names, "arm": arms, "assigned_at": day})
    return {**tables, "experiments": rows}, day


def test_a_test_that_was_not_drawn_at_orders_is_followed_from_its_draw(make_shop, random_tables):
    tables, day = drawn_on_one_day(random_tables)
    answer = prompt_test(make_shop(tables), experiment="banner_test", outcome_days=60)
    found = by_key(answer)
    orders = tables["orders"].query("status != 'cancelled'")
    after = orders[(orders["placed_at"] > day) & (orders["placed_at"] <= day + pd.Timedelta(days=60))]
    drawn = tables["experiments"].merge(tables["customers"][["customer_id", "joined_at"]], on="customer_id")
    again = drawn["customer_id"].isin(after["customer_id"]).groupby(drawn["arm"]).mean()
    plain = answer.arms[0].offer.unadjusted
    assert plain.estimate == pytest.approx(again["banner"] - again["control"])
    assert found["A2.intention_to_treat", None].n == len(drawn)
    assert "60 days after the draw" in found["A2.intention_to_treat", None].reading
    assert "not drawn just after an order" in found["A2.complier_effect", None].reason
    assert answer.draw().png().startswith(b"\x89PNG")


def test_an_arm_lost_on_one_day_leaves_the_effect_open_and_the_day_named(make_shop, random_tables):
    tables, day = drawn_on_one_day(random_tables)
    rows = tables["experiments"]
    days = np.random.default_rng(5).integers(0, 12, len(rows))
    rows = rows.assign(assigned_at=day + pd.to_timedelta(days, unit="D"))
    options = {"experiment": "banner_test", "outcome_days": 60}
    fair = by_key(prompt_test(make_shop({**tables, "experiments": rows}), **options))
    assert fair["A2.sample_ratio", None].verdict == "supported"
    lost = rows[(rows["arm"] == "control") | (days != 4)]
    found = by_key(prompt_test(make_shop({**tables, "experiments": lost}), **options))
    assert found["A2.sample_ratio", None].p_value > 0.001
    assert found["A2.sample_ratio", None].verdict == "contradicted"
    assert "equal sizes on 2" in found["A2.sample_ratio", None].reading
    assert found["A2.intention_to_treat", None].verdict == "not settled"


def test_a_test_drawn_by_groups_is_left_to_those_who_count_groups(make_shop, random_tables):
    tables, _ = drawn_on_one_day(random_tables)
    rows = tables["experiments"]
    tables["experiments"] = rows.assign(cluster=[f"g{place // 9}" for place in range(len(rows))])
    answer = prompt_test(make_shop(tables), experiment="banner_test", outcome_days=60)
    assert "by whole groups" in answer.reason


@pytest.mark.parametrize("bought", [True, False])
def test_an_outcome_that_nobody_differs_in_is_one_sentence(make_shop, random_tables, bought):
    tables = drawn_tables(random_tables)
    orders, drawn = tables["orders"], tables["experiments"]
    last = drawn.set_index("customer_id")["assigned_at"].reindex(orders["customer_id"]).to_numpy()
    kept = orders[~(orders["placed_at"].to_numpy() > last)]
    if bought:
        again = kept.merge(drawn[["customer_id", "assigned_at"]], on="customer_id")
        again = again[again["placed_at"] == again["assigned_at"]].drop_duplicates("customer_id")
        again = again.assign(
            order_id="again" + again["order_id"], placed_at=again["placed_at"] + pd.Timedelta(days=20)
        )
        kept = pd.concat([kept, again[kept.columns]])
    tables["orders"] = kept
    tables["order_lines"] = pd.DataFrame(
        {
            "order_id": kept["order_id"],
            "line_number": 1,
            "item_id": tables["items"]["item_id"].iloc[0],
            "quantity": 1,
            "unit_price_cents": 100,
        }
    )
    few = {name: tables[name] for name in ("customers", "items", "orders", "order_lines", "experiments")}
    as_of = (random_tables(seed=3, customers=1_500)["orders"]["placed_at"].max()).to_pydatetime()
    answer = prompt_test(make_shop(few, as_of=as_of))
    assert isinstance(answer, Skipped)
    assert ("everybody" if bought else "nobody") in answer.reason


def test_a_planned_arm_that_holds_nobody_is_named_and_the_others_are_compared(make_shop, random_tables):
    shop = make_shop(drawn_tables(random_tables, shares=(2, 1)))
    plan = Experiment(name="share_prompt", kind="prompt", planned={"control": 50, "prompt": 25, "blue": 25})
    ratio = by_key(prompt_test(shop.declaring(plan)))["A2.sample_ratio", None]
    assert ratio.verdict == "supported"
    assert "Nobody was drawn to blue, which was planned" in ratio.reading
    one_unplanned = Experiment(name="share_prompt", kind="prompt", planned={"control": 50, "blue": 25})
    assert "name the arms" in prompt_test(shop.declaring(one_unplanned)).reason


def test_customers_drawn_at_another_order_than_their_first_are_followed_from_that_one(
    make_shop, random_tables
):
    """Each is drawn an hour after the last order that can be followed: sharing is told all the same."""
    tables = random_tables(seed=3, customers=1_500)
    orders = tables["orders"].query("status != 'cancelled'")
    end = orders["placed_at"].max() - pd.Timedelta(days=95)
    last = orders[orders["placed_at"] < end].groupby("customer_id")["placed_at"].max()
    arms = np.random.default_rng(4).choice(["control", "prompt"], len(last))
    drawn = {"experiment": "share_prompt", "customer_id": last.index, "arm": arms}
    tables["experiments"] = pd.DataFrame({**drawn, "assigned_at": last.to_numpy() + np.timedelta64(1, "h")})
    answer = prompt_test(make_shop(tables), enrol_days=14)
    found = by_key(answer)
    assert found["A2.first_stage", None].status == "answered"
    assert len(answer.study.frame) > 0.9 * len(last)
    frame = answer.study.frame
    assert (frame["assigned_at"] - frame["index_at"] == pd.Timedelta(hours=1)).all()
    after = orders.merge(frame[["customer_id", "landmark_at"]], on="customer_id")
    gap = after["placed_at"] - after["landmark_at"]
    again = set(after.loc[(gap > pd.Timedelta(0)) & (gap <= pd.Timedelta(days=90)), "customer_id"])
    assert (frame["repurchased"] == frame["customer_id"].isin(again)).all()
