"""A2 in money and beside other tests, and the sum of what won: planted effects and every sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.report.finding import Finding
from helpers.uplift import launched_wins, money_moved, other_tests
from helpers.uplift.a02_prompt_test.money_moved import WORDS as MONEY
from helpers.uplift.a02_prompt_test.other_tests import WORDS as BESIDE
from helpers.uplift.a12_next_test.launched_wins import WORDS as WINS
from methods.intervals.influence import normal_interval
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

ROWS = 4_000
WHAT = {"what": ["the prompt", "the arm “B”"]}
SPENT = {
    **WHAT,
    "outcome_days": [1, 90],
    "currency": ["CNY"],
    "cap": [1_200.0],
    "capped": [0.01],
    "without": [300.0],
}


class FakeShop:
    """A shop of one table, and of no declarations."""

    currency = "CNY"
    receipt = SimpleNamespace(experiments={})

    def __init__(self, experiments: pd.DataFrame | None = None) -> None:
        self.experiments = experiments

    def missing(self, *needs: str) -> tuple[str, ...]:
        return tuple(one for one in needs if one == "experiments.stratum")

    def __getitem__(self, name: str):
        if name == "customers":
            return ibis.memtable(pd.DataFrame({"customer_id": range(4 * ROWS)}))
        return ibis.memtable(self.experiments)


def prompt_of(frame: pd.DataFrame):
    """What the questions read of a prompt test with one arm."""
    arm = SimpleNamespace(
        name="prompt",
        segment=None,
        what="the prompt",
        offer=SimpleNamespace(rows=len(frame), effect=normal_interval(0.08, 0.02, len(frame))),
    )
    return SimpleNamespace(study=SimpleNamespace(frame=frame, outcome_days=56), arms=(arm,))


def customers(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = (
        "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "shares_before",
        "friends", "spend_before_cents",
    )  # fmt: skip
    frame = pd.DataFrame({name: rng.poisson(3.0, ROWS).astype(float) for name in names})
    return frame.assign(
        customer_id=[f"c{number}" for number in range(ROWS)],
        arm=np.where(rng.permutation(ROWS) % 2 == 0, "prompt", "control"),
        landmark_at=pd.Timestamp("2026-01-01"),
    )


def test_money_is_found_and_one_large_customer_does_not_decide_the_capped_mean():
    rng, frame = np.random.default_rng(1), customers(1)
    drawn = frame["arm"] == "prompt"
    spend = rng.gamma(2.0, 2_500.0, ROWS) * np.where(drawn, 1.3, 1.0)
    spend[np.flatnonzero(~drawn)[0]] = 1e9  # cents of one customer without the prompt
    frame["spend_after_cents"], frame["orders_after"] = spend.round(), 2
    found = {one.id: one for one in money_moved(FakeShop(), prompt_of(frame)).findings}
    assert found["A2.money"].estimate < -1_000
    capped, top = found["A2.money_winsorised"], found["A2.money_top"]
    assert 0 < capped.low <= 15.0 <= capped.high
    true_top = 25.0 * 0.3 * 3.8897  # the 90 % quantile of a gamma of shape 2
    assert 0 < top.low <= true_top <= top.high
    assert found["A2.money_top"].unit == "CNY a customer"
    assert all(one.status == "answered" for one in found.values())


def test_an_order_s_worth_is_a_ratio_of_sums_and_the_effect_is_spread_over_the_shop():
    rng, frame = np.random.default_rng(1), customers(1)
    drawn = frame["arm"] == "prompt"
    frame["orders_after"] = rng.poisson(np.where(drawn, 2.0, 1.0))  # twice the orders, each a tenth dearer
    frame["spend_after_cents"] = (
        rng.gamma(4.0, 1_250.0, ROWS) * frame["orders_after"] * np.where(drawn, 1.1, 1)
    )
    found = {one.id: one for one in money_moved(FakeShop(), prompt_of(frame)).findings}
    order, spread = found["A2.money_per_order"], found["A2.global_lift"]
    assert order.unit == "CNY an order"
    assert order.low <= 5.0 <= order.high
    assert (spread.estimate, spread.verdict) == (pytest.approx(2.0), "supported")
    assert "are 25.0 % of all" in spread.reading
    nobody = money_moved(FakeShop(), prompt_of(frame.assign(orders_after=0)))
    assert {one.id: one.status for one in nobody.findings}["A2.money_per_order"] == "skipped"


def test_an_effect_is_spread_over_the_customers_of_every_arm():
    """Shown to all whom the test drew, an arm reaches as many whatever the number of arms beside it."""
    rng, frame = np.random.default_rng(3), customers(3)
    frame["spend_after_cents"], frame["orders_after"] = rng.gamma(2.0, 2_500.0, ROWS).round(), 2
    frame["arm"] = np.resize(["control", "prompt", "other"], ROWS)
    prompt = prompt_of(frame)
    (one,) = prompt.arms
    both = (one, SimpleNamespace(**{**vars(one), "name": "other", "segment": "other"}))
    asked = SimpleNamespace(study=prompt.study, arms=both)
    spread = [found for found in money_moved(FakeShop(), asked).findings if found.id == "A2.global_lift"]
    assert [found.estimate for found in spread] == [pytest.approx(2.0)] * 2
    assert all(f"are 25.0 % of all ({ROWS:,} of them)" in found.reading for found in spread)


@pytest.mark.parametrize("spend", [np.full(ROWS, 0.0), np.full(ROWS, np.nan)], ids=["alike", "unknown"])
def test_money_that_is_not_known_or_alike_is_one_sentence(spend):
    frame = customers(2).assign(spend_after_cents=spend, orders_after=1)
    answer = money_moved(FakeShop(), prompt_of(frame))
    assert isinstance(answer, Skipped)
    assert "is not known, or all spent alike" in answer.reason


def two_draws(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The prompt's draws and those of another test, of one more customer who is in that alone."""
    rng = np.random.default_rng(seed)
    own = frame[["customer_id", "arm"]].assign(experiment="share_prompt")
    other = own.assign(experiment="try_first", arm=rng.choice(["control", "perk"], len(frame)))
    rows = pd.concat([own, other], ignore_index=True)
    return rows.assign(
        cluster=pd.Series([None] * len(rows), dtype="string"), assigned_at=pd.Timestamp("2026-01-01")
    )


