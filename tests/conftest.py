"""Shops for tests: write contract tables as the loader would, and open them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.data.catalogue import CATALOGUE, Table
from helpers.data.engine import connect
from helpers.data.load import load
from helpers.data.open import open_shop
from helpers.data.receipt import Receipt, TableReceipt
from helpers.data.shop import Shop, open_tables
from helpers.paths import project_folder

DTYPES = {
    "id": "string",
    "text": "string",
    "time": "datetime64[us]",
    "money": "Int64",
    "integer": "Int64",
    "number": "Float64",
    "flag": "boolean",
}
CATEGORIES = ("口红", "球鞋", "家居", "零食", "数码")


@pytest.fixture
def keep_figure(record_property) -> Callable[..., None]:
    """Return `(promise, about, **figures)` that keeps a row of the table `make check` ends with."""

    def keep(promise: str, about: str, **figures: float) -> None:
        record_property("figure", (promise, about, {name: float(value) for name, value in figures.items()}))

    return keep


def pytest_terminal_summary(terminalreporter) -> None:
    """Print the figures that tests kept, by promise."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, ())]
    kept = [value for report in reports for name, value in report.user_properties if name == "figure"]
    if not kept:
        return
    terminalreporter.section("what was promised, as measured")
    for promise, about, figures in sorted(kept, key=lambda row: row[:2]):
        said = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in figures.items())
        terminalreporter.line(f"{promise:<4}{about}: {said}")


@pytest.fixture
def make_shop(tmp_path) -> Callable[..., Shop]:
    """Return a function `(tables, **options) -> Shop`; tables maps names to frames of contract columns.

    Columns left out are null. Options: as_of, currency, timezone, folder.
    """

    def make(tables: Mapping[str, pd.DataFrame], *, folder: Path | None = None, **options) -> Shop:
        return write_shop(tables, folder or tmp_path / "shop", **options)

    return make


@pytest.fixture(scope="session")
def random_tables() -> Callable[..., dict[str, pd.DataFrame]]:
    """Return a function `(*, seed, customers=300) -> tables` that draws a small shop of every event kind."""
    return draw_tables


@pytest.fixture(scope="session")
def real_shop(tmp_path_factory) -> Callable[[str], Shop]:
    """Return a function `name -> shop` for the tables beside the project; skips where they are not there."""
    shops: dict[str, Shop] = {}

    def open_real(name: str) -> Shop:
        if name not in shops:
            raw = project_folder().parent / "shared" / "data" / name
            if not raw.is_dir():
                pytest.skip(f"../shared/data/{name} is not here")
            out = tmp_path_factory.mktemp(name) / "out"
            load(raw, out=out, source=project_folder() / "data" / "sources" / f"{name}.toml")
            shops[name] = open_shop(out)
        return shops[name]

    return open_real


def assert_skipped(shop: Shop, asked: Iterable[tuple[Callable, str]]) -> None:
    """Assert that each question gives one finding, skipped for a reason that holds the words beside it."""
    for ask, reason in asked:
        (finding,) = ask(shop).findings
        assert finding.status == "skipped"
        assert reason in finding.reason


def write_shop(
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    as_of: dt.datetime | None = None,
    currency: str = "CNY",
    timezone: str = "Asia/Shanghai",
) -> Shop:
    """Write accepted Parquet with the catalogue's dtypes and a receipt, and open the shop."""
    (folder / "accepted").mkdir(parents=True, exist_ok=True)
    receipts = {}
    for name, frame in tables.items():
        table = CATALOGUE[name]
        typed = contract_frame(table, frame)
        typed.to_parquet(folder / "accepted" / f"{name}.parquet", index=False)
        receipts[name] = _receipt(table, typed)
    receipt = Receipt(
        tables=receipts,
        currency=currency,
        timezone=timezone,
        source="test",
    )
    receipt.write(folder / "receipt.json")
    return open_tables(connect(threads=1), folder, receipt, as_of=as_of)


