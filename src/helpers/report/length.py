"""How long a page is for its reader: words in the open and with everything unfolded, and its widest table."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.report.page_reader import ReadPage

# Words in the open and in all, of a chapter and of the summary.
MOST_WORDS, MOST_OF_SUMMARY = (5_000, 8_000), (1_500, 3_000)
MOST_OF_OPENING = 400  # in the open
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


def page_length(page: ReadPage) -> PageLength:
    """Return how long a page is; what folds away counts only among all its words, code nowhere."""
    return PageLength(words_open=page.words_open, words=page.words, bytes=page.bytes)
