"""A search box over Chinese titles: words, and how well a title answers a query (BM25)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import rjieba
from scipy.sparse import csr_array

from methods.result import Result

_PAIRS_AT_ONCE = 200_000
LONGEST_TEXT = 200  # characters read of a title or query; whoever types more gains nothing by it


def words(text: str | None) -> list[str]:
    """Return the words of a title or query, in lower case, in order, with repetitions.

    Chinese is cut as a search engine would: the parts of a long word count too. Full-width letters become
    plain ones; signs, tags and blanks are no words. Any text is safe: it is only ever compared.

    >>> words("日系露营帐篷 ＸＬ款")
    ['日系', '露营', '帐篷', 'xl', '款']
    """
    plain = unicodedata.normalize("NFKC", (text or "")[:LONGEST_TEXT]).lower()[:LONGEST_TEXT]
    plain = plain.encode("utf-8", "replace").decode("utf-8")  # half a character stops the cutter
    return [word for word in rjieba.cut_for_search(plain) if any(sign.isalnum() for sign in word)]


@dataclass(frozen=True, kw_only=True)
class TitleIndex(Result):
    """Titles ready to be searched. weights: float64 (titles, words), what a word adds to a title."""

    vocabulary: dict[str, int] = field(repr=False)
    weights: csr_array = field(repr=False)

    def scores(self, queries: Sequence[str | None]) -> np.ndarray:
        """Return how well each title answers each query, float64 (queries, titles); 0: no common word."""
        return (self._asked(queries) @ self.weights.T).toarray()

    def pair_scores(
        self, queries: Sequence[str | None], *, query: np.ndarray, title: np.ndarray
    ) -> np.ndarray:
        """Return the score of each pair of a row of `queries` and a row of the titles, float64 (pairs,)."""
        asked, found = self._asked(queries), np.empty(len(query))
        for start in range(0, len(query), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            found[part] = asked[query[part]].multiply(self.weights[title[part]]).sum(axis=1)
        return found

    def _asked(self, queries: Sequence[str | None]) -> csr_array:
        rows, columns = [], []
        for number, query in enumerate(queries):
            known = [self.vocabulary[word] for word in dict.fromkeys(words(query)) if word in self.vocabulary]
            rows += [number] * len(known)
            columns += known
        shape = (len(queries), len(self.vocabulary))
        return csr_array((np.ones(len(rows)), (np.array(rows, int), np.array(columns, int))), shape=shape)


def index_titles(titles: Sequence[str | None], *, k1: float = 1.5, b: float = 0.75) -> TitleIndex:
    """Return the index of these titles.

    BM25 with the logarithm that never turns negative (Robertson and Zaragoza 2009; as Lucene has it): k1 says
    how soon repetitions stop counting, b how much long titles are held back.

    >>> index = index_titles(["red lipstick", "red lamp"])
    >>> scores = index.pair_scores(["lipstick"], query=np.array([0, 0]), title=np.array([0, 1]))
    >>> bool(scores[0] > scores[1]), float(scores[1])
    (True, 0.0)
    """
    found = [words(title) for title in titles]
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys(w for row in found for w in row))}
    row = np.repeat(np.arange(len(found)), [len(one) for one in found])
    column = np.array([vocabulary[word] for one in found for word in one], np.int64)
    shape = (len(found), len(vocabulary))
    counts = csr_array((np.ones(len(row)), (row, column)), shape=shape)
    counts.sum_duplicates()
    length = np.array([len(one) for one in found], float)
    holding = np.bincount(counts.indices, minlength=shape[1])
    rarity = np.log1p((len(found) - holding + 0.5) / (holding + 0.5))
    mean_length = length.mean() if len(found) and length.any() else 1.0
    damped = k1 * (1 - b + b * length / mean_length)
    where = np.repeat(np.arange(len(found)), np.diff(counts.indptr))
    counts.data = rarity[counts.indices] * counts.data / (counts.data + damped[where])
    return TitleIndex(vocabulary=vocabulary, weights=counts)
