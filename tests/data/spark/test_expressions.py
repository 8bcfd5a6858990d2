"""Portable expressions mean the same on Spark, on DuckDB and in plain Python, on hostile words."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from helpers.data.clock import Clock
from helpers.data.convert import convert
from helpers.data.values import Declared, narrow, trimmed
from tests.data.hostile import TEXTS

BLANKS = " \t\n\v\f\r"


def table_of(values, kind) -> ibis.expr.types.Table:
    return ibis.memtable(pa.table({"n": range(len(values)), "x": pa.array(values, kind)}))


def columns_on(connection, rows, **columns) -> dict[str, list]:
    """All expressions in one query: a session's own time for a query is most of the time of each."""
    return connection.to_pyarrow(rows.select("n", **columns).order_by("n")).to_pydict()


def assert_alike(one: dict[str, list], other: dict[str, list], values) -> None:
    """Compared by what is written, so that -0.0, 0.0, nan and true, 1 are told apart."""
    for name in one:
        pairs = zip(values, one[name], other[name], strict=True)
        assert [(value, a, b) for value, a, b in pairs if repr(a) != repr(b)] == [], name


def capital(letter: str) -> str:
    made = "ẞ" if letter == "ß" else letter.upper()
    return made if len(made) == 1 else letter.title()


