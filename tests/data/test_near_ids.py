"""Where the ids of two tables meet nothing, the change that parts them is said."""

from __future__ import annotations

import unicodedata

import ibis
import pytest

from helpers.data import DataError, connect, load
from helpers.data.near_ids import near_ids

ORDERS = {
    "order_id": [f"o{number}" for number in range(6)],
    "customer_id": ["7", "12", "305", "41", "8", "900"],
}


def said(ids: list[str]) -> str:
    customers = ibis.memtable({"customer_id": ids})
    return near_ids(connect(threads=1), "orders", ibis.memtable(ORDERS), {"customers": customers})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: f"{one:0>8}", "leading zeros are left out"),
        (lambda one: f"{one}.0", "the .0 behind them is left out"),
        (lambda one: f"{one}\u200b", "characters that nobody sees"),
        (lambda one: f"\ufeff{one}", "characters that nobody sees"),
        (lambda one: f"{one[0]}-{one[1:]}", "everything but letters and digits"),
    ],
)
def test_what_was_done_to_the_ids_is_named_with_what_to_write(change, words):
    found = said([change(one) for one in ORDERS["customer_id"]])
    assert found.startswith("6 of 6 values of customer_id")
    assert words in found


def test_capitals_are_named():
    orders = {**ORDERS, "customer_id": [f"ab{one}" for one in ORDERS["customer_id"]]}
    customers = ibis.memtable({"customer_id": [f"AB{one}" for one in ORDERS["customer_id"]]})
    found = near_ids(connect(threads=1), "orders", ibis.memtable(orders), {"customers": customers})
    assert "capitals are ignored" in found


def test_accents_that_stand_apart_are_named():
    composed = [f"Zoë{one}" for one in ORDERS["customer_id"]]
    apart = [unicodedata.normalize("NFD", one) for one in composed]
    customers = ibis.memtable({"customer_id": composed})
    orders = ibis.memtable({**ORDERS, "customer_id": apart})
    found = near_ids(connect(threads=1), "orders", orders, {"customers": customers})
    assert "letters and their accents are joined: export both in one form" in found


def test_true_strangers_get_no_hint():
    assert said([f"9{one}1" for one in ORDERS["customer_id"]]) == ""


def test_a_few_near_misses_among_many_strangers_get_no_hint():
    assert said(["0007", "0012", "9301"]) == ""


def test_the_refusal_carries_the_hint(tmp_path):
    numbers = range(1, 30)
    files = {
        "customers.csv": ["customer_id", *(f"{n:06d}" for n in numbers)],
        "items.csv": ["item_id", "i1"],
        "orders.csv": ["order_id,customer_id,placed_at", *(f"o{n},{n},2025-01-02 10:00:00" for n in numbers)],
        "order_lines.csv": [
            "order_id,line_number,item_id,quantity,unit_price_cents", *(f"o{n},1,i1,1,100" for n in numbers)
        ],
    }  # fmt: skip
    (tmp_path / "raw").mkdir()
    for name, lines in files.items():
        (tmp_path / "raw" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"29 of 29 values of customer_id .* once leading zeros are left out"):
        load(tmp_path / "raw", out=tmp_path / "out", currency="EUR", timezone="Europe/Berlin")
