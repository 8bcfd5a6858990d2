"""Registries and readings: an id is declared once, no template says an empty word, findings come one way."""

from __future__ import annotations

import jinja2
import pytest

from helpers.report import Words, registry
from helpers.report.readings import Readings
from helpers.report.registry import read_registry
from helpers.report.words import stated, words_beside
from methods.intervals import Interval

TOML = """requirement = "Z1"
question = "Does it?"
[findings."Z1.effect"]
about = "the effect"
unit = "pp of customers"
of = "customers"
role = "test"
"""
TEXT = """## shared
{% macro but(doubt) %}{% if doubt %} But {{ doubt }}.{% endif %}{% endmacro %}

## Z1.effect
It {{ f|moved("raises", "lowers") }} it by {{ f.size }} among {{ f.n|count("customer") }}.{{ but(doubt) }}

## title: picture
{% if f["Z1.effect"].settled %}It works{% else %}Not settled{% endif %}

## alt: picture
A picture that shows {{ f["Z1.effect"].interval }}.
"""
VALUE = Interval(estimate=-0.05, low=-0.08, high=-0.02, n=1)


@pytest.fixture
def words(tmp_path):
    def make(toml: str = TOML, text: str = TEXT) -> Words:
        (tmp_path / "q.toml").write_text(toml, encoding="utf-8")
        (tmp_path / "q.en.txt").write_text(text, encoding="utf-8")
        return Words(tmp_path / "q")

    return make


def test_a_finding_is_made_in_its_unit_with_its_words(words):
    made = words().finding("Z1.effect", VALUE, scale=100, method="counting", verdict="contradicted", doubt="")
    assert (made.estimate, made.low, made.high, made.n) == (-5.0, -8.0, -2.0, 1)
    assert made.reading == "It lowers it by 5.0 pp (2.0 to 8.0) among 1 customer."
    assert (made.requirement, made.question, made.unit) == ("Z1", "Does it?", "pp of customers")
    turned = words().finding("Z1.effect", VALUE, scale=-100, method="counting", doubt="odd")
    assert (turned.low, turned.high) == (2.0, 8.0)
    assert turned.reading.endswith("But odd.")


def test_words_follow_the_verdict(words):
    found = words().finding("Z1.effect", VALUE, method="m", verdict="contradicted", doubt="")
    assert words().picture("picture", [found])[0] == "It works"
    from dataclasses import replace

    open_one = stated(replace(found, verdict="not settled"))
    assert words().picture("picture", [open_one])[0] == "Not settled"


@pytest.mark.parametrize(
    ("given", "said"),
    [(20081, "20,081"), (2024, "2024"), (True, "True"), ("20081", "20081")],
)
def test_a_large_whole_number_is_written_as_a_count(words, given, said):
    assert words(text=f"{TEXT}\n## text: told\n{{{{ given }}}}\n").text("told", given=given) == said


def test_what_is_missing_is_an_error(words):
    with pytest.raises(KeyError, match="declares no finding"):
        words().finding("Z1.other", VALUE, method="m")
    with pytest.raises(jinja2.UndefinedError):
        words().finding("Z1.effect", VALUE, method="m")
    with pytest.raises(KeyError, match="has no block"):
        words().text("nothing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("role = ", 'role = "guess" #'), "is not one of"),
        (("unit = ", "units = "), "unknown key"),
        (('of = "customers"\n', ""), "lacks a key"),
        (("Z1.effect", "Z1effect"), "a dot and a name"),
    ],
)
def test_a_wrong_registry_is_named(words, tmp_path, change, said):
    words(toml=TOML.replace(*change))
    with pytest.raises(ValueError, match=said):
        read_registry(tmp_path / "q.toml")


def test_a_block_given_twice_is_refused(words):
    with pytest.raises(ValueError, match="given twice"):
        words(text=TEXT + "\n## Z1.effect\nAgain.").text("x")


def test_another_language_is_only_another_file(words, tmp_path, monkeypatch):
    asked = words()
    (tmp_path / "q.zh.txt").write_text("## text: hello\n你好\n", encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "zh")
    assert asked.text("hello") == "你好"


def test_every_finding_of_the_workbench_is_declared_once_and_has_its_words():
    from pathlib import Path

    import helpers

    assert len(registry()) > 200
    for path in sorted(Path(helpers.__file__).parent.rglob("*.toml")):
        declared = set(read_registry(path))
        if not declared:
            continue  # rules or scores of another kind
        readings = Words(path.with_suffix("")).readings
        said = set(readings.blocks)
        for text in readings.blocks.values():
            jinja2.Environment(undefined=jinja2.StrictUndefined).parse(text)
        assert declared <= said, f"{path.name}: no words for {declared - said}"
        for spec in read_registry(path).values():
            assert {*spec.follows, *spec.gated_by, *spec.open_without, *spec.released_with} <= set(
                registry()
            ), spec.id


def test_a_block_carries_the_macros_that_it_needs_and_no_others(tmp_path):
    path = tmp_path / "q.en.txt"
    path.write_text(
        "## shared\n{% macro one(x) %}one {{ x }}{% endmacro %}\n"
        "{%- macro two(x) -%}{{ one(x) }} two{%- endmacro -%}\n{% set word = 'said' %}\n"
        "## text: both\n{{ two(3) }} {{ word }}\n## text: none\nnothing {{ word }}\n",
        encoding="utf-8",
    )
    readings = Readings(path)
    assert [readings.render(f"text: {name}") for name in ("both", "none")] == [
        "one 3 two said",
        "nothing said",
    ]
    assert readings.blocks["text: both"].count("endmacro") == 2
    assert "macro" not in readings.blocks["text: none"]


def test_a_module_that_helps_takes_the_words_of_its_question(tmp_path):
    (tmp_path / "gap.en.txt").write_text("## text: few\nonly {{ name }} came.\n", encoding="utf-8")
    helping = words_beside(str(tmp_path / "panel.py"), "gap")
    assert helping.text("few", name="one") == "only one came."
    with pytest.raises(FileNotFoundError):
        words_beside(str(tmp_path / "panel.py")).text("few", name="one")
