"""Currency and clock: declared in the mapping or beside it, derived where it follows, never assumed."""

from __future__ import annotations

import pytest

from helpers.data.errors import DataError
from helpers.data.open import open_shop
from helpers.data.place import find_place
from helpers.data.receipt import Receipt
from tests.data.conftest import GOOD

FILES = '[files.order_lines]\npath = "order_lines.csv"\nmoney = "{}"\n'
CLOCK = 'timezone = "Europe/Paris"\n'


def declared(folder, source: str, **given) -> tuple[str, str]:
    (folder / "source.toml").write_text(source, encoding="utf-8")
    found = find_place(folder, **given).source
    return found.currency, found.timezone


@pytest.mark.parametrize(
    ("source", "given", "said"),
    [
        ("", {}, "raw does not say its currency and timezone, and neither is ever assumed"),
        ("", {}, 'currency = "CNY"            # of all amounts'),
        ("", {}, 'timezone = "Asia/Shanghai"  # the clock'),
        ("", {}, "give --currency and --timezone"),
        ("", {"currency": "EUR"}, "does not say its timezone,"),
        (CLOCK, {}, "does not say its currency,"),
        (CLOCK + FILES.format("dollars"), {}, "does not say its currency,"),
        (CLOCK + FILES.format("cents"), {}, "does not say its currency,"),
        (
            CLOCK,
            {"currency": "EUR", "timezone": "Europe/Rome"},
            "'Europe/Paris', --timezone says 'Europe/Rome'",
        ),
        ('currency = "CNY"\n' + CLOCK, {"currency": "EUR"}, "'CNY', --currency says 'EUR'; keep one"),
        ('currency = "CNY"\n' + CLOCK + FILES.format("euros"), {}, "the currency is CNY, but .* unit of EUR"),
        (CLOCK, {"currency": "euro"}, "three capital letters"),
        ("", {"currency": "EUR", "timezone": "Paris"}, "no zone name"),
        ('earliest = "95"\n' + CLOCK, {}, "is no day; write it as YYYY-MM-DD"),
        ('high_season = "November"\n' + CLOCK, {}, "is no span; write month-day..month-day"),
    ],
)
def test_what_is_not_said_or_said_twice_is_asked_for(raw_folder, source, given, said):
    with pytest.raises(DataError, match=said):
        declared(raw_folder, source, **given)


@pytest.mark.parametrize(
    ("source", "given", "found"),
    [
        (CLOCK + FILES.format("euros"), {}, ("EUR", "Europe/Paris")),
        (CLOCK + FILES.format("pence"), {}, ("GBP", "Europe/Paris")),
        (FILES.format("yuan"), {"timezone": "Asia/Shanghai"}, ("CNY", "Asia/Shanghai")),
        ('currency = "AUD"\n' + CLOCK + FILES.format("dollars"), {}, ("AUD", "Europe/Paris")),
        (CLOCK, {"currency": "EUR", "timezone": "Europe/Paris"}, ("EUR", "Europe/Paris")),
    ],
)
def test_what_is_said_or_follows_is_taken(raw_folder, source, given, found):
    assert declared(raw_folder, source, **given) == found


def test_a_shop_opened_with_its_currency_and_clock(raw_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.data.open.project_folder", lambda: tmp_path)
    shop = open_shop(raw_folder, currency="EUR", timezone="Europe/Paris")
    assert (shop.currency, shop.timezone) == ("EUR", "Europe/Paris")
    other = open_shop(raw_folder, currency="EUR", timezone="Europe/London")
    assert other.folder != shop.folder


def test_a_season_declared_once_is_known_to_the_shop(load_raw):
    source = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\nhigh_season = "11-01..11-12"'
    loaded = load_raw({}, source=source)
    assert Receipt.read(loaded.out / "receipt.json").high_season == "11-01..11-12"


@pytest.mark.parametrize(("earliest", "accepted"), [("", 1), ('earliest = "1960-01-01"\n', 2)])
def test_events_before_the_web_are_refused_unless_declared(load_raw, earliest, accepted):
    customers = GOOD["customers"].replace("2025-01-01", "1960-01-01")
    orders = GOOD["orders"] + "o2,c2,1970-01-20 10:00:00,paid\n"
    source = f'currency = "CNY"\ntimezone = "Asia/Shanghai"\n{earliest}'
    loaded = load_raw({"customers.csv": customers, "orders.csv": orders}, source=source)
    assert loaded.receipt.tables["orders"].accepted == accepted
    assert loaded.receipt.tables["customers"].accepted == 2
    assert dict(loaded.receipt.tables["orders"].reasons) in ({}, {"placed_at: before 1995-01-01": 1})


def test_what_is_remarked_on_is_counted_and_accepted(load_raw):
    orders = "order_id,customer_id,placed_at,status,coupon_id\n"
    orders += "o1,c1,2025-03-01 10:00:00,paid,NULL\no2,c1,2025-10-26 01:30:00,paid,\n"
    orders += "o3,c1,2025-03-02 10:00:00,paid,k\n"
    source = 'currency = "GBP"\ntimezone = "Europe/London"\n[files.orders]\npath = "orders.csv"\n'
    source += 'timezone = "Europe/London"\n'
    refused = load_raw({"orders.csv": orders}, source=source, out="a").receipt.tables["orders"]
    assert refused.quarantined == 1
    receipt = load_raw({}, source=source + 'fold = "later"\nnulls = ["NULL"]\n', out="b").receipt
    assert receipt.tables["orders"].accepted == 3
    (said,) = receipt.tables["orders"].remarks.items()
    assert said == ("placed_at: shown twice by the clocks of Europe/London, taken as the later time", 1)
    assert "placed_at: shown twice" in receipt.doubts_frame().iloc[-1]["what looks odd"]
    (null,) = refused.remarks.items()
    assert null[0].startswith("coupon_id: holds a word such as null")
    assert null[1] == 1
