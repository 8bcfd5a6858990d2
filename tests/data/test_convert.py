"""Values to types: money units, zones, numbers and flags, against what a careful person would write down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from helpers.data.convert import convert
from helpers.data.errors import DataError
from helpers.data.values import Declared, Remark

REFUSED = "refused"


def turned(connection, values, kind, **declared) -> list:
    """Convert a list of values; a refused value comes back as the word, a missing one as None."""
    column = values if isinstance(values, pa.Array) else pa.array(values)
    table = ibis.memtable(pa.table({"raw": column, "n": range(len(column))}))
    made = convert(table["raw"], kind, Declared(**declared), where="test")
    bad = ibis.literal(False)
    for reason, where in made.problems:
        bad = bad if isinstance(reason, Remark) else bad | where.fill_null(False)
    rows = connection.to_pyarrow(table.select("n", value=made.value, bad=bad).order_by("n")).to_pylist()
    assert all(row["value"] is None for row in rows if row["bad"])
    return [REFUSED if row["bad"] else row["value"] for row in rows]


@pytest.mark.parametrize(
    ("unit", "text", "cents"),
    [
        ("yuan", "¥1,234.50", 123450),
        ("yuan", "￥１２．５", 1250),
        ("yuan", "12元", 1200),
        ("yuan", "12.30 RMB", 1230),
        ("fen", "1234", 1234),
        ("fen", "12.5", REFUSED),
        ("yuan", "0.005", REFUSED),
        ("yuan", "12.345", REFUSED),
        ("yuan", "1,23.50", REFUSED),
        ("yuan", "1.234,50", REFUSED),
        ("yuan", "12 or so", REFUSED),
        ("yuan", "NaN", REFUSED),
        ("yuan", "1e3", REFUSED),
        ("yuan", "99999999999999999", REFUSED),
        ("pounds", "£-3.20", -320),
        ("dollars", "-$3.20", -320),
        ("yuan", "  ", None),
    ],
)
def test_money_as_text(one_connection, unit, text, cents):
    assert turned(one_connection, [text], "money", money=unit) == [cents]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        *(("9900", 9900), ("9,900", 9900), ("-5", -5), ("", None), ("ninety", REFUSED), ("99元", REFUSED)),
        *((text, REFUSED) for text in ("¥99.00", "¥99", "￥９９", "99.00", "99.5")),
    ],
)
def test_money_of_an_undeclared_unit_is_never_taken_for_hundredths(one_connection, text, cents):
    assert turned(one_connection, [text], "money", money="fen", money_declared=False) == [cents]


def test_money_as_numbers(one_connection):
    floats = [2.55, 0.1 + 0.2, 1.005, float("nan"), float("inf"), 12345678.91, None, -1.1]
    assert turned(one_connection, floats, "money", money="yuan") == [
        255,
        30,
        REFUSED,
        REFUSED,
        REFUSED,
        1234567891,
        None,
        -110,
    ]
    decimals = pa.array([Decimal("2.55"), Decimal("2.50"), None], pa.decimal128(10, 3))
    assert turned(one_connection, decimals, "money", money="yuan") == [255, 250, None]
    assert turned(one_connection, [3, 2**62], "money", money="yuan") == [300, REFUSED]
    assert turned(one_connection, [3, 2**62], "money", money="fen") == [3, 2**62]


def test_every_hundredth_survives_as_a_binary_fraction(one_connection):
    cents = np.random.default_rng(1).integers(0, 10**9, 5000)
    assert turned(one_connection, list(cents / 100), "money", money="yuan") == cents.tolist()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "１５００", 1500),
        ("integer", "1,500", 1500),
        ("integer", "12.0", 12),
        ("integer", "12.5", REFUSED),
        ("integer", "1e3", REFUSED),
        ("integer", "0x10", REFUSED),
        ("integer", "9999999999999999999", REFUSED),
        ("number", " 4.5 ", 4.5),
        ("number", "1e3", 1000.0),
        ("number", "1e400", REFUSED),
        ("number", "inf", REFUSED),
        ("number", "nan", REFUSED),
        ("number", "12,5", REFUSED),
        ("flag", "TRUE", True),
        ("flag", "否", False),
        ("flag", "2", REFUSED),
        ("id", " k1 ", "k1"),
        ("id", "１", "１"),
        ("text", "", None),
    ],
)
def test_numbers_flags_and_names_as_text(one_connection, kind, text, value):
    assert turned(one_connection, [text], kind) == [value]


def test_typed_columns(one_connection):
    assert turned(one_connection, [1.0, 1.5, None, 2.0**60], "integer") == [1, REFUSED, None, REFUSED]
    assert turned(one_connection, [17850.0, 1.5, None], "id") == ["17850", REFUSED, None]
    assert turned(one_connection, [0, 7, None], "id", nulls=("0",)) == [None, "7", None]
    large = 1234567890123456789
    assert turned(one_connection, [0, large, None], "id", nulls=("0", "0.5")) == [None, str(large), None]
    assert turned(one_connection, [1.0, float("inf"), float("nan")], "number") == [1.0, REFUSED, REFUSED]
    assert turned(one_connection, [1, 0, 2], "flag") == [True, False, REFUSED]
    assert turned(one_connection, pa.array([2**63], pa.uint64()), "integer") == [REFUSED]
    assert turned(one_connection, pa.nulls(2), "integer") == [None, None]


@pytest.mark.parametrize("kind", ["flag", "time", "money"])
def test_a_type_that_cannot_mean_it_is_refused_at_once(one_connection, kind):
    with pytest.raises(DataError, match="cannot be read as"):
        turned(one_connection, [[1, 2]], kind, timezone="UTC", money="fen")


UTC_ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Kolkata")
UTC_ZONES += ("Australia/Lord_Howe",)


@pytest.mark.parametrize("zone", UTC_ZONES)
def test_clock_times_of_a_zone_against_python(one_connection, zone):
    rng = np.random.default_rng(2)
    hours = rng.integers(0, 4 * 365 * 24, 400)
    clocks = [dt.datetime(2022, 1, 1, 0, 30) + dt.timedelta(hours=int(hour)) for hour in hours]

    clocks += [dt.datetime(2025, 11, 2, 1, 30), dt.datetime(2025, 10, 26, 1, 59, 59)]
    clocks += [dt.datetime(2025, 4, 6, 1, 45), dt.datetime(2025, 10, 26, 1), dt.datetime(2025, 10, 26, 2)]

    def expected(clock: dt.datetime, fold: str):
        first, second = (clock.replace(tzinfo=ZoneInfo(zone), fold=n).astimezone(dt.UTC) for n in (0, 1))
        if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != clock:
            return REFUSED
        if first != second and not fold:
            return REFUSED
        return (second if fold == "later" else first).replace(tzinfo=None)

    texts = [clock.isoformat(sep=" ") for clock in clocks]
    for fold in ("", "earlier", "later"):
        wanted = [expected(clock, fold) for clock in clocks]
        assert turned(one_connection, texts, "time", timezone=zone, fold=fold) == wanted
        assert turned(one_connection, clocks, "time", timezone=zone, fold=fold) == wanted


def test_a_time_that_summer_time_skipped_is_refused(one_connection):
    times = ["2011-03-27 01:30:00", "2011-03-27 02:30:00"]
    assert turned(one_connection, times, "time", timezone="Europe/London") == [
        REFUSED,
        dt.datetime(2011, 3, 27, 1, 30),
    ]


@pytest.mark.parametrize(
    ("text", "formats", "moment"),
    [
        ("2025-01-01T10:00:00+08:00", (), "2025-01-01 02:00"),
        ("2025-01-01 10:00:00.250-0330", (), "2025-01-01 13:30:00.250"),
        ("2025-01-01T10:00Z", (), "2025-01-01 10:00"),
        ("2025-01-01T10:00:00+99:00", (), REFUSED),
        ("2025-01-01", (), "2024-12-31 16:00"),
        ("２０２５-01-01 10：00", (), "2025-01-01 02:00"),
        ("2025/1/1 10:00", (), REFUSED),
        ("2025/1/1 10:00", ("%Y/%m/%d %H:%M",), "2025-01-01 02:00"),
        ("2025年1月1日", ("%Y-%m-%d", "%Y年%m月%d日"), "2024-12-31 16:00"),
        ("20250101", ("%Y%m%d",), "2024-12-31 16:00"),
        ("1735725600", ("epoch_seconds",), "2025-01-01 10:00"),
        ("1735725600250", ("epoch_milliseconds",), "2025-01-01 10:00:00.250"),
        ("2025-01-01", ("epoch_seconds",), REFUSED),
        ("2025-13-01", (), REFUSED),
        ("2025-01-01 10:00:00.123456000", (), "2025-01-01 02:00:00.123456"),
        ("2025-01-01T10:00:00.120000000Z", (), "2025-01-01 10:00:00.12"),
        ("2025-01-01 10:00:00.123456789", (), REFUSED),
        ("1735725600250000000", ("epoch_milliseconds",), REFUSED),
        ("01/02/2025 10:00:00 +0000", ("%d/%m/%Y %H:%M:%S %z",), "2025-02-01 10:00"),
    ],
)
def test_times_as_text(one_connection, text, formats, moment):
    wanted = moment if moment == REFUSED else pd.Timestamp(moment).to_pydatetime()
    assert turned(one_connection, [text], "time", timezone="Asia/Shanghai", time_formats=formats) == [wanted]


@pytest.mark.parametrize(
    ("text", "formats", "moment"),
    [
        ("03/04/2025", ("%d/%m/%Y", "%m/%d/%Y"), REFUSED),
        ("13/04/2025", ("%d/%m/%Y", "%m/%d/%Y"), "2025-04-13"),
        ("04/04/2025", ("%d/%m/%Y", "%m/%d/%Y"), "2025-04-04"),
        ("20250101", ("%Y%m%d", "epoch_seconds"), REFUSED),
        ("1735725600", ("epoch_seconds", "epoch_milliseconds"), REFUSED),
        ("2025-01-01 10:00", ("%Y-%m-%d %H:%M", "epoch_seconds"), "2025-01-01 10:00"),
    ],
)
def test_a_time_that_two_declared_formats_read_differently_is_refused(one_connection, text, formats, moment):
    wanted = moment if moment == REFUSED else pd.Timestamp(moment).to_pydatetime()
    assert turned(one_connection, [text], "time", timezone="UTC", time_formats=formats) == [wanted]


def test_dates_as_numbers_need_a_format(one_connection):
    assert turned(one_connection, [20250101], "time", timezone="UTC") == [REFUSED]
    assert turned(one_connection, [20250101], "time", timezone="UTC", time_formats=("%Y%m%d",)) == [
        dt.datetime(2025, 1, 1)
    ]


@pytest.mark.parametrize(
    ("currency", "unit", "text", "cents"),
    [
        ("EUR", "euros", "$100.00", REFUSED),
        ("EUR", "euros", "€100.00", 10000),
        ("EUR", "euros", "100.00 eur", 10000),
        ("EUR", "euros", "100.00 USD", REFUSED),
        ("EUR", "euros", "€100.00 USD", REFUSED),
        ("CNY", "yuan", "¥12元", 1200),
        ("CNY", "yuan", "￥12 RMB", 1200),
        ("CNY", "yuan", "HK$12", REFUSED),
        ("JPY", "dollars", "¥12", 1200),
        ("USD", "dollars", "US$12", 1200),
        ("USD", "dollars", "A$12", REFUSED),
        ("AUD", "dollars", "$12", 1200),
        ("GBP", "pence", "12 €", REFUSED),
        ("CNY", "fen", "12 CNY", 12),
    ],
)
def test_a_sign_of_another_currency_is_refused(one_connection, currency, unit, text, cents):
    assert turned(one_connection, [text], "money", money=unit, currency=currency) == [cents]


@pytest.mark.parametrize(
    ("kind", "decimal", "text", "value"),
    [
        ("money", "", "1.500", REFUSED),
        ("money", "", "€ 1.500", REFUSED),
        ("money", "", "0.500", 50),
        ("money", "", "1.50", 150),
        ("money", ".", "1.500", 150),
        ("money", ",", "1.500", 150000),
        ("money", ",", "1.234.567,8", 123456780),
        ("money", ",", "-12,50 €", -1250),
        ("money", ",", "1,234.50", REFUSED),
        ("money", ",", "12.50", REFUSED),
        ("money", ",", "15", 1500),
        ("integer", "", "1.000", REFUSED),
        ("integer", "", "1.0", 1),
        ("integer", ",", "1.000", 1000),
        ("integer", ".", "1.000", 1),
        ("number", ",", "2,5", 2.5),
        ("number", ",", "2.5", REFUSED),
    ],
)
def test_three_decimals_need_a_declared_sign(one_connection, kind, decimal, text, value):
    assert turned(one_connection, [text], kind, money="euros", decimal=decimal) == [value]


@pytest.mark.parametrize("values", [[10.0, None], [Decimal("10"), None], [10.5, None]])
def test_fractions_of_an_undeclared_unit_are_refused(one_connection, values):
    assert turned(one_connection, values, "money", money="fen", money_declared=False) == [REFUSED, None]


@pytest.mark.parametrize("kind", ["id", "integer", "number", "money", "flag", "time"])
def test_not_a_number_refuses_its_row_and_not_its_table(one_connection, kind):
    declared = {"money": "fen", "timezone": "UTC", "time_formats": ("epoch_seconds",)}
    values = pa.array([1.0, float("nan"), float("inf"), None])
    found = turned(one_connection, values, kind, **declared)
    assert found[0] is not None
    assert found[1:] == [REFUSED, REFUSED, None]


@pytest.mark.parametrize("kind", ["id", "integer", "time"])
def test_whole_numbers_too_large_for_a_single_fraction_are_refused(one_connection, kind):
    values = pa.array([16_777_217.0], pa.float32())
    assert turned(one_connection, values, kind, timezone="UTC", time_formats=("epoch_seconds",)) == [REFUSED]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.38E+10", REFUSED),
        ("1e+15", REFUSED),
        ("1E5", "1E5"),
        ('="2468013579000000000"', "2468013579000000000"),
        ("'2468", "2468"),
        ('=""', None),
        ("'", "'"),
        ('="a"b"', '="a"b"'),
        ("\t k1\v\n", "k1"),
        ("vip female", "vip female"),
        ("null", "null"),
    ],
)
def test_ids_as_text(one_connection, text, value):
    assert turned(one_connection, [text], "id") == [value]


def test_words_for_nothing_are_remarked_on_unless_declared(one_connection):
    words = ["null", "NaN", "None", "NA", "nadia"]
    made = convert(ibis.memtable({"raw": words})["raw"], "id", Declared(), where="test")
    ((said, where),) = [(reason, here) for reason, here in made.problems if isinstance(reason, Remark)]
    assert "write it into nulls" in said
    assert one_connection.to_pyarrow(where).to_pylist() == [True] * 4 + [False]
    assert turned(one_connection, words, "id", nulls=tuple(words[:4])) == [None] * 4 + ["nadia"]


@pytest.mark.parametrize("values", [["1200"], [1200]])
def test_currencies_without_hundredths_have_their_unit_declared(one_connection, values):
    for currency, unit in (("JPY", "yen"), ("KRW", "won"), ("VND", "whole"), ("IDR", "whole")):
        declared = {"money": unit, "currency": currency}
        assert turned(one_connection, values, "money", **declared) == [120_000]
        undeclared = {"money": "cents", "currency": currency, "money_declared": False}
        assert turned(one_connection, values, "money", **undeclared) == [REFUSED]
    euros = {"money": "cents", "currency": "EUR", "money_declared": False}
    assert turned(one_connection, values, "money", **euros) == [1200]


@pytest.mark.parametrize(("nanoseconds", "cut"), [(123_456_000, False), (123_456_789, True)])
def test_typed_times_finer_than_kept_are_remarked_on(one_connection, nanoseconds, cut):
    moment = pa.array([1_735_725_600 * 10**9 + nanoseconds], pa.timestamp("ns"))
    table = ibis.memtable(pa.table({"raw": moment}))
    made = convert(table["raw"], "time", Declared(timezone="UTC"), where="test")
    said = {str(reason): table.select(hit=where).execute()["hit"].iloc[0] for reason, where in made.problems}
    assert bool(said["cut to the microsecond"]) == cut
