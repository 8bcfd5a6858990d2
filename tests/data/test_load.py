"""The loader's promises: nothing lost, nothing half written, the same bytes again, clear refusals."""

from __future__ import annotations

import datetime as dt
import json
import re

import duckdb
import pandas as pd
import pytest

from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.receipt import Receipt
from tests.data.conftest import DECLARED, GOOD, TODAY

ORDERS = "order_id,customer_id,placed_at,status\n"


def orders(*lines: str) -> str:
    return ORDERS + "".join(f"{line}\n" for line in lines)


def hashes(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_good_tables_come_through_with_every_column_of_the_contract(load_raw):
    loaded = load_raw({})
    assert {name: table.accepted for name, table in loaded.receipt.tables.items()} == {
        "customers": 2,
        "items": 1,
        "orders": 1,
        "order_lines": 1,
    }
    row = loaded.accepted("orders").iloc[0]
    assert (row["order_id"], row["status"], row["placed_at"]) == (
        "o1",
        "completed",
        pd.Timestamp("2025-01-02 10:00"),
    )
    assert pd.isna(row["coupon_id"])
    assert loaded.accepted("order_lines")["unit_price_cents"].tolist() == [1234]
    assert loaded.receipt == Receipt.read(loaded.out / "receipt.json")


def test_csv_parquet_and_duckdb_give_the_same_tables(load_raw, random_tables, tmp_path):
    drawn = random_tables(seed=4, customers=60)
    tables = {name: drawn[name] for name in ("customers", "items", "orders", "order_lines", "shares")}
    csv = {f"{name}.csv": frame.to_csv(index=False) for name, frame in tables.items()}
    for name in ("parquet", "csv"):
        (tmp_path / name).mkdir()
    database = duckdb.connect(str(tmp_path / "shop.duckdb"))
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / "parquet" / f"{name}.parquet")
        (tmp_path / "csv" / f"{name}.csv").write_text(csv[f"{name}.csv"], encoding="gb18030")
        database.execute(f"CREATE TABLE {name} AS FROM '{tmp_path}/parquet/{name}.parquet'")
    database.close()
    places = (tmp_path / "parquet", tmp_path / "csv", f"duckdb://{tmp_path}/shop.duckdb")
    receipts = [
        load(place, out=tmp_path / f"out{n}", today=TODAY, **DECLARED) for n, place in enumerate(places)
    ]
    for name, frame in tables.items():
        assert {receipt.tables[name].accepted for receipt in receipts} == {len(frame)}
        found = [pd.read_parquet(tmp_path / f"out{n}" / "accepted" / f"{name}.parquet") for n in range(3)]
        pd.testing.assert_frame_equal(found[0], found[1])
        pd.testing.assert_frame_equal(found[0], found[2])


def test_the_same_bytes_in_give_the_same_bytes_out(load_raw):
    files = {
        "orders.csv": orders(*(f"o{n},c{n % 4},2025-01-0{n % 9 + 1} 10:00:00,paid" for n in range(5000)))
    }
    first, second = (load_raw(files, out=out) for out in ("one", "two"))
    assert first.receipt.tables["orders"].quarantined == 2500
    assert hashes(first.out) == hashes(second.out)


def test_equal_rows_stay_once_and_conflicting_rows_go_all(load_raw):
    same = "o1,c1,2025-01-02 10:00:00,paid"
    loaded = load_raw(
        {"orders.csv": orders(same, same, "o2,c1,2025-01-02,paid", "o2,c2,2025-01-02,paid", same)}
    )
    receipt = loaded.receipt.tables["orders"]
    assert receipt.reasons == {
        "order_id: given to rows that differ in customer_id": 2,
        "order_id: the same row again": 2,
    }
    assert loaded.accepted("orders")["order_id"].tolist() == ["o1"]
    assert loaded.quarantine("orders")["line"].tolist() == [3, 4, 5, 6]


def test_a_reason_may_hold_what_parts_reasons(load_raw):
    mapping = """
[files.orders]
path = "orders.csv"
timezone = "UTC"
[tables.orders]
file = "orders"
reject = [{ column = "order_id", one_of = ["o2"], reason = "a test; not paid; void" }]
[tables.orders.columns]
order_id = "order_id"
customer_id = "customer_id"
placed_at = "placed_at"
status = "status"
"""
    loaded = load_raw(
        {"orders.csv": orders("o1,c1,2025-01-02,paid", "o2,nobody,2025-01-02,paid")}, source=mapping
    )
    assert loaded.receipt.tables["orders"].reasons == {
        "customer_id: names none of the accepted customers": 1,
        "order_id: a test; not paid; void": 1,
    }
    assert loaded.receipt.tables["orders"].quarantined == 1


