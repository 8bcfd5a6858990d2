"""One run from request to published report: load once, execute, judge, publish what can be stood by."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType

from helpers.command import manifest as record
from helpers.command.chapter import make_page, run_chapter, without_folder
from helpers.command.execute import Job
from helpers.command.history import keep_history, on_shelf, past_runs, told_past
from helpers.command.inputs import Prepare, load_apart, named, prepare
from helpers.command.kept import KeptChapter, mark_of, mark_of_code, mark_of_findings, place_of, rests_on
from helpers.command.kernel import import_rooms
from helpers.command.lock import only_run
from helpers.command.mail import news, write_mail
from helpers.command.manifest import Manifest
from helpers.command.notebooks import RELEASE, Notebook, waves
from helpers.command.outcome import Exit, Outcome, Refusal
from helpers.command.parameters import Value
from helpers.command.plan import Plan, Request
from helpers.command.processes import ChildFailed, side_by_side
from helpers.command.progress import Log
from helpers.command.publish import write_pages
from helpers.command.releases import (
    LastRelease,
    Told,
    apply,
    asked_by,
    decide,
    list_hidden,
    told_beside,
    told_by,
    told_otherwise,
)
from helpers.command.run_store import Shelf
from helpers.command.trail import Line, Trail, hash_of
from helpers.data.part import parse_part
from helpers.data.receipt import Receipt
from helpers.report.cells import LAST_TOLD, cells_in, write_cells
from helpers.report.finding import read_findings
from helpers.report.formats import count, listed
from helpers.report.last_run import this_run_and_last
from helpers.report.page import Stamp
from helpers.report.past import Past, earlier_days


@dataclass(frozen=True, kw_only=True)
class Made:
    """A published run: its id, its exit code, and where it is not whole one sentence that says so.

    mail: the file of the run that tells what is new; empty where nothing is.
    """

    run: str
    code: Exit
    sentence: str = ""
    mail: str = ""


def check_data(plan: Plan, *, prepare: Prepare = prepare) -> None:
    """Load and judge the tables of a plan without running anything; raises Refusal when they are refused."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        _loaded(plan.request, out=Path(folder) / "data", say=Log(), prepare=prepare)


def report(plan: Plan, *, prepare: Prepare = prepare) -> Made:
    """Run the plan and publish; raises Refusal with exit code and reason where nothing is published."""
    shelf = Shelf(plan.request.out)
    with only_run(plan.request.out):
        shelf.clear_leftovers()
        run, staging = shelf.stage()
        try:
            with _stoppable():
                return _Run(plan, shelf, run, staging).go(prepare)
        finally:
            keep_history(shelf)


def _loaded(request: Request, *, out: Path, say: Log, prepare: Prepare) -> tuple[Path, Receipt]:
    """Load what a request names, kept in its cache where it names one."""
    return load_apart(
        request.data,
        source=request.source,
        currency=request.currency,
        timezone=request.timezone,
        where=request.where,
        as_of=request.as_of,
        out=out,
        say=say,
        prepare=prepare if request.cache is None else partial(prepare, cache=request.cache),
    )


