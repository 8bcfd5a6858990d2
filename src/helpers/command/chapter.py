"""One chapter in its own process: execute it or take it again, judge, make its page, judge the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.command.execute import Job, execute, used
from helpers.command.kept import KeptChapter
from helpers.command.outcome import Outcome
from helpers.report.agreement import disagreements
from helpers.report.finding import read_findings
from helpers.report.judge import page_faults
from helpers.report.length import MOST_OF_SUMMARY, MOST_WORDS, page_length
from helpers.report.page import Stamp, chapter_page
from helpers.report.page_reader import read_page

SIBLINGS = ("index.html", "findings.html")


def run_chapter(job: Job, stamp: Stamp, kept: KeptChapter | None = None) -> Outcome:
    """Execute a notebook and write its page beside; a failed one gets a page with code and error.

    kept: where the chapter is taken from if it was made before, and kept if it was made whole; None: neither.
    """
    taken = kept.take(job) if kept else None
    outcome = taken or replace(execute(job), key=kept.key if kept else "")
    _keep_error_streams(job)
    outcome = make_page(job, stamp, outcome) if job.executed.exists() else outcome
    if kept and not taken and outcome.is_good and not outcome.failed_sections:
        _keep(kept, job)
    return replace(outcome, **used()) if taken else outcome


def _keep(kept: KeptChapter, job: Job) -> None:
    try:
        kept.put(job)
    except OSError as error:  # costs the next run time, and this one nothing
        job.log(f"{job.notebook.name} … could not be kept for the next run: {error.strerror}")


def make_page(job: Job, stamp: Stamp, outcome: Outcome) -> Outcome:
    """Write the page of an executed notebook and judge it; asked again after the notebook was changed."""
    page = chapter_page(
        job.executed,
        title=job.notebook.title,
        stamp=replace(stamp, reused_from=outcome.reused_from),
        parameters=_parameters(job),
        show_code=not outcome.is_good,
    )
    target = job.folder / f"{job.notebook.name}.html"
    target.write_text(page, encoding="utf-8")
    read = read_page(page)
    length = page_length(read)
    for advice in length.advice(MOST_OF_SUMMARY if job.notebook.reads_findings else MOST_WORDS):
        job.log(f"{job.notebook.name} … {advice}")
    outcome = replace(
        outcome, page_bytes=length.bytes, page_words=length.words, page_words_open=length.words_open
    )
    private = (str(job.working_folder.resolve()), f"{Path.home()}/")
    faults = page_faults(read, siblings=SIBLINGS, private=private) if outcome.is_good else []
    if outcome.is_good:
        faults += disagreements(read, read_findings(job.findings))
    return replace(outcome, status="unpublishable", failure="; ".join(faults)) if faults else outcome


def _parameters(job: Job) -> pd.DataFrame:
    """One row a parameter: its value in this run and its meaning; folders stay out of pages."""
    rows = [
        (name, without_folder(name, job.values.get(name, parameter.default)) or "–", parameter.meaning)
        for name, parameter in job.notebook.parameters.items()
        if name not in ("data", "out")
    ]
    return pd.DataFrame(rows, columns=["parameter", "value", "meaning"])


def without_folder(name: str, value: object) -> str:
    """Return a value as a page may show it: of a file its name alone."""
    return Path(str(value)).name if name == "claims" else str(value)


def _keep_error_streams(job: Job) -> None:
    if not job.executed.exists():
        return
    for cell in json.loads(job.executed.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream" and output["name"] == "stderr":
                job.log.keep(f"{job.notebook.name} said: {''.join(output['text'])}")
