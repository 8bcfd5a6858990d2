"""Amounts of several currencies: turned into the shop's by declared rates, counted, or refused by row."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from helpers.data.errors import DataError
from helpers.data.source_file import read_source

HEADER = "order_id,line_number,item_id,quantity,unit_price_cents,cur\n"
SOURCE = """currency = "CNY"
timezone = "Asia/Shanghai"
[rates]
USD = 7.15
EUR = 7.8
[files.order_lines]
path = "order_lines.csv"
money = "yuan"
currency_column = "cur"
"""


def lines(*cells: tuple[str, str]) -> dict[str, str]:
    rows = (f"o1,{n},i1,1,{price},{code}\n" for n, (price, code) in enumerate(cells, 1))
    return {"order_lines.csv": HEADER + "".join(rows)}


def test_amounts_become_the_shops_and_are_counted(load_raw):
    cells = [
        ("10.00", "CNY"),
        ("10.00", "USD"),
        ("$0.01", " usd "),
        ("€2.50", "EUR"),
        ("5", "GBP"),
        ("6", ""),
    ]
    loaded = load_raw(lines(*cells), source=SOURCE)
    assert loaded.accepted("order_lines")["unit_price_cents"].tolist() == [1000, 7150, 7, 1950]
    receipt = loaded.receipt.tables["order_lines"]
    reason = "unit_price_cents: in a currency without a rate (known are CNY, USD, EUR)"
    assert dict(receipt.reasons) == {reason: 2}
    assert dict(receipt.remarks) == {"unit_price_cents: turned into CNY by the declared rates": 3}
    assert loaded.receipt.files["order_lines"].unused_columns == ()


def test_every_amount_is_rounded_to_the_nearest_hundredth(load_raw):
    cents = np.random.default_rng(1).integers(0, 10**7, 500)
    loaded = load_raw(lines(*((f"{cent / 100:.2f}", "USD") for cent in cents)), source=SOURCE)
    wanted = [int((Decimal(int(cent)) * Decimal("7.15")).quantize(0, ROUND_HALF_UP)) for cent in cents]
    assert loaded.accepted("order_lines")["unit_price_cents"].tolist() == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[rates]\nusd = 7", "three capital letters"),
        ("[rates]\nUSD = '7'", "must be the worth of one USD in the shop's currency"),
        ("[rates]\nUSD = 0", "must be the worth of one USD"),
        ("rates = 7", "must be a table of keys"),
    ],
)
def test_rates_that_cannot_be_meant_are_refused(tmp_path, text, message):
    (tmp_path / "source.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        read_source(tmp_path / "source.toml")


def test_a_currency_column_that_is_not_there_is_named(load_raw):
    with pytest.raises(DataError, match=r"order_lines\.csv has no column 'curr'.*Did you mean 'cur'"):
        load_raw(lines(("1", "CNY")), source=SOURCE.replace('"cur"', '"curr"'))


@pytest.mark.parametrize(
    ("codes", "found"),
    [("CNY USD usd EUR", ["75.0 % of the rows of order_lines.csv"]), ("CNY CNY", []), ("x USD", [])],
)
def test_rows_of_another_currency_that_nobody_declared_are_doubted(load_raw, codes, found):
    undeclared = SOURCE.replace('currency_column = "cur"\n', "")
    loaded = load_raw(lines(*(("10.00", code) for code in codes.split())), source=undeclared)
    doubts = [doubt for doubt in loaded.receipt.doubts if "currency" in doubt.found]
    assert [doubt.found.split(" are in")[0] for doubt in doubts] == found
    assert all("USD" in doubt.found and "CNY by the column cur" in doubt.found for doubt in doubts)
