"""Real tables: the receipts add up to the files' own lines, and the counts are those of plain pandas."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.load import load
from helpers.paths import project_folder


@pytest.fixture(scope="module")
def load_real(tmp_path_factory):
    """Return `(folder, mapping="") -> (receipt, raw folder, accepted folder)`; skips where absent."""

    def run(name: str, mapping: str = ""):
        raw = project_folder().parent / "shared" / "data" / name
        if not raw.is_dir():
            pytest.skip(f"../shared/data/{name} is not here")
        out = tmp_path_factory.mktemp(mapping or name) / "out"
        source = project_folder() / "data" / "sources" / f"{mapping}.toml" if mapping else None
        return load(raw, out=out, source=source), raw, out / "accepted"

    return run


def counts(receipt) -> dict[str, tuple[int, int]]:
    return {name: (table.read, table.accepted) for name, table in receipt.tables.items()}


def test_online_retail_adds_up_to_its_lines(load_real):
    receipt, raw, accepted = load_real("online_retail")
    lines = pd.read_parquet(raw / "online_retail_2010_2011_clean.parquet")
    assert receipt.files["lines"].rows == receipt.tables["order_lines"].read == len(lines) == 531_282
    known = lines[lines["CustomerID"] != 0]
    cents = (known["UnitPrice"] * 100).round(6)
    whole = known[cents == cents.round()]
    assert counts(receipt) == {
        "customers": (1 + known["CustomerID"].nunique(), known["CustomerID"].nunique()),
        "items": (lines["StockCode"].nunique(),) * 2,
        "orders": (lines["InvoiceNo"].nunique(), known["InvoiceNo"].nunique()),
        "order_lines": (len(lines), len(whole)),
    }
    assert receipt.tables["order_lines"].reasons["order_id: was refused in orders"] == len(lines) - len(known)
    rows = pd.read_parquet(accepted / "order_lines.parquet")
    spend = (rows["quantity"] * rows["unit_price_cents"]).sum()
    assert spend == (whole["Quantity"] * (whole["UnitPrice"] * 100).round().astype(int)).sum()
    first = pd.to_datetime(known.groupby("InvoiceNo")["InvoiceDate"].min()).sort_index()
    local = first.dt.tz_localize("Europe/London").dt.tz_convert("UTC").dt.tz_localize(None)
    placed = pd.read_parquet(accepted / "orders.parquet").set_index("order_id")["placed_at"].sort_index()
    assert placed.to_numpy().tolist() == local.astype("datetime64[us]").to_numpy().tolist()


@pytest.mark.parametrize(
    ("mapping", "file", "lines", "customers", "cents"),
    [("", "master", 69_659, 23_570, 250_031_563), ("cdnow_sample", "sample", 6_919, 2_357, None)],
)
def test_cdnow(load_real, mapping, file, lines, customers, cents):
    receipt, raw, accepted = load_real("cdnow", mapping)
    plain = pd.read_csv(raw / f"CDNOW_{file}.txt", sep=r"\s+", header=0 if file == "master" else None)
    assert receipt.files[file].rows == len(plain) == lines
    assert counts(receipt) == {
        "customers": (customers, customers),
        "items": (1, 1),
        "orders": (lines, lines),
        "order_lines": (lines, lines),
    }
    total = pd.read_parquet(accepted / "order_lines.parquet")["unit_price_cents"].sum()
    assert total == (plain.iloc[:, -1] * 100).round().astype(int).sum()
    assert cents in (None, total)
    assert receipt.tables["orders"].last == "1998-06-30T00:00:00"


def test_lastfm(load_real):
    receipt, _, _ = load_real("lastfm")
    assert counts(receipt) == {
        "customers": (1_892, 1_892),
        "items": (17_632, 17_632),
        "orders": (92_834, 92_834),
        "order_lines": (92_834, 92_834),
        "ties": (12_717, 12_717),
    }
    assert receipt.files["friends"].rows == 2 * 12_717
    assert receipt.last_moment is None


@pytest.mark.slow
def test_beibei(load_real):
    receipt, raw, accepted = load_real("beibei")
    groups = {
        name: [line.split() for line in (raw / f"{name}.txt").open()] for name in ("tune", "test", "invalid")
    }
    lines = sum(len(rows) for rows in groups.values())
    assert lines == 544_117 == sum(file.rows for file in receipt.files.values())
    joins = sum(len(row) - 2 for name in ("tune", "test") for row in groups[name])
    people = {row[0] for rows in groups.values() for row in rows}
    people |= {friend for name in ("tune", "test") for row in groups[name] for friend in row[2:]}
    items = len({row[1] for rows in groups.values() for row in rows})
    assert counts(receipt) == {
        "customers": (len(people), len(people)),
        "items": (items, items),
        "orders": (lines, lines),
        "order_lines": (lines, lines),
        "shares": (lines, lines),
        "reactions": (joins, joins),
    }
    cancelled = pd.read_parquet(accepted / "orders.parquet")["status"].value_counts()["cancelled"]
    assert cancelled == len(groups["invalid"])
