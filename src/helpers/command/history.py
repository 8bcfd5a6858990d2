"""Past runs: list them, delete old ones safely, say whether the newest good one is fresh."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.command.manifest import read_manifest
from helpers.command.run_store import FAILED, Shelf


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
            f"{self.run:<17}{self.status:<15}{self.wall_seconds:>7.0f} s  {self.data:<18}{numbers:<20}{mark}"
        )


def past_runs(shelf: Shelf) -> tuple[PastRun, ...]:
    """Return all finished runs, oldest first."""
    latest = shelf.latest
    return tuple(_past(folder, latest) for folder in shelf.runs())


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