@pytest.mark.parametrize("reason", ["", ', reason = "a test"'])
def test_two_conditions_with_one_reason_both_refuse(load_raw, reason):
    mapping = f"""
[files.orders]
path = "orders.csv"
timezone = "UTC"
[tables.orders]
file = "orders"
reject = [
    {{ column = "order_id", one_of = ["o2"]{reason} }},
    {{ column = "order_id", starts_with = ["x"]{reason} }},
]
[tables.orders.columns]
order_id = "order_id"
customer_id = "customer_id"
placed_at = "placed_at"
"""
    rows = orders(*(f"{one},c1,2025-01-02,paid" for one in ("o1", "o2", "x3")))
    loaded = load_raw({"orders.csv": rows}, source=mapping)
    assert loaded.accepted("orders")["order_id"].tolist() == ["o1"]
    assert list(loaded.receipt.tables["orders"].reasons.values()) == [2]


def test_a_half_hour_shown_twice_is_said_where_others_were_put_back_by_an_hour(load_raw):
    """The clocks of Lord Howe go back by half an hour, and once went back by a whole one."""
    mapping = '[files.orders]\npath = "orders.csv"\ntimezone = "Australia/Lord_Howe"\n'
    rows = orders("o1,c1,2025-04-06 02:15:00,paid", "o2,c1,2025-04-06 01:45:00,paid")
    loaded = load_raw({"orders.csv": rows}, source=mapping)
    (reason,) = loaded.receipt.tables["orders"].reasons
    assert reason.startswith("placed_at: shown twice by the clocks of Australia/Lord_Howe")
    assert loaded.accepted("orders")["order_id"].tolist() == ["o1"]


def test_a_unit_in_two_arms_says_so(load_raw):
    rows = "experiment,customer_id,arm,stratum\nx,c1,control,\nx,c1,new,\nx,c2,new,a\nx,c2,new,\n"
    loaded = load_raw({"experiments.csv": rows})
    assert loaded.receipt.tables["experiments"].reasons == {
        "experiment and customer_id: given to rows that differ in arm": 2,
        "experiment and customer_id: given to rows that differ in stratum": 2,
    }


def test_refusals_cascade_along_references(load_raw):
    loaded = load_raw(
        {
            "orders.csv": orders("o1,c1,2025-01-02,paid", "o2,nobody,2025-01-02,paid"),
            "order_lines.csv": GOOD["order_lines"] + "o2,1,i1,1,5\n",
            "shares.csv": "share_id,customer_id,order_id,posted_at\n"
            "s1,c1,o2,2025-01-03\ns2,c1,o1,2025-01-03\n",
            "reactions.csv": "reaction_id,share_id,kind,parent_id,posted_at\n"
            "r1,s1,comment,,2025-01-04\nr2,s2,reply,r1,2025-01-04\nr3,s2,reply,r2,2025-01-04\n"
            "r4,s2,comment,,2025-01-04\nr5,s2,reply,r4,2025-01-04\n",
        }
    )
    assert loaded.accepted("order_lines")["order_id"].tolist() == ["o1"]
    assert loaded.accepted("shares")["share_id"].tolist() == ["s2"]
    assert loaded.accepted("reactions")["reaction_id"].tolist() == ["r4", "r5"]
    assert loaded.receipt.tables["reactions"].reasons == {
        "parent_id: was refused in reactions": 2,
        "share_id: was refused in shares": 1,
    }


def test_time_order_future_and_self_ties(load_raw):
    loaded = load_raw(
        {
            "orders.csv": orders("o1,c1,2024-12-31,paid", "o2,c1,2026-01-04,paid", "o3,c1,2025-01-02,paid"),
            "order_lines.csv": GOOD["order_lines"].replace("o1", "o3"),
            "ties.csv": "customer_a,customer_b,since_at\nc2,c1,2025-02-01\nc1,c1,2025-02-01\n",
        }
    )
    assert loaded.receipt.tables["orders"].reasons == {
        "placed_at: before customers.joined_at": 1,
        "placed_at: in the future": 1,
    }
    assert loaded.accepted("ties")[["customer_a", "customer_b"]].to_numpy().tolist() == [["c1", "c2"]]
    assert loaded.receipt.tables["ties"].reasons == {"customer_a: the same as customer_b": 1}


def test_a_pair_given_both_ways_round_stays_once(load_raw):
    loaded = load_raw({"ties.csv": "customer_a,customer_b,since_at\nc2,c1,2025-02-01\nc1,c2,2025-02-01\n"})
    assert len(loaded.accepted("ties")) == 1
    assert loaded.receipt.tables["ties"].quarantined == 1


