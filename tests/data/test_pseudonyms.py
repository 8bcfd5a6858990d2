"""Keyed pseudonyms of customers: joins hold, ids are gone, and contact data are refused without a key."""

from __future__ import annotations

import hashlib
import hmac
import json
from itertools import pairwise

import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers.data import open_shop
from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.open import loaded_folder
from helpers.data.pseudonyms import KEY_VARIABLE, Key, contacts_among, key_from, looks_like_contact

SECRET = "a secret of enough letters"
MAILS = [f"person{number}@example.org" for number in range(40)]


def write_shop(folder, ids):
    """Forty customers, an order each, ties between neighbours, a programme by customer, one bad row."""
    folder.mkdir()
    (folder / "source.toml").write_text('currency = "CNY"\ntimezone = "UTC"\n', encoding="utf-8")
    when = pd.to_datetime("2025-01-01") + pd.to_timedelta(range(len(ids)), unit="D")
    tables = {
        "customers": {"customer_id": ids, "joined_at": when},
        "items": {"item_id": ["i1"], "category": ["hats"], "list_price_cents": [100]},
        "orders": {
            "order_id": [f"o{place}" for place in range(len(ids))],
            "customer_id": ids,
            "placed_at": when,
        },
        "order_lines": {
            "order_id": [f"o{place}" for place in range(len(ids))],
            "line_number": 1,
            "item_id": "i1",
            "quantity": 1,
            "unit_price_cents": 100,
        },
        "ties": {"customer_a": ids[:-1], "customer_b": ids[1:], "since": when[:-1]},
        "programmes": {
            "programme": "desk",
            "unit_kind": ["customer"] * len(ids) + ["category"],
            "unit_id": [*ids, "hats"],
            "started_at": [*when, when[0]],
        },
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).to_parquet(folder / f"{name}.parquet")
    return folder


def accepted(folder, name):
    return pq.read_table(folder / "accepted" / f"{name}.parquet").to_pandas()


@pytest.fixture
def keyed(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, SECRET)


def test_ids_are_replaced_alike_in_every_table(tmp_path, keyed):
    place = write_shop(tmp_path / "shop", MAILS)
    receipt = load(place, out=tmp_path / "loaded")
    own = [
        hmac.new(SECRET.encode(), f"customers\0{one}".encode(), hashlib.sha256).hexdigest()[:20]
        for one in MAILS
    ]
    loaded = tmp_path / "loaded"
    assert accepted(loaded, "customers")["customer_id"].tolist() == own
    assert accepted(loaded, "orders")["customer_id"].tolist() == own
    ties = accepted(loaded, "ties")
    assert (ties["customer_a"] < ties["customer_b"]).all()
    assert {frozenset(pair) for pair in ties[["customer_a", "customer_b"]].to_numpy()} == {
        frozenset(pair) for pair in pairwise(own)
    }
    units = accepted(loaded, "programmes").set_index("unit_kind")["unit_id"]
    assert units["category"] == "hats"
    assert set(units["customer"]) == set(own)
    assert any(Key(SECRET.encode()).id in note for note in receipt.notes)


def test_no_file_of_a_load_holds_an_id_or_the_key(tmp_path, keyed):
    place = write_shop(tmp_path / "shop", MAILS)
    orders = pd.read_parquet(place / "orders.parquet")
    stranger = orders.tail(1).assign(order_id="o99", customer_id="stranger@example.org")
    pd.concat([orders, stranger]).to_parquet(place / "orders.parquet")
    load(place, out=tmp_path / "loaded", max_rejected_share=0.5)
    for path in (tmp_path / "loaded").rglob("*"):
        if path.is_file():
            text = (
                json.dumps(pq.read_table(path).to_pylist(), default=str) if path.suffix == ".parquet" else ""
            )
            text += path.read_bytes().decode("latin-1")
            assert "@example.org" not in text, path.name
            assert SECRET not in text, path.name
    aside = pq.read_table(tmp_path / "loaded" / "quarantine" / "orders.parquet").to_pylist()
    assert [row["line"] for row in aside] != []


def test_a_shop_under_a_key_answers_as_without_it(tmp_path, keyed):
    place = write_shop(tmp_path / "shop", [f"c{number}" for number in range(40)])
    shop = open_shop(loaded_folder(place, cache=tmp_path / "cache"))
    joined = shop["orders"].join(shop["customers"], "customer_id")
    assert joined.count().execute() == 40


def test_another_key_is_another_load(tmp_path, monkeypatch):
    place = write_shop(tmp_path / "shop", [f"c{number}" for number in range(40)])
    folders = set()
    for secret in ("", SECRET, SECRET[::-1]):
        monkeypatch.setenv(KEY_VARIABLE, secret)
        folders.add(loaded_folder(place, cache=tmp_path / "cache"))
    assert len(folders) == 3


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (MAILS, "40 of 40 ids look like"),
        ([f"138{number:08d}" for number in range(40)], "40 of 40 ids look like"),
        ([*(f"c{number}" for number in range(39)), MAILS[0]], "1 of 40 ids looks like"),
        ([*(f"c{number}" for number in range(38)), "13812345678", "+4930123456"], "2 of 40 ids look like"),
    ],
    ids=["mails", "phones", "one mail", "two phones"],
)
def test_contacts_are_refused_without_a_key(tmp_path, monkeypatch, ids, words):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(DataError, match=f"{words}.*{KEY_VARIABLE}"):
        load(write_shop(tmp_path / "shop", ids), out=tmp_path / "loaded")


def test_running_numbers_of_which_some_look_like_telephones_are_ids():
    assert contacts_among(f"{number}" for number in range(10_000_000_000, 99_000_000_000, 997_000_003)) == 0


def test_a_short_key_is_none():
    with pytest.raises(DataError, match="has 5 characters"):
        key_from({KEY_VARIABLE: "short"})
    assert key_from({}) is None


@pytest.mark.parametrize(
    ("id", "tells"),
    [
        ("ann@example.org", True),
        ("13812345678", True),
        ("8613812345678", True),
        ("+4930123456", True),
        ("030-1234-5678", True),
        ("c1", False),
        ("12345", False),
        ("20250101", False),
        ("3f2a9c", False),
        ("ann", False),
        ("2025-01-01", False),
    ],
)
def test_what_looks_like_contact_data(id, tells):
    assert looks_like_contact(id) == tells


def test_domains_part_tables_and_the_key_stays_out_of_sight():
    key = Key(SECRET.encode())
    assert key.pseudonym("a", domain="customers") != key.pseudonym("a", domain="sellers")
    assert SECRET not in repr(key)
    assert key.id != Key(b"another secret of letters").id
