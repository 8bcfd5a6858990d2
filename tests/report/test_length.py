"""Words are counted by whether a fold or code stands around them; what is too long is said with its limit."""

from __future__ import annotations

import pytest

from helpers.report.length import MOST_OF_SUMMARY, PageLength, page_length
from helpers.report.page_reader import read_page

FOLD = "<details><summary>More</summary>{}</details>"


@pytest.mark.parametrize(
    ("page", "in_the_open", "in_all"),
    [
        ("<p>two words</p>", 2, 2),
        ("<title>a b c</title><style>p { color: red }</style><p>one</p>", 1, 1),
        (f"<p>one</p>{FOLD.format('two three')}<p>four</p>", 2, 5),
        (FOLD.format(f"a {FOLD.format('b')} c"), 0, 5),
        ("<details open><summary>More</summary>a b</details>", 3, 3),
        (f'<details class="code"><summary>Code</summary>x = 1 {FOLD.format("y")}</details>z', 1, 1),
        ("<p>a &amp; b</p>", 3, 3),
    ],
)
def test_words(page, in_the_open, in_all):
    length = page_length(read_page(page))
    assert (length.words_open, length.words) == (in_the_open, in_all)
    assert length.bytes == len(page.encode())


@pytest.mark.parametrize(
    ("open_", "all_", "size", "said"),
    [
        (5_000, 8_000, 1_000_000, []),
        (5_001, 8_000, 1, ["5,001 words in the open; aim at no more than 5,000"]),
        (1, 8_015, 1, ["8,015 words with its folds; aim at no more than 8,000"]),
        (1, 1, 1_100_000, ["1,100,000 bytes; aim at no more than 1,000,000"]),
    ],
)
def test_advice(open_, all_, size, said):
    advice = PageLength(words_open=open_, words=all_, bytes=size).advice()
    assert [one.removeprefix("its page has ") for one in advice] == said


def test_a_summary_is_shorter():
    assert len(PageLength(words_open=1_501, words=3_001, bytes=1).advice(MOST_OF_SUMMARY)) == 2