@pytest.mark.parametrize("more", [0.0, 0.15])
def test_what_another_test_adds_to_the_prompts_effect_is_found(more):
    frame = customers(3)
    drawn = two_draws(frame, 3)
    both = (frame["arm"] == "prompt").to_numpy() & (drawn["arm"].to_numpy()[ROWS:] == "perk")
    rng = np.random.default_rng(4)
    frame["repurchased"] = (rng.random(ROWS) < 0.3 + more * both).astype(float)
    answer = other_tests(FakeShop(drawn), prompt_of(frame))
    (found,) = answer.findings
    assert found.key == ("A2.beside_other_test", "try_first")
    assert found.low <= 100 * more <= found.high
    assert ("neither is to be read alone" in found.reading) == (more > 0)
    assert len(answer.table()) == 1
    assert answer.draw().alt


def test_a_shop_without_another_test_is_one_sentence():
    frame = customers(5).assign(repurchased=0.0)
    alone = two_draws(frame, 5).query("experiment == 'share_prompt'")
    answer = other_tests(FakeShop(alone), prompt_of(frame))
    assert isinstance(answer, Skipped)
    assert "no other test shares enough customers" in answer.reason


def effect(number: int, estimate: float) -> Finding:
    return Finding(
        id="A2.recorded_effect", requirement="A2", question="?", estimate=estimate, low=estimate - 1.96,
        high=estimate + 1.96, level=0.95, unit="pp of units", n=500, segment=f"test {number}: B", method="m",
        reading="r",
    )  # fmt: skip


def test_the_sum_of_those_that_won_is_shrunk_and_a_sum_of_money_left_out():
    rng = np.random.default_rng(6)
    tests = [effect(number, one) for number, one in enumerate(rng.normal(0.0, 1.5, 40))]
    money = replace(effect(99, 50.0), unit="CNY per unit")
    answer = launched_wins(FakeShop(), (*tests, money))
    (found,) = answer.findings
    assert len(answer.tests) == 40
    assert 0 < found.facts["won"] < 15
    assert found.estimate < 0.8 * found.facts["as_found"]


def test_few_tests_sum_nothing():
    answer = launched_wins(FakeShop(), tuple(effect(number, 1.0) for number in range(7)))
    assert isinstance(answer, Skipped)
    assert "7 tests cannot tell how effects are spread" in answer.reason


@pytest.mark.parametrize("words", [MONEY, BESIDE, WINS], ids=["money", "beside", "wins"])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize("id", sorted(set(MONEY.registry) - {"A2.global_lift"}))
def test_every_sentence_on_money_reads_well(id):
    assert_truth_table(MONEY, id, verdicts=["reported"], facts=SPENT, unit="CNY a customer")


def test_the_sentence_on_all_customers_reads_well():
    assert_truth_table(MONEY, "A2.global_lift", facts={**WHAT, "share": [0.1, 1.0]})


def test_every_sentence_on_other_tests_reads_well_and_doubts_draws_that_go_together():
    facts = {**WHAT, "other": ["try_first"], "apart": [False, True]}
    assert_truth_table(BESIDE, "A2.beside_other_test", verdicts=["reported"], facts=facts)
    for found in cases(BESIDE, "A2.beside_other_test", verdicts=["reported"], facts=facts):
        assert ("not drawn apart" in found.reading) == (not found.facts["apart"])


def test_every_sentence_on_wins_reads_well():
    facts = {"won": [0, 1, 5], "as_found": [7.4]}
    assert_truth_table(WINS, "A12.total_of_wins", verdicts=["reported"], facts=facts, n=(8, 40))
