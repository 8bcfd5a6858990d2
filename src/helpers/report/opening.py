"""The opening page: what of a run's findings a busy reader sees first, by rules declared in opening.toml."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.past import Past, trend
from helpers.report.phrases import said
from helpers.report.registry import about_of

MOST_FIGURES, MOST_CLAIMS, MOST_STEPS, LEADING_SENTENCES = 4, 3, 3, 2
_HEADING = re.compile(r'<h2 id="([^"]+)">\s*(?:<[^>]*>)*([A-Z]\d+)\b')
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_SETTLED = ("contradicted", "fits")
_CHANGE, _MOVED = "G2.change", ("supported", "contradicted")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a question is answered: a page's file with the anchor, and the first picture there (its HTML)."""

    link: str
    picture: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that the page opens with: what it is, its value, its interval, and where it stands.

    course: a small drawing of it over the reports on earlier days, as HTML; empty without any.
    """

    about: str
    value: str
    span: str
    link: str
    course: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A sentence with its verdict and the place it links to."""

    verdict: str
    reading: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What the opening page says, in this order.

    stickiness: the answer to the leading question, None where no finding has one. picture: of it, as HTML.
    answers: of the chapters on honesty and incentives, the first sentence of each.
    steps: the first that were shown to be worth taking. changes: of figures since an earlier report, where
    they are settled.
    claims: the first settled ones; further_claims: how many others were judged, claims_link: where.
    unanswered, failed: each question with its reason. opens: table or column to how many skipped questions
    wait for it alone, most first.
    """

    stickiness: Said | None
    picture: str
    figures: tuple[Figure, ...]
    answers: tuple[Said, ...]
    steps: tuple[Said, ...]
    changes: tuple[Said, ...]
    claims: tuple[Said, ...]
    further_claims: int
    claims_link: str
    unanswered: tuple[str, ...]
    failed: tuple[str, ...]
    opens: tuple[tuple[str, int], ...]


def places(pages: Mapping[str, str]) -> dict[str, Place]:
    """Return requirement to where it is answered, from the pages' headings such as "B6 · Taken together".

    pages: file name to HTML. Of a question that several headings name the first counts.
    """
    found: dict[str, Place] = {}
    for file, page in pages.items():
        headings = list(_HEADING.finditer(page))
        ends = [*(heading.start() for heading in headings[1:]), len(page)]
        for heading, end in zip(headings, ends, strict=False):  # a page may name no question
            figure = _FIGURE.search(page, heading.end(), end)
            place = Place(link=f"{file}#{heading[1]}", picture=figure[0] if figure else "")
            found.setdefault(heading[2], place)
    return found


def opening(
    findings: Iterable[Finding], where: Mapping[str, Place], *, earlier: Sequence[Past] = ()
) -> Opening:
    """Choose what a run's opening page says; `where` as `places` returns it.

    earlier: what reports on earlier days of the same data told, oldest first.
    """
    found = tuple(findings)
    answered = [finding for finding in found if finding.status == "answered"]
    leading = next((one for id in _rules()["stickiness"] for one in answered if one.id == id), None)
    claims = [one for one in answered if one.requirement == "G1"]
    shown = sorted((one for one in claims if one.verdict in _SETTLED), key=_contradicted_first)[:MOST_CLAIMS]
    return Opening(
        stickiness=_said(leading, where, sentences=LEADING_SENTENCES) if leading else None,
        picture=where[leading.requirement].picture if leading and leading.requirement in where else "",
        figures=_figures(answered, where, (*earlier, Past(run="", status="", data="", findings=found))),
        answers=_answers(answered, where),
        steps=tuple(_said(one, where) for one in answered if _is_shown_step(one))[:MOST_STEPS],
        changes=tuple(_said(one, where) for one in answered if one.id == _CHANGE and one.verdict in _MOVED),
        claims=tuple(_said(one, where) for one in shown),
        further_claims=len(claims) - len(shown),
        claims_link=_link("G1", where),
        unanswered=_reasons(found, "skipped"),
        failed=_reasons(found, "failed"),
        opens=_opens(found),
    )


def shorter(first: Opening) -> Opening | None:
    """Return an opening with a claim less, or a step less where one claim is left; None of neither."""
    if len(first.claims) > 1:
        return replace(first, claims=first.claims[:-1], further_claims=first.further_claims + 1)
    return replace(first, steps=first.steps[:-1]) if len(first.steps) > 1 else None


def _is_shown_step(finding: Finding) -> bool:
    """Chapter 08 has ranked the steps already."""
    return finding.id == "G2.step" and finding.verdict == "supported"


def _contradicted_first(finding: Finding) -> bool:
    """What people wrongly believe changes what they do; what they rightly believe does not."""
    return finding.verdict != "contradicted"


def _said(finding: Finding, where: Mapping[str, Place], *, sentences: int | None = None) -> Said:
    """Return what a finding says, or its first sentences word for word; the rest stands where it links to."""
    link = _link(finding.requirement, where)
    reading = " ".join(_SENTENCE.split(finding.reading)[:sentences])
    return Said(verdict=finding.verdict, reading=reading, link=link)


def _link(requirement: str, where: Mapping[str, Place]) -> str:
    return where[requirement].link if requirement in where else "findings.html"


def _answers(answered: Sequence[Finding], where: Mapping[str, Place]) -> tuple[Said, ...]:
    chosen = (
        next((one for id in ids for one in answered if one.id == id), None) for ids in _rules()["answers"]
    )
    return tuple(_said(one, where, sentences=1) for one in chosen if one)


def _figures(
    answered: Sequence[Finding], where: Mapping[str, Place], runs: Sequence[Past]
) -> tuple[Figure, ...]:
    """Return the first of the declared figures, each group of a finding as one."""
    chosen = [one for id in _rules()["figures"] for one in answered if one.id == id][:MOST_FIGURES]
    return tuple(_figure(finding, where, runs) for finding in chosen)


def _figure(finding: Finding, where: Mapping[str, Place], runs: Sequence[Past]) -> Figure:
    view = FindingView(finding)
    return Figure(
        about=about_of(finding.id, finding.segment),
        value=_short(view),
        span=f"{view.interval.removeprefix(view.value).strip().strip('()')}{_rest(view)}",
        link=_link(finding.requirement, where),
        course="" if finding.segment else Markup(trend(finding.id, runs).picture),
    )


def _short(view: FindingView) -> str:
    """Return a number with the first word of its unit: "295.1 CNY" of "295.1 CNY an order"."""
    return view.value.removesuffix(_rest(view))


def _rest(view: FindingView) -> str:
    """Return what follows the first word of a unit, with the space before it."""
    first, space, rest = said(view.short_unit).partition(" ")
    return f"{space}{rest}" if first.isupper() else ""


def _reasons(found: Sequence[Finding], status: str) -> tuple[str, ...]:
    """Return each whole question that was skipped or failed once, with its reason."""
    whole = [one for one in found if one.status == status and one.id == one.requirement]
    return tuple(dict.fromkeys(f"{one.requirement}: {one.question} {one.reason}" for one in whole))


def _opens(found: Sequence[Finding]) -> tuple[tuple[str, int], ...]:
    """Return what would open questions by itself: tables that are all that a skipped question lacks."""
    lacking = {one.requirement: one.missing for one in found if one.status == "skipped" and one.missing}
    alone = Counter(names[0] for names in lacking.values() if len(set(names)) == 1)
    return tuple(alone.most_common())


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
