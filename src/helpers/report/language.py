"""In which language a run speaks, and where its files lie: beside the English ones, or in a folder.

A language is only files. For each `NAME.en.txt` (templates), for `phrases.en.txt` (short fixed words), each
page template (`template/en/NAME`) there may be one of the same name with the language's code in the place of
`en`; for each registry `NAME.toml` its `question` and `about` in `NAME.zh.toml`, for each notebook its cells
of words in `NAME.zh.md`. They lie beside the English ones, or at the same place of the folder that
WORKBENCH_WORDS names, laid out as `helpers` and `notebooks` are. What a language lacks is said in English,
but for `counted_words.zh.toml`, without which a language is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "WORKBENCH_LANGUAGE"
FOLDER_VARIABLE = "WORKBENCH_WORDS"
ENGLISH = "en"
_PACKAGE = Path(__file__).parents[1]


def language() -> str:
    """Return the language of the run: the environment's WORKBENCH_LANGUAGE, else English."""
    return os.environ.get(VARIABLE) or ENGLISH


def folder_of_words() -> Path | None:
    """Return the folder that WORKBENCH_WORDS names, where it does."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else None


def in_language(english: Path) -> Path:
    """Return the file that holds in the language of the run what this one holds in English, else this one.

    english: a path with `.en.` in its name, or in a folder `en`; the file need not exist.
    """
    code = language()
    if code == ENGLISH:
        return english
    own = english.with_name(english.name.replace(f".{ENGLISH}.", f".{code}."))
    if own == english:
        own = english.parent.with_name(code) / english.name
    return next((path for path in (_in_folder(own), own) if path and path.exists()), english)


def _in_folder(path: Path) -> Path | None:
    folder = folder_of_words()
    if folder is None:
        return None
    if path.is_relative_to(_PACKAGE):
        return folder / _PACKAGE.name / path.relative_to(_PACKAGE)
    return folder / path.parent.name / path.name
