"""Show an answer in a notebook: its reading in words, its picture, and its details folded away."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import pandas as pd
from IPython.display import HTML, Image, display

from helpers.report.cells import Cell, place_of, row_cells, staying_columns
from helpers.report.chapter import Section
from helpers.report.counted_words import without_few_people
from helpers.report.finding import Finding
from helpers.report.phrases import said
from helpers.report.question import Answer, Failed, Skipped
from helpers.report.reasons import reason_text
from helpers.report.registry import spec_of
from helpers.report.release import hidden_rows
from helpers.report.style import Picture
from helpers.report.table import P_VALUE, html_table
from helpers.report.withholding import is_withheld, released
from methods.result import Result

NOTED = "workbench"
_KEPT: ContextVar[dict[str, Picture] | None] = ContextVar("kept", default=None)


def show(
    answer: Answer | Skipped | Failed | Section, *, table: bool = True, open_table: bool = False
) -> None:
    """Display what an analysis found: its main sentences, the figure with alt text, and details to unfold.

    answer: an answer, a method's result, or a section of a chapter; a section that holds declared tests and
    was not judged with its family says so. table: False leaves the table out. open_table: the table
    stands open, not folded.
    A skipped or failed question shows its one sentence and nothing else.
    """
    section = answer if isinstance(answer, Section) else None
    result = answer.result if isinstance(answer, Section) else answer
    if isinstance(result, Result):
        return _show_method(result)
    if isinstance(result, Skipped | Failed):
        return _show_withheld(result)
    if section is not None and section.is_withheld:
        return _show_without_numbers(section)
    findings = released(answer.findings)
    try:
        picture, frame = _released_parts(result, findings)
        image = _image(picture) if picture else None
        place = section.place if section is not None else ""
        rows = Rows.of(frame, place=place) if frame is not None and table else Rows()
    except Exception as error:
        if section is None:
            raise
        return _show_withheld(section.fail(error))
    if section is not None:
        section.shown_rows = rows.cells
    notes = (reason_text("alone"),) if section is not None and section.needs_judging else ()
    main, details = _parted(_told_once(findings if not rows.html else _untabled(findings)))
    _show_sentences(main, notes=notes if picture else (*notes, reason_text("no picture")))
    if image and getattr(result, "draws_nobody", False):
        _show_image(image)
    elif image:
        _show_image(image, of=[one.key for one in findings], cells=rows.cells)
    _show_details(details, frame if table else None, rows, open_table=open_table)
    return None


def _released_parts(
    result: Answer, findings: Iterable[Finding]
) -> tuple[Picture | None, pd.DataFrame | None]:
    """Return picture and table, or none of what the release rule withholds.

    Neither is shown where a finding was withheld, nor a picture beside a table that hides rows, unless the
    result says that its picture leaves out the same (`draws_released`) and something is left of it. One that
    draws nothing of anybody (`draws_nobody`) stays where the audit of the run withholds more.
    """
    draws_released = getattr(result, "draws_released", False)
    if any(map(is_withheld, findings)) and not draws_released:
        return None, None
    frame = result.table()
    if draws_released and frame.empty:  # every row was withheld: nothing is left to draw
        return None, None
    if not draws_released and hides_rows(frame):
        return None, frame
    return result.draw(), None if frame.empty else frame  # without rows there is nothing to unfold


@contextmanager
def shown_pictures() -> Iterator[dict[str, Picture]]:
    """Keep, by its alt text, each picture that is shown meanwhile: what is withheld is not among them."""
    kept: dict[str, Picture] = {}
    token = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(token)


def _show_without_numbers(section: Section) -> None:
    """Show only the sentences of a section that lost a number; picture and table would hold it still."""
    main, details = _parted(section.findings)
    _show_sentences(main, notes=(reason_text("nothing shown"),))
    _show_details(details, None, Rows(), open_table=False)


def _show_method(result: Result) -> None:
    """Show a method's result: its warnings, its numbers with their intervals, then what else it holds."""
    numbers, others = result.numbers().rename_axis("number"), result.others().rename_axis("field")
    formats = {"p": P_VALUE, "n": ",.0f"}
    numbers.attrs = {"people": None, "caption": type(result).__name__, "formats": formats}
    others.attrs = {"people": None, "caption": type(result).__name__}
    said = "".join(f"<p>{escape(warning)}</p>" for warning in result.warnings())
    html = f'<div class="reading">{said}</div>' if said else ""
    html += "".join(Rows.of(frame).html for frame in (numbers, others) if len(frame))
    display({"text/html": html, "text/plain": str(result)}, raw=True)


