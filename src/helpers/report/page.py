"""Pages: one for each chapter from its executed notebook, and the index that opens with the answers."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

import jinja2
import nbformat
import pandas as pd
from markupsafe import Markup
from nbconvert import HTMLExporter

from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.formats import count
from helpers.report.language import ENGLISH, in_language
from helpers.report.length import MOST_OF_OPENING, page_length
from helpers.report.opening import Opening, opening, places, shorter
from helpers.report.page_reader import read_page
from helpers.report.past import Past, courses, trends
from helpers.report.phrases import said
from helpers.report.sections import in_own_words, without_unasked_words
from helpers.report.table import html_table
from helpers.report.withholding import stands

TEMPLATES = Path(__file__).parent / "template" / ENGLISH
MOST_RUNS, _MOST_VERDICTS = 26, 8
_REQUIREMENT = re.compile(r"[A-Z]\d+ · ")


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What every page says about itself: data, last day, run id, short commit, uncommitted changes.

    reused_from: of a chapter's page, the run that made the chapter, where it was taken from there. part: of
    which part of the shop alone it tells; empty of the whole.
    """

    data: str
    as_of: str
    run: str
    commit: str
    changed: bool = False
    reused_from: str = ""
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of a page: level 2 or 3, its anchor and its text."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A chapter as the index shows it: its page and title, and what it found.

    lost: why it could not be made in this run; empty where it was.
    """

    file: str
    title: str
    findings: tuple[Finding, ...]
    lost: str = ""

    @property
    def failed(self) -> int:
        """How many sections failed."""
        whole = (one for one in self.findings if one.id == one.requirement)
        return len({one.requirement for one in whole if one.status == "failed"})


def chapter_page(
    notebook: Path,
    *,
    title: str,
    stamp: Stamp,
    parameters: pd.DataFrame | None = None,
    show_code: bool = False,
) -> str:
    """Return the page of an executed notebook: code folded away, no script, nothing loaded from elsewhere.

    parameters: shown in the place of the parameters cell; the cell that the run itself put in is left out,
    since it holds folders. show_code: unfold code and show what went to the error stream, for an analyst.
    """
    content = nbformat.read(notebook, as_version=4)
    content.cells = in_own_words(content.cells, notebook.stem)
    if not show_code:
        content.cells = without_unasked_words(content.cells)
    table = (
        ""
        if parameters is None
        else html_table(parameters, caption="Parameters of this run", captioned=False)
    )
    resources = {"show_code": show_code, "parameters": table}
    body, contents = with_anchors(_exporter().from_notebook_node(content, resources=resources)[0])
    start, heading, rest = body.partition("<h2")
    listed = one_a_question(contents)
    return _render(
        "page.html.j2", title=title, stamp=stamp, contents=listed, opening=start, body=heading + rest
    )


def one_a_question(headings: Sequence[Heading]) -> tuple[Heading, ...]:
    """Return the headings that a list of contents needs: of sections of one question the first.

    >>> names = ("A1 · Do they?", "A1 · Why?", "A2 · Does it?", "Findings")
    >>> [one.text for one in one_a_question([Heading(level=2, anchor="", text=name) for name in names])]
    ['A1 · Do they?', 'A2 · Does it?', 'Findings']
    """
    firsts: dict[str, Heading] = {}
    for one in headings:
        firsts.setdefault(found[0] if (found := _REQUIREMENT.match(one.text)) else one.text, one)
    return tuple(firsts.values())


def index_page(
    *,
    stamp: Stamp,
    chapters: Sequence[Chapter],
    receipt_line: str,
    notes: Sequence[str] = (),
    pages: Mapping[str, str] | None = None,
    earlier: Sequence[Past] = (),
    odd: int = 0,
) -> str:
    """Return the opening page: the answers first (see `opening`), then each chapter in one line.

    pages: the chapters' pages by file name, of which it takes links and the picture of its leading answer.
    earlier: what reports on earlier days of the same data told, oldest first; they draw each figure's course.
    odd: how many things the loader found odd in the data; chapter 01 tells them.
    Where it would hold more than MOST_OF_OPENING words, claims and then steps are left to their chapter.
    """
    findings = [finding for chapter in chapters for finding in chapter.findings]
    first: Opening | None = opening(findings, places(pages or {}), earlier=earlier)
    page = ""
    while first is not None and (not page or page_length(read_page(page)).words_open > MOST_OF_OPENING):
        page = _render(
            "index.html.j2",
            stamp=stamp,
            chapters=chapters,
            first=first,
            picture=first.picture,
            receipt_line=receipt_line,
            notes=notes,
            odd=odd,
            standing=sum(map(stands, findings)),
            contents=(),
        )
        first = shorter(first)
    return page


def history_page(runs: Sequence[Past], *, linked: Collection[str]) -> str:
    """Return the page of past runs, by shop, the shop of the newest run first.

    runs: oldest first. linked: ids of the runs whose reports are there.
    """
    shops = []
    for data in dict.fromkeys(run.data for run in reversed(runs)):
        own = [run for run in runs if run.data == data][-MOST_RUNS:]
        told = [run for run in own if run.findings]
        shown = told[-_MOST_VERDICTS:]
        drawn = [(trend, Markup(trend.picture)) for trend in trends(told)]
        shops.append({"data": data, "runs": own, "told": shown, "trends": drawn, "courses": courses(shown)})
    return _render("history.html.j2", shops=shops, linked=linked, most=MOST_RUNS, contents=())


def mail_page(
    *,
    stamp: Stamp,
    subject: str,
    failed: Sequence[str],
    alerts: Sequence[str],
    flips: Sequence[str],
    parameters: Sequence[tuple[str, str, object]],
) -> str:
    """Return what a run has to tell as one page to be sent: no script, no link, no picture.

    subject: in a few words what there is. failed, alerts, flips: sentences. parameters: chapter, name, value.
    """
    told = {"subject": subject, "failed": failed, "alerts": alerts, "flips": flips}
    return _render("mail.html.j2", stamp=stamp, parameters=parameters, **told)


def findings_page(*, stamp: Stamp, chapters: Sequence[Chapter]) -> str:
    """Return the appendix: every finding of the run by chapter, with interval, unit, n, method and words."""
    tables = [(chapter, html_table(_all_findings(chapter), caption=chapter.title)) for chapter in chapters]
    body = "".join(
        f"<h2>{escape(chapter.title)}</h2>{table}" for chapter, table in tables if not chapter.lost
    )
    body, contents = with_anchors(body)
    return _render(
        "page.html.j2",
        title=said("All findings"),
        stamp=stamp,
        contents=contents,
        opening=f"<h1>{escape(said('All findings of this run'))}</h1>",
        body=body,
    )


def _all_findings(chapter: Chapter) -> pd.DataFrame:
    rows = [
        {
            "id": finding.id,
            "of": finding.segment or "",
            "in words": finding.reading,
            "estimate (interval)": FindingView(finding).interval if finding.status == "answered" else None,
            "unit": finding.unit or None,
            "n": f"{finding.n:,}" if finding.n else None,
            "verdict": finding.verdict if finding.status == "answered" else finding.status,
            "method": finding.method or None,
        }
        for finding in chapter.findings
    ]
    return pd.DataFrame(
        rows, columns=["id", "of", "in words", "estimate (interval)", "unit", "n", "verdict", "method"]
    )


def with_anchors(body: str) -> tuple[str, tuple[Heading, ...]]:
    """Give each second- and third-level heading an anchor of its own; return the body and the headings."""
    found: list[Heading] = []

    def mark(match: re.Match) -> str:
        level, inner = int(match[1]), match[2]
        text = unescape(re.sub(r"<[^>]*>", "", inner)).strip()
        words = re.findall(r"\w+", text.lower())
        anchor = f"{len(found) + 1}-{'-'.join(words[:6])}"
        found.append(Heading(level=level, anchor=anchor, text=text))
        return f'<h{level} id="{anchor}">{inner}</h{level}>'

    return re.sub(r"<h([23])>(.*?)</h\1>", mark, body, flags=re.DOTALL), tuple(found)


@functools.cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="chapter",
        extra_template_basedirs=[str(in_language(TEMPLATES / "chapter").parent)],
        exclude_anchor_links=True,
        filters={"said": said},
    )


def _render(name: str, **values: object) -> str:
    folders = [in_language(TEMPLATES / name).parent, TEMPLATES]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"said": said, "count": count}
    trusted = {name: values.pop(name, "") for name in ("opening", "body", "picture")}
    trusted["css"] = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    marked = {key: Markup(text) for key, text in trusted.items()}
    return environment.get_template(name).render(**values, **marked)
