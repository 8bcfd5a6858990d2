"""Exports of real shops' layouts, with made-up rows, are mapped by the source.toml of data/sources alone."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.load import load
from helpers.paths import project_folder
from tests.data.conftest import Loaded

LAYOUTS = Path(__file__).parent / "layouts"
ENCODED = {
    "taobao": "gb18030",
    "alipay": "gb18030",
}  # the samples lie here as UTF-8, so that they can be read


@pytest.fixture(scope="module")
def load_layout(tmp_path_factory):
    """Return `name -> Loaded` for a sample in the encoding in which the shop system exports it."""
    loaded: dict[str, Loaded] = {}

    def run(name: str) -> Loaded:
        if name not in loaded:
            folder = tmp_path_factory.mktemp(name)
            shutil.copytree(LAYOUTS / name, folder / name)
            for path in (folder / name).iterdir():
                path.write_bytes(path.read_text(encoding="utf-8").encode(ENCODED.get(name, "utf-8")))
            source = project_folder() / "data" / "sources" / f"{name}.toml"
            loaded[name] = Loaded(folder / "out", load(folder / name, out=folder / "out", source=source))
        return loaded[name]

    return run


def pseudonym(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def rows(frame: pd.DataFrame, *names: str) -> list[list]:
    return frame[list(names)].astype(object).where(frame[list(names)].notna(), None).to_numpy().tolist()


def counts(loaded: Loaded) -> dict[str, tuple[int, int]]:
    return {name: (one.read, one.quarantined) for name, one in loaded.receipt.tables.items()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "olist",
            {
                "customers": (3, 0),
                "items": (3, 0),
                "orders": (5, 0),
                "order_lines": (6, 0),
                "reviews": (3, 0),
            },
        ),
        ("instacart", {"customers": (2, 0), "items": (3, 0), "orders": (4, 0), "order_lines": (6, 0)}),
        (
            "shopify",
            {
                "customers": (4, 1),
                "items": (2, 0),
                "orders": (5, 1),
                "order_lines": (6, 1),
                "returns": (2, 0),
            },
        ),
        (
            "woocommerce",
            {
                "customers": (3, 0),
                "items": (2, 0),
                "orders": (4, 0),
                "order_lines": (5, 0),
                "returns": (1, 0),
            },
        ),
        ("taobao", {"customers": (2, 0), "items": (2, 0), "orders": (3, 0), "order_lines": (4, 0)}),
        (
            "wechat",
            {
                "customers": (2, 0),
                "items": (2, 0),
                "orders": (3, 0),
                "order_lines": (3, 0),
                "returns": (1, 0),
            },
        ),
        (
            "alipay",
            {
                "customers": (2, 0),
                "items": (2, 0),
                "orders": (3, 0),
                "order_lines": (3, 0),
                "returns": (1, 0),
            },
        ),
    ],
)
def test_every_row_of_a_layout_is_accounted_for(load_layout, name, expected):
    assert counts(load_layout(name)) == expected


def test_olist_orders_belong_to_persons_and_count_when_paid(load_layout):
    loaded = load_layout("olist")
    assert sorted(rows(loaded.accepted("orders"), "order_id", "customer_id", "status")) == [
        ["o1", "p1", "completed"],
        ["o2", "p1", "shipped"],
        ["o3", "p2", "cancelled"],
        ["o4", "p3", "completed"],
        ["o5", "p2", "cancelled"],  # delivered, and never paid
    ]
    orders = loaded.accepted("orders").set_index("order_id")
    assert orders.loc["o1", ["shipping_days", "promised_days"]].tolist() == [4.5, 21.5]
    assert pd.isna(orders.loc["o2", "shipping_days"])
    assert str(orders.loc["o1", "placed_at"]) == "2018-01-10 14:00:00"  # summer time in São Paulo
    assert (
        str(orders.loc["o4", "placed_at"]) == "2018-02-18 01:30:00"
    )  # 23:30 came twice that night: the earlier
    assert rows(loaded.accepted("items"), "item_id", "category") == [
        ["g1", "perfumery"],
        ["g2", "beleza_nova"],
        ["g3", "unknown"],
    ]
    reviews = rows(loaded.accepted("reviews"), "review_id", "customer_id", "item_id", "rating")
    assert reviews == [["r1-o1", "p1", "g1", 5], ["r2-o4", "p3", "g2", 2], ["r2-o2", "p1", "g1", 4]]
    assert loaded.accepted("order_lines")["unit_price_cents"].sum() == 23_125
    assert loaded.receipt.currency == "BRL"


def test_instacart_has_baskets_without_dates(load_layout):
    loaded = load_layout("instacart")
    lines = rows(loaded.accepted("order_lines"), "order_id", "line_number", "item_id")
    assert lines[-1] == ["13", 2, "103"]
    assert loaded.accepted("items")["title"].tolist()[:2] == ["Oat Biscuits, Large", 'Tea "Morning"']
    assert loaded.accepted("orders")["placed_at"].isna().all()
    assert "22" not in loaded.accepted("orders")["order_id"].tolist()  # of the test set


def test_shopify_lines_share_the_order_of_their_first(load_layout):
    loaded = load_layout("shopify")
    ann, bo = pseudonym("ann@example.org"), pseudonym("bo@example.org")
    orders = loaded.accepted("orders").sort_values("order_id").head(3)
    assert rows(orders, "order_id", "customer_id", "status", "coupon_id", "shipping_fee_cents") == [
        ["#1001", ann, "paid", "WELCOME", 500],
        ["#1002", bo, "paid", None, 0],
        ["#1003", ann, "cancelled", None, None],
    ]
    assert orders["placed_at"].astype(str).tolist()[0] == "2025-01-31 15:00:00"
    lines = rows(loaded.accepted("order_lines"), "order_id", "line_number", "quantity", "unit_price_cents")
    assert lines[:2] == [["#1001", 1, 2, 850], ["#1001", 2, 1, 1700]]
    assert loaded.receipt.tables["order_lines"].reasons == {"order_id: was refused in orders": 1}
    assert rows(loaded.accepted("returns"), "order_id", "refund_cents") == [["#1002", 850], ["#1003", 1350]]


def test_woocommerce_writes_the_order_on_every_line(load_layout):
    loaded = load_layout("woocommerce")
    orders = loaded.accepted("orders").sort_values("order_id")
    assert orders["status"].tolist() == ["completed", "paid", "cancelled", "refunded"]
    assert orders["customer_id"].tolist()[0] == orders["customer_id"].tolist()[2]
    assert orders["placed_at"].astype(str).tolist()[1] == "2025-03-30 01:15:00"
    assert rows(loaded.accepted("items").sort_values("item_id"), "item_id", "title") == [
        ["HA-1", "Hat (blue)"],
        ["SO-1", "Wool socks"],
    ]


def test_taobao_numbers_keep_all_their_digits(load_layout):
    loaded = load_layout("taobao")
    assert loaded.receipt.files["orders"].encoding == "gb18030"
    orders = rows(loaded.accepted("orders"), "order_id", "customer_id", "status")
    rain, ming = pseudonym("小雨88"), pseudonym("阿明")
    assert orders == [
        ["2468013579000000001", rain, "completed"],
        ["2468013579000000002", ming, "paid"],
        ["2468013579000000003", rain, "cancelled"],
    ]
    lines = loaded.accepted("order_lines")
    assert lines["line_number"].tolist() == [1, 2, 1, 1]
    assert loaded.accepted("items").set_index("item_id")["title"]["KH01"] == "口红 豆沙色 新包装"


@pytest.mark.parametrize("name", ["wechat", "alipay"])
def test_a_statement_of_payments_gives_orders_and_refunds(load_layout, name):
    loaded = load_layout(name)
    orders = loaded.accepted("orders")
    assert orders["order_id"].tolist() == ["A20250105001", "A20250106001", "A20250201001"]
    assert orders["customer_id"].nunique() == 2
    assert orders["placed_at"].astype(str).tolist()[0] == "2025-01-05 12:15:30"
    assert loaded.accepted("order_lines")["unit_price_cents"].tolist() == [5900, 1990, 1990]
    (back,) = rows(loaded.accepted("returns"), "return_id", "order_id", "item_id", "refund_cents")
    assert back == ["R001", "A20250105001", "口红 豆沙色", 5900]
    assert loaded.receipt.files["bill"].outside == {"wechat": 2, "alipay": 8}[name]
    assert loaded.receipt.files["bill"].rows == 4


def test_no_sample_is_left_without_a_test():
    named = {path.name for path in LAYOUTS.iterdir()}
    assert named == {"olist", "instacart", "shopify", "woocommerce", "taobao", "wechat", "alipay"}
