"""`workbench init`: what can be seen of files is drafted, what cannot is asked, and a draft loads or asks."""

from __future__ import annotations

import gzip
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers.command import main
from helpers.command.outcome import Exit
from helpers.data.draft import draft_source
from helpers.data.draft.guess import count_units_of, currency_of, decimals_of, guard_of, times_of
from helpers.data.draft.words import match, plain, status_of
from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.money import units_of
from helpers.data.source_file import read_source
from tests.data.conftest import GOOD, TODAY
from tests.data.workbooks import workbook

LAYOUTS = Path(__file__).parent / "layouts"
KNOWN = {"currency": "CNY", "timezone": "Asia/Shanghai"}


@pytest.fixture
def folder_of(tmp_path):
    """Return `files -> folder` that holds these files; texts are written as UTF-8."""

    def make(files: dict[str, str | bytes]) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


def drafted(folder: Path, **known):
    """Draft beside the files, and read the draft as every mapping is read."""
    draft = draft_source(folder, **known)
    (folder / "source.toml").write_text(draft.text, encoding="utf-8")
    return draft, read_source(folder / "source.toml")


@pytest.mark.parametrize(
    ("name", "values", "formats"),
    [
        ("day", ["2025-01-31", "2025-02-01 10:00:00", ""], ()),
        ("at", ["2025-01-31 10:00:00 +0800"], ()),
        ("at", ["2025-01-31T10:00:00Z"], ()),
        ("day", ["31/01/2025", "01/02/2025"], ("%d/%m/%Y",)),
        ("day", ["01/02/2025", "03/04/2025"], ("%d/%m/%Y", "%m/%d/%Y")),
        ("day", ["31/01/25", "01/02/25"], ("%d/%m/%y",)),
        ("时间", ["2025年1月31日", "2025年12月1日"], ("%Y年%m月%d日",)),
        ("时间", ["2025/1/31 下午03:04:05"], ("%Y/%m/%d %p%I:%M:%S",)),
        ("date", ["20250131", "20241201"], ("%Y%m%d",)),
        ("date", ["45000.5", "45001"], ("excel_days",)),
        ("created_at", ["1738303200"], ("epoch_seconds",)),
        ("timestamp", ["1738303200000"], ("epoch_milliseconds",)),
    ],
)
def test_times_are_recognised_and_ambiguous_ones_are_not_settled(name, values, formats):
    assert times_of(name, values).formats == formats


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("order_id", ["20250131", "20241201"]),  # a number that could be a day, in a column that is none
        ("quantity", ["45000", "45001"]),
        ("date", ["soon", "2025-01-31"]),
        ("date", ["2025-02-30 25:00"]),
        ("date", ["", ""]),
    ],
)
def test_what_is_no_time_is_not_taken_for_one(name, values):
    assert times_of(name, values) is None


def test_amounts_units_guards_and_names():
    assert currency_of(["¥12.00", "1.5"]) == "CNY"
    assert currency_of(["$1", "£2"]) == currency_of(["a $ sign"]) == currency_of(["5"]) == ""
    assert decimals_of(["1,234.50", "3"]) == (2, False)
    assert decimals_of(["1.234,50", "3,5"]) == (2, True)
    assert count_units_of(["1.2万", "300", "5k"]) == ("万", "k")
    assert guard_of(["`a", "`b", ""]) == "`"
    assert guard_of(["`a", "b"]) == guard_of(["", ""]) == ""
    assert plain("Email (Billing)") == "email billing"
    assert status_of("买家已付款,等待卖家发货") == "paid"
    assert status_of("On hold") == ""
    columns = {"Order Number": ["1"], "sku": ["", ""], "Item Name": ["a", "b"], "product_id": ["1", "2"]}
    assert match("order_lines", columns) == {"order_id": "Order Number", "item_id": "product_id"}


