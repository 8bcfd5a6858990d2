"""A finding carries everything needed to judge it, or is refused."""

from __future__ import annotations

import json

import pytest

from helpers.report import Finding, read_findings, save_findings, skipped, write_findings
from helpers.report.question import Skipped

GOOD = {
    "id": "A1.gap",
    "requirement": "A1",
    "question": "How large?",
    "estimate": 3.1,
    "low": 1.8,
    "high": 4.4,
}
GOOD |= {"n": 900, "unit": "pp of customers", "method": "difference", "reading": "3.1 pp more return."}


def test_findings_survive_the_file(tmp_path):
    findings = (
        Finding(**GOOD, assumptions=("no unseen trait", "口红")),
        skipped(requirement="A2", question="Does it?", reason="Not answered: no experiments."),
    )
    path = write_findings(findings, tmp_path / "deep" / "a.json")
    assert read_findings(path) == findings
    assert json.loads(path.read_text())[0]["level"] == 0.95
    assert not list(tmp_path.rglob("*.part"))


def test_the_share_without_an_effect_leaves_with_the_digits_of_the_effect(tmp_path):
    path = write_findings([Finding(**GOOD, untreated=41.23456)], tmp_path / "a.json")
    assert json.loads(path.read_text())[0]["untreated"] == 41.2
    assert read_findings(path)[0].untreated == 41.2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"estimate": None}, "estimate is None"),
        ({"estimate": float("nan")}, "finite"),
        ({"high": float("inf")}, "finite"),
        ({"low": 9.0}, "above high"),
        ({"n": None}, "states n, method and reading"),
        ({"method": ""}, "states n, method and reading"),
        ({"reading": ""}, "states n, method and reading"),
        ({"verdict": "true"}, "verdict 'true'"),
        ({"status": "open"}, "status 'open'"),
        ({"status": "skipped"}, "needs the reason"),
    ],
)
def test_contradiction_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        Finding(**{**GOOD, **changes})


def test_repeated_id_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"repeated: A1\.gap"):
        write_findings([Finding(**GOOD), Finding(**GOOD)], tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "[", '{"id": 1}', '["A1"]', '[{"id": "A1", "colour": 1}]'])
def test_broken_file_is_named(tmp_path, text):
    path = tmp_path / "03_uplift.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"03_uplift\.json"):
        read_findings(path)


def test_notebook_saves_where_the_summary_looks(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path / "notebooks")
    skip = Skipped(requirement="A2", question="Does it?", reason="no experiments")
    save_findings("03_uplift", skip)
    assert read_findings(tmp_path / "reports" / "interactive" / "03_uplift.json") == skip.findings
    assert capsys.readouterr().out == "03_uplift: 0 findings answered, 1 question skipped\n"
    save_findings("03_uplift", skip, out=tmp_path / "x")
    assert (tmp_path / "x" / "03_uplift.json").exists()


def test_two_questions_of_one_requirement_are_skipped_once(tmp_path):
    skips = [
        Skipped(requirement="B4", question="AOV?", reason=f"no {what}.") for what in ("prices", "orders")
    ]
    save_findings("02", *skips, out=tmp_path)
    (entry,) = read_findings(tmp_path / "02.json")
    assert entry.reason == "no prices. no orders."
