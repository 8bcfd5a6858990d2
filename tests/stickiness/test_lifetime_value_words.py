"""Every sentence that B9 can say."""

from __future__ import annotations

import pytest

from helpers.stickiness.b09_lifetime_value.check import WORDS as CHECK
from helpers.stickiness.b09_lifetime_value.costs import WORDS as COSTS
from helpers.stickiness.b09_lifetime_value.lifetime_value import WORDS as TO_COME
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

AMOUNTS = {"large": (1234.5, 1200.0, 1300.0), "one": (1.0, 0.8, 1.3), "nil": (0.0, 0.0, 0.2)}
MISSES = {"above": (12.0, 4.0, 21.0), "below": (-18.0, -21.0, -15.0), "around": (-0.9, -2.8, 0.9)}
WINDOWS = {
    "days": [1, 181],
    "misses": [[-2.3], [-11.5, -9.5, 2.3]],
    "farthest": [365],
    "far_miss": [None, -8.1],
    "alike": [0.0001, 0.4],
    "seasonal": [True, False],
    "left_out": ["", "2024-01-01 (too few came back)"],
    "far_off": [0, 25],
}


@pytest.mark.parametrize("words", [TO_COME, CHECK, COSTS])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize("id", ["B9.value_to_come", "B9.purchases_to_come", "B9.buy_again"])
def test_what_is_to_come_reads_well(id):
    facts = {"currency": ["CNY"], "days": [1, 365]}
    options = {"verdicts": ["reported"], "intervals": AMOUNTS, "facts": facts}
    assert_truth_table(TO_COME, id, unit=TO_COME.registry[id].unit.format(currency="CNY"), **options)


@pytest.mark.parametrize("verdict", ["fits", "contradicted", "not settled"])
def test_the_miss_of_hidden_days_reads_well(verdict):
    options = {"verdicts": [verdict], "intervals": MISSES, "n": (12,)}
    assert_truth_table(CHECK, "B9.hidden_days_miss", facts=WINDOWS, **options)


def test_no_average_is_said_to_fit_beside_a_stretch_that_was_far_off():
    options = {"verdicts": ["fits"], "intervals": {"around": MISSES["around"]}, "facts": WINDOWS}
    told = [one.reading for one in cases(CHECK, "B9.hidden_days_miss", **options)]
    assert told
    for reading in told:
        assert ("On average the forecast fits" in reading) != ("one of more than 25 %" in reading)


def test_a_mean_of_stretches_that_could_be_anything_is_not_told():
    """A ticket shop: misses of −77 and +242 %, so the mean would be 20 % (−2,210 to 100) too few."""
    options = {"verdicts": ["not settled"], "intervals": {"wild": (20.0, -1_000.0, 1_040.0)}}
    for one in cases(CHECK, "B9.hidden_days_miss", facts={**WINDOWS, "misses": [[-77.0, 242.0]]}, **options):
        assert "and on average anything" in one.reading
        assert "1,0" not in one.reading
        assert "of any likely size" in one.reading


@pytest.mark.parametrize(("estimate", "word"), [("above", "too many"), ("below", "too few")])
def test_the_miss_has_a_direction_in_words_and_in_the_title(estimate, word):
    facts = {**WINDOWS, "days": [90], "misses": [[-2.0, 3.0]]}
    intervals = {estimate: MISSES[estimate]}
    found = next(
        cases(CHECK, "B9.hidden_days_miss", verdicts=["contradicted"], intervals=intervals, facts=facts)
    )
    assert word in found.reading
    more = {"predicted": 5.0, "actual": 4, "chances": [(0.1, 0.2)], "windows": []}
    title, _ = CHECK.picture("check", [found], days=90, misses=[-2.0, 3.0], **more)
    assert f"% {word}" in title
    assert "on average: −2 to +3 % by stretch" in title


@pytest.mark.parametrize("calendar", ["", "months", "declared"])
@pytest.mark.parametrize("way", ["model", "again"])
def test_the_method_names_the_way_the_calendar_and_the_stretches(way, calendar):
    facts = {"way": way, "windows": 3, "length": 136, "calendar": calendar}
    for quantity in ("purchases", "buyers", "cents"):
        for farthest in (0, 365):
            said = TO_COME.text(f"method {quantity}", farthest=farthest, **facts)
            assert ("just before" in said) == (way == "again")
            assert ("calendar" in said) == bool(calendar)
            assert ("and one of 365 days" in said) == bool(farthest)
            assert "  " not in said


def test_checks_against_plain_rules_read_well():
    facts = {"own": [1.28], "best": [1.29], "rule": ["everybody buys at the mean pace of all"]}
    assert_truth_table(CHECK, "B9.gain_over_plain_rules", facts=facts)
    facts = {
        "gap": [0.0, 4.5],
        "ranking": [0.766, None],
        "recency": [0.743],
        "brier": [0.197],
        "base": [0.248],
    }
    assert_truth_table(CHECK, "B9.sharper_than_average", facts=facts)


def test_the_link_of_pace_and_amount_reads_well():
    small = {"nil": (0.02, -0.02, 0.05), "mild": (0.1, 0.05, 0.2)}
    large = {"above": (0.6, 0.4, 0.7), "below": (-0.6, -0.7, -0.4)}
    for verdict, intervals in (("fits", small), ("contradicted", large), ("not settled", INTERVALS)):
        options = {"verdicts": [verdict], "intervals": intervals}
        assert_truth_table(CHECK, "B9.spend_independence", **options)


@pytest.mark.parametrize("id", ["B9.newcomer_value", "B9.winning_cost", "B9.keeping_cost"])
def test_costs_read_well(id):
    facts = {"currency": ["CNY"], "days": [365]}
    unit = COSTS.registry[id].unit.format(currency="CNY")
    assert_truth_table(COSTS, id, verdicts=["reported"], intervals=AMOUNTS, facts=facts, unit=unit)


def test_keeping_against_winning_reads_well_and_calls_cheaper_what_is():
    ratios = {"dear": (8.2, 7.6, 8.9), "cheap": (0.5, 0.4, 0.6), "alike": (1.1, 0.8, 1.4)}
    options = {"verdicts": ["reported"], "intervals": ratios}
    assert_truth_table(COSTS, "B9.winning_over_keeping", **options)
    for found in cases(COSTS, "B9.winning_over_keeping", **options):
        assert ("keeping is cheaper" in found.reading) == (found.low > 1)
        assert ("winning is cheaper" in found.reading) == (found.high < 1)
