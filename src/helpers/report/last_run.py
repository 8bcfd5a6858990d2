"""Earlier reports of the same data: what each found, on which data, by which code and parameters."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.report.finding import Finding, read_findings


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run as its manifest states it.

    data: the name of the shop's data. data_until: their last day. inputs: table to fingerprint.
    commit: of the code, with "+" where files differed from it. parameters: by notebook. findings: what it
    found; empty for the run that is going on.
    """

    run: str
    data: str
    data_until: str
    inputs: Mapping[str, str]
    commit: str
    parameters: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()

    @property
    def last_day(self) -> dt.date | None:
        """The last day of its data; None where these carry no times."""
        try:
            return dt.date.fromisoformat(self.data_until)
        except ValueError:
            return None


def this_run_and_last(out: str | os.PathLike) -> tuple[RunRecord | None, RunRecord | None]:
    """Return the run whose findings go to `out` and the latest report of the same data, or part, before it.

    Either is None where it is not there: a notebook that is run by hand belongs to no run.
    """
    staging = Path(out).parent if out else None
    now = _record(staging) if staging else None
    if staging is None or now is None:
        return None, None
    before = next(_runs_before(staging.parent, now), None)
    if before is None:
        return now, None
    folder, last = before
    try:
        found = read_findings(folder / "findings.json")
    except (OSError, ValueError):
        return now, None  # a damaged report is as good as none
    return now, RunRecord(**{**last.__dict__, "findings": found})


def _runs_before(reports: Path, now: RunRecord) -> Iterator[tuple[Path, RunRecord]]:
    """Yield the reports of the same data with their folders, `latest` first, then the newest.

    `latest` stays with the whole shop, so that a report of a part finds those of that part behind it.
    """
    for folder in (reports / "latest", *sorted(reports.glob("[0-9]*-[0-9]*"), reverse=True)):
        record = _record(folder)
        if record is not None and record.data == now.data and record.run != now.run:
            yield folder, record


def earlier_run(out: str | os.PathLike, now: RunRecord | None, *, days: int) -> RunRecord | None:
    """Return the newest report of the same data that ends at least `days` days before this run's data do.

    Its findings are not read: only what it saw counts. None where there is none, or no run is going on.
    """
    if now is None or now.last_day is None:
        return None
    latest_day = now.last_day - dt.timedelta(days=days)
    records = (record for _, record in _runs_before(Path(out).parent.parent, now))
    ended = (one for one in records if one.last_day is not None and one.last_day <= latest_day)
    return max(ended, key=lambda one: one.run, default=None)


def _record(folder: Path) -> RunRecord | None:
    try:
        entry = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return RunRecord(
            run=str(entry["run"]),
            data=str(entry["data"]),
            data_until=str(entry["data_until"]),
            inputs={name: str(table["sha256"]) for name, table in entry["inputs"].items()},
            commit=f"{entry['commit']}{'+' if entry['changed'] else ''}",
            parameters=entry["parameters"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
