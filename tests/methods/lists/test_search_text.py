"""Words of Chinese titles and BM25: a slow reference, figures of another library, hostile text."""

from __future__ import annotations

import math

import numpy as np
import pytest

from market.strange.queries import GOODS
from methods.lists.fold_text import LONGEST_TEXT, SYNONYMS, fold, read_synonyms, with_synonyms
from methods.lists.search_text import index_titles, words

TITLES = [
    "经典哑光口红 101款",
    "国潮丝绒唇釉 102款",
    "限定哑光口红口红礼盒",
    "轻奢蓝牙耳机 130款",
    "<img src=x onerror=alert(1)>",
]
QUERIES = ["哑光口红", "蓝牙 耳机", "img"]


def slow_bm25(query: str, titles: list[str], k1: float, b: float) -> list[float]:
    texts = [words(title) for title in titles]
    mean = np.mean([len(text) for text in texts])
    scores = []
    for text in texts:
        score = 0.0
        for word in set(words(query)):
            holding = sum(word in other for other in texts)
            rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            times = text.count(word)
            score += rarity * times / (times + k1 * (1 - b + b * len(text) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize(("k1", "b"), [(1.5, 0.75), (0.9, 0.4), (2.0, 0.0)])
def test_scores_are_those_of_the_formula(k1, b):
    found = index_titles(TITLES, kinds=("words",), k1=k1, b=b).scores(QUERIES)
    assert found == pytest.approx(np.array([slow_bm25(query, TITLES, k1, b) for query in QUERIES]))


def test_scores_are_those_of_another_library():
    """bm25s 0.3.16, method "lucene", on the same words."""
    found = index_titles(TITLES, kinds=("words",)).scores(QUERIES)
    theirs = [[0.7245259, 0, 0.8747325, 0, 0], [0, 0, 0, 1.1472781, 0], [0, 0, 0, 0, 0.5281121]]
    assert found == pytest.approx(np.array(theirs), abs=1e-6)


def test_pairs_are_scored_as_the_whole_table(monkeypatch):
    index = index_titles(TITLES)
    query, title = np.divmod(np.arange(len(QUERIES) * len(TITLES)), len(TITLES))
    monkeypatch.setattr("methods.lists.search_text._PAIRS_AT_ONCE", 4)
    found = index.pair_scores(QUERIES, query=query, title=title)
    assert found.reshape(len(QUERIES), -1) == pytest.approx(index.scores(QUERIES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("蓝牙耳机", ["蓝牙", "耳机"]),
        ("ＢＢ霜", ["bb", "霜"]),
        ("藍牙耳機", ["蓝牙", "耳机"]),
        ("iPhone15Pro", ["iphone", "15", "pro"]),
        ("", []),
        (None, []),
        ("！！！ …… <>", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    "hostile",
    [
        "'; DROP TABLE items; --",
        "<script>alert(1)</script>",
        "\x00\ud800\u202e口红",
        "口" * 100_000,
        "%s {0} $\\frac{1}{2}$",
        "🙂" * 50,
    ],
)
def test_hostile_text_is_only_compared(hostile):
    scores = index_titles([*TITLES, hostile]).scores([hostile, "口红"])
    assert np.isfinite(scores).all()
    assert len(words(hostile)) <= LONGEST_TEXT


def test_what_asks_for_nothing_known_finds_nothing():
    assert not index_titles(TITLES).scores(["宠物窝", "", None]).any()
    assert index_titles([]).scores(["口红"]).shape == (1, 0)
    assert not index_titles(["", None]).scores(["口红"]).any()


ASKED = [(query, place) for place, (_, _, queries) in enumerate(GOODS) for query in queries]


@pytest.mark.parametrize(("query", "place"), ASKED)
def test_what_is_typed_otherwise_finds_its_title_first(query, place):
    titles = [f"{title} {category}" for title, category, _ in GOODS]
    scores = index_titles(titles, synonyms=read_synonyms(SYNONYMS)).scores([query])[0]
    assert scores.argmax() == place
    assert scores[place] > 0
    assert (np.delete(scores, place) == 0).all()


def test_sounds_are_asked_only_where_nothing_written_fits():
    index = index_titles(["口红", "口罩 kouhong"])
    assert index.scores(["kouhong"])[0].argmax() == 1  # written so
    assert index_titles(["口红", "口罩"]).scores(["kouhong", "kou hong"])[:, 0].min() > 0
    assert not index_titles(["口红", "口罩"]).scores(["kouhongdian"]).any()


class TestSynonyms:
    def test_a_shop_adds_its_own(self):
        known = read_synonyms(f"{SYNONYMS}; 帐篷=tent")
        assert index_titles(["露营帐篷"], synonyms=known).scores(["TENTS"])[0, 0] > 0

    def test_names_in_latin_letters_are_whole_words(self):
        assert with_synonyms("snackbar snacks", {"snack": "零食"}) == "snackbar 零食"

    @pytest.mark.parametrize("text", ["口红", "口红=", "a=b; c=b"])
    def test_what_cannot_be_read_is_an_error(self, text):
        with pytest.raises(ValueError, match="synonym"):
            read_synonyms(text)

    def test_an_empty_table_knows_none(self):
        assert read_synonyms(" ; ") == {}


@pytest.mark.parametrize("text", ["𠮷野家", "㍿", "①②", "A1b2C3", "髮・发", "e\u0301clair"])
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