def show_picture(picture: Picture) -> None:
    """Display a picture as PNG with its alt text."""
    _show_image(_image(picture))


@dataclass(frozen=True, kw_only=True)
class _Image:
    """A picture as PNG, and what its output notes of it: alt text and, for narrow screens, panels stacked."""

    wide: Image
    about: Mapping[str, str]


def _image(picture: Picture) -> _Image:
    kept = _KEPT.get()
    if kept is not None:
        kept[picture.alt] = picture
    narrow = picture.narrow_png()
    about = {"narrow": base64.b64encode(narrow).decode()} if narrow else {}
    return _Image(
        wide=Image(picture.png(), format="png", alt=picture.alt), about={"alt": picture.alt, **about}
    )


def _show_image(
    image: _Image, *, of: Sequence[tuple[str, str | None]] = (), cells: Sequence[Cell] = ()
) -> None:
    """Display a picture; its output notes which findings and rows it draws, for the audit of the run."""
    drawn = {"findings": [list(key) for key in of], "rows": [cell.key for cell in cells]}
    display(image.wide, metadata={"image/png": dict(image.about), NOTED: drawn})


def show_table(frame: pd.DataFrame, *, caption: str | None = None, folded: bool = False) -> None:
    """Display a frame through the one escaping table function.

    `frame.attrs` carries `people` (the column that counts people, None where none does) and may carry
    `caption`, `formats`, `shares`, `counts`, `unseen`, `within` and `money` (see `html_table`). folded:
    behind its caption; without rows the caption alone stands there.
    """
    if folded and frame.empty:
        caption = caption or frame.attrs.get("caption", "")
        return _show_sentences([], notes=(f"{said(caption)}.",) if caption else ())
    rows = Rows.of(frame, caption=caption, captioned=not folded)
    title = escape(without_few_people(said(caption or frame.attrs.get("caption", "Table"))))
    fold = f'<details class="figures"><summary>{title}</summary>{rows.html}</details>'
    display(HTML(fold if folded else rows.html), metadata=rows.noted)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table as HTML, the cells of its rows, and the places of columns that stay where its numbers go."""

    html: str = ""
    cells: tuple[Cell, ...] = ()
    staying: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, frame: pd.DataFrame, *, caption: str | None = None, captioned: bool = True, place: str = ""
    ) -> Rows:
        """Return a frame's rows by what its `attrs` say; place: what the table is called in every run."""
        caption = caption or frame.attrs.get("caption", "Table")
        counted = _counted(frame, caption=caption)
        formats = frame.attrs.get("formats")
        html = html_table(frame, caption=caption, captioned=captioned, formats=formats, **counted)
        flat = frame.reset_index() if any(frame.index.names) else frame
        people, money = counted["people"], counted.get("money") or {}
        left_out = {*counted.get("unseen", ()), *money.values()}
        seen = [name for name in flat.columns if name not in left_out]
        staying = [] if people is None else staying_columns(flat, people=people)
        return cls(
            html=html,
            cells=row_cells(flat, place=place_of(caption, place), counted=counted),
            staying=tuple(place for place, name in enumerate(seen) if name in staying),
        )

    @property
    def noted(self) -> dict[str, Any]:
        """What its output notes for the audit of the run; pages do not show it."""
        return {NOTED: {"cells": [asdict(cell) for cell in self.cells], "staying": list(self.staying)}}


