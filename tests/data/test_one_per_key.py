"""Rows of one key become one: the first, the last by file or by a column, or none where they differ."""

from __future__ import annotations

import pandas as pd
import pytest

HEAD = "order_id,customer_id,placed_at,status,coupon_id,changed,version\n"
OLD = "A1,c1,2025-01-05 10:00:00,paid,k1,2025-01-05,9\n"
OTHER = "A2,c2,2025-01-06 10:00:00,completed,,2025-01-06,1\n"
NEW = "A1,c1,2025-01-05 10:00:00,completed,,2025-01-09,10\n"
SAME = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
NAMES = ("order_id", "customer_id", "placed_at", "status", "coupon_id")
COLUMNS = "columns = {{" + ", ".join(f'{name} = "{name}"' for name in NAMES) + "}}\n"
FILE = '[files.{name}]\npath = "{name}.csv"\ntimezone = "UTC"\n'
FEED = '[[tables.orders]]\nfile = "{name}"\n' + COLUMNS


def one_file(extra: str) -> str:
    text = SAME + FILE.format(name="export") + FEED.format(name="export")
    return text + 'distinct = true\npick = "last"\n' + extra


@pytest.mark.parametrize(
    ("lines", "extra", "status"),
    [
        (OLD + NEW, "", "completed"),
        (NEW + OLD, "", "paid"),
        (NEW + OLD, 'last_by_time = "changed"\n', "completed"),
        (NEW + OLD, 'last_by_number = "version"\n', "completed"),  # as text, 9 would come after 10
    ],
)
def test_the_last_row_is_the_newest_state(load_raw, lines, extra, status):
    loaded = load_raw({"export.csv": HEAD + OTHER + lines, "order_lines.csv": LINE}, source=one_file(extra))
    order, _ = loaded.accepted("orders").sort_values("order_id").to_dict("records")
    assert order["status"] == status
    assert (order["coupon_id"] == "k1") == (status == "paid")  # the whole row, with what it left empty
    receipt = loaded.receipt.tables["orders"]
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 2, 0)


LINE = "order_id,line_number,item_id,quantity,unit_price_cents\nA1,1,i1,1,2000\nA2,1,i1,1,2000\n"


def test_a_later_file_wins(load_raw):
    source = SAME + "".join(FILE.format(name=name) for name in ("january", "february"))
    source += FEED.format(name="january") + 'distinct = true\npick = "last"\n' + FEED.format(name="february")
    files = {"january.csv": HEAD + OLD, "february.csv": HEAD + NEW, "order_lines.csv": LINE}
    assert load_raw(files, source=source).accepted("orders")["status"].tolist() == ["completed"]


def test_overlapping_exports_in_contract_names(load_raw):
    files = {"orders.csv": HEAD + OTHER + OLD + NEW, "order_lines.csv": LINE}
    refused = load_raw(files, source=SAME, out="one")
    assert refused.receipt.tables["orders"].quarantined == 2
    source = SAME + '[tables.orders]\ndistinct = true\npick = "last"\n'
    assert (
        load_raw(files, source=source, out="two").accepted("orders")["status"].tolist() == ["completed"] * 2
    )


@pytest.mark.parametrize(
    ("changed", "reason"), [("", "missing, so no row is the last"), ("soon", "not a time")]
)
def test_a_row_that_cannot_be_ordered_refuses_its_key(load_raw, changed, reason):
    lines = OLD + NEW.replace("2025-01-09", changed)
    source = one_file('last_by_time = "changed"\n')
    loaded = load_raw({"export.csv": HEAD + OTHER + lines, "order_lines.csv": LINE}, source=source)
    (found,) = loaded.receipt.tables["orders"].reasons
    assert found.startswith(f"changed: {reason}")


def test_a_cell_is_split_into_rows(load_raw):
    baskets = "basket,who,products\nb1,c1,i1| i2 |i1\nb2,c2,\nb3,c2,i1||i2\n"
    source = SAME + FILE.format(name="baskets") + ORDERS_OF_BASKETS
    items = "item_id,category\ni1,口红\ni2,口红\n"
    loaded = load_raw({"baskets.csv": baskets, "items.csv": items}, source=source)
    lines = loaded.accepted("order_lines")
    assert lines[["order_id", "line_number", "item_id"]].to_numpy().tolist() == [
        ["b1", 1, "i1"],
        ["b1", 2, "i2"],
        ["b1", 3, "i1"],
        ["b3", 1, "i1"],
        ["b3", 3, "i2"],
    ]
    receipt = loaded.receipt.tables["order_lines"]
    assert receipt.read == 6 == receipt.accepted + receipt.quarantined


def test_a_list_in_parquet_is_rows_already(load_raw, raw_folder):
    baskets = pd.DataFrame({"basket": ["b1", "b2", "b3"], "who": "c1", "products": [["i1", "i1"], [], None]})
    baskets.to_parquet(raw_folder / "baskets.parquet")
    source = SAME + FILE.format(name="baskets").replace(".csv", ".parquet") + ORDERS_OF_BASKETS
    lines = load_raw({}, source=source.replace('split = "|"\n', "")).accepted("order_lines")
    assert lines[["order_id", "line_number", "item_id"]].to_numpy().tolist() == [
        ["b1", 1, "i1"],
        ["b1", 2, "i1"],
    ]


ORDERS_OF_BASKETS = """
[tables.orders]
file = "baskets"
columns = { order_id = "basket", customer_id = "who" }

[tables.order_lines]
file = "baskets"
each = "products"
split = "|"

[tables.order_lines.columns]
order_id = "basket"
line_number = { number_within = ["basket"] }
item_id = { element = true }
quantity = { constant = 1 }
"""
