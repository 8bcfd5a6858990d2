"""How long a page is for its reader: words in the open and with everything unfolded, and its widest table."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

# Words in the open and in all, of a chapter and of the summary.
MOST_WORDS, MOST_OF_SUMMARY = (5_000, 8_000), (1_500, 3_000)
LARGEST_PAGE_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class PageLength:
    """words_open: seen without unfolding. words: with all folds but those of code. bytes: of the file."""

    words_open: int
    words: int
    bytes: int

    def advice(self, most_words: tuple[int, int] = MOST_WORDS) -> tuple[str, ...]:
        """Return what to aim at, one clause a limit that the page exceeds; most_words: open and in all."""
        limits = (
            (self.words_open, most_words[0], "words in the open"),
            (self.words, most_words[1], "words with its folds"),
            (self.bytes, LARGEST_PAGE_BYTES, "bytes"),
        )
        return tuple(
            f"its page has {there:,} {what}; aim at no more than {most:,}"
            for there, most, what in limits
            if there > most
        )


def page_length(page: str) -> PageLength:
    """Return how long a page is; what folds away counts only among all its words, code nowhere.

    >>> page_length("<p>two words</p><details><summary>More</summary>three more words</details>").words_open
    2
    """
    reader = _Words()
    reader.feed(page)
    return PageLength(words_open=reader.open, words=reader.all, bytes=len(page.encode()))


class _Words(HTMLParser):
    """Counts words by whether a fold, or code, stands around them."""

    def __init__(self) -> None:
        super().__init__()
        self.open = self.all = 0
        self._folds: list[str] = []
        self._unread = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            values = dict(attributes)
            kind = "code" if values.get("class") == "code" else "open" if "open" in values else "fold"
            self._folds.append(kind)
        self._unread = tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._unread = False
        if tag == "details" and self._folds:
            self._folds.pop()

    def handle_data(self, text: str) -> None:
        if self._unread or "code" in self._folds:
            return
        words = len(text.split())
        self.all += words
        self.open += words * ("fold" not in self._folds)