def contract_frame(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with exactly the contract's columns and dtypes; unknown columns raise KeyError."""
    unknown = set(frame.columns) - {column.name for column in table.columns}
    if unknown:
        raise KeyError(f"table {table.name!r} has no columns {sorted(unknown)}")
    filled = {
        column.name: frame[column.name] if column.name in frame else pd.Series(pd.NA, index=frame.index)
        for column in table.columns
    }
    kinds = {column.name: DTYPES[column.kind] for column in table.columns}
    return pd.DataFrame({name: pd.Series(values).astype(kinds[name]) for name, values in filled.items()})


def _receipt(table: Table, frame: pd.DataFrame) -> TableReceipt:
    times = frame[table.time].dropna() if table.time else pd.Series(dtype="datetime64[us]")
    return TableReceipt(
        table=table.name,
        file=f"{table.name}.parquet",
        format="parquet",
        encoding=None,
        sha256="",
        read=len(frame),
        accepted=len(frame),
        quarantined=0,
        reasons={},
        filled={name: int(count) for name, count in frame.notna().sum().items()},
        first=times.min().isoformat() if len(times) else None,
        last=times.max().isoformat() if len(times) else None,
    )


def draw_tables(*, seed: int, customers: int = 300, days: int = 540) -> dict[str, pd.DataFrame]:
    """Draw a shop whose customers keep the habit they are born with; orders come at a steady rate.

    Times fall on whole hours so that ties between events, landmarks and window ends do happen.
    """
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-10")
    ids = np.array([f"c{number:05d}" for number in range(customers)])
    joined = start + pd.to_timedelta(rng.integers(0, days * 12, customers), unit="h")
    orders = _draw_orders(rng, ids, joined, end=start + pd.Timedelta(days=days))
    lines = _draw_lines(rng, orders)
    shares = _draw_shares(rng, orders)
    reactions = _draw_reactions(rng, shares, ids)
    orders = orders.sample(frac=1, random_state=seed).reset_index(drop=True)
    return {
        "customers": pd.DataFrame(
            {
                "customer_id": ids,
                "joined_at": joined,
                "channel": rng.choice(["search", "friend", "live"], customers),
                "acquisition_cost_cents": rng.integers(500, 5000, customers),
                "age_band": rng.choice(["18-24", "25-34", "35-44"], customers),
                "gender": rng.choice(["female", "male"], customers),
                "city_tier": rng.integers(1, 6, customers),
            }
        ),
        "items": pd.DataFrame(
            {"item_id": [f"i{n}" for n in range(40)], "category": np.resize(CATEGORIES, 40)}
        ),
        "orders": orders,
        "order_lines": lines,
        "returns": _draw_returns(rng, orders),
        "reviews": _draw_reviews(rng, orders),
        "ties": _draw_ties(rng, ids, start, days),
        "shares": shares,
        "reactions": reactions,
        "surveys": _draw_surveys(rng, ids, joined, days),
    }


def _hours(rng, low: int, high: int, size: int) -> pd.TimedeltaIndex:
    return pd.to_timedelta(rng.integers(low, high, size), unit="h")


def _draw_orders(rng, ids, joined, *, end) -> pd.DataFrame:
    counts = rng.poisson(rng.gamma(1.2, 4.0, len(ids)))
    owner = np.repeat(np.arange(len(ids)), counts)
    room = ((end - joined[owner]) / pd.Timedelta(hours=1)).to_numpy()
    hours = np.floor(rng.random(len(owner)) * room)
    placed = joined[owner] + pd.to_timedelta(hours, unit="h")
    orders = pd.DataFrame({"customer_id": ids[owner], "placed_at": placed}).sort_values(
        ["placed_at", "customer_id"], ignore_index=True
    )
    orders.insert(0, "order_id", [f"o{number:06d}" for number in range(len(orders))])
    orders["status"] = rng.choice(
        ["completed", "paid", "refunded", "cancelled"], len(orders), p=[0.7, 0.15, 0.05, 0.1]
    )
    orders["coupon_id"] = np.where(rng.random(len(orders)) < 0.2, "k" + orders["order_id"], None)
    return orders


def _draw_lines(rng, orders) -> pd.DataFrame:
    counts = rng.integers(1, 4, len(orders))
    order_id = np.repeat(orders["order_id"].to_numpy(), counts)
    return pd.DataFrame(
        {
            "order_id": order_id,
            "line_number": pd.Series(order_id).groupby(order_id).cumcount() + 1,
            "item_id": [f"i{number}" for number in rng.integers(0, 40, len(order_id))],
            "quantity": rng.integers(1, 4, len(order_id)),
            "unit_price_cents": rng.integers(1, 6, len(order_id)) * 1000,
        }
    )


def _draw_shares(rng, orders) -> pd.DataFrame:
    shown = orders[rng.random(len(orders)) < 0.4].reset_index(drop=True)
    return pd.DataFrame(
        {
            "share_id": [f"s{number:06d}" for number in range(len(shown))],
            "customer_id": shown["customer_id"],
            "order_id": shown["order_id"],
            "audience": rng.choice(["timeline", "group", "friend"], len(shown)),
            "prompted": rng.random(len(shown)) < 0.3,
            "posted_at": shown["placed_at"] + _hours(rng, 0, 96, len(shown)),
        }
    )


def _draw_reactions(rng, shares, ids) -> pd.DataFrame:
    row = np.repeat(np.arange(len(shares)), rng.poisson(3, len(shares)))
    return pd.DataFrame(
        {
            "reaction_id": [f"r{number:06d}" for number in range(len(row))],
            "share_id": shares["share_id"].to_numpy()[row],
            "customer_id": rng.choice(ids, len(row)),
            "kind": rng.choice(["like", "comment", "click"], len(row), p=[0.6, 0.2, 0.2]),
            "posted_at": shares["posted_at"].to_numpy()[row] + _hours(rng, 0, 240, len(row)).to_numpy(),
        }
    )


def _draw_returns(rng, orders) -> pd.DataFrame:
    back = orders[rng.random(len(orders)) < 0.08].reset_index(drop=True)
    return pd.DataFrame(
        {
            "return_id": [f"b{number:05d}" for number in range(len(back))],
            "order_id": back["order_id"],
            "returned_at": back["placed_at"] + _hours(rng, 24, 480, len(back)),
            "reason": rng.choice(["defect", "size"], len(back)),
        }
    )


def _draw_reviews(rng, orders) -> pd.DataFrame:
    rated = orders[rng.random(len(orders)) < 0.25].reset_index(drop=True)
    return pd.DataFrame(
        {
            "review_id": [f"v{number:05d}" for number in range(len(rated))],
            "customer_id": rated["customer_id"],
            "order_id": rated["order_id"],
            "item_id": "i0",
            "rating": rng.integers(1, 6, len(rated)),
            "posted_at": rated["placed_at"] + _hours(rng, 24, 720, len(rated)),
        }
    )


def _draw_ties(rng, ids, start, days: int) -> pd.DataFrame:
    pairs = np.sort(rng.integers(0, len(ids), (len(ids) * 3, 2)), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    since = start + _hours(rng, 0, days * 12, len(pairs))
    until = pd.Series(since + _hours(rng, 24, days * 12, len(pairs))).where(rng.random(len(pairs)) < 0.3)
    ends = {"customer_a": ids[pairs[:, 0]], "customer_b": ids[pairs[:, 1]]}
    return pd.DataFrame({**ends, "since_at": since, "until_at": until, "strength": rng.random(len(pairs))})


def _draw_surveys(rng, ids, joined, days: int) -> pd.DataFrame:
    row = np.repeat(np.arange(len(ids)), rng.integers(0, 3, len(ids)))
    return pd.DataFrame(
        {
            "survey_id": [f"n{number:05d}" for number in range(len(row))],
            "customer_id": ids[row],
            "kind": "nps",
            "score": rng.choice(11, len(row), p=np.r_[np.full(7, 0.05), 0.15, 0.15, 0.2, 0.15]),
            "answered_at": joined[row] + _hours(rng, 24, days * 12, len(row)),
        }
    )
