"""The small inputs beside the project that once failed: each gives what its `expected.md` calls right."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable

import pandas as pd
import pytest

from helpers.data.load import load
from helpers.data.open import open_shop
from helpers.data.receipt import Receipt
from helpers.data.shop import Shop
from helpers.paths import project_folder
from tests.data.conftest import TODAY

CASES = project_folder().parent / "shared" / "cases"
ROUNDED = "rounded by a spreadsheet (such as 1.38E+10), export it again as text"
UNCLEAR = 'may be thousands or three decimals, declare decimal = "." or decimal = ","'


def reasons(receipt: Receipt, table: str, column: str) -> dict[str, int]:
    """Return what refused rows of a table for one of its columns."""
    found = receipt.tables[table].reasons
    mine = {why.split(": ", 1)[1]: rows for why, rows in found.items() if why.startswith(column)}
    return {why: rows for why, rows in mine.items() if "names none of" not in why}


def mixed_encodings(shop: Shop) -> None:
    assert shop.receipt.files["l"].malformed == 1
    for table in ("orders", "order_lines"):
        quarantine = pd.read_parquet(shop.folder / "quarantine" / f"{table}.parquet")
        assert quarantine[["line", "reasons"]].to_numpy().tolist() == [
            [4, "reads as UTF-8 in a GB18030 file"]
        ]
    assert shop["items"].count().execute() == 3


def hash_of_nothing(shop: Shop) -> None:
    assert reasons(shop.receipt, "orders", "customer_id") == {"missing": 4}
    assert shop["orders"].customer_id.nunique().execute() == shop["orders"].count().execute() == 4


def guarded_ids(shop: Shop) -> None:
    orders = shop["orders"].order_by("order_id").order_id.execute().tolist()
    assert orders == [f"246801357900000000{number}" for number in range(8)]
    assert shop["order_lines"].count().execute() == 8


def later_state(shop: Shop) -> None:
    rows = shop["orders"].order_by("order_id").select("order_id", "status").execute()
    assert rows.to_numpy().tolist() == [["A1", "completed"], ["A2", "completed"]]


def summer_months(shop: Shop) -> None:
    local = shop.local(shop["orders"].placed_at)
    counts = shop["orders"].group_by(month=local.month()).aggregate(orders=shop["orders"].count())
    assert counts.execute().set_index("month")["orders"].to_dict() == {6: 1, 8: 2, 10: 1}
    assert shop.as_of == dt.datetime(2025, 10, 2, 22)


def doubts(shop: Shop) -> str:
    return " ".join(f"{doubt.found} {doubt.advice}" for doubt in shop.receipt.doubts)


def guests(shop: Shop) -> None:
    assert "One customer, 0, holds 58.3 % of all orders: 7 of 12" in doubts(shop)
    assert 'declare nulls = ["0"]' in doubts(shop)


def ids_of_orders(shop: Shop) -> None:
    assert "No customer ordered twice: 12 orders of 12 customers." in doubts(shop)
    assert "Is customer_id the person or the order?" in doubts(shop)


RIGHT = {
    "01_mixed_gb18030_utf8": mixed_encodings,
    "02_hash_of_blank_email": hash_of_nothing,
    "07_guest_id_zero": guests,
    "08_customer_id_changes_with_every_order": ids_of_orders,
    "11_formula_guarded_ids": guarded_ids,
    "12_status_of_the_same_order_in_two_exports": later_state,
    "19_summer_time_month_end": summer_months,
}
# What the whole load is refused for: no row is left.
REFUSED = {
    "03_phone_ids_in_scientific_notation": ("customers", f"customer_id: {ROUNDED} (1)"),
    "05_dot_as_thousands_separator": ("order_lines", f"unit_price_cents: {UNCLEAR} (8)"),
    "09_seconds_declared_as_milliseconds": ("orders", "placed_at: before 1995-01-01 (8)"),
}
PICK_LAST = """
[files.orders]
path = "orders.csv"
timezone = "UTC"
[tables.orders]
file = "orders"
distinct = true
pick = "last"
[tables.orders.columns]
order_id = "order_id"
customer_id = "customer_id"
placed_at = "placed_at"
status = "status"
"""


@pytest.fixture
def case(tmp_path) -> Callable[[str], object]:
    """Return `name -> folder` with a copy of a case; skips where the cases are not beside the project."""

    def copy(name: str):
        if not CASES.is_dir():
            pytest.skip("../shared/cases is not here")
        return shutil.copytree(CASES / name, tmp_path / name)

    return copy


@pytest.mark.parametrize("name", RIGHT)
def test_a_case_that_can_be_read_is_read_right(case, tmp_path, name):
    folder = case(name)
    if name.startswith("12"):
        (folder / "source.toml").write_text((folder / "source.toml").read_text() + PICK_LAST)
    receipt = load(folder, out=tmp_path / "out", today=TODAY)
    assert all(table.read == table.accepted + table.quarantined for table in receipt.tables.values())
    RIGHT[name](open_shop(tmp_path / "out"))


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_cannot_be_meant_is_refused(case, tmp_path, name):
    table, reason = REFUSED[name]
    with pytest.raises(ValueError, match=f"table {table} from export.csv") as caught:
        load(case(name), out=tmp_path / "out", today=TODAY)
    assert reason in str(caught.value)


def test_no_case_is_forgotten(case):
    case("19_summer_time_month_end")
    assert {path.name for path in CASES.iterdir() if path.is_dir()} == {*RIGHT, *REFUSED}
