"""Every sentence that B1 to B6 can say."""

from __future__ import annotations

import pytest

from helpers.report import Finding
from helpers.report.words import stated
from helpers.stickiness.b01_retention.retention import WORDS as RETENTION
from helpers.stickiness.b02_repurchase.repurchase import WORDS as REPURCHASE
from helpers.stickiness.b03_interaction.interaction import WORDS as INTERACTION
from helpers.stickiness.b04_order_value.order_value import WORDS as ORDER_VALUE
from helpers.stickiness.b05_recommendation.recommendation import WORDS as RECOMMENDATION
from helpers.stickiness.b06_verdict.verdict import WORDS as VERDICT
from tests.truth_tables import (
    INTERVALS,
    assert_every_block_is_declared,
    assert_reads_well,
    assert_truth_table,
    cases,
)

AMOUNTS = {"large": (1234.5, 1200.0, 1300.0), "one": (1.0, 0.8, 1.3), "nil": (0.0, 0.0, 0.2)}
MONTHS = {"months": ["2024-06 to 2025-05"]}
DEEDS = {
    "active": [("bought",), ("bought", "shared", "visited")],
    "interacted": [("shared",), ("shared", "reviewed")],
    "shopped": [("bought",), ("bought", "visited")],
}
LEVELS = {"verdicts": ["reported"], "intervals": AMOUNTS}


@pytest.mark.parametrize("words", [RETENTION, REPURCHASE, INTERACTION, ORDER_VALUE, RECOMMENDATION, VERDICT])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize("id", ["B1.next_month_retention", "B1.third_month_retention"])
def test_retention_of_new_customers_reads_well(id):
    assert_truth_table(RETENTION, id, facts={"known": [True, False], "last_cohort": ["2025-04"]}, **LEVELS)


@pytest.mark.parametrize("words", [RETENTION, REPURCHASE, INTERACTION, ORDER_VALUE, RECOMMENDATION])
def test_every_measure_reads_well(words):
    measures = [id for id in words.registry if id not in NOT_MEASURES]
    for id in measures:
        facts = {**MONTHS, **DEEDS, "currency": ["CNY"], "part": [0.05]}
        assert_truth_table(
            words, id, facts=facts, unit=words.registry[id].unit.format(currency="CNY"), **LEVELS
        )


NOT_MEASURES = (
    "B1.next_month_retention",
    "B1.third_month_retention",
    "B2.orders_per_customer",
    "B2.cycle_days_median",
    "B2.cycle_change_days",
)


CYCLES = {
    "earlier": [1.0, 72.6],
    "later": [1.0, 57.2],
    "first": ["May 2024 to August 2024"],
    "second": ["May 2025 to August 2025"],
}


def test_orders_and_cycle_read_well():
    ends = {"first": ["2024-06"], "last": ["2025-05"]}
    assert_truth_table(REPURCHASE, "B2.orders_per_customer", facts=ends, **LEVELS)
    assert_truth_table(REPURCHASE, "B2.cycle_days_median", **LEVELS)
    assert_truth_table(REPURCHASE, "B2.cycle_change_days", facts={**CYCLES, "doubt": [""]})
    season = {**CYCLES, "doubt": [REPURCHASE.text("season")]}
    assert_truth_table(REPURCHASE, "B2.cycle_change_days", facts=season, verdicts=["not settled"])


def test_a_cycle_that_a_season_may_have_made_is_not_settled():
    season = {**CYCLES, "doubt": [REPURCHASE.text("season")]}
    for found in cases(REPURCHASE, "B2.cycle_change_days", verdicts=["not settled"], facts=season):
        assert "a season may have made it" in found.reading
        assert "became" not in found.reading


def verdict_finding(
    word, *, rising=(), falling=(), left_out=(), interval=INTERVALS["around, up"], seasonal=False, months=12
):
    estimate, low, high = interval
    return stated(
        Finding(
            id="B6.verdict", requirement="B6", question="?", estimate=estimate, low=low, high=high, n=900,
            unit="% of the measures' level a month", method="a method",
            verdict="not settled" if word in ("mixed", "not settled") else "reported",
            facts={"word": word, "measures": 8, "rising": list(rising), "falling": list(falling), "kept": 7,
                   "months": months, "left_out": list(left_out), "seasonal": seasonal, "last": "March 2025",
                   "least": 15},
            readings=VERDICT.readings,
        )
    )  # fmt: skip


@pytest.mark.parametrize("left_out", [(), ("net promoter score",), ("a", "b")])
@pytest.mark.parametrize("interval", INTERVALS.values())
@pytest.mark.parametrize(
    ("word", "rising", "falling"),
    [
        ("rising", ["a"], []),
        ("falling", [], ["a", "b"]),
        ("mixed", ["a"], ["b"]),
        ("flat", [], []),
        ("not settled", ["a"], []),
    ],
)
def test_the_verdict_reads_well(word, rising, falling, left_out, interval):
    found = verdict_finding(word, rising=rising, falling=falling, left_out=left_out, interval=interval)
    assert_reads_well(found, VERDICT.registry["B6.verdict"])
    title, _ = VERDICT.picture("trends", [found], word=word, slopes=[("a", 1.0)])
    assert ("not settled" in title) == (word in ("mixed", "not settled"))
    assert word in title or word == "mixed"


@pytest.mark.parametrize("interval", INTERVALS.values())
@pytest.mark.parametrize("months", [3, 12])
def test_without_a_year_before_no_trend_is_told_from_a_season(interval, months):
    found = verdict_finding("not settled", interval=interval, seasonal=True, months=months)
    assert_reads_well(found, VERDICT.registry["B6.verdict"])
    assert "not be told from a season" in found.reading


@pytest.mark.parametrize(("side", "said"), [("above", "rose"), ("below", "fell")])
def test_all_together_may_move_though_no_single_one_does(side, said):
    found = verdict_finding("not settled", interval=INTERVALS[side])
    assert f"together {said} by" in found.reading
    assert "though no single one did beyond chance" in found.reading


def test_what_would_go_unseen_is_said():
    assert "it would have had to be at least" in verdict_finding("not settled").reading


def test_a_change_reads_well():
    facts = {"before": [1.0, 20.0], "now": [1.2, 18.0]}
    options = {"facts": facts, "segments": ["net promoter score"], "unit": "pp of buyers"}
    assert_truth_table(VERDICT, "B6.change", **options)
    for found in cases(VERDICT, "B6.change", verdicts=["contradicted"], **options):
        assert "down by 3.10 pp" in found.reading


def test_a_cycle_without_a_median_is_said_in_the_title():
    title, alt = REPURCHASE.picture("waits", [], halves=[("after a first purchase", None)])
    assert "not known" in title
    assert "half not reached" in alt
