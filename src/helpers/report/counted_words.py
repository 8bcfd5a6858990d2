"""Counts of people in a sentence: from 1 to 10, and all but so few, are not told to the unit."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from helpers.report.language import ENGLISH, in_language, language
from helpers.report.release import FEWEST_PEOPLE

FEW = f"fewer than {FEWEST_PEOPLE}"
_KIND = (
    r"(?:active|answered|enrolled|followed|judged|likely|lasting|lost|new|other|repeat|tied|treated|"
    r"untreated|later|named|flagged)"
)
_PEOPLE = (
    r"customers?|buyers?|sharers?|authors?|people|persons?|members?|posters?|leavers?|newcomers?|leaders?|"
    r"seeds?|stayers?|drawn units?|friends? of buyers?"
)
_EVENTS = r"purchases?|orders?|posts?|comments?|clicks?|answers?|baskets?|customer-weeks?|others|families"
# A threshold is no count: "at least 10 customers" tells of nobody.
_NO_THRESHOLD = (
    r"(?<!at least )(?<!fewer than )(?<!more than )(?<!at most )(?<!every )(?<!of )(?<!\d to )(?<![\d.,–-])"
)
_NOT_NEEDED = r"(?! (?:is|are) needed)"
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+"


def without_few_people(text: str, *, events: bool = False) -> str:
    """Return a sentence in which no number of people from 1 to 10 is told, nor all but so few of a number.

    events: whether orders, posts and the like are counts of people too, as where a sentence says that there
    were too few: ten of them are at most ten people's.

    >>> without_few_people("only 7 customers shared; at least 50 are needed")
    'fewer than 11 customers shared; at least 50 are needed'
    >>> without_few_people("45 of 50 buyers came back in 7 days")
    'all but fewer than 11 of 50 buyers came back in 7 days'
    """
    for pattern, instead in _rules_of_language():
        text = re.sub(pattern, instead, text)
    nouns = f"{_PEOPLE}|{_EVENTS}" if events else _PEOPLE
    counted = rf"((?: {_KIND})*) ({nouns})\b"
    text = re.sub(rf"{_NO_THRESHOLD}\b({_NUMBER}) of (the )?({_NUMBER}){counted}", _part, text)
    text = re.sub(rf"(?:\bonly )?{_NO_THRESHOLD}\b(?:[1-9]|10){counted}{_NOT_NEEDED}", _few, text)
    text = re.sub(r"\bof whom (?:only )?(?:[1-9]|10)\b(?![.,]?\d| ?%)", f"of whom {FEW}", text)
    # What began a sentence as a figure begins it as a word now.
    return re.sub(rf"(?<=[.!?] )(?:{FEW}|all but {FEW})", lambda found: found[0].capitalize(), text)


def _rules_of_language() -> tuple[tuple[str, str], ...]:
    """The rules of another language: patterns of a count of so few people, and what stands in its place.

    What it lacks is said in English, so the English rules hold beside them. Raises ValueError where it has
    no rules, for its sentences would tell of few people.
    """
    code = language()
    if code == ENGLISH:
        return ()
    path = in_language(Path(__file__).with_name(f"counted_words.{ENGLISH}.toml"))
    if not path.is_file():
        raise ValueError(
            f"language {code!r} has no counted_words.{code}.toml: give a [[rule]] with `pattern` (1 to 10 "
            "people as its sentences write them) and `instead` (what says that they are fewer than 11)"
        )
    return _rules_in(path)


@cache
def _rules_in(path: Path) -> tuple[tuple[str, str], ...]:
    """The rules that a file lists, read once: by its path, for two folders may hold one language."""
    rules = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    return tuple((rule["pattern"], rule["instead"]) for rule in rules)


def _few(found: re.Match[str]) -> str:
    return f"{FEW}{found[1]} {_plural(found[2])}"


def _part(found: re.Match[str]) -> str:
    part, the, whole, kind, noun = found[1], found[2] or "", found[3], found[4], found[5]
    having, everybody = (int(number.replace(",", "")) for number in (part, whole))
    if 0 < everybody < FEWEST_PEOPLE:
        return f"{FEW}{kind} {_plural(noun)}"
    of = f"of {the}{whole}{kind} {_plural(noun)}"
    if 0 < having < FEWEST_PEOPLE:
        return f"{FEW} {of}"
    return f"all but {FEW} {of}" if 0 < everybody - having < FEWEST_PEOPLE else found[0]


def _plural(noun: str) -> str:
    first, *more = noun.split(" ")
    return " ".join([first if first.endswith("s") or first == "people" else f"{first}s", *more])
