"""A page says what its findings say: its sentences and verdicts are compared with those that are saved."""

from __future__ import annotations

from collections.abc import Iterable

from helpers.report.finding import Finding
from helpers.report.page_reader import ReadPage


def disagreements(page: ReadPage, findings: Iterable[Finding]) -> list[str]:
    """Return what a page says otherwise than the findings; an empty list where both agree word for word.

    Compared are the paragraphs that `show` marks with a finding's id. A finding that is on no page is none of
    its business; a paragraph whose finding was not saved is.
    """
    saved = {finding.key: finding for finding in findings}
    faults = []
    for said in page.sentences:
        finding = saved.get((said.id, said.segment))
        name = f"{said.id} of {said.segment}" if said.segment else said.id
        if finding is None:
            if not any(_is_said(said.text, other) for other in saved.values() if other.id == said.id):
                faults.append(f"the page speaks of {name}, which is not among the findings")
        elif finding.verdict != said.verdict:
            faults.append(f"the page calls {name} {said.verdict}, the findings {finding.verdict}")
        elif " ".join(said.text.split()) not in " ".join(finding.reading.split()):
            faults.append(f"the page words {name} otherwise than the findings: {said.text[:60]!r}")
    return faults


def _is_said(text: str, joined: Finding) -> bool:
    """Whether a sentence is one of those that the skips of a requirement were joined from."""
    return joined.status != "answered" and text in joined.reading
