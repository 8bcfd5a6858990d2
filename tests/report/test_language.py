"""A second language is only files: one that is made up here, of other letters, leaves no English word."""

from __future__ import annotations

import importlib
import re
import tomllib
from html import unescape
from pathlib import Path

import pytest
from matplotlib.text import Text

import helpers
from helpers.report import show
from helpers.report.counted_words import without_few_people
from helpers.report.phrases import FILE, listed_phrases, said
from helpers.report.registry import registry
from helpers.stickiness import retention

PACKAGE = Path(helpers.__file__).parent
TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
# What a template compares with, looks up or counts by, and else the texts that it says.
SPOKEN = re.compile(r'[=!]= "[^"]*"|\["[^]]*\]|count\("([^)"]*)[^)]*\)|"([^"]*)"')
FEW = '[[rule]]\npattern = "(?<![0-9])(?:[1-9]|10) ж+"\ninstead = "мало"\n'


def foreign(words: str) -> str:
    """The words in other letters; what a template or a format puts in stays."""
    return re.sub(r"\{[^}]*\}|[A-Za-z]", lambda found: found[0] if len(found[0]) > 1 else "ж", words)


def foreign_template(text: str) -> str:
    parts = TAG.split(text)
    parts[::2] = [
        re.sub(r"^(?!## ).*", lambda line: foreign(line[0]), part, flags=re.M) for part in parts[::2]
    ]
    parts[1::2] = [SPOKEN.sub(_spoken, part) for part in parts[1::2]]
    return "".join(parts)


def _spoken(found: re.Match[str]) -> str:
    counted, said_so = found.groups()
    if counted is not None:
        return f'count("{foreign(counted)}", "{foreign(counted)}")'
    return found[0] if said_so is None else f'"{foreign(said_so)}"'


@pytest.fixture(scope="module")
def made_up(tmp_path_factory) -> Path:
    """A folder with the language `xx`: every template, phrase and registry in other letters."""
    folder = tmp_path_factory.mktemp("words")
    for path in PACKAGE.rglob("*.en.txt"):
        own = folder / "helpers" / path.relative_to(PACKAGE)
        own.parent.mkdir(parents=True, exist_ok=True)
        english = path.read_text(encoding="utf-8")
        made = (
            "".join(f"{name} => {foreign(name)}\n" for name in english.splitlines())
            if path == FILE
            else foreign_template(english)
        )
        own.with_name(own.name.replace(".en.", ".xx.")).write_text(made, encoding="utf-8")
    for path in PACKAGE.rglob("*.toml"):
        question = tomllib.loads(path.read_text(encoding="utf-8")).get("question")
        if question:
            own = folder / "helpers" / path.relative_to(PACKAGE)
            own.with_suffix(".xx.toml").write_text(f'question = "{foreign(question)}"\n', encoding="utf-8")
    (folder / "helpers" / "report" / "counted_words.xx.toml").write_text(FEW, encoding="utf-8")
    return folder


@pytest.fixture
def in_made_up(made_up, monkeypatch):
    """The run speaks `xx`; what a process keeps of another language is dropped before and after."""
    words = importlib.import_module("helpers.stickiness.b01_retention.retention").WORDS
    kept = [name for name in vars(words) if name != "stem"]
    for name in kept:
        monkeypatch.delitem(vars(words), name)
    registry.cache_clear()
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "xx")
    monkeypatch.setenv("WORKBENCH_WORDS", str(made_up))
    yield
    for name in [name for name in vars(words) if name != "stem"]:
        del vars(words)[name]
    registry.cache_clear()


def english_in(text: str) -> list[str]:
    """Words of Latin letters, ids of findings apart."""
    return re.findall(r"[A-Za-z]{2,}", re.sub(r"\b[A-Z]\d+\.\w+", "", text))


@pytest.mark.usefixtures("in_made_up")
def test_no_english_is_left_in_findings_pictures_and_tables(make_shop, random_tables, monkeypatch):
    answer = retention(make_shop(random_tables(seed=1, customers=400)))
    for finding in answer.findings:
        told = " ".join((finding.reading, finding.question, finding.method, *finding.assumptions))
        assert "ж" in finding.reading
        assert english_in(told) == [], told
    picture = answer.draw()
    drawn = [text.get_text() for text in picture.figure.findobj(Text)]
    assert english_in(" ".join([picture.alt, *drawn])) == []
    module, shown = importlib.import_module("helpers.report.show"), []
    monkeypatch.setattr(module, "display", lambda thing, **_: shown.append(thing))
    show(answer)
    html = [thing["text/html"] for thing in shown if isinstance(thing, dict)]
    assert english_in(" ".join(unescape(re.sub(r"<[^>]*>", " ", one)) for one in html)) == []


@pytest.mark.usefixtures("in_made_up")
def test_few_people_are_not_counted_in_another_language_either():
    assert without_few_people("7 жжж") == "мало"
    assert without_few_people("only 7 customers shared") == "fewer than 11 customers shared"


def test_rules_on_few_people_are_those_of_the_folder_of_now(in_made_up, monkeypatch, tmp_path):
    assert without_few_people("7 жжж") == "мало"
    other = tmp_path / "helpers" / "report" / "counted_words.xx.toml"
    other.parent.mkdir(parents=True)
    other.write_text(FEW.replace("мало", "немного"), encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_WORDS", str(tmp_path))
    assert without_few_people("7 жжж") == "немного"


def test_a_language_without_rules_on_few_people_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "yy")
    monkeypatch.setenv("WORKBENCH_WORDS", str(tmp_path))
    with pytest.raises(ValueError, match=r"counted_words\.yy\.toml"):
        without_few_people("7 clients")


def test_an_unlisted_phrase_is_itself(made_up, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "xx")
    monkeypatch.setenv("WORKBENCH_WORDS", str(made_up))
    assert (said("customers"), said("口红"), said("Ann's")) == ("жжжжжжжжж", "口红", "Ann's")


def test_phrases_are_listed_once_in_order():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert len(set(lines)) == len(lines) == len(listed_phrases())
    assert lines == sorted(lines, key=lambda line: (line.lower(), line))
