"""Every sentence that A8 can say."""

from __future__ import annotations

import pytest

from helpers.uplift.a08_spill_over import community, ignored_network, spill_over
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

SPILL = {
    "exposed": [0.004, 0.42],
    "seen_weeks": [1, 4],
    "raw": [-0.1, 1.88],
    "within": ["0.63 pp (0.44 to 0.81)"],
    "mates": ["0.58 pp (0.10 to 1.07)"],
    "fad": [False],
}
OPEN_TO_A_FAD = [{"mates": [mates], "fad": [True]} for mates in ("", "0.20 pp (−0.40 to 0.80)")]
SHOWN = {"shown": [0.0, 0.0092], "hidden": [0.0047], "outcome_days": [1, 28], "plain": [-0.46, 0.46]}
CHANGED = {"ignored": [5.1, -0.2], "counted": [5.1, -0.3]}


@pytest.mark.parametrize("words", [spill_over.WORDS, community.WORDS, ignored_network.WORDS])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


def test_only_what_was_drawn_is_said_in_words_of_cause():
    """The truth tables refuse words of cause wherever a finding is not declared causal."""
    declared = [spec for words in (spill_over.WORDS, community.WORDS, ignored_network.WORDS)
                for spec in words.registry.values()]  # fmt: skip
    assert [spec.id for spec in declared if spec.causal] == ["A8.friend_prompted"]


def test_spill_over_reads_well():
    weeks = {"seen_weeks": [1, 4]}
    assert_truth_table(spill_over.WORDS, "A8.spillover_week", facts={**SPILL, "doubt": [False]})
    assert_truth_table(spill_over.WORDS, "A8.friends_orders_per_100_shares", facts=weeks)
    for verdict in ("supported", "contradicted", "not settled"):
        check = {"verdicts": [verdict], "facts": weeks, "intervals": dict(INTERVALS)}
        assert_truth_table(spill_over.WORDS, "A8.shares_yet_to_come", **check)


def test_a_failed_check_is_said_and_settles_nothing():
    facts = {**SPILL, "doubt": [True]}
    for found in cases(spill_over.WORDS, "A8.spillover_week", verdicts=["not settled"], facts=facts):
        assert "is not settled" in found.reading
        assert "something else moves both" in found.reading


@pytest.mark.parametrize("facts", OPEN_TO_A_FAD)
def test_where_a_fad_of_the_circle_could_be_all_it_is_said_and_nothing_is_settled(facts):
    facts = {**SPILL, "doubt": [False], **facts}
    for found in cases(spill_over.WORDS, "A8.spillover_week", verdicts=["not settled"], facts=facts):
        assert "is not settled" in found.reading
        assert "a fad of the circle may be all" in found.reading or "would look the same" in found.reading


def test_the_community_reads_well():
    assert_truth_table(community.WORDS, "A8.community_purchases", facts=SHOWN)


@pytest.mark.parametrize(
    ("words", "id", "facts"),
    [
        (spill_over.WORDS, "A8.spillover_week", {**SPILL, "doubt": [False]}),
        (community.WORDS, "A8.community_purchases", SHOWN),
    ],
)
def test_what_was_not_drawn_goes_with_and_names_a_shock_shared_by_a_circle(words, id, facts):
    for found in cases(words, id, verdicts=["supported", "contradicted"], facts=facts):
        assert "goes with" in found.reading
        assert "would look the same" in found.reading or "whom a fad would reach as well" in found.reading


def test_the_ignored_network_reads_well():
    assert_truth_table(ignored_network.WORDS, "A8.friend_prompted", facts={"outcome_days": [1, 90]})
    for id in ("A8.change_a1", "A8.change_a2"):
        assert_truth_table(ignored_network.WORDS, id, verdicts=["reported"], facts=CHANGED)


@pytest.mark.parametrize(
    ("words", "name", "id", "facts"),
    [
        (spill_over.WORDS, "spill over", "A8.spillover_week", {**SPILL, "doubt": [False]}),
        (community.WORDS, "community", "A8.community_purchases", SHOWN),
    ],
)
def test_titles_state_a_difference_only_where_it_is_settled(words, name, id, facts):
    for found in cases(words, id, facts=facts):
        title, alt = words.picture(name, [found], spoken=["one 1.0 pp (0.5 to 1.5)"])
        assert ("not settled" in title) == (found.verdict == "not settled")
        assert alt.endswith("(0.5 to 1.5).")
