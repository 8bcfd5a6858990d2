"""Opening a shop: loaded once for the same bytes, cut at a local day, never half there."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import helpers.data.open as opening
from helpers.data.errors import DataError
from helpers.data.load import load, put_in_place
from helpers.data.open import open_shop

ORDERS = (
    "order_id,customer_id,placed_at,status\n"
    "o1,c1,2025-01-02 10:00:00,paid\n"
    "o2,c1,2025-03-01 15:59:59,paid\n"  # still 1 March in Shanghai
    "o3,c2,2025-03-01 16:00:00,paid\n"  # already 2 March
)
SOURCE = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'


@pytest.fixture
def shop_folder(raw_folder, tmp_path, monkeypatch):
    """Return a raw folder; loaded shops go to tmp_path/data/loaded."""
    monkeypatch.setattr(opening, "project_folder", lambda: tmp_path)
    (raw_folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (raw_folder / "source.toml").write_text(SOURCE, encoding="utf-8")
    return raw_folder


def loaded_folders(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "data" / "loaded").iterdir())


def test_the_same_bytes_are_loaded_once_and_changed_bytes_anew(shop_folder, tmp_path, monkeypatch):
    first = open_shop(shop_folder)
    monkeypatch.setattr(opening, "load", None)
    assert open_shop(str(shop_folder)).folder == first.folder
    monkeypatch.setattr(opening, "load", load)
    (shop_folder / "source.toml").write_text(SOURCE.replace("CNY", "EUR"), encoding="utf-8")
    second = open_shop(shop_folder)
    assert (first.currency, second.currency) == ("CNY", "EUR")
    (shop_folder / "orders.csv").write_text(ORDERS.replace("o3", "o9"), encoding="utf-8")
    third = open_shop(shop_folder)
    assert len({first.folder, second.folder, third.folder}) == 3 == len(loaded_folders(tmp_path))
    assert open_shop(third.folder).folder == third.folder


def test_as_of_is_the_last_local_day_that_may_be_seen(shop_folder):
    def orders(as_of: str) -> list[str]:
        shop = open_shop(shop_folder, as_of=as_of)
        return shop["orders"].order_by("order_id").execute()["order_id"].tolist()

    assert orders("") == ["o1", "o2", "o3"]
    assert orders("2025-03-01") == ["o1", "o2"]
    assert orders("2025-03-02") == ["o1", "o2", "o3"]
    assert open_shop(shop_folder, as_of="2025-03-01").as_of == dt.datetime(2025, 3, 1, 16)
    assert open_shop(shop_folder).as_of == dt.datetime(2025, 3, 2, 16)


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("1 March", "write it as YYYY-MM-DD"),
        ("2024-12-31", "outside the data, which run from 2025-01-01 to 2025-03-02"),
        ("2025-03-03", "outside the data"),
    ],
)
def test_an_as_of_that_cannot_be_meant_is_refused(shop_folder, as_of, message):
    with pytest.raises(DataError, match=message):
        open_shop(shop_folder, as_of=as_of)


def test_data_without_times_cannot_be_cut(shop_folder):
    (shop_folder / "orders.csv").write_text("order_id,customer_id\no1,c1\n", encoding="utf-8")
    (shop_folder / "customers.csv").write_text("customer_id\nc1\n", encoding="utf-8")
    assert open_shop(shop_folder).as_of is None
    with pytest.raises(DataError, match="leave it empty"):
        open_shop(shop_folder, as_of="2025-01-01")


def test_refused_data_leave_no_cache_behind(shop_folder, tmp_path, monkeypatch):
    (shop_folder / "orders.csv").write_text(ORDERS.replace("c1", "c9"), encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r" data/loaded/raw-\w+\.refused/quarantine/orders\.parquet"):
        open_shop(shop_folder)
    assert [name.split(".")[-1] for name in loaded_folders(tmp_path)] == ["refused"]


def test_two_that_load_at_once_both_get_a_whole_shop(shop_folder, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        shops = list(pool.map(lambda _: open_shop(shop_folder), range(2)))
    assert [shop["orders"].count().execute() for shop in shops] == [3, 3]
    assert len(loaded_folders(tmp_path)) == 1


def test_a_folder_that_is_there_already_is_left_alone_or_replaced(tmp_path):
    for replace, kept in ((False, "old"), (True, "new")):
        out, staging = tmp_path / f"out{replace}", tmp_path / f"staging{replace}"
        for folder, text in ((out, "old"), (staging, "new")):
            folder.mkdir()
            (folder / "receipt.json").write_text(text)
        put_in_place(staging, out, replace=replace)
        assert (out / "receipt.json").read_text() == kept
        assert not staging.exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_demo_market_is_simulated_once(shop_folder, tmp_path, monkeypatch, capsys):
    def run(arguments, check):
        folder = Path(arguments[arguments.index("--out") + 1])
        assert arguments[arguments.index("--customers") + 1 :] == ["20000", "--seed", "1"]
        folder.mkdir(parents=True)
        for path in shop_folder.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "truth.json").write_text("{}")

    monkeypatch.setattr(opening.subprocess, "run", run)
    shop = open_shop()
    assert (shop.folder / "truth.json").is_file()
    assert "20,000 customers" in capsys.readouterr().out
    monkeypatch.setattr(opening.subprocess, "run", None)
    assert open_shop().folder == shop.folder
