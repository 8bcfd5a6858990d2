"""Findings by the release rule: withheld whole, with one reason, and nothing else changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.report import Finding
from helpers.report.registry import FindingSpec, registry
from helpers.report.release import Entry, share_of
from helpers.report.withholding import is_withheld, release_list, released
from helpers.report.words import words_beside


def finding(id="C1.new_share", *, estimate=40.0, n=400, **changes) -> Finding:
    given = {
        "id": id,
        "requirement": id.partition(".")[0],
        "question": "How many are new?",
        "estimate": estimate,
        "low": estimate,
        "high": estimate,
        "n": n,
        "unit": "% of customers",
        "method": "Wilson",
        "reading": f"{estimate} % of {n} customers are new.",
    }
    return Finding(**{**given, **changes})


@pytest.mark.parametrize(
    ("estimate", "n", "leaves"),
    [(40.0, 400, True), (75.0, 12, False), (90.0, 50, False), (0.0, 50, True), (100.0, 50, True),
     (100.0, 12, False), (2.0, 400, False), (50.0, 10, False)],
)  # fmt: skip
def test_a_share_of_people_is_judged_on_both_sides(estimate, n, leaves):
    (one,) = released([finding(estimate=estimate, n=n)])
    assert is_withheld(one) is not leaves


def test_nothing_of_a_withheld_finding_is_left():
    few = (Entry(population="x", persons=3),)
    (one,) = released([finding(estimate=75.0, n=12, p_value=0.01, detectable=9.5, tells=few)])
    said = "Not shown: it would tell of fewer than 11 people."
    assert (one.status, one.reason, one.reading, one.verdict) == ("skipped", said, said, "reported")
    numbers = (one.estimate, one.low, one.high, one.level, one.n, one.persons, one.p_value, one.adjusted_p)
    assert set(numbers) == {None}
    written = {name for name, value in one.entry().items() if isinstance(value, int | float)}
    assert not written
    assert not one.tells
    assert one.id == "C1.new_share"


def test_what_may_leave_stays_as_it_is():
    shown = finding()
    assert released([shown]) == (shown,)
    both = released([shown, finding(n=12, segment="x")])
    assert released(both) == both


def test_the_other_numbers_of_its_sentence_decide_too():
    arms = (share_of("offered", 0.5, 200), share_of("others", 0.98, 200))
    assert is_withheld(released([finding(tells=arms)])[0])
    assert not is_withheld(released([finding(tells=arms[:1])])[0])


@pytest.mark.parametrize(
    ("persons", "leaves"),
    [(11, True), (10, False), (1, False)],
)
def test_of_events_the_people_count(persons, leaves):
    clicks = finding("A10.close_over_loose", estimate=1.0, n=4_000, persons=persons)
    assert is_withheld(released([clicks])[0]) is not leaves


def test_what_is_about_nobody_is_always_told():
    assert not is_withheld(released([finding("A7.returns", estimate=-3.0, n=4)])[0])


def test_a_hidden_group_cannot_be_had_by_subtraction():
    groups = [finding("C8.net_per_head", estimate=1.0, n=n, segment=f"tier {n}") for n in (900, 60, 4)]
    assert [is_withheld(one) for one in released(groups)] == [False, True, True]


def test_words_tell_of_no_few_people_nor_where_there_were_too_few_of_few_events():
    (one,) = released([finding(reading="7 customers of 400 placed 3 orders each.")])
    assert one.reading == "fewer than 11 customers of 400 placed 3 orders each."
    reason = "only 3 posts were made"
    (one,) = released([replace(finding(), status="skipped", reason=reason, reading=reason)])
    assert one.reason == one.reading == "fewer than 11 posts were made"


@pytest.mark.parametrize(
    ("id", "segment", "goes"),
    [("A2.while_running", None, True), ("A2.no_effect", None, True), ("A2.complier_effect", "x", True),
     ("A2.first_stage", None, False), ("A5.no_effect", None, False)],
)  # fmt: skip
def test_what_would_tell_a_withheld_number_is_withheld_with_it(id, segment, goes):
    few = share_of("offered", 0.98, 200)
    lead = finding("A2.intention_to_treat", tells=(few,), unit="pp of customers")
    other = finding(id, segment=segment, unit="pp of customers")
    both = released([lead, other])
    assert [is_withheld(one) for one in both] == [True, goes]
    assert released(both) == both
    apart = released([replace(lead, segment="y"), replace(other, segment="z")])
    assert [is_withheld(one) for one in apart] == [True, False]


def test_the_release_list_holds_what_is_told():
    arms = (share_of("offered", 0.5, 200),)
    own, arm = release_list([finding(tells=arms, segment="June")])
    assert (own.persons, own.sides, own.value) == (400, (160, 240), 0.4)
    assert own.population.endswith("June")
    assert arm == arms[0]


def test_every_share_of_people_is_declared_as_one():
    """A unit "% of customers" without a range would slip past the rule for shares."""
    people = ("% of customers", "% of buyers", "% of new customers", "% of active customers")
    undeclared = [
        spec.id for spec in registry().values()
        if spec.unit.startswith(people) and spec.counts_people and not spec.is_share
    ]  # fmt: skip
    # Modelled, not counted: standardised shares, which may leave 0 to 100, and how common listed items are.
    assert undeclared == ["D4.popularity", "B10.without_any_share", "B10.without_own_share"]


def spec(**changes) -> FindingSpec:
    given = {"id": "A1.x", "about": "a", "unit": "%", "of": "customers", "question": "q", "role": "test"}
    return FindingSpec(**{**given, **changes})


def test_a_finding_that_speaks_of_no_people_must_say_what_it_counts():
    assert spec().counts_people
    assert spec(of="posts", counts="people").counts_people
    assert not spec(of="posts", counts="events").counts_people
    with pytest.raises(ValueError, match=r"say what its n counts"):
        spec(of="posts of customers")
    with pytest.raises(ValueError, match="things"):
        spec(counts="things")


def test_a_finding_of_events_cannot_be_made_without_its_people():
    import helpers.uplift.a10_word_of_mouth.word_of_mouth as module
    from methods.intervals.estimates import Interval

    words = words_beside(module.__file__)
    value = Interval(estimate=0.1, low=0.0, high=0.2, n=4_000)
    with pytest.raises(ValueError, match="on how many distinct people"):
        words.finding("A10.close_over_loose", value, method="m")
