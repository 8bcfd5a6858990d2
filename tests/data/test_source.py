"""`source.toml`: mapped tables, derived columns, and mappings refused with what would be allowed."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.place import find_place
from helpers.data.source_file import read_source
from tests.data.conftest import TODAY

INVOICES = """Rechnung;Datum;Kunde;Artikel;Titel;Menge;Preis
R1;2011-03-01 09:00;k1;a1;Kerze;2;1,234.50
R1;2011-03-01 09:01;k1;a2;Lampe;1;€5
R2;2011-07-01 09:00;k2;a1;KERZE;-1;3
R3;2011-07-02 09:00;0;a1;Kerze;1;3
R4;2011-07-03 09:00;k1;a2;Lampe;1;0.005
"""
MAPPING = """
currency = "EUR"
timezone = "Europe/Berlin"
max_rejected_share = 0.9
notes = ["no joining dates"]

[files.lines]
path = "invoices.txt"
format = "csv"
delimiter = ";"
timezone = "Europe/Berlin"
time_formats = ["%Y-%m-%d %H:%M"]
money = "euros"

[tables.customers]
file = "lines"
distinct = true
columns = { customer_id = { column = "Kunde", nulls = ["0"] } }

[tables.items]
file = "lines"
distinct = true
columns = { item_id = "Artikel", title = { column = "Titel", pick = "first" } }

[tables.orders]
file = "lines"
distinct = true

[tables.orders.columns]
order_id = "Rechnung"
customer_id = { column = "Kunde", nulls = ["0"] }
placed_at = { column = "Datum", pick = "min" }
status = { constant = "completed" }

[tables.order_lines]
file = "lines"
reject = [{ column = "Menge", below = 1, reason = "a return" }]

[tables.order_lines.columns]
order_id = "Rechnung"
line_number = { number_within = ["Rechnung"] }
item_id = "Artikel"
quantity = "Menge"
unit_price_cents = "Preis"
"""


@pytest.fixture
def load_mapped(tmp_path):
    """Return `(mapping, files) -> (receipt, accepted tables)` for a folder of its own."""

    def run(mapping: str, files: dict[str, str]):
        folder = tmp_path / "mapped"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "source.toml").write_text(mapping, encoding="utf-8")
        receipt = load(folder, out=tmp_path / "out", today=TODAY)
        tables = {
            name: pd.read_parquet(tmp_path / "out" / "accepted" / f"{name}.parquet")
            for name in receipt.tables
        }
        return receipt, tables

    return run


def test_one_file_feeds_four_tables(load_mapped):
    receipt, tables = load_mapped(MAPPING, {"invoices.txt": INVOICES})
    counts = {name: (one.read, one.accepted) for name, one in receipt.tables.items()}
    assert counts == {"customers": (3, 2), "items": (2, 2), "orders": (4, 3), "order_lines": (5, 2)}
    assert receipt.files["lines"].rows == receipt.tables["order_lines"].read == INVOICES.count("\n") - 1
    assert receipt.tables["order_lines"].reasons == {
        "Menge: a return": 1,
        "order_id: was refused in orders": 1,
        "quantity: below 1": 1,
        "unit_price_cents: finer than a hundredth": 1,
    }
    assert tables["order_lines"][["line_number", "unit_price_cents"]].to_numpy().tolist() == [
        [1, 123450],
        [2, 500],
    ]
    assert tables["orders"]["placed_at"].astype(str).tolist()[:2] == [
        "2011-03-01 08:00:00",
        "2011-07-01 07:00:00",
    ]
    assert tables["items"]["title"].tolist() == ["Kerze", "Lampe"]
    assert (receipt.currency, receipt.timezone) == ("EUR", "Europe/Berlin")
    assert receipt.notes == ("no joining dates",)
    assert receipt.source == "mapped"


def test_rows_of_one_key_that_should_agree_and_do_not_are_refused(load_mapped):
    receipt, tables = load_mapped(MAPPING.replace(', pick = "first"', ""), {"invoices.txt": INVOICES})
    assert receipt.tables["items"].reasons == {"title: differs between the rows of one item_id": 1}
    assert tables["items"]["item_id"].tolist() == ["a2"]


def test_lines_that_cannot_be_read_count_in_every_table_they_would_feed(load_mapped):
    receipt, _ = load_mapped(MAPPING, {"invoices.txt": INVOICES + "R5;broken\n"})
    assert {name: one.read for name, one in receipt.tables.items()} == {
        "customers": 4,
        "items": 3,
        "orders": 5,
        "order_lines": 6,
    }


GROUPS = """
currency = "CNY"
timezone = "Asia/Shanghai"
max_rejected_share = 1.0

[files.groups]
path = "groups.txt"
format = "tsv"
header = false
columns = ["who", "what"]
rest = "friends"

[files.log]
path = "log.csv"
timezone = "UTC"

[[tables.customers]]
file = "groups"
distinct = true
columns = { customer_id = { column = "who", prefix = "u" } }

[[tables.customers]]
file = "groups"
each = "friends"
columns = { customer_id = { element = true, prefix = "u" } }

