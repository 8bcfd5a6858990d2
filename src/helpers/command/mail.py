"""mail.html: what a reader should be told of a run; there is none where there is nothing to tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.command.alerts import Alert
from helpers.command.outcome import Exit, Refusal
from helpers.report.finding import Finding
from helpers.report.flips import flipped_verdicts
from helpers.report.formats import count
from helpers.report.judge import page_faults
from helpers.report.last_run import RunRecord
from helpers.report.page import Stamp, mail_page
from helpers.report.page_reader import read_page
from helpers.report.registry import about_of

FILE = "mail.html"
MOST_BYTES = 100_000
_MOST_FLIPS = 40


@dataclass(frozen=True, kw_only=True)
class News:
    """What is to be told of a run: sections and chapters that failed, alerts, verdicts that flipped."""

    failed: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    flips: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What there is, in a few words; empty where there is nothing."""
        said = [
            count(len(self.failed), "failure") if self.failed else "",
            count(len(self.alerts), "alert") if self.alerts else "",
            count(len(self.flips), "verdict that flipped", "verdicts that flipped") if self.flips else "",
        ]
        return ", ".join(filter(None, said))


def news(
    findings: Sequence[Finding],
    *,
    alerts: Iterable[Alert],
    failed_sections: Iterable[str],
    lost: Mapping[str, str],
    now: RunRecord | None,
    last: RunRecord | None,
) -> News:
    """Return what this run tells that the report before did not.

    failed_sections: requirements whose section failed. lost: chapters that failed, with the reason. now,
    last: this run and the report before of the same data (see `this_run_and_last`).
    """
    before = last.findings if last is not None else ()
    failed = [f"Section {section} failed; the run's log has the details." for section in failed_sections]
    failed += [f"Chapter {name} could not be made: {reason}" for name, reason in lost.items()]
    told = (alert.told(findings, before) for alert in alerts)
    return News(failed=tuple(failed), alerts=tuple(filter(None, told)), flips=_flips(findings, now, last))


def _flips(findings: Sequence[Finding], now: RunRecord | None, last: RunRecord | None) -> tuple[str, ...]:
    rows = flipped_verdicts(findings, now, last).to_dict("records")
    said = tuple(_flip(row) for row in rows[:_MOST_FLIPS])
    more = len(rows) - len(said)
    return (*said, f"And {more} more: chapter 08 lists them.") if more else said


def _flip(row: Mapping[str, object]) -> str:
    segment = row["of"] if isinstance(row["of"], str) else None  # pandas makes nan of no segment
    about = about_of(str(row["id"]), segment)
    return f"{row['id']} ({about}): was “{row['before']}”, is “{row['now']}”. {row['what differed']}"


def write_mail(
    told: News, folder: Path, *, stamp: Stamp, parameters: Mapping[str, Mapping[str, object]]
) -> str:
    """Write mail.html into a run's folder, unless there is nothing to tell; return its name, or nothing.

    Raises Refusal where it must not be published.
    """
    if not told.subject:
        return ""
    page = mail_page(
        stamp=stamp, subject=told.subject, failed=told.failed, alerts=told.alerts, flips=told.flips,
        parameters=[(book, name, value) for book, own in parameters.items() for name, value in own.items()],
    )  # fmt: skip
    faults = page_faults(read_page(page))
    if len(page.encode()) > MOST_BYTES:
        faults.append(f"it has {len(page.encode()):,} bytes; at most {MOST_BYTES:,}")
    if faults:
        raise Refusal(Exit.NOT_PUBLISHED, f"{FILE}: {'; '.join(faults)}")
    (folder / FILE).write_text(page, encoding="utf-8")
    return FILE
