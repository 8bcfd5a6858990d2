"""Texts as a searcher means them: one script, width and case, letters apart from digits, one word a thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

import opencc
from pypinyin import lazy_pinyin

LONGEST_TEXT = 200  # characters read of a title or query; whoever types more gains nothing by it
_APART = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_LATIN = re.compile(r"[a-z]")
SYNONYMS = (
    "口红=唇膏=lipstick; 手机=手提电话=mobile phone; 耳机=earphone=headphone; 球鞋=运动鞋=sneaker; "
    "零食=小吃=snack"
)


def fold(text: str | None) -> str:
    """Return the text in simplified characters, plain width and small letters, letters set apart from digits.

    text: as typed; only its first 200 characters are read. Any text is safe: it is only ever compared.

    >>> fold("藍牙耳機 ＸＬ款"), fold("iPhone15Pro")
    ('蓝牙耳机 xl款', 'iphone 15 pro')
    """
    plain = unicodedata.normalize("NFKC", (text or "")[:LONGEST_TEXT]).lower()[:LONGEST_TEXT]
    plain = plain.encode("utf-8", "replace").decode("utf-8")  # half a character stops every cutter
    return _APART.sub(" ", _simplifier().convert(plain))[:LONGEST_TEXT]


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def read_synonyms(text: str) -> dict[str, str]:
    """Return each folded word with the first of its line, which stands for all of them.

    text: words that mean the same joined by "=", things apart by ";": "口红=唇膏=lipstick; 球鞋=sneaker".
    Raises ValueError where a thing has one name alone, or a name is given to two things.

    >>> read_synonyms("口红=唇膏=Lipstick")
    {'唇膏': '口红', 'lipstick': '口红'}
    """
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        names = [fold(name).strip() for name in part.split("=")]
        if len(names) < 2 or not all(names):
            raise ValueError(f'synonyms {part!r} name one thing once; write "口红=唇膏=lipstick"')
        for name in names[1:]:
            if found.get(name, names[0]) != names[0]:
                both = f"{found[name]!r} and {names[0]!r}"
                raise ValueError(f"synonym {name!r} stands for {both}; leave one")
            found[name] = names[0]
    return found


def with_synonyms(folded: str, synonyms: Mapping[str, str]) -> str:
    """Return a folded text with the one word for each thing in place of its other names, longest names first.

    synonyms: of `read_synonyms`. Names in Latin letters are whole words (or their plural with s).

    >>> with_synonyms("red lipsticks 唇膏盒", {"lipstick": "口红", "唇膏": "口红"})
    'red 口红 口红盒'
    """
    for name in sorted(synonyms, key=len, reverse=True):
        if name in folded:
            whole = rf"(?<![a-z]){re.escape(name)}s?(?![a-z])" if _LATIN.search(name) else re.escape(name)
            folded = re.sub(whole, synonyms[name], folded)
    return folded


def bigrams(words: Iterable[str]) -> list[str]:
    """Return the neighbouring characters of every word of Chinese in pairs, for what is cut unlike.

    >>> bigrams(["口红盒", "xl"])
    ['口红', '红盒']
    """
    return [word[at : at + 2] for word in words if not word.isascii() for at in range(len(word) - 1)]


def sounds(words: Iterable[str]) -> list[str]:
    """Return how each word is said, in pinyin without tones; words in Latin letters as they are.

    >>> sounds(["口红", "kouhong"])
    ['kouhong', 'kouhong']
    """
    return [word if word.isascii() else _said(word) for word in words]


@lru_cache(maxsize=100_000)
def _said(word: str) -> str:
    return "".join(lazy_pinyin(word))
