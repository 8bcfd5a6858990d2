"""F4: the analyst's file is read or refused by its place, and the words follow the numbers."""

from __future__ import annotations

import pytest

from helpers.incentives.f04_platforms.platform_scores import EXAMPLE, read_platforms
from helpers.incentives.f04_platforms.platforms import WORDS, platform_choice
from methods.errors import CannotAnswer
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

TWO = """
[criteria.reach]
name = "reach"
[criteria.fit]
[platforms.one]
reach = {reach}
fit = 2
[platforms.two]
reach = 3
fit = [5, 6.5]
"""
SWITCH = {"criterion": "reach", "word": "less than", "weight": 0.1, "to": "two"}


class Shop:
    def missing(self, *needs):
        return needs


@pytest.fixture
def scores_file(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_example_is_answered_as_a_scenario_and_said_to_be_one():
    answer = platform_choice(Shop())
    assert {finding.verdict for finding in answer.findings} == {"scenario"}
    leading = answer.findings[0]
    assert "example" in leading.reading
    assert sum(finding.estimate for finding in answer.findings[1:]) == pytest.approx(100)
    assert len(answer.table()) == len(read_platforms().platforms)
    assert answer.draw().alt


def test_own_scores_decide_and_are_named(scores_file):
    answer = platform_choice(Shop(), platforms=scores_file(TWO.format(reach="[8, 9]")))
    leading, one, _ = answer.findings
    assert "example" not in leading.reading
    assert "“one” leads" in leading.reading
    # Middle scores 8.5, 2 against 3, 5.75: equal where 5.5 of reach make up for 3.75 of fit, at 0.405.
    assert one.estimate == pytest.approx(100 * 5.5 / 9.25, abs=2.5)
    assert "reach weighing less than 41 %" in leading.reading


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TWO.format(reach="11"), "platform 'one', criterion 'reach': 11 must lie between 0 and 10"),
        (TWO.format(reach="[6, 2]"), "the lower end first"),
        (TWO.format(reach='"high"'), "'high' is neither a number"),
        (TWO.format(reach="true"), "neither a number"),
        (TWO.format(reach="1").replace("fit = 2\n", ""), "criterion 'fit': no score"),
        (TWO.partition("[platforms.two]")[0].format(reach="1"), "at least two tables \\[platforms"),
        ("criteria = 3", "at least two tables \\[criteria"),
        ("[criteria", "cannot be read as TOML"),
    ],
)
def test_a_file_at_fault_is_refused_by_place_and_the_section_skipped(scores_file, text, words):
    path = scores_file(text)
    with pytest.raises(CannotAnswer, match=words):
        read_platforms(path)
    (finding,) = platform_choice(Shop(), platforms=path).findings
    assert finding.status == "skipped"


def test_a_file_that_is_not_there_is_named_as_given():
    with pytest.raises(CannotAnswer, match=r"'nowhere\.toml'"):
        read_platforms("nowhere.toml")


def test_the_example_says_what_nought_and_ten_mean():
    assert EXAMPLE.is_file()
    assert all(zero and ten for zero, ten in read_platforms().anchors)


SHARES = {"all": (100.0, 99.9, 100.0), "half": (48.0, 47.0, 49.0), "none": (0.0, 0.0, 0.1)}
LEADING = {
    "leader": ["one"],
    "example": [True, False],
    "switches": [[], [SWITCH], [SWITCH, SWITCH, SWITCH]],
    "equal": [0.2],
}


@pytest.mark.parametrize(
    ("id", "facts"), [("F4.leader_share", LEADING), ("F4.first_share", {"most": ["", "reach"]})]
)
def test_every_sentence_reads_well(id, facts):
    segments = ["one"] if id == "F4.first_share" else [None]
    assert_truth_table(WORDS, id, verdicts=["scenario"], facts=facts, intervals=SHARES, segments=segments)


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)