def test_prices_in_yuan_are_not_read_as_fen(load_raw):
    lines = {"order_lines.csv": GOOD["order_lines"].replace("1234", "¥99.00")}
    with pytest.raises(DataError, match=r'unit_price_cents: looks like yuan, write money = "yuan"'):
        load_raw(lines, max_rejected_share=None)
    declared = '[files.order_lines]\npath = "order_lines.csv"\nmoney = "yuan"\n'
    assert load_raw(lines, source=declared).accepted("order_lines")["unit_price_cents"].tolist() == [9900]


@pytest.mark.parametrize("amount", ["$99", "€99.00", "99 USD"])
def test_a_foreign_sign_is_said_to_be_one_also_where_no_unit_is_declared(load_raw, amount):
    """Advice to declare yuan would only lead to the next refusal."""
    lines = {"order_lines.csv": GOOD["order_lines"].replace("1234", amount)}
    with pytest.raises(DataError, match=r"Most often: unit_price_cents: in another currency than CNY \(1\)"):
        load_raw(lines)


def test_optional_columns_may_be_absent_but_not_half_filled(load_raw):
    absent = load_raw({"items.csv": "item_id\ni1\n"}, out="a")
    assert absent.receipt.filled("items")
    assert not absent.receipt.filled("items", "category")
    half = load_raw({"items.csv": "item_id,category\ni1,口红\ni2,\n"}, out="b")
    assert half.receipt.tables["items"].reasons == {"category: missing": 1}


def test_too_many_refused_rows_stop_the_run_and_say_where_they_are(load_raw, tmp_path):
    bad = {"orders.csv": orders("o1,c1,2025-01-02,paid", "o2,c9,2025-01-02,paid", "o3,c9,x,paid")}
    with pytest.raises(DataError) as caught:
        load_raw(bad, max_rejected_share=None)
    message = str(caught.value)
    for part in ("table orders", "2 of 3", "66.7 %", "customer_id: names none of the accepted customers (2)"):
        assert part in message
    assert "loaded.refused/quarantine/orders.parquet" in message
    assert len(pd.read_parquet(tmp_path / "loaded.refused" / "quarantine" / "orders.parquet")) == 2
    assert not (tmp_path / "loaded").exists()
    share = re.search(r"max_rejected_share = ([\d.]+)", message).group(1)
    loaded = load_raw(bad, max_rejected_share=None, source=f"[tables.orders]\nmax_rejected_share = {share}\n")
    assert loaded.receipt.tables["orders"].accepted == 1


def test_the_root_cause_is_said_first(load_raw):
    many = [f"o{number},c1,2025-01-02,paid" for number in range(100)] + ["o100,c1,soon,paid"]
    lines = "order_id,line_number,item_id,quantity,unit_price_cents\n"
    lines += "".join(f"o{number},1,i1,1,5\n" for number in range(90))
    lines += "".join(f"o100,{number},i1,1,5\n" for number in range(1, 11)) + "o999,1,i1,1,5\n"
    with pytest.raises(DataError) as caught:
        load_raw({"orders.csv": orders(*many), "order_lines.csv": lines}, max_rejected_share=None)
    message = str(caught.value)
    cause = (
        "the cause lies in table orders from orders.csv: 1 of its rows were refused (placed_at: not a time"
    )
    assert message.startswith(cause)
    assert "10 rows of order_lines name them" in message
    assert "order_id: was refused in orders (10); order_id: names none of the accepted orders (1)" in message


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"orders.csv": "order_id,placed_at\no1,2025-01-02\n"}, "'customer_id'"),
        ({"orders.csv": ORDERS}, "holds no usable row"),
        (
            {"orders.parquet": b"PAR1 not really"},
            "orders.csv and orders.parquet|orders.parquet and orders.csv",
        ),
        ({"coupons.parquet": b"PAR1 not really"}, "not a whole Parquet file"),
    ],
    ids=[
        "a needed column is missing",
        "a required table is empty",
        "two files for a table",
        "broken Parquet",
    ],
)
def test_what_cannot_be_loaded_is_refused_with_the_reason(load_raw, tmp_path, files, message):
    with pytest.raises(DataError, match=message):
        load_raw(files)
    assert not (tmp_path / "loaded").exists()


def test_a_needed_column_with_a_slip_of_the_pen_is_recognised(load_raw):
    with pytest.raises(DataError) as caught:
        load_raw({"orders.csv": GOOD["orders"].replace("customer_id", "Custmer_ID")})
    for part in (
        "orders.csv",
        "'customer_id'",
        "order_id, Custmer_ID, placed_at",
        "Did you mean 'Custmer_ID'?",
    ):
        assert part in str(caught.value)


