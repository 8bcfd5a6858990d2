"""A page as it is met, read once for all judges: its tags, its words, its sentences about findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]
_UNREAD = ("style", "script", "title")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A paragraph that `show` marked with the id of its finding; the id behind it is left out of the text."""

    id: str
    segment: str | None
    verdict: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ReadPage:
    """What a page holds.

    tags: each start tag with its attributes, in their order. styles: what stands in style tags. words_open:
    words seen without unfolding. words: with all folds but those of code.
    """

    html: str = field(repr=False)
    title: str
    tags: tuple[tuple[str, Mapping[str, str]], ...] = field(repr=False)
    styles: tuple[str, ...] = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)
    words_open: int
    words: int

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return len(self.html.encode())


def read_page(html: str) -> ReadPage:
    """Return what a page holds; tags are walked as a browser would, so that escaped text never counts as one.

    >>> page = read_page("<title>Shops</title><p>two words</p><details><summary>All</summary>4</details>")
    >>> page.title, page.words_open, page.words, [tag for tag, _ in page.tags]
    ('Shops', 2, 4, ['title', 'p', 'details', 'summary'])
    """
    reader = _Reader()
    reader.feed(html)
    return ReadPage(
        html=html,
        title=reader.title,
        tags=tuple(reader.tags),
        styles=tuple(reader.styles),
        sentences=tuple(reader.sentences),
        words_open=reader.words_open,
        words=reader.words,
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.tags: list[tuple[str, Mapping[str, str]]] = []
        self.styles: list[str] = []
        self.sentences: list[Sentence] = []
        self.words_open = self.words = 0
        self._folds: list[str] = []
        self._unread = ""
        self._about: tuple[str, str | None, str] | None = None
        self._text: list[str] = []
        self._in_id = False

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.append((tag, given))
        self._unread = tag if tag in _UNREAD else ""
        self._in_id = tag == "span" and given.get("class") == "id"
        if tag == "details":
            kind = "code" if given.get("class") == "code" else "open" if "open" in given else "fold"
            self._folds.append(kind)
        if tag == "p" and "data-finding" in given:
            verdict = given.get("data-verdict", "").replace("-", " ")
            self._about = (given["data-finding"], given.get("data-segment"), verdict)
            self._text = []

    def handle_data(self, text: str) -> None:
        if self._unread == "title":
            self.title += text
        elif self._unread == "style":
            self.styles.append(text)
        elif not self._unread and "code" not in self._folds:
            words = len(text.split())
            self.words += words
            self.words_open += words * ("fold" not in self._folds)
        if self._about is not None and not self._in_id:
            self._text.append(text)

    def handle_endtag(self, tag: str) -> None:
        self._unread = ""
        if tag == "span":
            self._in_id = False
        if tag == "details" and self._folds:
            self._folds.pop()
        if tag == "p" and self._about is not None:
            id, segment, verdict = self._about
            text = "".join(self._text).strip()
            self.sentences.append(Sentence(id=id, segment=segment, verdict=verdict, text=text))
            self._about = None