def hides_rows(frame: pd.DataFrame) -> bool:
    """Whether a table tells of too few people in some row, by what its `attrs` say of its columns."""
    counted = _counted(frame, caption=frame.attrs.get("caption", "Table"))
    counted.pop("money", None)  # hides an amount, never its row
    counts = (*counted.get("counts", ()), *counted.pop("unseen", ()))
    return counted["people"] is not None and bool(hidden_rows(frame, **{**counted, "counts": counts}).any())


def _counted(frame: pd.DataFrame, *, caption: str) -> dict[str, Any]:
    """Return what a table says of its columns that count people; raises ValueError where it says nothing."""
    if "people" not in frame.attrs:
        raise ValueError(
            f"the table {caption!r} does not say which column counts people: set frame.attrs['people'] to "
            "it, or to None where no row is about a group of people"
        )
    names = ("people", "shares", "counts", "unseen", "within", "money")
    return {name: frame.attrs[name] for name in names if name in frame.attrs}


def _show_withheld(result: Skipped | Failed) -> None:
    kind = "failed" if isinstance(result, Failed) else "skipped"
    findings = released(result.findings)
    words = "\n".join(finding.reading for finding in findings)
    saved = isinstance(result, Failed) or result.is_finding
    said = map(paragraph, findings) if saved else [f"<p>{escape(result.reason)}</p>"]
    html = f'<div class="{kind}">{"".join(said)}</div>'
    display({"text/html": html, "text/plain": words}, raw=True)


def _untabled(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without those whose number stands in the table beside them."""
    specs = [(finding, spec_of(finding.id)) for finding in findings]
    return [one for one, spec in specs if one.status != "answered" or spec is None or not spec.tabled]


def _told_once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out a number that is not answered for the very reason of one before it."""
    told: list[Finding] = []
    for finding in findings:
        if (
            finding.status == "answered"
            or finding.withheld
            or all(finding.reading != one.reading for one in told)
        ):
            told.append(finding)
    return told


def _parted(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Part what stands open from what is a detail; where all would be details, the first stands open."""
    main: list[Finding] = []
    details: list[Finding] = []
    for finding in findings:
        spec = spec_of(finding.id)
        (details if spec is not None and spec.folded else main).append(finding)
    return (main, details) if main or not details else (details[:1], details[1:])


def _show_sentences(findings: list[Finding], *, notes: tuple[str, ...]) -> None:
    if not findings and not notes:
        return
    html = "".join(map(paragraph, findings)) + "".join(f"<p>{escape(note)}</p>" for note in notes)
    words = "\n".join([*(finding.reading for finding in findings), *notes])
    display({"text/html": f'<div class="reading">{html}</div>', "text/plain": words}, raw=True)


def _show_details(
    details: list[Finding], frame: pd.DataFrame | None, rows: Rows, *, open_table: bool
) -> None:
    words = "".join(map(paragraph, details))
    if not words and not rows.html:
        return
    is_open = " open" if open_table else ""
    summary = f"<summary>{escape(said('Details'))}</summary>"
    fold = f'<details class="figures"{is_open}>{summary}{words}{rows.html}</details>'
    plain = "\n".join(finding.reading for finding in details)
    both = {"text/html": fold, "text/plain": plain if frame is None else f"{plain}\n{frame}".strip()}
    display(both, raw=True, metadata=rows.noted)


def paragraph(finding: Finding) -> str:
    """A sentence with its id behind it, so that a reader finds its number, its words and its test."""
    segment = f' data-segment="{escape(finding.segment)}"' if finding.segment else ""
    verdict = finding.verdict.replace(" ", "-")
    return (
        f'<p data-finding="{escape(finding.id)}"{segment} data-verdict="{verdict}">'
        f'{escape(finding.reading)} <span class="id">{escape(finding.id)}</span></p>'
    )