def test_an_optional_column_with_a_slip_of_the_pen_is_not_dropped_in_silence(load_raw):
    lines = GOOD["order_lines"].replace("unit_price_cents", "unit_price_cent")
    lines = lines.replace("quantity,", "quantity,colour,").replace("i1,1,", "i1,1,red,")
    files = load_raw({"order_lines.csv": lines}).receipt.files_frame().set_index("file")
    assert files.loc["order_lines.csv", "unused_columns"] == "colour, unit_price_cent"
    assert files.loc["order_lines.csv", "hint"] == "unit_price_cent: Did you mean 'unit_price_cents'?"
    assert files.loc["orders.csv", ["unused_columns", "hint"]].tolist() == ["", ""]


def test_missing_required_tables_are_named(raw_folder, tmp_path):
    (raw_folder / "order_lines.csv").unlink()
    with pytest.raises(DataError, match="lacks the required tables order_lines"):
        load(raw_folder, out=tmp_path / "out", **DECLARED)


def test_an_empty_folder_and_an_unknown_address_say_what_to_give(tmp_path):
    with pytest.raises(DataError, match=r"source\.toml"):
        load(tmp_path, out=tmp_path / "out")
    with pytest.raises(DataError, match="neither a folder nor a DuckDB file"):
        load(tmp_path / "nowhere", out=tmp_path / "out")
    with pytest.raises(DataError, match="mysql:// is not known"):
        load("mysql://host/shop", out=tmp_path / "out")


def test_a_failed_load_leaves_the_earlier_one_whole(load_raw):
    before = hashes(load_raw({}).out)
    with pytest.raises(DataError):
        load_raw({"orders.csv": orders("o1,c9,2025-01-02,paid")}, max_rejected_share=None)
    out = load_raw({"orders.csv": GOOD["orders"]}).out
    assert hashes(out) == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["loaded", "loaded.refused", "raw"]


def test_the_truth_goes_along(load_raw):
    loaded = load_raw({"truth.json": json.dumps({"A1.raw_gap": 1})})
    assert json.loads((loaded.out / "truth.json").read_text()) == {"A1.raw_gap": 1}


@pytest.mark.parametrize(
    ("column", "frame", "reason"),
    [
        ("worth_cents", [5.0, 12.5], "worth_cents: finer than a hundredth"),
        ("worth_cents", ["500", "5 yuan"], "worth_cents: not an amount of money"),
        ("worth_cents", [5, -1], "worth_cents: below 0"),
        ("issued_at", ["2025-02-01T08:00:00+08:00", "yesterday"], "issued_at: not a time as declared"),
        ("issued_at", [pd.Timestamp("2025-02-01"), pd.NaT], "issued_at: missing"),
        ("coupon_id", [7.0, 7.5], "coupon_id: not a whole number"),
        ("source", ["circle", "gift"], "source: not one of"),
    ],
)
def test_parquet_of_other_types_is_turned_or_refused(load_one, column, frame, reason):
    good = {
        "coupon_id": ["k1", "k2"],
        "customer_id": ["c1", "c2"],
        "source": ["circle", "circle"],
        "worth_cents": [5, 6],
        "issued_at": [pd.Timestamp("2025-02-01")] * 2,
    }
    frame = pd.DataFrame({**good, column: frame})
    loaded = load_one("coupons", frame, declare='timezone = "UTC"\nmoney = "fen"')
    (found,) = loaded.receipt.reasons
    assert found.startswith(reason)
    assert len(loaded.accepted("coupons")) == 1
    assert loaded.quarantine("coupons")["line"].tolist() == [2]


def test_moments_with_a_zone_are_stored_as_utc(load_one):
    frame = pd.DataFrame(
        {
            "survey_id": ["s1"],
            "customer_id": ["c1"],
            "kind": ["nps"],
            "answered_at": [dt.datetime(2025, 2, 1, 8)],
        }
    )
    frame["answered_at"] = frame["answered_at"].dt.tz_localize("Asia/Shanghai")
    loaded = load_one("surveys", frame, declare='timezone = "America/New_York"')
    assert loaded.accepted("surveys")["answered_at"].tolist() == [pd.Timestamp("2025-02-01")]


def test_little_memory_is_enough(load_raw):
    lines = (f"o{n},c{n % 2 + 1},2025-01-0{n % 9 + 1} 10:00:00,paid" for n in range(200_000))
    loaded = load_raw({"orders.csv": orders(*lines)}, memory="100MB")
    assert loaded.receipt.tables["orders"].accepted == 200_000


def test_a_file_that_nothing_reads_is_named(load_raw, raw_folder):
    (raw_folder / "orders (1).csv").write_text("order_id\no9\n", encoding="utf-8")
    (raw_folder / "~$orders.xlsx").write_bytes(b"lock")
    (raw_folder / "README.md").write_text("about\n", encoding="utf-8")
    (doubt,) = [doubt for doubt in load_raw({}).receipt.doubts if "not read" in doubt.found]
    assert doubt.found == "1 file is in the folder and not read: orders (1).csv."
