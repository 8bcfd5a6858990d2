"""Findings are checked as they are made and saved; what is impossible fails its section and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from helpers.report import Chapter, Failed, Finding, Skipped, read_findings, save_findings, skipped
from helpers.report.agreement import disagreements
from helpers.report.chapter import Section
from helpers.report.page_reader import read_page
from helpers.report.reasons import not_answered
from helpers.report.registry import registry
from helpers.report.saving import faults_of, silent_questions
from helpers.report.show import paragraph

GOOD = Finding(
    id="A1.common_ground", requirement="A1", question="?", estimate=90.0, low=80.0, high=95.0, n=900,
    unit="% of customers", method="counting", reading="Ninety of a hundred.",
)  # fmt: skip
BAD = {
    "is in no registry": {"id": "A1.made_up"},
    "outside 0 to 100": {"estimate": 140.0, "high": 150.0},
    "no positive whole number": {"n": 0},
    "outside its own interval": {"estimate": 79.0},
}


@dataclass(frozen=True)
class Answer:
    findings: tuple[Finding, ...]


def test_a_good_finding_has_no_fault():
    assert faults_of([GOOD]) == []


@pytest.mark.parametrize(("said", "change"), BAD.items())
def test_an_impossible_finding_fails_its_section_and_is_never_saved(said, change, tmp_path, capsys):
    bad = replace(GOOD, **change)
    assert said in "".join(faults_of([bad]))
    chapter = Chapter(shop=None)
    broken = chapter.ask(lambda shop: Answer((bad,)))
    chapter.ask(lambda shop: Answer((GOOD,)))
    assert isinstance(broken.result, Failed)
    assert said in capsys.readouterr().err, "the log says what was wrong"
    save_findings("03", chapter, out=tmp_path)
    saved = {finding.status for finding in read_findings(tmp_path / "03.json")}
    assert saved == {"answered", "failed"}
    with pytest.raises(ValueError, match=said):
        save_findings("03", Answer((bad,)), out=tmp_path)


def test_a_chapter_does_not_write_over_another(tmp_path):
    save_findings("03", Answer((GOOD,)), out=tmp_path)
    save_findings("03", Answer((replace(GOOD, requirement="A2"),)), out=tmp_path)
    other = Finding(
        id="B1.next_month_return", requirement="B1", question="?", status="skipped", reason="no orders"
    )
    with pytest.raises(ValueError, match="another chapter"):
        save_findings("03", Answer((other,)), out=tmp_path)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"estimate": 100.0, "high": 100.0}, ""),
        ({"estimate": 100.0 + 1e-10, "high": 101.0}, ""),
        ({"estimate": 100.1, "high": 101.0}, "A1.common_ground is 100.1, outside 0 to 100 % of customers"),
        ({"estimate": 0.0, "low": 0.0}, ""),
        ({"estimate": -0.1, "low": -1.0}, "A1.common_ground is -0.1, outside 0 to 100 % of customers"),
        ({"n": 1}, ""),
        ({"n": 0}, "A1.common_ground rests on n = 0, which is no positive whole number"),
        ({"n": 2.5}, "A1.common_ground rests on n = 2.5, which is no positive whole number"),
        ({"id": "A1.made_up"}, "A1.made_up is in no registry"),
    ],
)
def test_each_rule_at_its_edge(change, fault):
    assert faults_of([replace(GOOD, **change)]) == ([fault] if fault else [])


def test_what_is_skipped_is_not_checked_and_what_follows_it_is():
    skip = Finding(id="A1.made_up", requirement="A1", question="?", status="skipped", reason="no shares")
    assert faults_of([skip, replace(GOOD, n=0)]) == [
        "A1.common_ground rests on n = 0, which is no positive whole number"
    ]
    assert len(faults_of([replace(GOOD, id="A1.made_up"), replace(GOOD, n=0)])) == 2
    raw = replace(GOOD, id="A1.raw_gap", estimate=-400.0, low=-500.0, high=5.0)
    assert faults_of([replace(GOOD, id="A1.made_up"), raw]) == ["A1.made_up is in no registry"]


def test_saving_says_how_many_and_where(tmp_path, monkeypatch, capsys):
    skip = Finding(id="A2", requirement="A2", question="?", status="skipped", reason="no experiments")
    broken = replace(skip, id="A3", requirement="A3", status="failed", reason="it broke")
    save_findings("03", Answer((GOOD, skip, broken)), out=tmp_path)
    assert capsys.readouterr().out == "03: 1 finding answered, 1 question skipped, 1 section failed\n"
    save_findings("03", Answer((GOOD,)), out=tmp_path)
    assert capsys.readouterr().out == "03: 1 finding answered, 0 questions skipped\n"
    monkeypatch.setattr("helpers.report.saving.project_folder", lambda: tmp_path)
    save_findings("03", Answer((GOOD,)))
    assert (tmp_path / "reports" / "interactive" / "03.json").is_file()


def test_skips_of_one_requirement_are_joined_with_every_reason(tmp_path):
    one = Finding(
        id="A1", requirement="A1", question="?", status="skipped", reason="No shares.", reading="No shares."
    )
    two = replace(one, reason="No likes.", reading="No likes.")
    other = replace(one, segment="b")
    save_findings("03", Answer((one, GOOD, two, one, other)), out=tmp_path)
    saved = read_findings(tmp_path / "03.json")
    assert [finding.status for finding in saved] == ["answered", "skipped", "skipped"]
    assert (saved[1].reason, saved[1].reading) == ("No shares. No likes.", "No shares. No likes.")
    assert saved[2].reason == "No shares."


def test_joined_skips_have_one_frame_and_each_page_sentence_still_agrees(tmp_path):
    def skip(why):
        reason = not_answered(why)
        return Finding(
            id="A1", requirement="A1", question="?", status="skipped", reason=reason, reading=reason
        )

    skips = [
        skip(why) for why in ("it needs ties. Bring them.", "it needs shares.", "it needs ties. Bring them.")
    ]
    save_findings("03", Answer(tuple(skips)), out=tmp_path)
    (saved,) = read_findings(tmp_path / "03.json")
    assert saved.reading == "Not answered: it needs ties. Bring them; it needs shares."
    page = read_page("".join(map(paragraph, skips)))
    assert disagreements(page, [saved]) == []
    assert disagreements(page, [replace(saved, reading="Not answered: it needs ties. Bring them.")])


def test_a_failure_beside_a_skip_of_the_same_requirement_is_kept_as_a_failure(tmp_path):
    skip = Finding(id="A1", requirement="A1", question="?", status="skipped", reason="No shares.")
    broken = replace(skip, status="failed", reason="It broke.")
    for name, both in (("a", (skip, broken)), ("b", (broken, skip))):
        save_findings(name, Answer(both), out=tmp_path)
        (saved,) = read_findings(tmp_path / f"{name}.json")
        assert saved.status == "failed"
        assert {"No shares.", "It broke."} <= {*saved.reason.replace(". ", ".|").split("|")}


def test_a_notebook_that_is_silent_on_a_question_is_not_saved(tmp_path):
    spec = registry()["C1.tier_share"]
    questions = {one.question for one in registry().values() if one.requirement.startswith("C")}
    chapter = Chapter(shop=None)
    for one in sorted(questions):
        requirement = next(spec.requirement for spec in registry().values() if spec.question == one)
        result = Skipped(requirement=requirement, question=one, reason="Not answered: no tables.")
        chapter.sections.append(Section(result, requirement=requirement, question=one))
    save_findings("04_segmentation", chapter, out=tmp_path)
    chapter.sections = [one for one in chapter.sections if one.requirement != "C1"]
    with pytest.raises(ValueError, match=f"nothing is said of “{re.escape(spec.question)}”"):
        save_findings("04_segmentation", chapter, out=tmp_path / "other")
    save_findings("my_own", chapter, out=tmp_path)


def test_a_question_of_one_finding_is_missed_by_its_name():
    specs = list(registry().values())
    files = [one.registry for one in specs]
    single = next(one for one in specs if one.requirement[0] == "A" and files.count(one.registry) == 1)
    other = next(one for one in specs if one.requirement[0] == "A" and one.requirement != single.requirement)
    said = skipped(requirement=other.requirement, question=other.question, reason="no tables.")
    assert single.question in silent_questions([said])


@pytest.mark.parametrize(
    ("estimate", "beyond", "is_fault"),
    [(0.5, 0.5e-9, False), (0.5, 1.5e-9, True), (1e6, 1e-4, False), (1e6, 1e-2, True)],
)
def test_what_rounding_leaves_is_no_fault(estimate, beyond, is_fault):
    money = replace(GOOD, id="B4.aov", estimate=estimate, low=0.1, high=estimate - beyond)
    assert any("its own interval" in fault for fault in faults_of([money])) is is_fault
