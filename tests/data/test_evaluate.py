"""Columns made by a mapping: what is done to a cell, what is reckoned from several, and what is refused."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
import pytest

from helpers.data.catalogue import CATALOGUE
from helpers.data.conditions import holds
from helpers.data.errors import DataError
from helpers.data.evaluate import evaluate
from helpers.data.source import Condition, FileSpec, Value
from helpers.data.stages import in_stages

SPEC = FileSpec(name="f", path="f.csv", format="csv", timezone="UTC", money="yuan", nulls=("-",))
COLUMNS = {
    "text": ("items", "title"),
    "id": ("items", "item_id"),
    "money": ("items", "list_price_cents"),
    "integer": ("reviews", "length_characters"),
    "number": ("orders", "shipping_days"),
    "time": ("items", "launched_at"),
}


@pytest.fixture
def make(one_connection):
    """Return `(value, kind, **columns) -> [(value, reasons)]`, one pair a row."""

    def run(value: Value, kind: str, **columns) -> list[tuple]:
        frame = pd.DataFrame({"_line": range(1, 1 + len(next(iter(columns.values())))), **columns})
        rows = ibis.memtable(frame)
        table, name = COLUMNS[kind]
        stages = in_stages(rows, {name: value}, CATALOGUE[table], SPEC)
        made = evaluate(
            stages.rows, stages.values[name], CATALOGUE[table].column(name), stages.spec, where=name
        )
        problems = [*((reason, here) for (_, reason), here in stages.problems.items()), *made.problems]
        shown = stages.rows.select(
            _line=stages.rows["_line"],
            made=made.value,
            **{f"p{number}": here for number, (_, here) in enumerate(problems)},
        ).order_by("_line")
        found = one_connection.to_pyarrow(shown).to_pylist()
        return [
            (row["made"], [reason for n, (reason, _) in enumerate(problems) if row[f"p{n}"]]) for row in found
        ]

    return run


@pytest.mark.parametrize(
    ("given", "value", "kind", "expected"),
    [
        # hostile first: what stands inside stays, what only looks alike stays, what is left empty is empty
        ("a'b", {"strip": ("'",)}, "text", "a'b"),
        (".*", {"strip": (".",)}, "text", "*"),
        ("''", {"strip": ("'",)}, "text", None),
        ("'-'", {"strip": ("'",)}, "text", None),
        ('="2468013579000000001"', {"strip": ('="', '"')}, "id", "2468013579000000001"),
        ("'+8613800000000", {"strip": ("'", "+86")}, "id", "13800000000"),
        ("\t12\t", {"strip": ("\t",)}, "integer", 12),
        ("female", {"strip": ("x",)}, "text", "female"),
        ("vip", {"strip": ("x",)}, "text", "vip"),
        ("1.2万", {"units": ("万",)}, "integer", 12_000),
        ("１．２ 万", {"units": ("万",)}, "integer", 12_000),
        ("3亿", {"units": ("万", "亿")}, "integer", 300_000_000),
        ("1,234.5k", {"units": ("k",)}, "number", 1_234_500.0),
        ("2K", {"units": ("k",)}, "integer", 2_000),
        ("-0.5k", {"units": ("k",)}, "integer", -500),
        ("800", {"units": ("万",)}, "integer", 800),
        ("0.12345万", {"units": ("万",)}, "money", 123_450),
        ("¥1.2万", {"strip": ("¥",), "units": ("万",)}, "money", 1_200_000),
        (None, {"fill": "0"}, "integer", 0),
        ("-", {"fill": "0"}, "money", 0),
        ("7", {"fill": "0"}, "integer", 7),
        (" Ann@Shop.CN ", {"lower": True}, "id", "ann@shop.cn"),
        ("已退款(￥3.00)", {"extract": r"已退款\(￥([\d.]+)\)"}, "money", 300),
        ("lip × 3", {"extract": r"(\d+)$"}, "integer", 3),
        ("a1", {"strip": ("a",), "prefix": "i", "values": {"1": "2"}}, "id", "i2"),
    ],
)
def test_a_cell_is_worked_on_as_declared(make, given, value, kind, expected):
    assert make(Value(column="x", **value), kind, x=pd.Series([given], dtype="string")) == [(expected, [])]


@pytest.mark.parametrize(
    ("given", "value", "kind", "reason"),
    [
        ("1.2万", {}, "integer", "not a whole number"),
        ("1.2亿", {"units": ("万",)}, "integer", "not a whole number"),
        ("1.00001万", {"units": ("k",)}, "money", "not an amount of money"),
        ("1.2.3万", {"units": ("万",)}, "number", "not a finite number"),
        ("万", {"units": ("万",)}, "integer", "not a whole number"),
        ("1,23万", {"units": ("万",)}, "integer", "not a whole number"),
        ("3.00", {"extract": r"已退款\(￥([\d.]+)\)"}, "money", "not of the form declared in extract"),
        ("x", {"fill": "0"}, "integer", "not a whole number"),
    ],
)
def test_what_cannot_be_read_as_declared_is_refused(make, given, value, kind, reason):
    assert make(Value(column="x", **value), kind, x=pd.Series([given], dtype="string")) == [(None, [reason])]


@pytest.mark.parametrize(
    ("value", "kind", "columns", "expected"),
    [
        ({"sum": ("a", "b")}, "money", {"a": ["1.10"], "b": ["¥2.05"]}, 315),
        ({"sum": ("a", "b")}, "money", {"a": [0.1], "b": [0.2]}, 30),
        ({"difference": ("a", "b")}, "money", {"a": ["10"], "b": ["0.01"]}, 999),
        ({"product": ("a", "b")}, "money", {"a": ["3"], "b": ["19.99"]}, 5997),
        ({"product": ("a", "b")}, "money", {"a": ["0.8"], "b": ["9.90"]}, 792),
        ({"product": ("a", "b")}, "integer", {"a": [3], "b": [4]}, 12),
        ({"difference": ("a", "b")}, "number", {"a": ["1.5"], "b": ["2"]}, -0.5),
        ({"sum": ("a", "b", "c")}, "integer", {"a": ["1"], "b": [2], "c": ["3"]}, 6),
        ({"sum": ("a", "b"), "fill": "0"}, "money", {"a": [None], "b": ["2"]}, 200),
        ({"sum": ("a", "b")}, "money", {"a": [None], "b": ["2"]}, None),
        (
            {"days_between": ("a", "b")},
            "number",
            {"a": ["2025-01-31 12:00:00"], "b": ["2025-02-02 00:00:00"]},
            1.5,
        ),
        ({"days_between": ("a", "b")}, "number", {"a": ["2025-01-31"], "b": [None]}, None),
    ],
)
def test_several_columns_make_one(make, value, kind, columns, expected):
    columns = {
        name: pd.Series(cells, dtype="string" if cells[0] is None or isinstance(cells[0], str) else None)
        for name, cells in columns.items()
    }
    assert make(Value(**value), kind, **columns) == [(expected, [])]


@pytest.mark.parametrize(
    ("value", "kind", "a", "b", "reason"),
    [
        ({"product": ("a", "b")}, "money", "0.345", "12.80", "finer than a hundredth"),
        ({"sum": ("a", "b")}, "money", "x", "1", "a is not an amount of money"),
        ({"product": ("a", "b")}, "integer", "1.5", "3", "not a whole number"),
        ({"days_between": ("a", "b")}, "number", "2025-13-01", "2025-01-01", "a is not a time as declared"),
    ],
)
def test_what_several_columns_cannot_make_is_refused(make, value, kind, a, b, reason):
    ((made, (found,)),) = make(Value(**value), kind, a=pd.Series([a]), b=pd.Series([b]))
    assert made is None
    assert found.startswith(reason)


def test_fractions_are_filled_and_never_stripped(make):
    assert make(Value(column="x", fill="0"), "number", x=[None, 1.5]) == [(0.0, []), (1.5, [])]
    for value, message in (
        (Value(column="x", strip=("1",)), "for text"),
        (Value(column="x", fill="no"), "no number"),
    ):
        with pytest.raises(DataError, match=message):
            make(value, "number", x=[1.5])


def test_a_day_before_and_after_summer_time_is_a_day(make):
    days = make(
        Value(days_between=("a", "b"), timezone="Europe/London", time_formats=("%Y-%m-%d",)),
        "number",
        a=["2025-03-29"],
        b=["2025-03-31"],
    )
    assert days == [(pytest.approx(2 - 1 / 24), [])]  # true hours: the night has one fewer


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"one_of": ("C1",)}, ["C1"]),
        ({"starts_with": ("C", "D")}, ["C1", "C22", "D.1"]),
        ({"starts_with": ("D.",)}, ["D.1"]),
        ({"matches": r"^C\d$"}, ["C1"]),
        ({"matches": "2"}, ["C22"]),
        ({"empty": True}, [None]),
        ({"empty": True, "holds": False}, ["C1", "C22", "D.1"]),
        ({"starts_with": ("C",), "holds": False}, ["D.1", None]),
        ({"starts_with": ("C",), "empty": True}, ["C1", "C22", None]),
    ],
)
def test_conditions_choose_rows(one_connection, condition, expected):
    rows = ibis.memtable(pd.DataFrame({"x": pd.Series(["C1", "C22", "D.1", "-"], dtype="string")}))
    kept = rows.filter(holds(rows, Condition(column="x", **condition), SPEC))
    found = sorted(row["x"] for row in one_connection.to_pyarrow(kept).to_pylist())
    assert found == sorted("-" if text is None else text for text in expected)


def test_a_typed_column_stays_typed_when_nothing_is_done_to_it(make):
    moment = dt.datetime(2025, 1, 31, 12)
    assert make(Value(column="x"), "time", x=pd.Series([moment])) == [(moment, [])]