class _Run:
    """The state of one run between its staging folder and its end."""

    def __init__(self, plan: Plan, shelf: Shelf, run: str, staging: Path) -> None:
        self.plan, self.shelf, self.run, self.staging = plan, shelf, run, staging
        self.request = plan.request
        self.log = Log(staging / "log.txt")
        self.started = time.monotonic()
        self.deadline = self.started + self.request.run_timeout_seconds
        self.code = record.code_entry(self.request.project)
        self.outcomes: dict[str, Outcome] = {}
        # The people of the demo market are nobody: what a run told of them binds no other.
        is_real = bool(self.request.data)
        shop = (self.request.out, named(self.request.data))
        self.last = LastRelease.of(*shop, part=self.part) if is_real else None
        self.beside = told_beside(*shop, part=self.part) if is_real else ()
        self.told: dict[str, Told] = {}
        self.marks: dict[str, str] = {}
        self.trail = Trail(self.request.out)
        self.line: Line | None = None
        for name in ("notebooks", "findings"):
            (staging / name).mkdir()
        self.manifest = Manifest(staging, self._asked())

    @property
    def part(self) -> str:
        """The part of the shop that is asked for alone; empty of the whole."""
        return parse_part(self.request.where).name if self.request.where else ""

    def go(self, prepare: Prepare) -> Made:
        try:
            folder, receipt = self._load(prepare)
            stamp = self._stamp(receipt)
            self.manifest.write(data_until=stamp.as_of)
            self._execute(folder, stamp)
            self._refuse_failures()
            self._put_lost_pages_aside()
            lost = {name: outcome.failure or "it failed" for name, outcome in self._lost.items()}
            write_pages(
                self.staging,
                self.plan.notebooks,
                stamp=stamp,
                receipt=receipt,
                lost=lost,
                signed=self._signed,
                earlier=self._earlier(stamp),
            )
            mail = self._write_mail(stamp)
            return replace(self._publish(), mail=mail)
        except BaseException as problem:
            self._set_aside(problem)
            raise

    def _load(self, prepare: Prepare) -> tuple[Path, Receipt]:
        started = time.monotonic()
        folder, receipt = _loaded(self.request, out=self.staging / "data", say=self.log, prepare=prepare)
        seconds = round(time.monotonic() - started, 2)
        self.manifest.write(**record.inputs_entry(receipt), loaded=folder.name, load_seconds=seconds)
        return folder, receipt

    def _execute(self, data: Path, stamp: Stamp) -> None:
        self.marks = {"data": mark_of(data), "code": mark_of_code()}
        for problem in import_rooms():
            self.log.keep(problem)
        groups = waves(self.plan.notebooks)
        telling = [group for group in groups if not any(book.reads_findings for book in group)]
        for group in telling:
            self._execute_group(group, data, stamp)
        self._audit([book for group in telling for book in group], data, stamp)
        for group in groups[len(telling) :]:
            self._execute_group(group, data, stamp)
        self.manifest.write(notebooks=[self.outcomes[book.name].entry() for book in self.plan.notebooks])

    def _execute_group(self, group: list[Notebook], data: Path, stamp: Stamp) -> None:
        jobs = [self._job(book, data) for book in group]
        # Before any of the group runs: its chapters read what the groups before it found.
        if any(RELEASE in book.reads for book in group):
            self._lay_out_last()
        tasks = [(job.notebook.name, partial(run_chapter, job, stamp, self._kept(job))) for job in jobs]
        for name, result in side_by_side(tasks, at_most=self.request.jobs, deadline=self.deadline):
            if isinstance(result, ChildFailed):
                self.log.keep(result.details)
                result = Outcome(notebook=name, status="failed", failure=str(result))
            self.outcomes[name] = result
            self.log(f"{_ending(result)}; {self._left()}")

    def _lay_out_last(self) -> None:
        """Write beside the findings what the last release told otherwise; nothing where it told the same."""
        findings = self.staging / "findings"
        if other := told_otherwise(self.last.told if self.last else {}, cells_in(findings)):
            write_cells(other, findings, LAST_TOLD)

    def _left(self) -> str:
        """Say how many chapters are left to be made."""
        left = len(self.plan.notebooks) - len(self.outcomes)
        return f"{count(left, 'chapter')} left" if left else "all chapters are made"

    def _audit(self, books: list[Notebook], data: Path, stamp: Stamp) -> None:
        """Decide once what may leave, for all chapters together, before any summary reads them."""
        jobs = {book.name: self._job(book, data) for book in books if self.outcomes[book.name].is_good}
        asked = {name: asked_by(self._all_values()[name]) for name in jobs}
        told = self.last.told if self.last else {}
        decision = decide(self.staging, jobs, told=told, asked=asked, beside=self.beside)
        for name in apply(decision, self.staging, jobs):
            self.outcomes[name] = make_page(jobs[name], stamp, self.outcomes[name])
        good = [name for name in jobs if self.outcomes[name].is_good]
        self.told = told_by(self.staging, good, decision, run=self.run, asked=asked)
        list_hidden(decision, self.staging / "notebooks")
        self.manifest.write(release=decision.audit.entry())

    def _job(self, book: Notebook, data: Path) -> Job:
        findings = self.staging / "findings" / f"{book.name}.json"
        given = {
            "data": self._seen_from_project(data),
            "as_of": self.request.as_of,
            "out": self._seen_from_project(self.staging / "findings"),
        }
        own = {name: value for name, value in given.items() if name in book.parameters}
        return Job(
            notebook=book,
            values={**own, **self.plan.values[book.name]},
            folder=self.staging,
            findings=findings,
            working_folder=self.request.project,
            cell_timeout_seconds=self.request.cell_timeout_seconds,
            section_timeout_seconds=self.request.section_timeout_seconds,
            log=self.log,
        )

    def _kept(self, job: Job) -> KeptChapter | None:
        """Where a chapter is kept; a summary, which compares with the report before, is always made anew."""
        if job.notebook.reads_findings:
            return None
        read = mark_of_findings(self.staging / "findings", job.notebook.reads)
        key = rests_on(job, read=read, **self.marks)
        return KeptChapter(
            folder=place_of(self.request.loads, job.notebook.name, key),
            key=key,
            run=self.run,
            force=self.request.force,
        )

    def _seen_from_project(self, path: Path) -> str:
        """Relative, so that executed notebooks name no folder of this machine."""
        return os.path.relpath(path.resolve(), self.request.project.resolve())

    @property
    def _lost(self) -> dict[str, Outcome]:
        """The chapters that could not be made."""
        return {name: outcome for name, outcome in self.outcomes.items() if not outcome.is_good}

    @property
    def _failed_sections(self) -> list[str]:
        return [name for outcome in self.outcomes.values() for name in outcome.failed_sections]

    def _refuse_failures(self) -> None:
        """Publish nothing where no chapter that answers questions was made, or a whole run was asked for."""
        lost, failed_sections = self._lost, self._failed_sections
        telling = [book.name for book in self.plan.notebooks if not book.reads_findings]
        nothing = all(name in lost for name in telling or self.outcomes)
        if not nothing and not (self.request.strict and (lost or failed_sections)):
            return
        only_pages = lost and all(outcome.status == "unpublishable" for outcome in lost.values())
        said = [f"  {name}: {outcome.failure}" for name, outcome in lost.items()]
        said += [f"  {name}: a section failed" for name in failed_sections]
        message = f"{len(lost)} of {count(len(self.outcomes), 'notebook')} cannot be published"
        raise Refusal(
            Exit.NOT_PUBLISHED if only_pages else Exit.NOTEBOOK_FAILED, "\n".join([f"{message}:", *said])
        )

    def _put_lost_pages_aside(self) -> None:
        """What a lost chapter came to is for the analyst, not for those who read the report."""
        for name in self._lost:
            page = self.staging / f"{name}.html"
            if page.exists():
                page.rename(self.staging / "notebooks" / page.name)

    def _signed(self) -> str:
        """Make the run's line of the trail, which the index prints; it is kept when the run is published."""
        entry = self.manifest.entry
        self.line = self.trail.line(
            "run",
            run=self.run,
            data=entry["data"],
            inputs=hash_of({"files": entry.get("files")}),
            code=self.code["commit"],
            parameters=hash_of({"parameters": entry["parameters"], "as_of": entry["as_of"]}),
            findings=record.sha256(self.staging / "findings.json"),
            audit=entry.get("release"),
        )
        return self.line.sentence

    def _write_mail(self, stamp: Stamp) -> str:
        """Write what is new since the report before; return the file's name, empty where nothing is."""
        now, last = this_run_and_last(self.staging / "findings")
        told = news(
            read_findings(self.staging / "findings.json"),
            alerts=self.plan.alerts,
            failed_sections=self._failed_sections,
            lost={name: outcome.failure or "it failed" for name, outcome in self._lost.items()},
            now=now,
            last=last,
        )
        return write_mail(told, self.staging, stamp=stamp, parameters=self._shown_values())

    def _publish(self) -> Made:
        self._drop_working_files()
        made = self._made()
        self.manifest.finish(
            "partial" if self._lost else "published",
            outputs=record.outputs_entry(self.staging),
            failed_sections=self._failed_sections,
            lost_chapters=sorted(self._lost),
            wall_seconds=round(time.monotonic() - self.started, 2),
        )
        # Before the run is seen: what might have been told is never forgotten.
        if self.last is not None:
            self.last.write(self.told)
        if self.line is not None:
            self.trail.keep(self.line)
        self.shelf.publish(self.staging, self.run)
        chapters = {book.name for book in self.plan.notebooks} - set(self._lost)
        if self.part:
            self.log(f"latest stays with the whole shop; this report is of {self.part}")
        elif not self._lost and self.shelf.latest_chapters() <= chapters:
            self.shelf.point_latest(self.run)
        else:
            self.log("latest stays where it is, since this run has fewer chapters")
        return made

    def _made(self) -> Made:
        lost, sections = sorted(self._lost), self._failed_sections
        if lost:
            sentence = f"published without {listed(lost)}, which failed; `latest` stays where it was"
            return Made(run=self.run, code=Exit.CHAPTERS_LOST, sentence=sentence)
        if sections:
            sentence = (
                f"published with failed sections ({listed(sections)}); log.txt of the run has the details"
            )
            return Made(run=self.run, code=Exit.SECTIONS_FAILED, sentence=sentence)
        return Made(run=self.run, code=Exit.DONE)

    def _drop_working_files(self) -> None:
        shutil.rmtree(self.staging / "data", ignore_errors=True)
        shutil.rmtree(self.staging / "findings")

    def _set_aside(self, problem: BaseException) -> None:
        if not self.staging.is_dir():
            return
        try:
            self._keep_what_was_made(problem)
        except OSError as error:  # the disk that stopped the run may not take its record either
            print(f"what was executed could not be kept: {error.strerror}", file=sys.stderr)

    def _keep_what_was_made(self, problem: BaseException) -> None:
        status = _STATUSES.get(problem.code, "failed") if isinstance(problem, Refusal) else "failed"
        shutil.rmtree(self.staging / "data", ignore_errors=True)
        self.log.keep(str(problem))
        self.manifest.finish(
            status,
            failure=str(problem) or type(problem).__name__,
            wall_seconds=round(time.monotonic() - self.started, 2),
        )
        place = self.shelf.set_aside(self.staging, self.run)
        self.log(f"what was executed is kept in {place}")

    def _asked(self) -> dict[str, object]:
        values = self._all_values()
        return {
            "run": self.run,
            "started": record.now(),
            "data": ", ".join(filter(None, [named(self.request.data), self.part])),
            "as_of": self.request.as_of,
            "chapters": [book.name for book in self.plan.notebooks],
            "parameters": values,
            "alerts": list(self.request.alerts),
            "seeds": sorted({given["seed"] for given in values.values() if "seed" in given}),
            "jobs": self.request.jobs,
            **self.code,
            "versions": record.versions_entry(),
        }

    def _all_values(self) -> dict[str, dict[str, Value]]:
        """Every parameter with the value it has in this run, folders left out."""
        return {
            book.name: {
                name: self.plan.values[book.name].get(name, parameter.default)
                for name, parameter in book.parameters.items()
                if name not in ("data", "out", "as_of")
            }
            for book in self.plan.notebooks
        }

    def _shown_values(self) -> dict[str, dict[str, object]]:
        """Every parameter as a page may show it."""
        return {
            book: {name: without_folder(name, value) for name, value in values.items()}
            for book, values in self._all_values().items()
        }

    def _earlier(self, stamp: Stamp) -> tuple[Past, ...]:
        """What published reports on earlier days of the same data told."""
        data = str(self.manifest.entry["data"])
        published = on_shelf(past_runs(self.shelf), self.shelf)
        own = told_past(run for run in published if run.data == data)  # others' figures need not be read
        return earlier_days(own, data=data, before=stamp.as_of)

    def _stamp(self, receipt: Receipt) -> Stamp:
        return Stamp(
            data=named(self.request.data),
            part=self.part,
            as_of=self.request.as_of or _last_day(receipt),
            run=self.run,
            commit=(self.code["commit"] or "unknown")[:10],
            changed=bool(self.code["changed"]),
        )


_STATUSES = {
    Exit.DATA_REFUSED: "refused",
    Exit.NOT_PUBLISHED: "unpublishable",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "interrupted",
}


def _ending(outcome: Outcome) -> str:
    used = f"{outcome.wall_seconds:.1f} s, {outcome.cpu_seconds:.1f} CPU-s, {outcome.peak_mb:.0f} MB"
    done = f"reused from run {outcome.reused_from}" if outcome.reused_from else "done"
    return f"{outcome.notebook} … {outcome.failure or done} ({used})"


def _last_day(receipt: Receipt) -> str:
    if receipt.last_moment is None:
        return "an unknown day (the data carry no times)"
    last = receipt.clock.local(receipt.last_moment - dt.timedelta(seconds=1))
    return f"{last:%Y-%m-%d}"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn a polite request to stop into a Refusal, so that the run ends its children and its manifest."""

    def stop(number: int, _: FrameType | None) -> None:
        code = Exit.TERMINATED if number == signal.SIGTERM else Exit.INTERRUPTED
        raise Refusal(code, f"stopped by {signal.Signals(number).name}")

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
