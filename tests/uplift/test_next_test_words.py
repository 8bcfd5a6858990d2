"""Every sentence that A12 can say."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from helpers.uplift.a12_next_test.next_test import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

GROUPS = SimpleNamespace(mean_size=8.2, icc=-0.002, low=-0.017, high=0.015)
SIZES = {"estimate": (8_700.0, 8_500.0, 8_900.0), "one": (1.0, 1.0, 1.0)}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_the_size_reads_well(groups):
    facts = {"base": [0.001, 0.65], "sought": ["2", "0.5"], "power": [0.8], "first_stage": [1, 0.25],
             "inflation": [16.0], "groups": [groups], "most": [1.13 if groups else math.nan]}  # fmt: skip
    assert_truth_table(WORDS, "A12.sample_per_arm", verdicts=["reported"], facts=facts, intervals=SIZES)


@pytest.mark.parametrize(
    ("id", "facts"),
    [
        ("A12.weeks", {"enrol": [1.0, 25.6], "follow": [13.1]}),
        ("A12.peeking_false_alarms", {"looks": [2, 26], "sequence": [0.0, 0.011]}),
    ],
)
def test_length_and_looks_read_well(id, facts):
    intervals = {"some": (27.1, 26.5, 27.7)}
    assert_truth_table(WORDS, id, verdicts=["reported"], facts=facts, intervals=intervals)


def test_the_price_of_looking_reads_well():
    facts = {"power": [0.8], "planned": [1.0, 1.04], "without": [0.51], "planned_without": [0.78]}
    options = {"verdicts": ["reported"], "facts": facts, "intervals": {"some": (1.7, 1.7, 1.7)}}
    assert_truth_table(WORDS, "A12.price_of_looking", **options)
    for found in cases(WORDS, "A12.price_of_looking", **options):
        assert "takes 1.70 times as many" in found.reading
        assert "51 %" in found.reading


def test_the_title_names_size_and_false_alarms():
    title, alt = WORDS.picture("plan", [], size=11.0, sought="2", looks=1, plain=0.27, sequence=0.01)
    assert title.startswith("11 customers an arm")
    assert "1 look at" in title
    assert "nan" not in alt
