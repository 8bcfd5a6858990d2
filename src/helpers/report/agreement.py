"""A page says what its findings say: its sentences and verdicts are compared with those that are saved."""

from __future__ import annotations

from collections.abc import Iterable

from helpers.report.finding import Finding
from helpers.report.page_reader import ReadPage
from helpers.report.reasons import says


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
            others = (one for one in saved.values() if one.id == said.id and one.status != "answered")
            if not any(_is_said(said.text, other) for other in others):
                faults.append(f"the page speaks of {name}, which is not among the findings")
        elif finding.verdict != said.verdict:
            faults.append(f"the page calls {name} {said.verdict}, the findings {finding.verdict}")
        elif not _is_said(said.text, finding):
            faults.append(f"the page words {name} otherwise than the findings: {said.text[:60]!r}")
    return faults


def _is_said(text: str, finding: Finding) -> bool:
    """Whether a finding says a sentence, or that it was skipped for this reason beside others."""
    words, reading = (" ".join(one.split()) for one in (text, finding.reading))
    return words in reading or (finding.status != "answered" and says(reading, words))
