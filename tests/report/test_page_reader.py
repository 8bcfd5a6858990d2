"""A page is read once: tags as a browser sees them, words by their folds, sentences by their finding."""

from __future__ import annotations

import pytest

from helpers.report.page_reader import Sentence, read_page


def test_escaped_text_is_no_tag():
    assert read_page("<p>&lt;script&gt;</p>").tags == (("p", {}),)


@pytest.mark.parametrize(
    ("html", "words_open", "words"),
    [
        ("<p>two words</p>", 2, 2),
        ("<details><summary>More</summary>three more words</details>", 0, 4),
        ("<details open><summary>More</summary>words</details>", 2, 2),
        ('<details class="code"><pre>x = 1</pre></details><p>after</p>', 1, 1),
        ("<title>Shops</title><style>p { }</style><script>x y</script>", 0, 0),
        ("<details>in<details open>in</details>in</details>out", 1, 4),
    ],
)
def test_words_count_by_their_folds(html, words_open, words):
    page = read_page(html)
    assert (page.words_open, page.words) == (words_open, words)


def test_what_stands_in_title_and_style_is_kept_apart():
    page = read_page("<title>All shops</title><style>p {}</style><p>words</p>")
    assert (page.title, page.styles) == ("All shops", ("p {}",))


def test_a_marked_sentence_is_read_without_its_id():
    html = (
        '<p data-finding="A1.uplift" data-segment="new &amp; old" data-verdict="not-settled">Rises &lt; 2. '
        '<span class="id">A1.uplift</span></p><p>Not marked.</p>'
    )
    assert read_page(html).sentences == (
        Sentence(id="A1.uplift", segment="new & old", verdict="not settled", text="Rises < 2."),
    )


def test_size_is_that_of_the_file_in_bytes():
    assert read_page("<p>口红</p>").bytes == 13
