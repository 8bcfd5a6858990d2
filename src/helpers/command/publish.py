"""What a good run shows: its index and all its findings in one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from helpers.command.notebooks import Notebook
from helpers.command.outcome import Exit, Refusal
from helpers.data.receipt import Receipt
from helpers.report.finding import read_findings, write_findings
from helpers.report.formats import count
from helpers.report.judge import page_faults
from helpers.report.page import Chapter, Stamp, findings_page, index_page
from helpers.report.page_reader import read_page
from helpers.report.past import Past
from helpers.report.withholding import released


def write_pages(
    folder: Path,
    notebooks: Sequence[Notebook],
    *,
    stamp: Stamp,
    receipt: Receipt,
    lost: Mapping[str, str] | None = None,
    signed: Callable[[], str] | None = None,
    earlier: Sequence[Past] = (),
) -> None:
    """Write index.html and findings.json into a run's folder; raises Refusal when they must not be.

    lost: chapters that could not be made, with the reason; the index marks them and links nowhere.
    earlier: what reports on earlier days of the same data told.
    signed: returns, once findings.json stands, what the index says of the trail of runs.
    """
    lost = lost or {}
    chapters = [_chapter(folder, notebook, lost=lost.get(notebook.name, "")) for notebook in notebooks]
    try:
        write_findings(
            (finding for chapter in chapters for finding in chapter.findings), folder / "findings.json"
        )
    except ValueError as error:
        raise Refusal(Exit.NOT_PUBLISHED, f"the chapters' findings do not fit together: {error}") from error
    notes = (*receipt.notes, *([signed()] if signed else []))
    pages = {"findings.html": findings_page(stamp=stamp, chapters=chapters)}
    pages["index.html"] = index_page(
        stamp=stamp,
        chapters=chapters,
        receipt_line=receipt_line(receipt),
        notes=notes,
        pages=_made(folder, chapters),
        earlier=earlier,
        odd=len(receipt.doubts),
    )
    siblings = [*pages, *(chapter.file for chapter in chapters if not chapter.lost)]
    for name, page in pages.items():
        faults = page_faults(read_page(page), siblings=siblings)
        if faults:
            raise Refusal(Exit.NOT_PUBLISHED, f"{name}: {'; '.join(faults)}")
        (folder / name).write_text(page, encoding="utf-8")


def receipt_line(receipt: Receipt) -> str:
    """Say in one sentence what was read, accepted and put aside."""
    rows = sum(file.rows for file in receipt.files.values())
    tables = receipt.tables.values()
    accepted, aside = (sum(getattr(table, name) for table in tables) for name in ("accepted", "quarantined"))
    return (
        f"Files: {len(receipt.files)} with {count(rows, 'row')}. Tables made of them: {len(tables)}, "
        f"with {count(accepted, 'row')} accepted and {aside:,} put aside with their reasons. "
        f"Amounts in {receipt.currency}, days on the clock of {receipt.timezone}."
    )


def _chapter(folder: Path, notebook: Notebook, *, lost: str = "") -> Chapter:
    if lost:
        return Chapter(file=f"{notebook.name}.html", title=notebook.title, findings=(), lost=lost)
    findings = read_findings(folder / "findings" / f"{notebook.name}.json")
    return Chapter(
        file=f"{notebook.name}.html",
        title=notebook.title,
        findings=released(findings),
    )


def _made(folder: Path, chapters: Sequence[Chapter]) -> dict[str, str]:
    """Return the pages of the chapters that could be made, by file name."""
    made = (chapter.file for chapter in chapters if not chapter.lost)
    return {file: (folder / file).read_text(encoding="utf-8") for file in made if (folder / file).exists()}
