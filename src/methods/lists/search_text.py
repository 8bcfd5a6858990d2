"""A search box over Chinese titles: words, characters and sounds, and how well a title answers (BM25)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import rjieba
from scipy.sparse import csr_array

from methods.lists.fold_text import LONGEST_TEXT, bigrams, fold, sounds, with_synonyms
from methods.result import Result

_PAIRS_AT_ONCE = 200_000
# What a common pair of characters, or a common sound, is worth beside a common word.
WORTH = {"words": 1.0, "bigrams": 0.3, "sounds": 0.2}


def words(text: str | None, *, synonyms: Mapping[str, str] | None = None) -> list[str]:
    """Return the words of a title or query, folded (`fold`), in order, with repetitions.

    synonyms: of `read_synonyms`; none by default. Chinese is cut as a search engine would: the parts of a
        long word count too. Signs, tags and blanks are no words. Any text is safe: it is only ever compared.

    >>> words("日系露營帳篷 ＸＬ款")
    ['日系', '露营', '帐篷', 'xl', '款']
    """
    folded = with_synonyms(fold(text), synonyms or {})[:LONGEST_TEXT]
    return [word for word in rjieba.cut_for_search(folded) if any(sign.isalnum() for sign in word)]


@dataclass(frozen=True, kw_only=True)
class TermIndex(Result):
    """Titles by one kind of term. weights: float64 (titles, terms), what a term adds to a title."""

    vocabulary: dict[str, int] = field(repr=False)
    weights: csr_array = field(repr=False)

    def asked(self, queries: Sequence[Sequence[str]]) -> csr_array:
        """Return which known terms each query holds, 1 each, float64 (queries, terms)."""
        rows, columns = [], []
        for number, terms in enumerate(queries):
            known = [self.vocabulary[term] for term in dict.fromkeys(terms) if term in self.vocabulary]
            rows += [number] * len(known)
            columns += known
        shape = (len(queries), len(self.vocabulary))
        return csr_array((np.ones(len(rows)), (np.array(rows, int), np.array(columns, int))), shape=shape)


@dataclass(frozen=True, kw_only=True)
class TitleIndex(Result):
    """Titles ready to be searched. parts: kind of term to its index; synonyms: as given."""

    parts: Mapping[str, TermIndex] = field(repr=False)
    synonyms: Mapping[str, str] = field(repr=False)

    def scores(self, queries: Sequence[str | None]) -> np.ndarray:
        """Return how well each title answers each query, float64 (queries, titles); 0: nothing in common."""
        found = np.zeros((len(queries), next(iter(self.parts.values())).weights.shape[0]))
        for kind, rows in self._asked(queries).items():
            found += WORTH[kind] * (rows @ self.parts[kind].weights.T).toarray()
        return found

    def pair_scores(
        self, queries: Sequence[str | None], *, query: np.ndarray, title: np.ndarray
    ) -> np.ndarray:
        """Return the score of each pair of a row of `queries` and a row of the titles, float64 (pairs,)."""
        asked, found = self._asked(queries), np.zeros(len(query))
        for start in range(0, len(query), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            for kind, rows in asked.items():
                both = rows[query[part]].multiply(self.parts[kind].weights[title[part]])
                found[part] += WORTH[kind] * both.sum(axis=1)
        return found

    def _asked(self, queries: Sequence[str | None]) -> dict[str, csr_array]:
        """Each query's terms by kind; how it sounds only where no title holds any of its words or pairs."""
        cut = [words(query, synonyms=self.synonyms) for query in queries]
        found = {kind: index.asked([TERMS[kind](one) for one in cut]) for kind, index in self.parts.items()}
        if "sounds" in found:
            read = sum(np.diff(found[kind].indptr) for kind in found if kind != "sounds")
            spoken = [_joined(one) if not known else [] for one, known in zip(cut, read, strict=True)]
            found["sounds"] = self.parts["sounds"].asked(spoken)
        return found


def _joined(cut: Sequence[str]) -> list[str]:
    """The sounds of a query, and those of Latin letters run together too: "kou hong" is "kouhong"."""
    latin = [word for word in cut if word.isascii() and word.isalpha()]
    return [*sounds(cut), "".join(latin)]


TERMS: Mapping[str, Callable[[Sequence[str]], list[str]]] = {
    "words": list,
    "bigrams": bigrams,
    "sounds": sounds,
}


def index_titles(
    titles: Sequence[str | None],
    *,
    synonyms: Mapping[str, str] | None = None,
    kinds: Sequence[str] = tuple(TERMS),
    k1: float = 1.5,
    b: float = 0.75,
) -> TitleIndex:
    """Return the index of these titles.

    titles: as shown.
    synonyms: of `read_synonyms`.
    kinds: of terms, of "words", "bigrams" (pairs of Chinese characters, for what the dictionary cuts apart)
        and "sounds" (pinyin, asked only where nothing that is written is found).
    k1, b: how soon repetitions stop counting, and how much long titles are held back: BM25 with the logarithm
        that never turns negative (Robertson and Zaragoza 2009; as Lucene has it), summed over kinds by WORTH.

    >>> index = index_titles(["red lipstick", "red lamp"])
    >>> scores = index.pair_scores(["lipstick"], query=np.array([0, 0]), title=np.array([0, 1]))
    >>> bool(scores[0] > scores[1]), float(scores[1])
    (True, 0.0)
    """
    known = dict(synonyms or {})
    cut = [words(title, synonyms=known) for title in titles]
    parts = {kind: _indexed([TERMS[kind](one) for one in cut], k1=k1, b=b) for kind in kinds}
    return TitleIndex(parts=parts, synonyms=known)


def _indexed(found: Sequence[Sequence[str]], *, k1: float, b: float) -> TermIndex:
    vocabulary = {term: place for place, term in enumerate(dict.fromkeys(t for row in found for t in row))}
    row = np.repeat(np.arange(len(found)), [len(one) for one in found])
    column = np.array([vocabulary[term] for one in found for term in one], np.int64)
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
    return TermIndex(vocabulary=vocabulary, weights=counts)
