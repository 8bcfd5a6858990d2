"""A cell that is read in one step is read as the careful way reads it, and so is every other."""

from __future__ import annotations

import ibis
import pytest

from helpers.data import connect
from helpers.data.convert import _FROM_TEXT, convert
from helpers.data.from_text import unguarded
from helpers.data.values import Declared, trimmed

IDS = ("u0000123", "1234567890123456789", "1.38E+10", "1E+5", "a.b_c-1", "u1\n", "\tu1", '="0012"', "'0012")
NUMBERS = ("12", "-12", "0", "-0", "007", "12.5", "12.50", "1.234", "1,234", "1,234.50", "12.", ".5", "1e5")
LONG = (
    "99999999999999",
    "999999999999999",
    "9999999999999999",
    "¥12.50",
    "１２",
    " 12",
    "12\n",
    "-1",
    "1,5",
    "inf",
)
TIMES = ("2024-02-29 10:00:00", "2023-02-29 10:00:00", "2024-03-31 02:30:00", "2024-10-27 02:30:00")
ODD = (
    "2024-01-01",
    "2024-01-01T10:00:00",
    "2024-01-01 10:00:00Z",
    "2024-01-01 10:00:00.5",
    "0000-01-01 00:00:00",
)
WORDS = ("null", "NaN", "NA", "n1", "nothing", "v", "f", "true", "张三", "a b", "\x001", "", "   ", None)
TEXTS = [*IDS, *NUMBERS, *LONG, *TIMES, *ODD, *WORDS]
NULLS = ("0", "-1", "NA", "u0000123")
LORD_HOWE = {"timezone": "Australia/Lord_Howe", "fold": "later"}
DECLARED = {
    "plain": Declared(timezone="UTC", money="yuan", currency="CNY"),
    "zone": Declared(timezone="Europe/Berlin", money="fen", currency="CNY", nulls=NULLS),
    "comma": Declared(timezone="Asia/Shanghai", money="yuan", currency="CNY", decimal=","),
    "unsaid": Declared(**LORD_HOWE, money="cents", currency="CNY", money_declared=False),
    "yen": Declared(timezone="UTC", money="cents", currency="JPY", money_declared=False),
}


@pytest.mark.parametrize("kind", ["id", "text", "integer", "number", "money", "time"])
def test_the_short_way_agrees_with_the_careful_one(kind):
    connection = connect()
    rows = ibis.memtable({"n": list(range(len(TEXTS))), "text": TEXTS})
    read = {}
    for name, declared in DECLARED.items():
        short = convert(rows.text, kind, declared, where="toy")
        slow = careful(rows.text, kind, declared)
        for way, made in (("short", short), ("slow", slow)):
            read |= {f"{name} {way} value": made.value}
            for reason in {reason for reason, _ in made.problems}:
                said = [where.fill_null(False) for one, where in made.problems if one == reason]
                read[f"{name} {way} {reason}"] = ibis.or_(*said)
    found = connection.to_pyarrow(rows.select("n", **read)).sort_by("n")
    assert sum(" short " in name for name in read) == sum(" slow " in name for name in read)
    for name in read:
        if " short " in name:
            assert found[name].equals(found[name.replace(" short ", " slow ", 1)]), name


def careful(text, kind, declared):
    """What is read without the short way, which only a column as the file has it goes."""
    text = unguarded(trimmed(text)) if kind == "id" else trimmed(text)
    text = text.isin(("", *declared.nulls)).ifelse(ibis.null("string"), text)
    return _FROM_TEXT[kind](text, declared)
