"""Columns looked up in another file: found, not found, found twice, and through a third file."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.errors import DataError

SHOP = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
SALES = "number,account,at\n1,a1,2025-01-30\n2, a2 ,2025-01-31 11:00:00\n3,a9,2025-01-31\n4,,2025-01-31\n"
ACCOUNTS = "account,person,since\na1,c1,1\na2,c2,2\n"
LINES = "order_id,line_number,item_id,quantity\n1,1,i1,1\n2,1,i1,1\n3,1,i1,1\n4,1,i1,1\n"


def mapping(lookup: str, extra: str = "") -> str:
    return f"""{SHOP}
[files.accounts]
path = "accounts.csv"
[files.sales]
path = "sales.csv"
timezone = "UTC"
[files.sales.lookups]
person = {{ file = "accounts", by = "account", take = "person"{lookup} }}
{extra}
[tables.orders]
file = "sales"
columns = {{ order_id = "number", customer_id = "person", placed_at = "at" }}
"""


@pytest.fixture
def load_sales(load_raw):
    """Return `(accounts, lookup="", customers=...) -> Loaded` for sales whose persons are looked up."""

    def run(accounts: str | pd.DataFrame, lookup: str = "", *, extra: str = "", **options):
        known = "customer_id\nc1\nc2\na9\n"
        files = {
            "sales.csv": SALES,
            "accounts.csv": accounts,
            "customers.csv": known,
            "order_lines.csv": LINES,
        }
        return load_raw(files, source=mapping(lookup, extra), **options)

    return run


def people(loaded) -> dict[str, str]:
    orders = loaded.accepted("orders")
    return dict(zip(orders["order_id"], orders["customer_id"], strict=True))


@pytest.mark.parametrize(
    ("accounts", "lookup", "accepted", "reasons"),
    [
        (ACCOUNTS, "", {"1": "c1", "2": "c2"}, {"account is not in accounts.csv": 1, "missing": 1}),
        (ACCOUNTS, ', missing = "empty"', {"1": "c1", "2": "c2"}, {"missing": 2}),
        (ACCOUNTS, ', missing = "keep"', {"1": "c1", "2": "c2", "3": "a9"}, {"missing": 1}),
        # the same person twice is one person; two persons for one account are refused by row
        (ACCOUNTS + "a1,c1,3\n", ', missing = "keep"', {"1": "c1", "2": "c2", "3": "a9"}, {"missing": 1}),
        (
            ACCOUNTS + "a1,c2,3\n",
            ', missing = "keep"',
            {"2": "c2", "3": "a9"},
            {"account has several person in accounts.csv": 1, "missing": 1},
        ),
        (
            ACCOUNTS + "a1,c2,3\n",
            ', pick = "first", missing = "empty"',
            {"1": "c1", "2": "c2"},
            {"missing": 2},
        ),
        (
            ACCOUNTS + "a1,c2,3\n",
            ', pick = "last", missing = "empty"',
            {"1": "c2", "2": "c2"},
            {"missing": 2},
        ),
        (
            ACCOUNTS + "a1,,3\n,c1,4\n",
            ', pick = "last", missing = "empty"',
            {"1": "c1", "2": "c2"},
            {"missing": 2},
        ),
        ("account,person\nA1,c1\na2,c2\n", ', missing = "empty"', {"2": "c2"}, {"missing": 3}),
    ],
)
def test_a_column_is_looked_up_by_key(load_sales, accounts, lookup, accepted, reasons):
    loaded = load_sales(accounts, lookup)
    assert people(loaded) == accepted
    receipt = loaded.receipt.tables["orders"]
    assert receipt.reasons == {f"customer_id: {reason}": rows for reason, rows in reasons.items()}
    assert receipt.read == 4 == receipt.accepted + receipt.quarantined
    assert loaded.receipt.files["accounts"].tables == ()
    assert loaded.receipt.files["sales"].unused_columns == ()


def test_several_keys_other_names_and_a_second_step(load_raw):
    source = (
        SHOP
        + """