def test_tables_in_contract_names_load_as_drafted(folder_of, tmp_path):
    folder = folder_of({f"{name}.csv": text for name, text in GOOD.items()})
    asked, _ = drafted(folder)
    assert [must.split(":")[0] for must in asked.remaining] == [
        "currency",
        "timezone",
        "[files.customers] timezone",
        "[files.orders] timezone",
    ]
    assert 'money = "fen"' in asked.text
    known, _ = drafted(folder, **KNOWN)
    assert known.remaining == []
    receipt = load(folder, out=tmp_path / "out", today=TODAY)
    assert all(one.quarantined == 0 for one in receipt.tables.values())


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("olist", ["[files.olist_order_items_dataset] money"]),
        ("instacart", []),
        (
            "shopify",
            [
                "rates: what one USD is worth in CNY",
                "[tables.customers] Email is empty in 1 of the first 6 rows",
                "[tables.orders] Email is empty in 1 of the first 6 rows",
                "[tables.orders.columns] status: what partially_refunded",
            ],
        ),
        ("woocommerce", ["[tables.orders.columns] status: what On hold"]),
        ("taobao", []),
        (
            "wechat",
            [
                "[tables.orders] 交易时间 differs between the rows of one order",
                "[tables.orders] 交易状态 differs between the rows of one order",
            ],
        ),
        ("alipay", ["[tables.order_lines] 订单金额（元） is below 0 in 1 of the first 4 rows"]),
    ],
)
def test_the_draft_of_a_layout_loads_or_asks(tmp_path, name, asks):
    folder = tmp_path / name
    shutil.copytree(LAYOUTS / name, folder)
    draft, source = drafted(folder, currency="" if name == "olist" else "CNY", timezone="Asia/Shanghai")
    asked = [must for must in draft.remaining if not must.startswith("currency")]
    assert len(asked) == len(asks)
    assert all(must.startswith(begins) for must, begins in zip(asked, asks, strict=True))
    assert {"customers", "items", "orders", "order_lines"} <= set(source.tables)
    if not draft.remaining:
        receipt = load(folder, out=tmp_path / "out")
        assert all(one.quarantined == 0 for one in receipt.tables.values())


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        ("Bestellnr;Kunde;Datum;Artikel;Menge;Einzelpreis;Status", "12,50;Bezahlt|9,95;Storniert"),
        ("Order ref;Client;Purchase date;Product;Units;Price each;Status", "12.50;Paid|9.95;Cancelled"),
    ],
)
def test_a_plain_file_of_orders_in_a_shop_s_own_words_leaves_nothing_to_declare(
    folder_of, tmp_path, names, rows
):
    lines = [f"{place};c{place};26.06.2024 19:23;Mug;2;{row}" for place, row in enumerate(rows.split("|"))]
    folder = folder_of({"sales.csv": "\n".join([names, *lines])})
    draft, _ = drafted(folder, currency="EUR", timezone="Europe/Berlin")
    assert not draft.remaining
    receipt = load(folder, out=tmp_path / "out")
    assert {name: table.accepted for name, table in receipt.tables.items()} == {
        "customers": 2, "items": 1, "orders": 2, "order_lines": 2,
    }  # fmt: skip
    orders = pd.read_parquet(tmp_path / "out" / "accepted" / "orders.parquet")
    assert orders["status"].tolist() == ["paid", "cancelled"]


def test_every_doubt_stands_in_the_draft(tmp_path):
    folder = tmp_path / "olist"
    shutil.copytree(LAYOUTS / "olist", folder)
    draft, source = drafted(folder, **KNOWN)
    assert all(f"# ? {said}" in draft.text for said in (*draft.doubts, *draft.remaining))
    assert any("does customer_id name the person or the order" in doubt for doubt in draft.doubts)
    assert any("payments_dataset.csv feeds no table yet" in doubt for doubt in draft.doubts)
    assert source.files["olist_order_reviews_dataset"].lookups["its_item_id"].pick == "first"


