"""Any A/B test whose outcome is recorded with it: customers and experiments alone answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from helpers.data import DataError, Experiment, load, open_shop
from helpers.report import Chapter, Skipped
from helpers.uplift import recorded_outcome
from helpers.uplift.a02_prompt_test.recorded_outcome import WORDS
from tests.notebook_in_process import NOTEBOOKS, run_notebook
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

SOURCE = 'currency = "EUR"\ntimezone = "Europe/Berlin"\n'


def trial(rng, *, rows=4_000, lift=0.05, arms=("control", "new"), shares=None, outcome=None) -> pd.DataFrame:
    arm = rng.choice(arms, rows, p=shares)
    came = rng.random(rows) < 0.2 + lift * (arm != "control")
    return pd.DataFrame(
        {
            "experiment": "onboarding",
            "customer_id": [f"u{number}" for number in range(rows)],
            "arm": arm,
            "outcome": came.astype(int) if outcome is None else outcome(arm),
        }
    )


def shop_of(folder, frame: pd.DataFrame):
    folder.mkdir()
    frame.to_csv(folder / "experiments.csv", index=False)
    frame[["customer_id"]].drop_duplicates().to_csv(folder / "customers.csv", index=False)
    (folder / "source.toml").write_text(SOURCE)
    load(folder, out=folder / "out")
    return open_shop(folder / "out")


def by_id(answer, id):
    return [finding for finding in answer.findings if finding.id == id]


def test_a_plain_table_publishes_effect_interval_ratio_and_what_could_be_seen(tmp_path):
    shop = shop_of(tmp_path / "ab", trial(np.random.default_rng(1)))
    answer = recorded_outcome(shop)
    (effect,) = by_id(answer, "A2.recorded_effect")
    assert effect.low < 5 < effect.high
    assert effect.verdict == "supported"
    assert effect.segment == "onboarding: new"
    (ratio,) = by_id(answer, "A2.recorded_ratio")
    assert ratio.verdict == "supported"
    nothing = recorded_outcome(shop_of(tmp_path / "nil", trial(np.random.default_rng(2), rows=400, lift=0.0)))
    (effect,) = by_id(nothing, "A2.recorded_effect")
    assert effect.verdict == "not settled"
    assert "would have had to be at least" in effect.reading
    assert answer.table()["units"].sum() == 4_000
    assert answer.draw().alt


def test_intervals_hold_the_truth_as_often_as_they_say():
    from helpers.uplift.a02_prompt_test.recorded_outcome import _effect

    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        drawn = np.arange(240) % 2
        pair = pd.DataFrame({"drawn": drawn.astype(float), "cluster": None})
        pair["outcome"] = (rng.random(240) < np.where(drawn, 0.09, 0.05)).astype(float)
        effect, _ = _effect(pair, shares=True)
        held += effect.low <= 0.04 <= effect.high
    assert held >= 300 * 0.95 - 3 * np.sqrt(300 * 0.95 * 0.05)


def test_means_agree_with_welch():
    from helpers.uplift.a02_prompt_test.recorded_outcome import _effect

    rng = np.random.default_rng(5)
    drawn = np.arange(600) % 2
    spent = rng.gamma(2, 10, 600) + 3 * drawn
    pair = pd.DataFrame({"drawn": drawn.astype(float), "cluster": None, "outcome": spent})
    effect, _ = _effect(pair, shares=False)
    one, two = spent[drawn == 1], spent[drawn == 0]
    error = np.sqrt(one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two))
    assert effect.estimate == pytest.approx(one.mean() - two.mean())
    assert effect.high - effect.low == pytest.approx(2 * norm.ppf(0.975) * error, rel=0.01)


@pytest.mark.parametrize(
    ("planned", "verdict"),
    [
        ({}, "not settled"),
        ({"control": 75, "new": 25}, "supported"),
        ({"control": 75, "new": 25, "blue": 100}, "supported"),
        ({"control": 50, "new": 50}, "contradicted"),
    ],
)
def test_a_planned_75_25_split_is_no_alarm(tmp_path, planned, verdict):
    frame = trial(np.random.default_rng(3), shares=[0.75, 0.25])
    shop = shop_of(tmp_path / "ab", frame).declaring(Experiment(name="onboarding", planned=planned))
    chapter = Chapter(shop)
    chapter.ask(recorded_outcome)
    chapter.judge()
    found = {finding.id: finding for finding in chapter.findings}
    assert found["A2.recorded_ratio"].verdict == verdict
    assert found["A2.recorded_effect"].status == ("answered" if verdict == "supported" else "skipped")
    declares = "planned under [experiments.onboarding]" in found["A2.recorded_ratio"].reading
    assert declares == (verdict == "not settled")


def test_an_arm_lost_on_one_day_is_a_doubt_and_the_day_is_named(tmp_path):
    rng = np.random.default_rng(11)
    frame = trial(rng)
    day = rng.integers(1, 29, len(frame))
    frame["assigned_at"] = [f"2025-03-{number:02d} 23:30:00" for number in day]
    fair = recorded_outcome(shop_of(tmp_path / "fair", frame))
    assert by_id(fair, "A2.recorded_ratio")[0].verdict == "supported"
    lost = recorded_outcome(shop_of(tmp_path / "lost", frame[(frame["arm"] == "new") | (day != 9)]))
    (ratio,) = by_id(lost, "A2.recorded_ratio")
    assert ratio.verdict == "contradicted"
    assert "on 2025-03-10" in ratio.reading  # Berlin is past midnight at 23:30 UTC of the 9th
    assert by_id(lost, "A2.recorded_effect")[0].verdict == "not settled"


def test_groups_drawn_whole_are_counted_as_groups(tmp_path):
    """Six groups of 200 against six of 8: units miss an equal plan by far, groups do not."""
    rng = np.random.default_rng(12)
    sizes = np.tile([200, 8], 6)
    group = np.repeat(np.arange(12), sizes)
    frame = trial(rng, rows=len(group)).assign(cluster=[f"g{one}" for one in group])
    frame["arm"] = np.where(group % 2, "new", "control")
    (ratio,) = by_id(recorded_outcome(shop_of(tmp_path / "groups", frame)), "A2.recorded_ratio")
    assert ratio.verdict == "supported"
    assert "of the 12 groups" in ratio.reading


def test_each_arm_and_test_is_a_segment(tmp_path):
    rng = np.random.default_rng(4)
    frame = pd.concat(
        [
            trial(rng, arms=("control", "a", "b")),
            trial(rng, outcome=lambda arm: rng.gamma(2, 5, len(arm))).assign(experiment="price: $5"),
        ]
    )
    answer = recorded_outcome(shop_of(tmp_path / "ab", frame))
    segments = {finding.segment for finding in by_id(answer, "A2.recorded_effect")}
    assert segments == {"onboarding: a", "onboarding: b", "price: $5: new"}
    assert answer.draw().alt


def test_an_outcome_that_never_varies_is_no_effect(tmp_path):
    frame = trial(np.random.default_rng(6), outcome=lambda arm: np.zeros(len(arm), int))
    answer = recorded_outcome(shop_of(tmp_path / "ab", frame))
    assert isinstance(answer, Skipped)
    assert "same recorded outcome" in answer.reason


@pytest.mark.parametrize(
    ("arms", "outcome", "said"),
    [
        (("control", "new"), np.ones, "every unit of the test “all_ones” has the same recorded outcome"),
        (("old", "new"), lambda n: np.arange(n) % 2, "the test “all_ones” has no recorded outcome for both"),
    ],
)
def test_a_test_that_tells_nothing_is_a_skip_beside_one_that_does(tmp_path, arms, outcome, said):
    rng = np.random.default_rng(8)
    silent = trial(rng, rows=400, arms=arms, outcome=lambda arm: outcome(len(arm)))
    tests = pd.concat([trial(rng), silent.assign(experiment="all_ones")])
    effects = {
        one.segment: one
        for one in by_id(recorded_outcome(shop_of(tmp_path / "ab", tests)), "A2.recorded_effect")
    }
    assert effects["onboarding: new"].status == "answered"
    assert effects["all_ones"].status == "skipped"
    assert said in effects["all_ones"].reason


def test_outcomes_that_are_all_missing_are_refused(tmp_path):
    frame = trial(np.random.default_rng(6), outcome=lambda arm: [None] * len(arm))
    with pytest.raises(DataError, match="outcome"):
        shop_of(tmp_path / "ab", frame)


@pytest.mark.parametrize("chapter", NOTEBOOKS)
def test_every_chapter_says_what_it_cannot_do_with_a_trial_alone(tmp_path, chapter):
    shop = shop_of(tmp_path / "ab", trial(np.random.default_rng(8)))
    run = run_notebook(chapter, data=shop.folder, out=tmp_path / "found")
    assert "failed" not in {finding.status for finding in run.findings}
    if chapter == "03_share_uplift":
        assert "A2.recorded_effect" in {
            finding.id for finding in run.findings if finding.status == "answered"
        }


def test_without_orders_and_outcome_the_tables_are_refused(tmp_path):
    frame = trial(np.random.default_rng(7)).drop(columns="outcome")
    with pytest.raises(DataError, match="outcome"):
        shop_of(tmp_path / "ab", frame)


def test_every_sentence_reads_well():
    assert_every_block_is_declared(WORDS)
    facts = {"arm": ["$new"], "experiment": ["口红"], "shares": [True, False]}
    effect = {
        "treated_mean": [0.0, 0.4],
        "control_mean": [0.5],
        "doubt": [""],
        "lost": [0, 11, 70],
        "few_lost": [False, True],
        "units": [90],
    }
    assert_truth_table(WORDS, "A2.recorded_effect", facts={**facts, **effect})
    del facts["shares"]
    assert_truth_table(
        WORDS,
        "A2.recorded_ratio",
        verdicts=["supported", "not settled", "contradicted"],
        facts={
            **facts,
            "planned": [0.5],
            "declared": [False, True],
            "absent": [[], ["blue", "red"]],
            "chance": [0.0001, 0.02, 0.4],
            "alarm": [0.001],
            "counted": ["unit", "group"],
            "doubt": ["the arms do not have the planned sizes on 2025-03-04"],
        },
        intervals={"share": (50.0, 47.0, 53.0)},
    )


def _lose(frame: pd.DataFrame, rng, *, of_control=0.0, of_new=0.0, only=None) -> pd.DataFrame:
    """The same test with outcomes that were never recorded: any, or only those of one value."""
    chance = np.where(frame["arm"] == "control", of_control, of_new)
    lost = rng.random(len(frame)) < chance
    return frame.assign(
        outcome=frame["outcome"].where(~lost | (only is not None) & (frame["outcome"] != only))
    )


@pytest.mark.parametrize(
    ("lost", "settled", "said"),
    [
        ({}, True, ""),
        ({"of_control": 0.04, "of_new": 0.04}, True, "have no recorded outcome and are left out."),
        ({"of_control": 0.50, "only": 0}, False, "which chance does not explain"),
        ({"of_control": 0.15, "of_new": 0.05}, False, "which chance does not explain"),
        ({"of_control": 0.40, "of_new": 0.40}, False, "too many for the rest to stand for all"),
    ],
    ids=["none", "few", "the control's failures", "more of the control", "as many of both"],
)
@pytest.mark.parametrize("clusters", [False, True], ids=["units", "groups"])
def test_outcomes_that_were_never_recorded_settle_nothing_in_silence(tmp_path, lost, settled, said, clusters):
    rng = np.random.default_rng(11)
    frame = trial(rng, lift=0.15)
    if clusters:
        frame["cluster"] = [f"{arm} {number % 60}" for number, arm in enumerate(frame["arm"])]
    (effect,) = by_id(
        recorded_outcome(shop_of(tmp_path / "ab", _lose(frame, rng, **lost))), "A2.recorded_effect"
    )
    assert (effect.verdict == "supported") == settled
    assert said in " ".join(effect.reading.split())


def test_as_many_lost_by_chance_are_rarely_an_alarm():
    from helpers.uplift.a02_prompt_test.lost_outcomes import lost_outcomes

    rng, alarms = np.random.default_rng(12), 0
    for _ in range(1_000):
        drawn = (rng.random(600) < 0.3).astype(float)
        outcome = pd.Series(rng.random(600)).where(rng.random(600) > 0.1)
        alarms += lost_outcomes(pd.DataFrame({"drawn": drawn, "outcome": outcome, "cluster": None})).unequal
    assert alarms <= 5


@pytest.mark.parametrize("fuller", [0.0, 1.0])
def test_a_nearly_unlike_loss_must_not_be_able_to_make_the_effect(fuller):
    """Of 100 shares the fuller arm has 90 recorded, the other 80: cut to 80, 40 of 90 are 30 to 40 of 80."""
    from helpers.uplift.a02_prompt_test.lost_outcomes import lost_outcomes
    from methods.intervals.estimates import Interval

    parts = [
        pd.DataFrame({"drawn": drawn, "outcome": [1.0] * 40 + [0.0] * (kept - 40) + [np.nan] * (100 - kept)})
        for drawn, kept in ((fuller, 90), (1 - fuller, 80))
    ]
    found = lost_outcomes(pd.concat(parts).assign(cluster=None))
    assert 0.04 < found.p_value < 0.10
    falls, rises = 40 / 90 - 30 / 80, 40 / 80 - 40 / 90
    assert (found.lower, found.higher) == pytest.approx((falls, rises) if fuller else (rises, falls))
    reached = {sign: falls if (sign > 0) == (fuller > 0) else rises for sign in (1, -1)}
    for sign in (1, -1):
        for size, could in ((0.99, True), (1.01, False)):
            ends = sorted([sign * size * reached[sign], sign * 0.5])
            assert found.could_make(Interval(estimate=sign * 0.2, low=ends[0], high=ends[1], n=170)) == could
    assert not found.could_make(Interval(estimate=0.01, low=-0.01, high=0.03, n=170))


def test_an_arm_too_small_costs_that_arm_alone(tmp_path):
    rng = np.random.default_rng(13)
    spent = trial(rng, arms=("control", "new"), outcome=lambda arm: rng.gamma(2, 5, len(arm)))
    tiny = trial(rng, rows=3, arms=("tiny",), outcome=lambda arm: np.ones(3)).assign(
        customer_id=["x1", "x2", "x3"]
    )
    answer = recorded_outcome(shop_of(tmp_path / "ab", pd.concat([spent, tiny])))
    effects = {finding.segment: finding for finding in by_id(answer, "A2.recorded_effect")}
    assert effects["onboarding: new"].status == "answered"
    assert effects["onboarding: tiny"].status == "skipped"
    assert "only 3 customers" in effects["onboarding: tiny"].reason


@pytest.mark.parametrize("arms", [("A", "B"), ("0", "1"), ("Control", "新版")])
def test_without_the_named_control_the_arms_that_are_there_are_named(tmp_path, arms):
    shop = shop_of(tmp_path / "ab", trial(np.random.default_rng(15), arms=arms))
    refused = recorded_outcome(shop)
    assert isinstance(refused, Skipped)
    assert f"{arms[0]} and {arms[1]}" in refused.reason
    assert "control under [experiments.NAME]" in refused.reason
    named = shop.declaring(Experiment(name="onboarding", control=arms[0]))
    assert by_id(recorded_outcome(named), "A2.recorded_effect")


def test_a_test_judged_by_purchases_is_not_judged_by_what_was_recorded_too(tmp_path):
    shop = shop_of(tmp_path / "ab", trial(np.random.default_rng(15)))
    assert isinstance(
        recorded_outcome(shop.declaring(Experiment(name="onboarding", outcome="bought"))), Skipped
    )


def test_two_arms_alike_in_groups_drawn_together_are_no_failure(tmp_path):
    frame = trial(np.random.default_rng(16), arms=("control", "a", "b"), outcome=lambda arm: (arm == "b") * 1)
    frame["cluster"] = [f"{arm} {number % 40}" for number, arm in enumerate(frame["arm"])]
    answer = recorded_outcome(shop_of(tmp_path / "ab", frame))
    verdicts = {finding.segment: finding.verdict for finding in by_id(answer, "A2.recorded_effect")}
    assert verdicts["onboarding: a"] == "not settled"
