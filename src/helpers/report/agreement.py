"""A page says what its findings say: its sentences and verdicts are compared with those that are saved."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser

from helpers.report.finding import Finding


def disagreements(page: str, findings: Iterable[Finding]) -> list[str]:
    """Return what a page says otherwise than the findings; an empty list where both agree word for word.

    Compared are the paragraphs that `show` marks with a finding's id. A finding that is on no page is none of
    its business; a paragraph whose finding was not saved is.
    """
    saved = {finding.key: finding for finding in findings}
    reader = _Sentences()
    reader.feed(page)
    faults = []
    for id, segment, verdict, text in reader.found:
        finding = saved.get((id, segment))
        name = f"{id} of {segment}" if segment else id
        if finding is None:
            if not any(_is_said(text, other) for other in saved.values() if other.id == id):
                faults.append(f"the page speaks of {name}, which is not among the findings")
        elif finding.verdict != verdict:
            faults.append(f"the page calls {name} {verdict}, the findings {finding.verdict}")
        elif " ".join(text.split()) not in " ".join(finding.reading.split()):
            faults.append(f"the page words {name} otherwise than the findings: {text[:60]!r}")
    return faults


def _is_said(text: str, joined: Finding) -> bool:
    """Whether a sentence is one of those that the skips of a requirement were joined from."""
    return joined.status != "answered" and text in joined.reading


class _Sentences(HTMLParser):
    """Collects (id, segment, verdict, sentence) of every marked paragraph; the id behind it is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None, str, str]] = []
        self._about: tuple[str, str | None, str] | None = None
        self._text: list[str] = []
        self._in_id = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "p" and "data-finding" in given:
            verdict = (given.get("data-verdict") or "").replace("-", " ")
            self._about = (given["data-finding"] or "", given.get("data-segment"), verdict)
            self._text = []
        self._in_id = tag == "span" and given.get("class") == "id"

    def handle_data(self, text: str) -> None:
        if self._about is not None and not self._in_id:
            self._text.append(text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._in_id = False
        if tag == "p" and self._about is not None:
            self.found.append((*self._about, "".join(self._text).strip()))
            self._about = None
