"""Short fixed words of pages and pictures: headers, captions, axes, legends, units and verdicts.

`phrases.en.txt` lists them, one a line, and a test keeps the list whole; code names each by its English.
Another language's file gives each its own words behind ` => `. They are put in where a table becomes HTML and
where a figure becomes a picture, so that code that counts columns or draws knows no language.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from helpers.report.language import ENGLISH, in_language, language

FILE = Path(__file__).with_name("phrases.en.txt")
_IS = " => "


def said(phrase: object) -> str:
    """Return a phrase in the language of the run; what no file lists, such as a name of data, is itself."""
    name = str(phrase)
    return name if language() == ENGLISH else _phrases(in_language(FILE)).get(name, name)


def listed_phrases(path: Path = FILE) -> Mapping[str, str]:
    """Return what a file lists: each phrase by its English, with its words; `\\n` in a line breaks it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.replace("\\n", "\n").partition(_IS) for line in lines if line.strip())
    return {name: words or name for name, _, words in pairs}


_phrases = cache(listed_phrases)