def test_forms_of_files_are_seen(folder_of):
    lines = "who\twhat\n1\ta\n2\tb\n"
    folder = folder_of(
        {
            "a.txt": "Report\n\n" + lines + "Total\t2\t\n",
            "b.csv": "x;y;\n1,5;2;\n2,5;3;\n",
            "c.csv": "order_id,名称\n1,口红色\n2,口红膏\n".encode("gb18030"),
            "d.dat": "1 2025-01-01 7\n2 2025-01-02 8\n",
            "e.csv.gz": gzip.compress(b"u,v\n1,2\n"),
            "f.xlsx": workbook({"May": [["p", "q"], ["1", 2]], "June": [["r", "s"], ["1", 2]]}),
            "g.parquet": b"PAR1 cut",
            "h.csv": "",
            ".hidden.csv": "a,b\n",
            "picture.png": b"\x89PNG",
        }
    )
    pd.DataFrame({"k": [1]}).to_parquet(folder / "i.parquet")
    draft, source = drafted(folder)
    files = source.files
    assert set(files) == {"a", "b", "c", "d", "e", "f_may", "f_june", "i"}
    assert (files["a"].delimiter, files["a"].header_line, files["a"].footer) == ("\t", 3, ("^Total",))
    assert (files["b"].delimiter, files["b"].empty_last_column) == (";", True)
    assert files["c"].encoding == "gb18030"
    assert (files["d"].format, files["d"].header) == ("whitespace", False)
    assert files["d"].columns == ("column_1", "column_2", "column_3")
    assert files["f_june"].sheet == "June"
    assert any("g.parquet cannot be read as it is" in doubt for doubt in draft.doubts)
    assert any("h.csv cannot be read as it is: the file is empty" in doubt for doubt in draft.doubts)
    assert sum(must.startswith("[tables.") for must in draft.remaining) == 4


@pytest.mark.parametrize(
    "hostile",
    ['"; DROP TABLE x', "a\\", "]\n[files.evil]", "'''", "名字\t列", "\x07bell", '"""'],
)
def test_hostile_names_stay_names(folder_of, hostile):
    quoted = '"' + hostile.replace('"', '""') + '"'
    header = f"order_id,customer_id,{quoted}\n" if "\n" not in hostile else "order_id,customer_id,x\n"
    folder = folder_of(
        {"sales.csv": header + "1,2,3\n2,2,3\n", f"{hostile.replace('/', '')}.csv": "a,b\n1,2\n"}
    )
    _, source = drafted(folder, **KNOWN)
    assert set(source.files) == {"sales", *(set(source.files) - {"sales"})}
    assert "evil" not in source.files
    assert len(source.files) == 2
    assert source.tables["orders"].feeds[0].columns["order_id"].column == "order_id"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_lies_there_is_looked_at_or_said(folder_of, seed):
    rng = random.Random(seed)
    marks = [
        "a",
        "1",
        ",",
        '"',
        "\n",
        "\r",
        "\t",
        ";",
        "\0",
        '="',
        "`",
        "口",
        "é",
        "2025-01-01",
        "order_id",
        "sku",
    ]
    text = "".join(rng.choice(marks) for _ in range(rng.choice([0, 5, 50, 500])))
    files = {
        "a.csv": text.encode(rng.choice(["utf-8", "gb18030", "utf-16"])),
        "b.csv": "order_id,customer_id,sku\n" + text,
        "c.csv": "x" * 200_000 + text,
        "d.xlsx": rng.randbytes(99),
        "e.csv.gz": gzip.compress(rng.randbytes(99)),
        "f.zip": rng.randbytes(99),
        "g.parquet": rng.randbytes(99),
    }
    draft, source = drafted(folder_of(files))
    assert len(source.files) + sum("cannot be read as it is" in doubt for doubt in draft.doubts) == len(files)


