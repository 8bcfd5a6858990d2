"""Parameters are checked for name, type and range before anything runs."""

from __future__ import annotations

import pytest

from helpers.command.outcome import Exit, Refusal
from helpers.command.parameters import assign, declared


def entry(name="window_days", kind="int", default="60", words="days after the order (1 to 365)"):
    return {"name": name, "inferred_type_name": kind, "default": default, "help": words}


BOOKS = {
    "02_stickiness": {
        "window_days": declared(entry()),
        "data": declared(entry("data", "str", '""', "folder")),
    },
    "03_uplift": {
        "window_days": declared(entry()),
        "level": declared(entry("level", "float", "0.95", "coverage (0.5 to 0.999)")),
        "rule": declared(entry("rule", "str", '"mean"', "how to sum up (one of mean, median)")),
        "is_trimmed": declared(entry("is_trimmed", "bool", "True", "whether to trim")),
    },
}


def test_declaration_is_read_from_the_cell():
    parameter = declared(entry())
    assert (parameter.kind, parameter.default, parameter.low, parameter.high) == ("int", 60, 1, 365)
    assert declared(entry("shift", "int", "-2", "days (-5 to -1)")).low == -5
    assert declared(entry("rule", "str", "'a'", "one (one of a, b c)")).choices == ("a", "b c")


@pytest.mark.parametrize(
    "changes", [{"kind": "list[str]", "default": "[]"}, {"kind": "None"}, {"default": "f()"}]
)
def test_unclear_declaration_is_refused(changes):
    with pytest.raises(Refusal, match="window_days"):
        declared(entry(**changes))


def test_plain_name_reaches_every_notebook_that_has_it():
    assert assign(["window_days=30"], BOOKS) == {
        "02_stickiness": {"window_days": 30},
        "03_uplift": {"window_days": 30},
    }


def test_prefix_reaches_one_notebook():
    values = assign(["window_days=30", "03.window_days=90"], BOOKS)
    assert values["02_stickiness"]["window_days"] == 30
    assert values["03_uplift"]["window_days"] == 90


@pytest.mark.parametrize(
    ("text", "value"),
    [("level=0.9", 0.9), ("rule=median", "median"), ("is_trimmed=false", False), ("window_days= 7 ", 7)],
)
def test_values_have_the_declared_type(text, value):
    found = assign([text], BOOKS)["03_uplift"][text.partition("=")[0]]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("window_days=0", "outside 1 to 365"),
        ("window_days=366", "outside 1 to 365"),
        ("window_days=7.5", "not a whole number"),
        ("window_days=", "not a whole number"),
        ("window_day=7", "did you mean 'window_days'"),
        ("colour=red", "there are is_trimmed, level, rule, window_days"),
        ("level=nan", "not a finite number"),
        ("level=inf", "not a finite number"),
        ("rule=mode", "not one of mean, median"),
        ("is_trimmed=maybe", "not true or false"),
        ("09.window_days=7", "no notebook '09'"),
        ("02.level=0.9", "no notebook has a parameter 'level'"),
        ("window_days", "not name=value"),
        ("=7", "not name=value"),
        ("a b=7", "not name=value"),
        ("x\nimport os=7", "not name=value"),
        ("window_days\n=7", "not name=value"),
        ("rule=a\nb", "line breaks"),
        ("__import__('os').system('true')=7", "not name=value"),
        ("password=hunter2", "looks like a secret"),
        ("db_api_key=abc", "looks like a secret"),
        ("data=elsewhere", "use --data"),
    ],
)
def test_bad_text_is_refused_with_help(text, said):
    with pytest.raises(Refusal, match=said) as refusal:
        assign([text], BOOKS)
    assert refusal.value.code == Exit.BAD_USAGE
    assert "hunter2" not in str(refusal.value)
