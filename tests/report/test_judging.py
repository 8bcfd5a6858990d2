"""Judged together: verdicts that hold beside each other, who follows whom, and what is saved."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from helpers.report import Chapter, Finding, claims_ledger, read_findings, registry, save_findings, skipped
from helpers.report.judging import judged_together, p_of
from helpers.report.verdicts import effect_verdict
from methods.intervals.influence import normal_interval


def finding(name: str, estimate: float, error: float, **fields) -> Finding:
    interval = normal_interval(estimate, error, 500)
    about = {"requirement": name.split(".")[0], "question": "?", "n": 500, "method": "m", "reading": "Said."}
    about |= {"verdict": effect_verdict(interval), "unit": registry()[name].unit, **fields}
    return Finding(id=name, estimate=interval.estimate, low=interval.low, high=interval.high, **about)


def judged(*findings):
    return judged_together(findings)


TESTS = ("A1.adjusted_uplift_sharers", "A8.spillover_week", "A8.community_purchases", "A8.friend_prompted")


def test_p_value_is_that_of_the_interval():
    assert p_of(finding(TESTS[1], 1.959964, 1.0)) == pytest.approx(0.05, abs=1e-6)
    assert p_of(finding(TESTS[1], -3.0, 1.5)) == pytest.approx(0.0455, abs=1e-4)
    assert p_of(finding(TESTS[1], 3.0, 1.5, p_value=0.2)) == 0.2
    assert p_of(finding(TESTS[1], 3.0, 0.0)) == 1.0  # an interval without width shows nothing


def test_a_verdict_that_chance_could_give_among_many_is_taken_back_everywhere():
    weak, strong = finding(TESTS[1], 2.2, 1.0), finding(TESTS[0], 9.0, 1.0)
    follower = finding("A8.friends_orders_per_100_shares", 10.0, 4.5)
    together = judged(weak, strong, follower, finding(TESTS[2], 0.1, 1.0))
    found = {one.id: one for one in together.findings}
    assert found[TESTS[0]].verdict == "supported"
    assert found[TESTS[1]].verdict == "not settled"
    assert "2 other tests" in found[TESTS[1]].reading
    assert found["A8.friends_orders_per_100_shares"].verdict == "not settled"
    assert found[TESTS[1]].adjusted_p == pytest.approx(2 * p_of(weak))
    assert list(together.tests["verdict"]) == ["not settled", "supported", "not settled"]


def test_checks_and_descriptions_stay_outside_of_the_family():
    names = [name for name, spec in registry().items() if spec.role != "test" and not spec.follows]
    outside = [finding(name, 5.0, 1.0) for name in names]
    together = judged(*outside)
    assert together.declared == 0
    assert together.findings == tuple(outside)


def test_what_was_skipped_is_no_member():
    absent = skipped(requirement="A8", question="?", reason="No ties.")
    together = judged(finding(TESTS[0], 2.2, 1.0), absent)
    assert together.declared == 1
    assert together.findings[0].adjusted_p == pytest.approx(p_of(finding(TESTS[0], 2.2, 1.0)))


def test_a_follower_follows_the_test_of_its_own_segment():
    strong = finding("A9.offer_uplift_named", 9.0, 1.0, segment="one")
    weak = finding("A9.offer_uplift_named", 1.5, 1.0, segment="two")
    followers = [finding("A9.segment_net_value", 100.0, 10.0, segment=name) for name in ("one", "two", None)]
    *_, one, two, unnamed = judged(strong, weak, *followers).findings
    assert (one.verdict, two.verdict) == ("supported", "not settled")
    assert unnamed.verdict == "not settled", "without a segment it follows all of them"
    whole = finding("A9.offer_uplift_named", 1.5, 1.0)
    *_, one, _, _ = judged(strong, whole, *followers).findings
    assert one.verdict == "supported", "that of all is lost, which it does not follow beside its own"


def test_that_a_figure_fits_is_not_said_by_a_small_p_value():
    claims = [finding("A9.relative_uplift_named", 52.0, 10.0, verdict="fits", p_value=0.9)]
    (found,) = judged(*claims).findings
    assert found.verdict == "fits"


def test_without_any_effect_a_false_verdict_is_rare():
    rng = np.random.default_rng(1)
    names = [name for name, spec in registry().items() if spec.role == "test"][:8]
    false = 0
    for _ in range(400):
        drawn = [
            finding(name, float(value), 1.0) for name, value in zip(names, rng.normal(size=8), strict=True)
        ]
        false += any(one.verdict != "not settled" for one in judged(*drawn).findings)
    assert false / 400 < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_the_saved_findings_and_the_ledger_carry_the_verdict(tmp_path):
    claimed = finding(
        "A1.relative_uplift_sharers", 10.0, 12.0, unit="%", p_value=0.03, verdict="contradicted"
    )
    others = [finding(name, 0.5, 1.0) for name in TESTS[1:]]
    chapter = Chapter(shop=None)
    answer = SimpleNamespace(
        findings=(claimed, *others, skipped(requirement="A12", question="?", reason="No."))
    )
    chapter.ask(lambda _: answer)
    save_findings("03_share_uplift", judged_together(chapter.findings), out=tmp_path)
    saved = read_findings(tmp_path / "03_share_uplift.json")
    assert saved[0].verdict == "not settled"
    assert saved[0].adjusted_p == pytest.approx(0.12)
    assert [one.status for one in saved].count("skipped") == 1
    ledger = claims_ledger(saved)
    claim = next(one for one in ledger.claims if one.finding == "A1.relative_uplift_sharers")
    assert ledger.findings[ledger.claims.index(claim)].verdict == "not settled"


def test_the_table_of_tests_says_everything_of_each():
    weak, strong = finding(TESTS[1], 2.2, 1.0), finding(TESTS[0], 9.0, 1.0, segment="the new arm")
    rows = judged(weak, strong).tests
    assert rows.attrs["caption"] == "The 2 declared tests of this chapter (Holm)"
    assert list(rows.columns) == ["id", "test", "p together", "verdict"]
    specs = registry()
    assert rows["test"].tolist() == [specs[TESTS[1]].about, f"{specs[TESTS[0]].about}: the new arm"]
    assert rows["id"].tolist() == [TESTS[1], TESTS[0]]
    assert rows["p together"].tolist() == ["0.028", "< 0.001"], "Holm leaves the largest of two as it is"


def test_what_several_tests_are_about_is_said_once():
    of = [finding(TESTS[0], 9.0, 1.0, segment=arm) for arm in ("the old arm", "the new arm")]
    about = registry()[TESTS[0]].about
    assert judged(*of).tests["test"].tolist() == [f"{about}: the old arm", "the new arm"]


def test_p_alone_is_kept_beside_the_adjusted_one():
    found = judged(finding(TESTS[1], 2.2, 1.0), finding(TESTS[2], 2.3, 1.0)).findings
    assert [one.p_value for one in found] == [
        pytest.approx(0.0278, abs=1e-4),
        pytest.approx(0.0214, abs=1e-4),
    ]
    assert [one.adjusted_p for one in found] == [pytest.approx(0.0429, abs=1e-4)] * 2


@pytest.mark.parametrize(("p", "verdict"), [(0.05, "not settled"), (0.0499, "supported")])
def test_a_verdict_needs_less_than_one_in_twenty(p, verdict):
    (found,) = judged(finding(TESTS[0], 3.0, 1.0, p_value=p)).findings
    assert found.verdict == verdict


def test_a_follower_looks_to_the_test_of_its_own_segment():
    """Of two arms, one is lost: only what follows that one is unsettled, and it says why."""
    lost = finding(TESTS[1], 2.0, 1.0, segment="a")
    held = finding(TESTS[1], 9.0, 1.0, segment="b")
    name = "A8.friends_orders_per_100_shares"
    followers = [finding(name, 10.0, 1.0, segment=segment) for segment in ("a", "b")]
    found = judged(lost, held, *followers, finding(TESTS[2], 0.1, 1.0)).findings
    assert [one.verdict for one in found[2:4]] == ["not settled", "supported"]
    assert found[2].reading.endswith("It stands and falls with A8.spillover_week, which is left open.")
    assert found[3].reading == "Said."


def test_without_tests_nothing_is_judged():
    assert judged().findings == ()
    assert judged().declared == 0


@pytest.mark.parametrize(
    ("check", "estimate", "withheld"),
    [
        ("A1.negative_control", 0.3, True),
        ("A1.negative_control", 0.001, False),
        ("A8.shares_yet_to_come", 0.3, False),
    ],
)
def test_a_check_that_fails_takes_out_every_number_that_rests_on_it(check, estimate, withheld):
    """A gate is another finding of the same design; one that guards something else changes nothing."""
    failing = "contradicted" if estimate > 0.1 else "supported"
    guard = finding(check, estimate, 0.01, verdict=failing)
    resting = [finding(TESTS[0], 9.0, 1.0), finding("A1.adjusted_uplift", 9.0, 1.0)]
    found = judged(*resting, guard)
    for one in found.findings[:2]:
        assert (one.status, one.estimate) == (("skipped", None) if withheld else ("answered", 9.0))
        assert (check in one.reading) == withheld
        assert "9.0" not in one.reading
    assert found.findings[2].verdict == failing
    assert found.declared == (0 if withheld else 1)
    column = "not asked here" if check.startswith("A8") else "failed" if withheld else "held"
    assert found.gates["number"].tolist() == [resting[0].id]
    assert all("A1.negative_control" in said for said in found.gates[column])


def test_a_count_without_interval_fails_by_what_it_says():
    number = finding(TESTS[0], 9.0, 1.0)
    for fails in (False, True):
        few = replace(finding("A1.common_ground", 90.0, 1.0, verdict="reported"), facts={"fails": fails})
        found = judged(number, few)
        assert found.findings[0].status == ("skipped" if fails else "answered")
        assert found.gates["failed" if fails else "held"].tolist() == ["A1.common_ground"]


def test_a_gate_guards_its_own_segment_alone():
    """Of two programmes, one drifted before: only its number goes."""
    numbers = [finding("A7.returns", 9.0, 1.0, segment=segment) for segment in ("a", "b")]
    drift = finding("A7.returns_pretrend", 9.0, 1.0, segment="a", verdict="contradicted")
    found = judged(*numbers, drift)
    assert [one.status for one in found.findings] == ["skipped", "answered", "answered"]
    assert found.findings[0].segment == "a"
    assert found.gates["failed"].tolist() == ["A7.returns_pretrend", ""]
    assert found.gates["not asked here"].tolist() == ["", "A7.returns_pretrend"]
    assert found.failed == (drift,)


def test_what_follows_a_number_taken_out_stands_on_its_own_gates():
    """A check that cannot tell, or one that is only a description of something, takes out nothing."""
    open_check = finding("A1.negative_control", 0.3, 1.0, verdict="not settled")
    together = judged(finding(TESTS[0], 9.0, 1.0), open_check)
    assert together.findings[0].verdict == "supported"
    assert together.gates["cannot tell"].tolist() == ["A1.negative_control"]


def zeros_check(state: str) -> Finding:
    """The check of A1 on outcomes that sharing cannot have moved, as its section leaves it."""
    about = registry()["A1.known_zero_error"]
    if state == "skipped":
        return skipped(requirement="A1", question=about.question, reason="Not answered: only 4 outcomes.")
    held = finding(about.id, 0.1, 1.0, verdict="supported")
    return replace(held, facts={"blind": state == "blind"})


@pytest.mark.parametrize("state", ["skipped", "blind", "held"])
def test_a_check_that_could_not_answer_leaves_open_what_needs_it(state):
    """A large effect keeps its number and loses its verdict; so does all that says the same."""
    check = "A1.known_zero_error"
    needing = [finding(id, 9.0, 1.0) for id, spec in registry().items() if check in spec.open_without]
    apart = finding("A8.spillover_week", 9.0, 1.0)
    found = judged(*needing, apart, zeros_check(state))
    assert len(needing) >= 3
    for one in found.findings[: len(needing)]:
        assert (one.verdict == "supported") == (state == "held")
        assert ("could not answer here: mean error on outcomes" in one.reading) == (state != "held")
        assert one.estimate == 9.0
    assert found.findings[len(needing)].verdict == "supported"
    assert set(found.tests["verdict"]) == ({"supported"} if state == "held" else {"supported", "not settled"})
    column = "held" if state == "held" else "cannot tell"
    assert "A1.known_zero_error" in found.gates.set_index("number").loc["A1.adjusted_uplift_sharers", column]


def test_a_check_that_was_not_asked_leaves_nothing_open():
    assert judged(finding(TESTS[0], 9.0, 1.0)).findings[0].verdict == "supported"


def test_a_p_value_that_floats_cannot_tell_from_nil_settles():
    (found,) = judged(finding(TESTS[0], 90.0, 1.0, p_value=0.0)).findings
    assert (found.adjusted_p, found.verdict) == (0.0, "supported")


def test_a_finding_of_no_registry_is_left_as_it_is():
    stranger = replace(finding(TESTS[0], 9.0, 1.0), id="X1.own_number")
    assert stranger in judged(stranger, finding(TESTS[1], 0.1, 1.0)).findings


def test_what_a_test_could_have_found_is_counted_at_the_level_that_its_family_leaves_it():
    weak, strong = finding(TESTS[1], 0.5, 1.0), finding(TESTS[0], 9.0, 1.0)
    found = judged(weak, strong).findings
    power = norm.ppf(0.8)
    assert found[0].detectable == pytest.approx(norm.isf(0.025) + power, rel=1e-6)  # alone is left
    assert found[1].detectable == pytest.approx(norm.isf(0.0125) + power, rel=1e-6)
    assert judged(weak, finding(TESTS[2], 0.1, 1.0)).findings[0].detectable == pytest.approx(
        norm.isf(0.0125) + power, rel=1e-6
    )


def test_a_number_taken_out_is_named_by_what_it_is():
    guard = finding("A1.negative_control", 0.3, 0.01, verdict="contradicted")
    (taken, _) = judged(finding(TESTS[0], 9.0, 1.0), guard).findings
    assert registry()[TESTS[0]].about in taken.reason


@pytest.mark.parametrize("verdict", ["reported", "scenario"])
def test_only_what_could_be_believed_is_left_open_by_a_mute_check(verdict):
    needing = finding("A1.adjusted_uplift", 9.0, 1.0, verdict=verdict)
    found = judged(needing, zeros_check("skipped")).findings[0]
    assert found.verdict == ("not settled" if verdict == "reported" else verdict)


def test_what_no_check_guards_hides_no_gates_behind_it():
    free = finding(TESTS[2], 0.1, 1.0)
    assert not registry()[TESTS[2]].gated_by
    assert len(judged(free, finding(TESTS[0], 9.0, 1.0)).gates) == 1


def test_the_tables_of_tests_and_gates_say_what_they_are():
    guard = finding("A7.returns_pretrend", 0.1, 1.0, segment="a", verdict="not settled")
    full = judged(finding("A7.returns", 9.0, 1.0, segment="a"), guard)
    assert full.gates["number"].tolist() == ["A7.returns: a"]
    assert full.gates.attrs == {"people": None, "caption": "What had to hold before a number could be shown"}
    none = judged()
    assert none.gates.columns.tolist() == ["number", "held", "cannot tell", "failed", "not asked here"]
    assert none.tests.columns.tolist() == full.tests.columns.tolist()
    said = "No declared test of this chapter could be asked of these data"
    assert none.tests.attrs == {"people": None, "caption": said}
    assert full.tests.attrs["people"] is None
    assert full.tests.attrs["caption"] != said


def test_the_gates_that_held_stand_side_by_side():
    checks = [finding(id, 0.01, 1.0, verdict="supported") for id in registry()[TESTS[0]].gated_by]
    (held,) = judged(finding(TESTS[0], 9.0, 1.0), *checks).gates["held"]
    assert held == ", ".join(check.id for check in checks)