@pytest.mark.parametrize(
    ("currency", "price", "unit"),
    [("PLN", "12.50", "whole"), ("EUR", "12.50", "euros"), ("JPY", "1200", ""), ("VND", "250000", "")],
)
def test_the_unit_of_money_is_one_that_loads_or_is_left_to_declare(folder_of, currency, price, unit):
    header = "order_id,line_number,item_id,quantity,unit_price_cents\n"
    folder = folder_of({"order_lines.csv": header + f"1,1,a,1,{price}\n2,1,a,1,{price}\n"})
    found, source = drafted(folder, currency=currency, timezone="UTC")
    if unit:
        assert source.files["order_lines"].money == unit
        return
    assert any(" money" in one for one in found.remaining)
    (suggested,) = [line for line in found.lines if line.startswith("# money = ")]
    assert suggested == f'# money = "{units_of(currency)[0]}"'


def test_a_column_of_currencies_is_declared_and_the_rates_are_asked_for(folder_of):
    header = "order_id,line_number,item_id,quantity,unit_price_cents,currency\n"
    rows = "".join(f"{n},1,a,1,9.50,{'usd' if n % 3 else 'EUR'}\n" for n in range(9))
    draft, source = drafted(folder_of({"order_lines.csv": header + rows}), currency="EUR", timezone="UTC")
    assert source.files["order_lines"].currency_column == "currency"
    assert "rates: what one USD is worth in EUR" in draft.remaining


def test_a_decimal_comma_in_each_line_is_no_delimiter(folder_of):
    rows = "".join(f"o{n};c{n % 3};2024-05-{n + 10};{n},50\n" for n in range(9))
    _, source = drafted(folder_of({"orders.csv": "order;customer;date;price\n" + rows}))
    assert source.files["orders"].delimiter == ";"


def test_a_text_of_western_letters_is_drafted_and_its_encoding_left_to_look_at(folder_of):
    lines = [f"R{n};K{n};0{n % 9 + 1}.03.2025 10:00;Grüner Tee;Müller & Söhne" for n in range(40)]
    header = "Rechnungsnummer;Kundennummer;Datum;Artikel;Straße"
    text = "\n".join([header, *lines]).encode("cp1252")
    found, source = drafted(folder_of({"verkauf.csv": text}), **KNOWN)
    assert source.files["verkauf"].encoding == "latin-1"
    assert any("its letters fit latin-1" in doubt for doubt in found.doubts)
    assert source.tables["orders"].feeds[0].columns["customer_id"].column == "Kundennummer"


def test_a_folder_without_tables_is_refused(folder_of):
    with pytest.raises(DataError, match="holds no file that could be a table"):
        draft_source(folder_of({"readme.md": "hello", "a.png": b"x"}))


@pytest.mark.parametrize(
    ("known", "message"), [({"currency": "yuan"}, "three capital"), ({"timezone": "B"}, "no zone")]
)
def test_what_is_named_wrongly_is_refused(folder_of, known, message):
    with pytest.raises(DataError, match=message):
        draft_source(folder_of({"a.csv": "x,y\n1,2\n"}), **known)


def test_the_verb_never_overwrites_unasked(folder_of, capsys):
    folder = folder_of({f"{name}.csv": text for name, text in GOOD.items()})
    (folder / "source.toml").write_text("# mine\n")
    call = ["init", "--data", str(folder), "--currency", "CNY", "--timezone", "Asia/Shanghai"]
    assert main(call) == Exit.BAD_USAGE
    assert "--force writes over it" in capsys.readouterr().err
    assert (folder / "source.toml").read_text() == "# mine\n"
    assert main([*call, "--force"]) == Exit.DONE
    said = capsys.readouterr().out
    assert "nothing is left to declare" in said
    assert "look at: orders.csv: are its times on the shop's clock, or in UTC?" in said
    (folder / "source.toml").unlink()
    assert main(["init", "--data", str(folder)]) == Exit.DONE
    assert "to declare: currency: the shop's money" in capsys.readouterr().out