[tables.items]
file = "groups"
distinct = true
columns = { item_id = "what" }

[tables.orders]
file = "groups"

[tables.orders.columns]
order_id = { line_number = true, prefix = "g" }
customer_id = { column = "who", prefix = "u" }

[tables.order_lines]
file = "groups"

[tables.order_lines.columns]
order_id = { line_number = true, prefix = "g" }
line_number = { constant = 1 }
item_id = "what"
quantity = { constant = 2 }

[tables.shares]
file = "groups"

[tables.shares.columns]
share_id = { concat = ["who", "what"], separator = "/" }
customer_id = { column = "who", prefix = "u" }

[tables.reactions]
file = "groups"
each = "friends"

[tables.reactions.columns]
reaction_id = { element_id = true }
share_id = { concat = ["who", "what"], separator = "/" }
customer_id = { element = true, prefix = "u" }
kind = { constant = "join" }

[tables.events]
file = "log"
only = [{ column = "type", one_of = ["V", "S"] }]

[tables.events.columns]
event_id = { hash_of = ["at", "who"] }
customer_id = "who"
kind = { column = "type", values = { V = "view", S = "search" } }
happened_at = "at"

[tables.surveys]
file = "log"
only = [{ column = "type", one_of = ["N"] }]

[tables.surveys.columns]
survey_id = { hash_of = ["at", "who"] }
customer_id = "who"
kind = { constant = "nps" }
answered_at = "at"
"""
GROUP_LINES = "1\ta\t2\t3\n2\tb\n3\ta\t1\n"
LOG = "at,who,type\n2025-01-01,u1,V\n2025-01-02,u2,S\n2025-01-03,u3,N\n2025-01-04,u3,X\n"


def test_lines_of_any_length_constants_prefixes_hashes_and_routing(load_mapped):
    receipt, tables = load_mapped(GROUPS, {"groups.txt": GROUP_LINES, "log.csv": LOG})
    assert all(one.quarantined == 0 for one in receipt.tables.values())
    assert tables["customers"]["customer_id"].tolist() == ["u1", "u2", "u3"]
    assert tables["orders"]["order_id"].tolist() == ["g1", "g2", "g3"]
    assert tables["reactions"][["reaction_id", "share_id", "customer_id"]].to_numpy().tolist() == [
        ["1-1", "1/a", "u2"],
        ["1-2", "1/a", "u3"],
        ["3-1", "3/a", "u1"],
    ]
    assert tables["events"]["kind"].tolist() == ["view", "search"]
    assert tables["events"]["event_id"][0] == hashlib.sha256(b"2025-01-01\x1fu1").hexdigest()[:32]
    assert {name: one.read for name, one in receipt.tables.items()}["surveys"] == 1
    assert receipt.files["log"].unused_rows == 1


def items(column: str, table: str = "") -> str:
    """Return a mapping of the items with this column, and these keys of the table."""
    lines = ["[files.a]", "path='a.csv'", "[tables.items]", "file='a'", table, f"columns={{{column}}}"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curency = 'CNY'", "'curency' is not a known key; allowed are name, currency"),
        ("[files.a]\npath = 'a.csv'\neval = 'x'", "'eval' is not a known key"),
        ("[files.a]\npath = '../a.csv'", "inside the data folder"),
        ("[files.a]\npath = '/etc/passwd'\nformat = 'csv'", "inside the data folder"),
        ("[files.a]\npath = 'a.xls'", "needs format = one of parquet"),
        ("[files.a]\npath = 'a.csv'\nencoding = 'koi8'", "'koi8' is not known; allowed are auto"),
        ("[files.a]\npath = 'a.csv'\nmoney = 'rubles'", "allowed are yuan"),
        ("[files.a]\npath = 'a.csv'\ntimezone = 'Beijing'", "no zone name"),
        ("[files.a]\npath = 'a.csv'\nheader = 'no'", "must be true or false"),
        ("[files.a]\npath = 'a.csv'\nheader = false", r"needs columns = \["),
        ("[files.a]\npath = 'a.csv'\ndelimiter = '||'", "one character"),
        ("[files.a]\npath = 'a.csv'\nnulls = [1]", "a list of texts"),
        ("[tables.sales]\nfile = 'a'", "no table 'sales'"),
        ("[tables.orders]\nfile = 'a'", "'a' is not declared"),
        ("[files.a]\npath='a.csv'\n[tables.orders]\nfile='a'\ncolumns={id='x'}", "no column 'id'"),
        (
            "[files.a]\npath='a.csv'\n[tables.orders]\nfile='a'\ncolumns={order_id={sql='x'}}",
            "'sql' is not a known",
        ),
        (
            "[files.a]\npath='a.csv'\n[tables.orders]\nfile='a'\ncolumns={order_id={prefix='x'}}",
            "exactly one of",
        ),
        (
            "[files.a]\npath='a.csv'\n[tables.orders]\nfile='a'\nonly=[{column='x'}]",
            "below, above or empty",
        ),
        ("max_rejected_share = '5%'", "must be a number"),
        ("currency = 'yuan'", "three capital letters, e.g. CNY"),
        ("currency = 'RMB'", "no code of ISO 4217; write CNY"),
        ("currency = ''", "three capital letters, e.g. CNY"),
        ("[files.a]\npath = 'sub/../../a.csv'", "inside the data folder"),
        ("[files.a]\npath = 'a.csv'\nby_name = true", "'by_name' is not a known key"),
        ("name = ", "cannot be read as TOML"),
        ("[files.a]\npath='a.csv'\nheader_line=0", "must be 1 or more"),
        ("[files.a]\npath='a.csv'\nheader_line=true", "a whole number or a text"),
        ("[files.a]\npath='a.csv'\nheader_line='['", "no regular expression"),
        ("[files.a]\npath='a.csv'\nfooter=['(a']", "no regular expression"),
        ("[files.a]\npath='a.csv'\nheader=false\ncolumns=['x']\nheader_line=2", "needs a header"),
        ("[files.a]\npath='a.parquet'\nfooter=['x']", "are for text and sheets"),
        ("[files.a]\npath='a.tsv'\nrest='x'\nempty_last_column=true", "without a rest"),
        ("[files.a]\npath='a.csv'\nsheet='x'", "is for xlsx"),
        ("[files.a]\npath='a.zip'", "needs format = one of"),
        (items("title={column='x', extract='('}"), "no regular expression"),
        (items("title={column='x', extract='(?=a)(b)'}"), "no regular expression"),
        (items("title={column='x', extract='ab'}"), "must have 1 group"),
        (items("title={column='x', units=['dozen']}"), "allowed are 千"),
        (items("title={sum=['x', 'y']}"), "sum makes integer, number, money, but the column is text"),
        (items("list_price_cents={days_between=['x', 'y']}"), "days_between makes number"),
        (items("list_price_cents={product=['x']}"), "needs two columns"),
        (items("title={column='x', pick='last'}"), "add distinct = true"),
        (items("title='x'", "split=','"), "needs each"),
        (items("title='x'", "distinct=true\nlast_by_time='a'\nlast_by_number='b'"), "the same one of"),
        (items("title='x'", "only=[{column='x', matches='('}]"), "no regular expression"),
        (items("title='x'", "only=[{column='x', starts_with=['']}]"), "holds everywhere"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path, text, message):
    (tmp_path / "source.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_source(tmp_path / "source.toml")


@pytest.mark.parametrize(
    "name",
    ['order_id"; DROP TABLE customers; --', "x') OR 1=1 --", 'a\\"b', "${HOME}", "name with, comma"],
)
def test_names_are_looked_up_never_run(load_mapped, name):
    quoted = name.replace('"', '""')
    lines = INVOICES.replace("Rechnung;", f'"{quoted}";')
    toml_name = name.replace("\\", "\\\\").replace('"', '\\"')
    mapping = MAPPING.replace('"Rechnung"', f'"{toml_name}"')
    _, tables = load_mapped(mapping, {"invoices.txt": lines})
    assert tables["orders"]["order_id"].tolist() == ["R1", "R2", "R4"]
    with pytest.raises(DataError, match="has no column"):
        load_mapped(mapping, {"invoices.txt": INVOICES})


def test_a_zone_and_a_unit_must_be_declared(load_mapped):
    for line, message in (
        ('timezone = "Europe/Berlin"\ntime', "declare timezone"),
        ('money = "euros"', "declare money"),
    ):
        with pytest.raises(DataError, match=message):
            load_mapped(MAPPING.replace(line, "time" if "time" in line else ""), {"invoices.txt": INVOICES})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_mapping_may_begin_with_a_byte_order_mark(tmp_path, encoding):
    path = tmp_path / "source.toml"
    path.write_text('currency = "EUR"\nnotes = ["口红"]\n', encoding=encoding)
    assert read_source(path).currency == "EUR"


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_a_mapping_in_another_encoding_says_what_to_do(tmp_path, encoding):
    path = tmp_path / "source.toml"
    path.write_text('notes = ["口红"]\n', encoding=encoding)
    with pytest.raises(DataError, match="is not written as UTF-8; save it"):
        read_source(path)


@pytest.mark.parametrize("name", ["SOURCE.TOML", "source.toml.txt"])
def test_a_mapping_by_another_name_is_not_passed_over(tmp_path, name):
    (tmp_path / name).write_text('currency = "EUR"\n', encoding="utf-8")
    with pytest.raises(DataError, match=f"{name} is not read; rename it source.toml"):
        find_place(tmp_path)


def test_tables_may_be_named_in_capitals_but_not_twice(tmp_path):
    declared = {"currency": "EUR", "timezone": "UTC"}
    (tmp_path / "ITEMS.CSV").write_text("item_id\ni1\n", encoding="utf-8")
    assert find_place(tmp_path, **declared).files()["items"].path == "ITEMS.CSV"
    (tmp_path / "items.tsv").write_text("item_id\ni1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"table items lies in ITEMS\.CSV and items\.tsv"):
        find_place(tmp_path, **declared).files()
