"""Sheets of a workbook: what a cell says as text, which rows count, and workbooks that cannot be used."""

from __future__ import annotations

import datetime as dt

import pytest

from helpers.data.errors import DataError
from helpers.data.sheet import text_of_cell
from tests.data.workbooks import workbook

SHOP = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
HEAD = ["item_id", "title", "list_price_cents", "launched_at"]
ONE = ["i1", "Rouge", 12.5, ("45000.5", "date")]


def mapping(extra: str = "") -> str:
    return f'{SHOP}[files.items]\npath = "items.xlsx"\nmoney = "yuan"\ntimezone = "Asia/Shanghai"\n{extra}'


@pytest.fixture
def load_sheet(load_raw, raw_folder):
    """Return `(sheets or bytes, extra="") -> Loaded` for a folder whose items are a workbook."""
    (raw_folder / "items.csv").unlink()

    def run(content, extra: str = "", **options):
        packed = content if isinstance(content, bytes) else workbook(content, **options)
        return load_raw({"items.xlsx": packed}, source=mapping(extra))

    return run


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (12.0, "12"),
        (-3, "-3"),
        (0.1 + 0.2, "0.3"),
        (19.900000000000002, "19.9"),
        (1e-7, "1E-07"),
        (10**15 - 1, "999999999999999"),
        (2468013579000000001, "2.468013579E+18"),
        (True, "true"),
        ("  007 ", "007"),
        (dt.date(2025, 1, 31), "2025-01-31 00:00:00"),
        (dt.datetime(2025, 1, 31, 9, 59, 59, 999_600), "2025-01-31 10:00:00"),
        (dt.datetime(2025, 1, 31, 9, 59, 59, 500_000), "2025-01-31 09:59:59.500000"),
    ],
)
def test_a_cell_as_text(value, text):
    assert text_of_cell(value) == text


def test_rows_of_a_sheet_are_counted_and_read_as_text(load_sheet):
    lines = [
        HEAD,
        ONE,
        [],
        ["i2", ("#N/A", "e"), 9.9, "2025-01-31 10:00:00"],
        ["i3", "x", ("1+1", "f"), None],
        ["i4", "x", 1, None, None, "a note far right"],
        [2468013579000000001, "x", 1, ("45001", "date")],
        ["i6", "x", 1.005, ("45001", "date")],
        [],
        ["   "],
    ]
    loaded = load_sheet({"goods": lines}, dimension="A1")  # a size that is not true
    items = loaded.accepted("items")
    assert items[["item_id", "list_price_cents"]].to_numpy().tolist()[:2] == [["i1", 1250], ["i2", 990]]
    assert items["launched_at"].astype(str).tolist()[:2] == ["2023-03-15 04:00:00", "2025-01-31 02:00:00"]
    receipt = loaded.receipt.tables["items"]
    assert receipt.read == 7 == receipt.accepted + receipt.quarantined
    refused = loaded.quarantine("items").set_index("line")["reasons"].to_dict()
    assert refused[3] == "blank row"
    assert "formula without a stored result" in refused[5]
    assert refused[6] == "6 cells where 4 are expected"
    assert refused[7].startswith("item_id: rounded by a spreadsheet")
    assert refused[8] == "list_price_cents: finer than a hundredth"  # stored as a number: no thousands
    assert loaded.receipt.files["items"].outside == 2


@pytest.mark.parametrize(
    ("price", "why"),
    [(1.25, ""), (12.345, "finer than a hundredth"), ("12.345", "may be thousands or three decimals")],
)
def test_three_decimals_are_asked_about_only_where_they_are_stored_as_text(load_sheet, price, why):
    loaded = load_sheet({"goods": [HEAD, ONE, ["i2", "x", price, ONE[3]]]})
    refused = loaded.quarantine("items")["reasons"].tolist()
    assert [why in one for one in refused] == ([True] if why else [])


def test_header_and_footer_of_a_sheet(load_sheet):
    lines = [["Goods of May"], [], HEAD, ONE, [], ["Total", None, 12.5], ["late", "x", 1, None]]
    extra = "header_line = '^item_id\\t'\nfooter = ['^Total']\ntime_formats = ['%d/%m/%Y']\n"
    loaded = load_sheet({"May": lines}, extra)
    assert loaded.accepted("items")["item_id"].tolist() == ["i1"]
    assert loaded.quarantine("items")[["line", "reasons"]].to_numpy().tolist() == [
        [7, "stands behind the footer in row 6"]
    ]
    assert loaded.receipt.files["items"].outside == 4  # two above, the footer and the blank before it


@pytest.mark.parametrize(
    ("content", "extra", "message"),
    [
        (b"PK\x03\x04 not a workbook", "", "items.xlsx is not a whole XLSX workbook"),
        (b"id,name\n1,2\n", "", "items.xlsx is not a whole XLSX workbook"),
        (workbook({"goods": [HEAD, ONE]})[:-300], "", "items.xlsx is not a whole XLSX workbook"),
        ({"a": [HEAD, ONE], "b": [HEAD]}, "", "has 2 sheets; declare sheet = one of a, b"),
        ({"a": [HEAD, ONE]}, "sheet = 'c'", "has no sheet 'c'; it has a"),
        ({"a": []}, "", "no header is found at header_line = 1"),
        ({"a": [["item_id", None, "title"], ["i1", "x", "y"]]}, "", "the header has an empty name"),
        ({"a": [["item_id", "ITEM_ID"], ["i1", "x"]]}, "", "more than once"),
        ({"a": [HEAD, ONE]}, "header_line = 9", "no header is found at header_line = 9"),
        ({"a": [HEAD, ONE]}, "header_line = 'SKU'", "no header is found at header_line = 'SKU'"),
    ],
)
def test_a_workbook_that_cannot_be_used_says_why(load_sheet, content, extra, message):
    with pytest.raises(DataError, match=message):
        load_sheet(content, extra)


def test_a_sheet_is_chosen_by_name(load_sheet):
    loaded = load_sheet({"notes": [["hello"]], "goods": [HEAD, ONE]}, "sheet = 'goods'")
    assert loaded.accepted("items")["title"].tolist() == ["Rouge"]