[files.people]
path = "people.csv"
[files.accounts]
path = "accounts.csv"
lookups = { person = { file = "people", by = ["shop", "mail"], key = ["store", "address"], take = "who" } }
[files.sales]
path = "sales.csv"
lookups = { buyer = { file = "accounts", by = "account", take = "person" } }
[tables.orders]
file = "sales"
only = [{ column = "buyer", starts_with = ["c"] }]
columns = { order_id = "number", customer_id = "buyer" }
"""
    )
    files = {
        "people.csv": "store,address,who\ns1,x@a.cn,c1\ns2,x@a.cn,c2\n",
        "accounts.csv": "account,shop,mail\na1,s1,x@a.cn\na2,s2,x@a.cn\n",
        "sales.csv": SALES,
        "order_lines.csv": LINES,
    }
    loaded = load_raw(files, source=source)
    assert people(loaded) == {"1": "c1", "2": "c2"}
    assert loaded.receipt.files["sales"].unused_rows == 2


def test_a_looked_up_column_is_read_as_its_own_file_says(load_raw):
    source = (
        SHOP
        + """
[files.orders]
path = "orders.csv"
timezone = "UTC"
money = "yuan"
nulls = ["x"]
[files.orders.lookups]
paid = { file = "bills", by = "order_id", take = "at" }
fee = { file = "bills", by = "order_id", take = "fee" }
[files.bills]
path = "bills.csv"
timezone = "Asia/Shanghai"
time_formats = ["%d.%m.%Y %H:%M"]
money = "fen"
nulls = ["-"]
[tables.orders]
file = "orders"
[tables.orders.columns]
order_id = "order_id"
customer_id = "customer_id"
placed_at = "paid"
shipping_fee_cents = "fee"
"""
    )
    files = {
        "orders.csv": "order_id,customer_id\no1,c1\no2,c2\n",
        "bills.csv": "order_id,at,fee\no1,31.01.2025 10:00,250\no2,31.01.2025 11:00,-\n",
    }
    orders = load_raw(files, source=source).accepted("orders")
    assert orders["placed_at"].astype(str).tolist() == ["2025-01-31 02:00:00", "2025-01-31 03:00:00"]
    assert orders["shipping_fee_cents"].fillna(-1).tolist() == [250, -1]


@pytest.mark.parametrize(
    ("lookup", "extra", "message"),
    [
        (
            ', key = "acount"',
            "",
            "accounts.csv has no column 'acount'; it has account, person, since. Did you",
        ),
        (', key = ["a", "b"]', "", "by has 1 column and key 2"),
        (', missing = "drop"', "", "allowed are refuse, empty, keep"),
        (', pick = "any"', "", "allowed are same"),
        ("", 'at = { file = "accounts", by = "account", take = "person" }', "has a column 'at'"),
        ("", 'x = { file = "account", by = "account", take = "person" }', "'account' is not declared"),
        ("", 'x = { file = "accounts", by = "account" }', "needs take"),
        ("", 'x = { file = "sales", by = "account", take = "at" }', "in a ring: sales -> sales"),
    ],
)
def test_a_lookup_that_cannot_be_meant_is_refused(load_sales, lookup, extra, message):
    with pytest.raises(DataError, match=message):
        load_sales(ACCOUNTS, lookup, extra=extra)


@pytest.mark.parametrize(
    ("accounts", "doubted"),
    [
        (ACCOUNTS, False),
        ("account,person,since\na1,c1,1\na2,c2,2\nc2,c2,3\n", False),  # c2 is an account of its own
        ("account,person,since\na1,a2,1\na2,c2,2\n", True),
    ],
)
def test_an_account_of_an_account_is_doubted(load_raw, accounts, doubted):
    """a1 is a2 and a2 is c2: orders of a1 stay with a2, those of a2 go to c2."""
    files = {
        "sales.csv": SALES,
        "accounts.csv": accounts,
        "customers.csv": "customer_id\nc1\nc2\na2\na9\n",
        "order_lines.csv": LINES,
    }
    loaded = load_raw(files, source=mapping(', missing = "keep"'), max_rejected_share=0.5)
    found = [doubt.found for doubt in loaded.receipt.doubts if "looked up there" in doubt.found]
    assert (
        found == ["1 of 2 values of person in accounts.csv is looked up there for another value."] * doubted
    )
