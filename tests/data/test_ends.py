"""A table whose export ended before the others': seen until its last day, and told."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from helpers.data.ends import ended_early
from helpers.data.open import open_shop

HEAD = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'


def days(first: str, last: str, *, each: int = 1) -> list[str]:
    return [f"{day:%Y-%m-%d} 12:00:00" for day in pd.date_range(first, last) for _ in range(each)]


def written(raw_folder, *, placed: list[str], joined: list[str]):
    (raw_folder / "source.toml").write_text(HEAD, encoding="utf-8")
    rows = [f"c{number},{at}" for number, at in enumerate(joined)]
    (raw_folder / "customers.csv").write_text("\n".join(["customer_id,joined_at", *rows]), encoding="utf-8")
    rows = [f"o{number},c0,{at},completed" for number, at in enumerate(placed)]
    text = "\n".join(["order_id,customer_id,placed_at,status", *rows])
    (raw_folder / "orders.csv").write_text(text, encoding="utf-8")
    lines = [f"o{number},1,i1,1,1234" for number in range(len(placed))]
    text = "\n".join(["order_id,line_number,item_id,quantity,unit_price_cents", *lines])
    (raw_folder / "order_lines.csv").write_text(text, encoding="utf-8")
    return raw_folder


@pytest.fixture
def opened(raw_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.data.open.project_folder", lambda: tmp_path)
    return lambda *, as_of="", **tables: open_shop(written(raw_folder, **tables), as_of=as_of)


YEAR = days("2024-01-01", "2024-12-31")


@pytest.mark.parametrize(
    ("placed", "end"),
    [
        (
            days("2024-01-01", "2024-11-30"),
            dt.datetime(2024, 11, 30, 16),
        ),  # a month of daily orders is missing
        (days("2024-01-01", "2024-12-20"), dt.datetime(2024, 12, 31, 16)),  # eleven days may be chance
        (days("2024-01-01", "2024-12-20", each=2), dt.datetime(2024, 12, 20, 16)),
        (YEAR[::30], dt.datetime(2024, 12, 31, 16)),
    ],
)
def test_a_shop_is_seen_until_its_orders_plainly_end(opened, placed, end):
    shop = opened(placed=placed, joined=YEAR)
    assert shop.as_of == end
    told = [doubt for doubt in shop.receipt.doubts if doubt.found.startswith("Table orders ends on")]
    assert len(told) == (end < dt.datetime(2024, 12, 31, 16))


def test_a_later_day_may_be_declared(opened):
    shop = opened(placed=days("2024-01-01", "2024-11-30"), joined=YEAR, as_of="2024-12-31")
    assert shop.as_of == dt.datetime(2024, 12, 31, 16)
    (told,) = ended_early(shop.receipt)
    assert told.found == "Table orders ends on 2024-11-30, 31 days before the rest."
    assert "--as-of 2024-12-31" in told.advice


def test_another_table_that_ends_is_told_and_known_until_then(opened):
    shop = opened(placed=YEAR, joined=days("2024-01-01", "2024-10-31"))
    assert shop.as_of == dt.datetime(2024, 12, 31, 16)
    assert shop.known_until("customers") == dt.datetime(2024, 10, 31, 16)
    assert shop.known_until("reviews") == shop.end
    (told,) = ended_early(shop.receipt)
    assert told.found == "Table customers ends on 2024-10-31, 61 days before the rest."
    assert "--as-of 2024-10-31" in told.advice


def test_accounts_that_were_carried_over_at_once_have_not_ended(opened):
    shop = opened(placed=YEAR, joined=days("2024-01-01", "2024-01-01", each=40))
    assert list(ended_early(shop.receipt)) == []
    assert shop.known_until("customers") == shop.end