# name: (expression, the same in plain Python of a text that is there)
TEXT = {
    "trimmed": (trimmed, lambda text: text.strip(BLANKS)),
    "lower": (
        lambda x: x.lower(),
        lambda text: "".join({"İ": "i"}.get(one, one.lower()) for one in text),
    ),
    "upper": (lambda x: x.upper(), lambda text: "".join(map(capital, text))),
    "length": (lambda x: x.length(), len),
    "substr": (lambda x: x.substr(1, 2), lambda text: text[1:3]),
    "sha256": (lambda x: x.hexdigest("sha256"), lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "starts": (lambda x: x.startswith("v"), lambda text: text.startswith("v")),
    "contains": (lambda x: x.contains("."), lambda text: "." in text),
    "replace": (lambda x: x.replace("a", "$1\\1"), lambda text: text.replace("a", "$1\\1")),
    "concat": (lambda x: x + "\v\a" + x, lambda text: f"{text}\v\a{text}"),
    "is_in": (lambda x: x.isin(("", "v", "\f", "\\v")), lambda text: text in ("", "v", "\f", "\\v")),
    "less": (lambda x: x < "a", lambda text: text.encode() < b"a"),
    "least": (lambda x: ibis.least(x, x.substr(1)), lambda text: min(text, text[1:], key=str.encode)),
    "split": (lambda x: x.split("."), lambda text: text.split(".")),
    "split_bar": (lambda x: x.split("|"), lambda text: text.split("|")),
    "whole_line": (lambda x: x.re_search("^.$"), lambda text: bool(re.fullmatch(r"[^\n]", text))),
    "ends": (lambda x: x.re_search(r"\d$"), lambda text: bool(re.search(r"[0-9]\Z", text))),
    "blanks": (lambda x: x.re_replace(r"\s+", "_"), lambda text: re.sub(r"[\t\n\f\r ]+", "_", text)),
    "words": (lambda x: x.re_search(r"^\w+$"), lambda text: bool(re.fullmatch(r"[0-9A-Za-z_]+", text))),
    "groups": (
        lambda x: x.re_replace(r"(\d)(\d)", r"\2$\1\\"),
        lambda text: re.sub(r"([0-9])([0-9])", r"\2$\1\\", text),
    ),
    "extract": (
        lambda x: x.re_extract(r"(\d+)([a-z])?", 2),
        lambda text: (found[2] or "") if (found := re.search(r"([0-9]+)([a-z])?", text)) else "",
    ),
    "class": (
        lambda x: x.re_replace(r"[[:alpha:]\[&&]+", "#"),
        lambda text: re.sub(r"[A-Za-z\[&]+", "#", text),
    ),
    "script": (lambda x: x.re_search(r"\p{Han}"), lambda text: bool(re.search("[口红是𠮷]", text))),
    "folded": (lambda x: x.re_search("(?i)^[ks]$"), lambda text: text in (*"kKsS", "ſ", "K")),
}


def test_texts(spark, duckdb):
    rows = table_of(TEXTS, pa.string())
    made = {name: turn(rows.x) for name, (turn, _) in TEXT.items()}
    expected = {
        name: [None if text is None else plain(text) for text in TEXTS] for name, (_, plain) in TEXT.items()
    }
    found = columns_on(duckdb, rows, **made, narrow=narrow(rows.x))
    assert_alike(found, columns_on(spark, rows, **made, narrow=narrow(rows.x)), TEXTS)
    assert_alike({name: found[name] for name in TEXT}, expected, TEXTS)


def test_every_character_of_a_literal_arrives(spark):
    texts = [*map(chr, range(160)), "\u2028", "\ufeff", "😀", "\\u0041", "\\v", "%_", "\\%", "''", "\r\n"]
    rows = ibis.memtable({"n": [0]}).select(**{f"c{n}": ibis.literal(text) for n, text in enumerate(texts)})
    (found,) = spark.to_pyarrow(rows).to_pylist()
    assert list(found.values()) == texts


def conversions(rows, kinds, **declared) -> dict:
    """The values and every problem of reading a column as each kind, with their words."""
    made = {}
    for kind in kinds:
        one = convert(rows.x, kind, Declared(**declared), where="hostile.x")
        made[kind] = one.value
        made |= {f"{kind}: {reason}": here for reason, here in one.problems}
    return made


KINDS = ("id", "text", "integer", "number", "money", "flag")


def test_texts_are_read_as_the_contract_says(spark, duckdb):
    rows = table_of(TEXTS, pa.string())
    made = conversions(rows, KINDS, nulls=("null", "\f"), money="yuan", currency="CNY")
    made |= {
        f"{name} ,": one for name, one in conversions(rows, KINDS[2:5], money="fen", decimal=",").items()
    }
    assert_alike(columns_on(duckdb, rows, **made), columns_on(spark, rows, **made), TEXTS)


TYPED = {
    "floats": (
        [
            0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 2.675, 1.005, 19.99, 12.34, 0.49999999999999994, 1e15 + 0.5, 1e18,
            9.3e18, 1e300, math.nan, math.inf, -math.inf, None,
        ],
        pa.float64(),
        KINDS,
    ),
    "integers": (
        [0, 1, -1, 2**63 - 1, -(2**63), 1234567890123456789, 20250131, 10**13, None],
        pa.int64(),
        KINDS,
    ),
    "decimals": (
        [Decimal("1.50"), Decimal("-2.50"), Decimal("2.00"), Decimal("99999999999999.99"), None],
        pa.decimal128(18, 2),
        ("text", "integer", "number", "money"),
    ),
    "flags": ([True, False, None], pa.bool_(), ("flag", "text")),
}  # fmt: skip


@pytest.mark.parametrize("name", TYPED)
def test_typed_columns_are_read_as_the_contract_says(spark, duckdb, name):
    values, kind, kinds = TYPED[name]
    rows = table_of(values, kind)
    made = conversions(rows, kinds, nulls=("0", "-1"), money="yuan", currency="CNY")
    made |= {"rank": ibis.row_number().over(order_by=[rows.x, rows.n]), "null": rows.x.isnull()}
    made["falling"] = ibis.row_number().over(order_by=[rows.x.desc(), rows.n])
    if name == "integers":
        x = rows.x.between(-(2**62), 2**62).ifelse(rows.x, None)
        made |= {"div": x // 7, "div_down": x // -7, "rest": x % 7, "bit": (x >> 3) & 1}
    if name == "floats":
        made |= {"round": rows.x.round(), "clip": rows.x.clip(0.0, 1.0), "over": rows.x > 1}
        made = {name: rows.x.abs().between(0, 1e13).ifelse(one, None) if name == "round" else one
                for name, one in made.items()}  # fmt: skip
    assert_alike(columns_on(duckdb, rows, **made), columns_on(spark, rows, **made), values)


MOMENTS = [
    dt.datetime(2025, 1, 1, 10, 0, 0, 700_000), dt.datetime(1969, 12, 31, 23, 59, 59, 700_000),
    dt.datetime(2025, 3, 30, 2, 30), dt.datetime(2025, 10, 26, 2, 30), dt.datetime(2024, 2, 29), None,
]  # fmt: skip
FORMATS = (
    "%Y-%m-%d", "%Y%m%d", "%d/%m/%y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %I:%M %p",
    "%d %b %Y", "%d %B %Y", "%Y年%m月%d日", "%Y-%m-%dT%H:%M", "%%%Y",
)  # fmt: skip
WRITTEN = (
    "25-01-01", "2025-1-1", "2025-1-1 9:5:3", "20250101", "202511", "2025111", " 2025-01-01 ", "2025-02-30",
    "2025-01-01  10:00", "2025-01-01 24:00:00", "2025-01-01 10:00:60", "2025-01-01 12:00 PM",
    "2025-01-01 12:00 am",
    "2025-01-01 13:00 PM", "2025-01-01 10:00:00.5", "2025-01-01 10:00:00.1234567", "1/2/25", "1/2/69",
    "1/2/68", "3 Jan 2025", "3 january 2025", "12025-01-01", "2025-001-1", "2025年1月1日",
    "2025-01-01T10:00", "%2025",
)  # fmt: skip


def test_clocks(spark, duckdb):
    rows = table_of(MOMENTS, pa.timestamp("us"))
    clock = Clock(zone="Europe/Paris", first=dt.datetime(1969, 1, 1), last=dt.datetime(2026, 1, 1))
    x = rows.x
    made = {
        **{f"start_{unit}": x.truncate(unit) for unit in "DWMQY"},
        "shown": clock.shown(x), "stored": clock.stored(x), "days": x.epoch_seconds() // 86_400,
        "month": x.year() * 12 + x.month() - 1, "hour": x.hour(), "weekday": x.day_of_week.index(),
        "later": x + ibis.interval(days=90) - ibis.interval(hours=1), "before": x < ibis.literal(MOMENTS[2]),
        "text": x.cast("string"),
    }  # fmt: skip
    moments = rows.x.cast("timestamp('UTC')")
    made["moment"] = convert(moments, "time", Declared(timezone="Asia/Shanghai"), where="hostile.x").value
    for fold in ("", "earlier", "later"):
        for zone in ("UTC", "Asia/Shanghai", "Europe/Paris", "Australia/Lord_Howe"):
            read = conversions(rows, ("time",), timezone=zone, fold=fold)
            made |= {f"{zone} {fold} {name}": one for name, one in read.items()}
    assert_alike(columns_on(duckdb, rows, **made), columns_on(spark, rows, **made), MOMENTS)


def test_written_times(spark, duckdb):
    texts = (*WRITTEN, *TEXTS)
    rows, made = table_of(texts, pa.string()), {}
    for zone, fold in (("Asia/Shanghai", ""), ("Europe/Paris", "earlier")):
        read = conversions(rows, ("time",), timezone=zone, fold=fold)
        made |= {f"{zone} {name}": one for name, one in read.items()}
    for number, form in enumerate(FORMATS):
        read = conversions(rows, ("time",), timezone="UTC", time_formats=(form,))
        made |= {f"{number} {name}": one for name, one in read.items()}
    several = ("epoch_seconds", "epoch_milliseconds", "%Y%m%d", "excel_days")
    made |= conversions(rows, ("time",), timezone="UTC", time_formats=several)
    assert_alike(columns_on(duckdb, rows, **made), columns_on(spark, rows, **made), texts)


def groups() -> ibis.expr.types.Table:
    return ibis.memtable(
        pa.table(
            {
                "n": range(12),
                "k": ["a", "v", None, "a", "f", None, "v", "a", "f", "z", "a", "v"],
                "x": pa.array([1, None, 3, 4, None, 6, 7, 8, None, None, 9, 2**62 + 1], pa.int64()),
                "b": pa.array([1, None, 0, 1, None, None, 0, 1, None, None, 0, 1]).cast(pa.bool_()),
                "t": ["b", None, "c", "B", "é", None, "Z", "z", "中", "", None, "a"],
            }
        )
    )


def summaries(rows) -> dict:
    """No argmax by a column of nulls: of nulls alone DuckDB takes any row, and Spark none."""
    x, b, t = rows.x, rows.b, rows.t
    return {
        "rows": rows.count(), "some": rows.count(where=x > 100), "count": x.count(), "true": x.count(where=b),
        "sum": x.sum(), "none": x.sum(where=x < 0), "any": b.any(), "all": b.all(), "first": t.min(),
        "last": t.max(), "kinds": t.nunique(), "by_n": t.argmin(rows.n), "by_x": t.argmax(rows.n),
        "known": t.argmin(rows.n, where=t.notnull()), "median": x.median(), "quarter": x.quantile(0.25),
        "bits": x.bit_or(), "mean": x.mean(), "lacks": x.isnull().any(),
    }  # fmt: skip


RELATIONS = {
    "grouped": lambda rows: rows.group_by("k").agg(**summaries(rows)),
    "of no rows": lambda rows: rows.filter(rows.n > 99).agg(**summaries(rows.filter(rows.n > 99))),
    "joined": lambda rows: rows.join(rows.select(k="k", m="n"), "k"),
    "left": lambda rows: rows.left_join(rows.filter(rows.b).select(k="k", m="n"), "k"),
    "semi": lambda rows: rows.semi_join(rows.filter(rows.b), "k"),
    "anti": lambda rows: rows.anti_join(rows.filter(rows.b), "k"),
    "once": lambda rows: rows.select("k", "b").union(rows.select("k", "b"), distinct=True),
    "ranked": lambda rows: rows.mutate(
        place=ibis.row_number().over(group_by=rows.k, order_by=[rows.t.desc(), rows.n]),
        rising=ibis.row_number().over(order_by=[rows.t, rows.n]),
    ),
    "long": lambda rows: rows.group_by("k").agg(p_0=rows.x.count(), p_1=rows.n.sum()).pivot_longer(
        ["p_0", "p_1"], names_to="p", values_to="v", names_transform=lambda name: int(name[2:])
    ),
    "listed": lambda rows: rows.filter(rows.t.notnull() & rows.k.notnull())
    .mutate(e=(rows.t + "|" + rows.k).split("|")).unnest("e", offset="at"),
}  # fmt: skip


@pytest.mark.parametrize("name", RELATIONS)
def test_relations(spark, duckdb, name):
    made = RELATIONS[name](groups())
    one, other = (sorted(map(repr, c.to_pyarrow(made).to_pylist())) for c in (duckdb, spark))
    assert one == other


def test_whole_numbers_beside_nulls_are_not_rounded_on_their_way(spark):
    values = [1234567890123456789, None]
    rows = table_of(values, pa.int64())
    assert spark.to_pyarrow(rows.order_by("n"))["x"].to_pylist() == values
    assert spark.execute(rows.order_by("n"))["x"].iloc[0] == values[0]
