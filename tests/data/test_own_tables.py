"""The examples of data/README.md do what the page says beside them."""

from __future__ import annotations

import gzip
from hashlib import sha256

import pandas as pd
import pytest

from helpers.data.dictionary import data_dictionary
from tests.data.workbooks import workbook

SHOP = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
FILE = '[files.{name}]\npath = "{name}.csv"\nmoney = "yuan"\ntimezone = "Asia/Shanghai"\n'


def example(heading: str) -> str:
    """Return the mapping under a heading of the page."""
    return data_dictionary().split(f"### {heading}\n")[1].split("```toml\n")[1].split("```")[0]


@pytest.fixture
def run_example(load_raw):
    """Return `(heading, files, tables) -> Loaded`; tables: table -> file for tables that name none."""

    def run(heading: str, files: dict[str, str], tables: dict[str, str]):
        mapping = example(heading)
        for table, file in tables.items():
            mapping = mapping.replace(
                f"[tables.{table}.columns]", f'[tables.{table}]\nfile = "{file}"\n[tables.{table}.columns]'
            )
        declared = "".join(FILE.format(name=name) for name in files)
        texts = {f"{name}.csv": text for name, text in files.items()}
        return load_raw(texts, source=SHOP + declared + mapping)

    return run


def rows(frame: pd.DataFrame, *names: str) -> list[list]:
    return frame[list(names)].astype(object).where(frame[list(names)].notna(), None).to_numpy().tolist()


def test_files_as_they_are_exported(load_raw):
    bills = "Bills\ntime,number,who,\n2025-01-31 10:00:00,o1,c1,\n---\nTotal 1\n"
    goods = workbook({"April": [["x"]], "May": [["Goods"], [], ["code", "price"], ["i1", 9.9]]})
    files = {"bills.csv.gz": gzip.compress(bills.encode()), "goods.xlsx": goods}
    loaded = load_raw(files, source=SHOP + example("Files as they are exported"))
    assert rows(loaded.accepted("orders"), "order_id", "customer_id") == [["o1", "c1"]]
    assert rows(loaded.accepted("items"), "item_id", "list_price_cents") == [["i1", 990]]
    assert [loaded.receipt.files[name].outside for name in ("bills", "goods")] == [3, 2]


def test_columns_from_another_file(load_raw):
    files = {
        "accounts.csv": "id,person_id,mail\nt1,c1,A@x.cn\nw1,c1,a@x.cn\n",
        "sales.csv": "number,account,at\n1,t1,2025-01-30\n2,w1,2025-01-31\n3,c2,2025-01-31\n",
        "order_lines.csv": "order_id,line_number,item_id,quantity\n1,1,i1,1\n",
    }
    heading = "Columns from another file, and one person with several accounts"
    loaded = load_raw(files, source=SHOP + example(heading), out="by table")
    assert loaded.accepted("customers")["customer_id"].tolist() == ["c1", "c2"]
    assert rows(loaded.accepted("orders"), "order_id", "customer_id") == [
        ["1", "c1"],
        ["2", "c1"],
        ["3", "c2"],
    ]
    by_mail = example(heading).replace('= "person"', '= { hash_of = ["mail"], lower = true }')
    orders = load_raw(files, source=SHOP + by_mail, out="by mail").accepted("orders")
    person = sha256(b"a@x.cn").hexdigest()[:32]
    assert orders["customer_id"].tolist()[:2] == [person, person]


def test_cells_that_need_work(run_example):
    goods = "code,group,name,tag\n'0012,lips,Rouge NOIR,now 1.2万元!\ni1,,B,9.9元\ni3,,C,cheap\n"
    lines = "order_id,line_number,item_id,quantity\no1,1,sku-i1,1\n"
    files = {"goods": goods, "order_lines": lines}
    loaded = run_example("Cells that need work", files, {"items": "goods"})
    items = loaded.accepted("items")
    assert rows(items, "item_id", "category", "title", "list_price_cents") == [
        ["sku-0012", "口红", "rouge noir", 1_200_000],
        ["sku-i1", "other", "b", 990],
    ]
    assert loaded.receipt.tables["items"].reasons == {
        "list_price_cents: not of the form declared in extract": 1
    }


def test_columns_from_several(run_example):
    sales = (
        "shop,number,mail,paid,arrived,total,goods,code,pieces,discount,price\n"
        "s,1,A@x.cn,2025-01-02,2025-01-04 12:00:00,30,20.5,i1,2,0.8,9.90\n"
        "s,2,a@X.cn,2025-01-03,,20,,i1,1,0.333,9.99\n"
    )
    buyers = "customer_id\n"
    buyers += sha256(b"a@x.cn").hexdigest()[:32] + "\n"
    loaded = run_example(
        "Columns from several",
        {"sales": sales, "customers": buyers},
        {"orders": "sales", "order_lines": "sales"},
    )
    assert rows(loaded.accepted("orders"), "order_id", "shipping_days", "shipping_fee_cents") == [
        ["s/1", 2.5, 950],
        ["s/2", None, 2000],
    ]
    assert rows(loaded.accepted("order_lines"), "order_id", "quantity", "unit_price_cents") == [
        ["s/1", 2, 792]
    ]
    assert loaded.receipt.tables["order_lines"].reasons == {"unit_price_cents: finer than a hundredth": 1}


def test_which_rows(run_example):
    baskets = "number,who,state,changed\n1,c1,done,2025-01-09\n1,c1,paid,2025-01-05\nC1,c1,paid,2025-01-09\n"
    lines = "number,products,note\n1,i1|i1,\n1,i1,My Test\n"
    loaded = run_example("Which rows", {"baskets": baskets, "lines": lines}, {})
    assert rows(loaded.accepted("orders"), "order_id", "status") == [["1", "completed"]]
    assert rows(loaded.accepted("order_lines"), "line_number", "item_id") == [[1, "i1"], [2, "i1"]]
    assert loaded.receipt.tables["order_lines"].reasons == {"note: a test order": 1}
    assert loaded.receipt.files["baskets"].unused_rows == 1
