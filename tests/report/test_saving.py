"""Findings are checked as they are made and saved; what is impossible fails its section and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from helpers.report import Chapter, Failed, Finding, read_findings, save_findings
from helpers.report.saving import faults_of

GOOD = Finding(
    id="A1.common_ground", requirement="A1", question="?", estimate=90.0, low=80.0, high=95.0, n=900,
    unit="% of customers", method="counting", reading="Ninety of a hundred.",
)  # fmt: skip
BAD = {
    "is in no registry": {"id": "A1.made_up"},
    "outside 0 to 100": {"estimate": 140.0, "high": 150.0},
    "no positive whole number": {"n": 0},
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
    save_findings("03", Answer((GOOD,)), out=tmp_path)
    other = Finding(
        id="B1.next_month_return", requirement="B1", question="?", status="skipped", reason="no orders"
    )
    with pytest.raises(ValueError, match="another chapter"):
        save_findings("03", Answer((other,)), out=tmp_path)
