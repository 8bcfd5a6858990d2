"""Past runs: list them, delete old ones safely, say whether the newest good one is fresh."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.command.manifest import read_manifest
from helpers.command.run_store import FAILED, HISTORY, Shelf
from helpers.command.trail import hash_of
from helpers.report.finding import Finding, read_findings
from helpers.report.page import MOST_RUNS, history_page
from helpers.report.past import Past, courses, trends


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A finished run as its manifest states it."""

    run: str
    folder: Path
    status: str
    ended: dt.datetime
    wall_seconds: float
    data: str
    chapters: tuple[str, ...]
    is_latest: bool

    @property
    def is_good(self) -> bool:
        """Whether it was published."""
        return self.status == "published"

    @property
    def entry(self) -> dict[str, object]:
        """The run for another program."""
        return {
            "run": self.run,
            "status": self.status,
            "ended": self.ended.isoformat(timespec="seconds"),
            "wall_seconds": round(self.wall_seconds, 1),
            "data": self.data,
            "chapters": list(self.chapters),
            "latest": self.is_latest,
        }

    @property
    def line(self) -> str:
        """The run in one line."""
        mark = "latest" if self.is_latest else ""
        numbers = ",".join(chapter[:2] for chapter in self.chapters)
        return (
            f"{self.run:<17}{self.status:<15}{self.wall_seconds:>7.0f} s  {self.data:<18} {numbers:<20}{mark}"
        )


def past_runs(shelf: Shelf) -> tuple[PastRun, ...]:
    """Return all finished runs, oldest first."""
    latest = shelf.latest
    return tuple(_past(folder, latest) for folder in shelf.runs())


def on_shelf(runs: Iterable[PastRun], shelf: Shelf) -> tuple[PastRun, ...]:
    """Return the runs that lie among the published ones."""
    return tuple(run for run in runs if run.folder.parent == shelf.folder)


def told_past(runs: Iterable[PastRun]) -> tuple[Past, ...]:
    """Return what the history tells of runs, oldest first; of a damaged one that it is damaged."""
    return tuple(_told(run) for run in runs)


