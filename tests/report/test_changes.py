"""What changed since the report before: planted changes are found, unchanged shops show none."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers.report import Finding, registry, write_findings
from helpers.report.changes import _figures, what_changed
from helpers.report.last_run import RunRecord, this_run_and_last
from helpers.report.question import Skipped
from helpers.report.withholding import held

RUN = RunRecord(
    run="20260101-000000",
    data="shop",
    data_until="2025-12-31",
    inputs={"orders": "a"},
    commit="abc",
    parameters={"02": {"window_days": 90}},
)
NEXT = replace(RUN, run="20260201-000000", data_until="2026-01-31", inputs={"orders": "b"})


def finding(id, estimate, error=1.0, **changes):
    given = {
        "id": id,
        "requirement": id.partition(".")[0],
        "question": "?",
        "estimate": estimate,
        "low": estimate - 1.96 * error,
        "high": estimate + 1.96 * error,
        "unit": "%",
        "n": 1000,
        "method": "m",
        "reading": "r",
    }
    return Finding(**{**given, **changes})


def drawn(rng, shift=0.0):
    return [finding(id, 50 + shift + rng.normal()) for id in _figures()]


def changes(before, after, now=NEXT, last=RUN):
    return what_changed(after, now, replace(last, findings=tuple(before)))


def settled(answer):
    return [one for one in answer.findings if one.verdict in ("supported", "contradicted")]


def test_figures_are_at_most_twelve_and_exist():
    assert len(_figures()) <= 12
    assert [id for id in _figures() if id not in registry()] == []


def test_an_unchanged_shop_shows_a_change_in_at_most_one_of_twenty_pairs():
    rng = np.random.default_rng(1)
    false = sum(bool(settled(changes(drawn(rng), drawn(rng)))) for _ in range(400))
    assert false / 400 <= 0.075, "5 % and three standard errors"


def test_a_planted_change_is_found_and_said_with_its_direction():
    rng = np.random.default_rng(2)
    before, after = drawn(rng), drawn(rng)
    answer = changes(before, [replace(after[0], estimate=60.0, low=58.0, high=62.0), *after[1:]])
    (found,) = settled(answer)
    assert (found.segment, found.verdict) == (_figures()[0], "supported")
    assert "up since 2025-12-31 by" in found.reading
    answer = changes(before, [replace(after[0], estimate=40.0, low=38.0, high=42.0), *after[1:]])
    assert "down since 2025-12-31 by" in settled(answer)[0].reading


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (replace(NEXT, commit="def"), "the code changed too (abc to def)"),
        (replace(NEXT, parameters={"02": {"window_days": 60}}), "parameters changed too (window_days)"),
    ],
)
def test_what_the_report_changed_is_not_ascribed_to_the_shop(now, said):
    answer = changes([finding(_figures()[0], 40.0)], [finding(_figures()[0], 60.0)], now=now)
    assert settled(answer) == []
    assert said in answer.findings[0].reading


def test_flipped_verdicts_name_what_may_be_why():
    before = [finding(_figures()[0], 1.0), finding("A1.raw_gap", 3.0, verdict="supported", segment="x")]
    after = [finding(_figures()[0], 1.0), finding("A1.raw_gap", 1.0, verdict="not settled", segment="x")]
    (row,) = changes(before, after, now=replace(NEXT, commit="def")).flips.to_dict("records")
    assert (row["id"], row["of"], row["before"], row["now"]) == (
        "A1.raw_gap",
        "x",
        "supported",
        "not settled",
    )
    assert row["why it may be"] == "data and code"


@pytest.mark.parametrize(
    ("now", "last", "said"),
    [
        (None, None, "in a report run"),
        (NEXT, None, "no earlier report"),
        (replace(RUN, run="later"), RUN, "same data"),
    ],
)
def test_what_cannot_be_compared_is_skipped(now, last, said):
    found = [finding(_figures()[0], 1.0)]
    answer = what_changed(found, now, last and replace(last, findings=tuple(found)))
    assert isinstance(answer, Skipped)
    assert said in answer.reason


@pytest.mark.parametrize("which", ["before", "now"])
def test_what_stands_as_told_last_is_not_compared_and_that_is_said(which):
    first, second, *_ = _figures()
    before = [finding(first, 40.0), finding(second, 40.0, verdict="supported")]
    after = [finding(first, 40.5), finding(second, 60.0, verdict="contradicted")]
    assert len(changes(before, after).findings) == 2
    assert list(changes(before, after).flips["id"]) == [second]
    at = before if which == "before" else after
    at[1] = held(at[1], run="20251201-000000")
    answer = changes(before, after)
    assert [one.segment for one in answer.findings] == [first]
    assert answer.flips.empty
    picture = answer.draw()
    assert picture.figure.get_suptitle().endswith("since 2025-12-31; 1 not compared")
    assert "1 figure is not compared, as it stands as an earlier report told it." in picture.alt
    alone = changes(before[1:], after[1:])
    assert "stand as an earlier report told them" in alone.reason


def test_a_picture_claims_only_what_is_settled():
    quiet = changes([finding(_figures()[0], 40.0)], [finding(_figures()[0], 40.5)]).draw()
    assert "not settled" in quiet.alt
    title = quiet.figure.get_suptitle()
    assert title == "None of 1 figure changed beyond chance since 2025-12-31"


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


class TestLastRun:
    """The report before is found beside the run's own staging folder, of the same data alone."""

    def test_is_read_back(self, tmp_path):
        write_run(tmp_path / "latest", RUN, [finding(_figures()[0], 40.0)])
        write_run(tmp_path / ".staging-1", NEXT)
        now, last = this_run_and_last(tmp_path / ".staging-1" / "findings")
        assert (now.run, last.run) == (NEXT.run, RUN.run)
        assert [one.id for one in last.findings] == [_figures()[0]]

    @pytest.mark.parametrize("fault", ["other data", "cut manifest", "cut findings", "none"])
    def test_is_none_where_it_is_another_shops_or_damaged(self, tmp_path, fault):
        write_run(tmp_path / ".staging-1", NEXT)
        if fault != "none":
            write_run(tmp_path / "latest", replace(RUN, data="other" if fault == "other data" else "shop"))
        if fault.startswith("cut"):
            name = "manifest.json" if fault == "cut manifest" else "findings.json"
            (tmp_path / "latest" / name).write_text('[{"id"', encoding="utf-8")
        now, last = this_run_and_last(tmp_path / ".staging-1" / "findings")
        assert now is not None
        assert last is None

    def test_a_notebook_by_hand_belongs_to_no_run(self, tmp_path):
        assert this_run_and_last("") == (None, None)
        assert this_run_and_last(tmp_path / "interactive") == (None, None)
