"""Small raw folders for the loader's tests: four good required tables and whatever the test adds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.engine import connect
from helpers.data.load import load
from helpers.data.read import read_file
from helpers.data.receipt import Receipt, TableReceipt
from helpers.data.source import Feed, TableSpec
from helpers.data.source_file import read_source
from helpers.data.table import load_table

GOOD = {
    "customers": "customer_id,joined_at\nc1,2025-01-01 00:00:00\nc2,2025-01-01 00:00:00\n",
    "items": "item_id,category\ni1,口红\n",
    "orders": "order_id,customer_id,placed_at,status\no1,c1,2025-01-02 10:00:00,completed\n",
    "order_lines": "order_id,line_number,item_id,quantity,unit_price_cents\no1,1,i1,1,1234\n",
}
TODAY = dt.date(2026, 1, 1)
DECLARED = {"currency": "CNY", "timezone": "Asia/Shanghai"}


class Loaded:
    """What a load left behind: its receipt and its tables as frames."""

    def __init__(self, out: Path, receipt: Receipt | TableReceipt) -> None:
        self.out, self.receipt = out, receipt

    def accepted(self, table: str) -> pd.DataFrame:
        return pd.read_parquet(self.out / "accepted" / f"{table}.parquet")

    def quarantine(self, table: str) -> pd.DataFrame:
        return pd.read_parquet(self.out / "quarantine" / f"{table}.parquet")


@pytest.fixture
def raw_folder(tmp_path) -> Path:
    """Return a folder with the four required tables as small good CSV files."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, text in GOOD.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def load_raw(raw_folder, tmp_path) -> Callable[..., Loaded]:
    """Return `(files, *, source="", **options) -> Loaded`: add files (text or bytes) and load the folder."""

    def run(files: dict[str, str | bytes], *, source: str = "", **options) -> Loaded:
        for name, content in files.items():
            path = raw_folder / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if source:
            (raw_folder / "source.toml").write_text(source, encoding="utf-8")
        out = tmp_path / options.pop("out", "loaded")
        given = {} if "currency" in source else {"currency": "CNY"}
        given |= {} if "timezone =" in source.partition("[")[0] else {"timezone": "Asia/Shanghai"}
        options = {"max_rejected_share": 1.0, "today": TODAY, **given, **options}
        return Loaded(out, load(raw_folder, out=out, **options))

    return run


@pytest.fixture(scope="session")
def one_connection():
    """Return one DuckDB connection with two accepted customers, c1 and c2."""
    connection = connect(memory="1GB", threads=1)
    customers = pd.DataFrame({"customer_id": ["c1", "c2"], "joined_at": [dt.datetime(2025, 1, 1)] * 2})
    connection.create_table("customers", customers)
    yield connection
    connection.disconnect()


@pytest.fixture
def load_one(one_connection, tmp_path) -> Callable[..., Loaded]:
    """Return `(table, content, *, declare="") -> Loaded`: read and judge one CSV (or Parquet) file alone."""

    def run(table: str, content: bytes | pd.DataFrame, *, declare: str = "") -> Loaded:
        file = f"{table}.csv" if isinstance(content, bytes) else f"{table}.parquet"
        if isinstance(content, bytes):
            (tmp_path / file).write_bytes(content)
        else:
            content.to_parquet(tmp_path / file)
        mapping = tmp_path / "source.toml"
        mapping.write_text(f'[files.{table}]\npath = "{file}"\n{declare}\n', encoding="utf-8")
        spec = read_source(mapping).files[table]
        for view in one_connection.list_tables():
            if view != "customers":
                one_connection.drop_view(view)
        raw = read_file(one_connection, spec, folder=tmp_path, scratch=tmp_path)
        *_, receipt = load_table(
            one_connection,
            TableSpec(table=table, feeds=(Feed(file=table, columns={}),)),
            {table: raw},
            accepted={"customers": one_connection.table("customers")},
            put_aside={},
            staging=tmp_path,
            scratch=tmp_path,
            today=TODAY,
        )
        return Loaded(tmp_path, receipt)

    return run
