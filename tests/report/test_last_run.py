"""Earlier reports are found beside the run's own staging folder, of the same data alone."""

import json
from dataclasses import replace

import pytest

from helpers.report import Finding, write_findings
from helpers.report.last_run import RunRecord, earlier_run, this_run_and_last

RUN = RunRecord(
    run="20260101-000000", data="shop", data_until="2025-12-31", inputs={"orders": "a"}, commit="abc",
    parameters={},
)  # fmt: skip
NEXT = replace(RUN, run="20260201-000000", data_until="2026-01-31")
FOUND = Finding(
    id="A1.raw_gap",
    requirement="A1",
    question="?",
    estimate=1.0,
    low=0.5,
    high=1.5,
    n=9,
    method="m",
    reading="r",
)


def write_run(folder, record, findings=()):
    folder.mkdir(parents=True)
    entry = {
        "run": record.run,
        "data": record.data,
        "data_until": record.data_until,
        "inputs": {name: {"sha256": sha} for name, sha in record.inputs.items()},
        "commit": record.commit,
        "changed": False,
        "parameters": record.parameters,
    }
    (folder / "manifest.json").write_text(json.dumps(entry), encoding="utf-8")
    write_findings(findings, folder / "findings.json")


@pytest.fixture
def out(tmp_path):
    write_run(tmp_path / ".staging-1", NEXT)
    return tmp_path / ".staging-1" / "findings"


def test_the_report_before_is_read_back(tmp_path, out):
    write_run(tmp_path / "latest", RUN, [FOUND])
    now, last = this_run_and_last(out)
    assert (now.run, last.run) == (NEXT.run, RUN.run)
    assert [one.id for one in last.findings] == ["A1.raw_gap"]


@pytest.mark.parametrize("fault", ["other data", "cut manifest", "cut findings", "none"])
def test_it_is_none_where_it_is_another_shops_or_damaged(tmp_path, out, fault):
    if fault != "none":
        write_run(tmp_path / "latest", replace(RUN, data="other" if fault == "other data" else "shop"))
    if fault.startswith("cut"):
        name = "manifest.json" if fault == "cut manifest" else "findings.json"
        (tmp_path / "latest" / name).write_text('[{"id"', encoding="utf-8")
    now, last = this_run_and_last(out)
    assert now is not None
    assert last is None


def test_a_notebook_by_hand_belongs_to_no_run(tmp_path):
    assert this_run_and_last("") == (None, None)
    assert this_run_and_last(tmp_path / "interactive") == (None, None)
    assert earlier_run("", None, days=7) is None


def test_an_earlier_run_is_the_newest_that_ends_days_before(tmp_path, out):
    days = {"20260110-000000": "2026-01-10", "20260118-000000": "2026-01-18", "20260130-000000": "2026-01-29"}
    for run, day in days.items():
        write_run(tmp_path / run, replace(RUN, run=run, data_until=day))
    write_run(
        tmp_path / "20260119-000000",
        replace(RUN, run="20260119-000000", data="other", data_until="2026-01-19"),
    )
    (tmp_path / "20260120-000000").mkdir()
    assert earlier_run(out, NEXT, days=7).run == "20260118-000000"
    assert earlier_run(out, NEXT, days=20).run == "20260110-000000"
    assert earlier_run(out, NEXT, days=90) is None


def test_data_without_times_have_no_earlier_run(tmp_path, out):
    write_run(tmp_path / RUN.run, RUN)
    assert earlier_run(out, replace(NEXT, data_until="an unknown day"), days=7) is None


def test_a_part_is_compared_with_the_same_part_alone(tmp_path, out):
    """`latest` is of the whole; a report of a part stands behind it, beside one of another part."""
    part = replace(RUN, data="shop, category = “hats”")
    write_run(tmp_path / "latest", replace(RUN, run="20260120-000000"))
    write_run(tmp_path / part.run, part, [FOUND])
    write_run(
        tmp_path / "20260102-000000", replace(part, run="20260102-000000", data="shop, category = “tea”")
    )
    write_run(tmp_path / ".staging-2", replace(part, run=NEXT.run, data_until=NEXT.data_until))
    now, last = this_run_and_last(tmp_path / ".staging-2" / "findings")
    assert (last.run, last.data) == (part.run, part.data)
    assert [one.id for one in last.findings] == ["A1.raw_gap"]
    assert earlier_run(tmp_path / ".staging-2" / "findings", now, days=7).data == part.data