def _told(run: PastRun) -> Past:
    try:
        entry = read_manifest(run.folder)
        return Past(
            run=run.run,
            status=run.status,
            data=run.data,
            data_until=str(entry.get("data_until") or ""),
            fingerprint=_mark({name: table["sha256"] for name, table in (entry.get("inputs") or {}).items()}),
            asked=_mark({"parameters": entry.get("parameters"), "as_of": entry.get("as_of")}),
            commit=str(entry.get("commit") or "")[:10] + ("+" if entry.get("changed") else ""),
            failed=(*entry.get("failed_sections", ()), *entry.get("lost_chapters", ()))
            or tuple(filter(None, [str(entry.get("failure") or "").partition("\n")[0]])),
            findings=_findings(run),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Past(run=run.run, status=run.status, data=run.data)


def _mark(entry: Mapping[str, Any]) -> str:
    return hash_of(entry)[:8] if entry else ""


def _findings(run: PastRun) -> tuple[Finding, ...]:
    """What a run told; none where its file is missing or damaged, which costs it no more than its trends."""
    try:
        return read_findings(run.folder / "findings.json") if run.folder.parent.name != FAILED else ()
    except (OSError, ValueError, TypeError):
        return ()


def history_lines(runs: Sequence[Past]) -> list[str]:
    """Return the history in text: by shop how figures went, which verdicts changed, what failed."""
    lines = []
    for data in dict.fromkeys(run.data for run in runs):
        own = [run for run in runs if run.data == data][-MOST_RUNS:]
        told = [run for run in own if run.findings]
        found = [trend.line for trend in trends(told)]
        changed = [one for one in courses(told) if one.has_changed]
        found += [
            f"{one.id:<28}{' → '.join(verdict or '–' for verdict in one.verdicts)}  ({one.about})"
            for one in changed
        ]
        found += [f"{run.run}: failed: {', '.join(run.failed)}" for run in own if run.failed]
        lines += [f"{data}:", *(f"  {line}" for line in found)] if found else []
    return lines


def history_entries(runs: Sequence[PastRun]) -> list[dict[str, object]]:
    """Return the runs for another program: how each ended, its marks, figures, verdicts and failures."""
    return [{**run.entry, **_entry(past)} for run, past in zip(runs, told_past(runs), strict=True)]


def _entry(past: Past) -> dict[str, object]:
    figures = {one.id: one.points[0] for one in trends([past])}
    return {
        "data_until": past.data_until,
        "tables": past.fingerprint,
        "parameters": past.asked,
        "code": past.commit,
        "failed": list(past.failed),
        "figures": {
            id: {"estimate": point.estimate, "low": point.low, "high": point.high, "again": point.again}
            for id, point in figures.items()
        },
        "verdicts": {
            " of ".join(filter(None, one.key)): one.verdict
            for one in past.findings
            if one.status == "answered" and one.verdict != "reported"
        },
    }


def keep_history(shelf: Shelf) -> None:
    """Write the page of past runs beside them; what stops it is said and costs no run its end."""
    try:
        runs = past_runs(shelf)
        linked = {run.run for run in on_shelf(runs, shelf) if (run.folder / "index.html").is_file()}
        shelf.write_history(history_page(told_past(runs), linked=linked))
    except Exception as error:
        print(f"workbench: {HISTORY} stays as it was: {type(error).__name__}: {error}", file=sys.stderr)


def to_delete(runs: Iterable[PastRun], *, keep: int, keep_failed: int) -> tuple[PastRun, ...]:
    """Return the runs that may go, oldest first.

    Kept are the newest `keep` good runs, the newest `keep_failed` others, the last good run of each month,
    and always what `latest` points to.
    """
    runs = tuple(runs)
    good = [run for run in runs if run.is_good]
    others = [run for run in runs if not run.is_good]
    month_ends = {run.run[:6]: run for run in good}.values()
    kept = {run.run for run in (*_newest(good, keep), *_newest(others, keep_failed), *month_ends)}
    return tuple(run for run in runs if run.run not in kept and not run.is_latest)


def delete(run: PastRun) -> None:
    """Delete one run: out of sight by one rename first, so that nobody reads half of it."""
    parent = run.folder.parent.parent if run.folder.parent.name == FAILED else run.folder.parent
    shutil.rmtree(run.folder.rename(parent / f".staging-deleted-{run.run}"))


def delete_load(folder: Path) -> None:
    """Delete loaded tables: out of sight by one rename first, so that no run opens half of them."""
    shutil.rmtree(folder.rename(folder.with_name(f".deleted-{folder.name}")))


def age_hours(runs: Iterable[PastRun]) -> float | None:
    """Return the hours since the newest good run ended, or None when there is no good run."""
    ends = [run.ended for run in runs if run.is_good]
    return (dt.datetime.now(dt.UTC) - max(ends)).total_seconds() / 3600 if ends else None


def _newest(runs: list[PastRun], count: int) -> list[PastRun]:
    return runs[max(0, len(runs) - count) :]


def _past(folder: Path, latest: Path | None) -> PastRun:
    try:
        entry = read_manifest(folder)
        ended = dt.datetime.fromisoformat(entry["ended"])
    except (ValueError, KeyError, TypeError):
        return _damaged(folder, latest)
    return PastRun(
        run=folder.name,
        folder=folder,
        status=str(entry.get("status")),
        ended=ended if ended.tzinfo else ended.replace(tzinfo=dt.UTC),
        wall_seconds=float(entry.get("wall_seconds") or 0.0),
        data=str(entry.get("data")),
        chapters=tuple(entry["chapters"]),
        is_latest=folder.resolve() == latest,
    )


def _damaged(folder: Path, latest: Path | None) -> PastRun:
    """A folder named like a run whose manifest is missing, cut short or foreign: listed, never trusted."""
    changed = dt.datetime.fromtimestamp(folder.stat().st_mtime, dt.UTC)
    return PastRun(
        run=folder.name,
        folder=folder,
        status="damaged",
        ended=changed,
        wall_seconds=0.0,
        data="?",
        chapters=(),
        is_latest=folder.resolve() == latest,
    )
