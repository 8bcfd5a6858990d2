"""Whole runs of a demo market, as `make check` makes them: reports of its parts, their history, exports."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from openpyxl import load_workbook

from helpers.command import main
from helpers.command.manifest import read_manifest
from helpers.report.finding import read_findings
from market import write_market
from market.settings import day_before_change

CUSTOMERS = 2_000
ANALYSTS = "04,06"  # chapters with questions that name people
ID, PACKED = re.compile(rb"\bc\d+\b"), re.compile(rb"[\w+/]{200,}")  # a picture's bytes may look like an id

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Return `words -> last line as JSON` that reports on one market into one folder, and that folder."""
    folder = tmp_path_factory.mktemp("real")
    write_market(folder / "market", customers=CUSTOMERS, seed=303)
    places = ["--out", str(folder / "reports"), "--cache", str(folder / "loads")]

    def report(*words: str, capsys) -> dict:
        assert main(["report", "--data", str(folder / "market"), *places, *words, "--json"]) == 0
        ended = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert ended["message"] == ""
        return ended

    return report, folder


def most_sold(folder, column: str) -> str:
    """The category or seller (a column of items) with most lines."""
    items = pd.read_parquet(folder / "market" / "items.parquet").set_index("item_id")[column]
    lines = pd.read_parquet(folder / "market" / "order_lines.parquet")["item_id"]
    return str(lines.map(items).value_counts().index[0])


def bought_in(folder, *, category: str) -> int:
    """How many customers hold an order with a line of the category that was not cancelled."""
    orders, lines, items = (
        pd.read_parquet(folder / "market" / f"{name}.parquet") for name in ("orders", "order_lines", "items")
    )
    lines = lines.merge(items[["item_id", "category"]], on="item_id")
    own = orders[orders["order_id"].isin(lines.loc[lines["category"] == category, "order_id"])]
    return own.loc[own["status"] != "cancelled", "customer_id"].nunique()


def test_two_reports_of_a_category_are_compared_and_stand_apart_from_a_seller_s(asked, capsys):
    report, folder = asked
    category = most_sold(folder, "category")
    part = ["--where", f'category = "{category}"', "--only", "02,08"]
    first = report(*part, "--as-of", day_before_change(), capsys=capsys)
    second = report(*part, capsys=capsys)
    seller = most_sold(folder, "seller_id")
    other = report("--where", f'seller = "{seller}"', "--only", "02", capsys=capsys)

    reports = folder / "reports"
    assert not (reports / "latest").exists(), "a part never stands for the shop"
    told = {one.key: one for one in read_findings(reports / second["run"] / "findings.json")}
    changes = [one for one in told.values() if one.id == "G2.change"]
    compared = [one for one in changes if one.status == "answered"]
    assert len(compared) >= 3
    assert all(one.withheld for one in changes if one not in compared)
    assert [one.segment for one in compared if one.verdict != "not settled"] == []
    again = next(one for key, one in told.items() if key[0] == "B2.orders_per_buyer")
    assert again.n <= bought_in(folder, category=category)
    for ended, name in ((second, category), (other, seller)):
        page = (reports / ended["run"] / "02_stickiness.html").read_text(encoding="utf-8")
        assert f"“{name}”" in page

    assert main(["history", "--out", str(reports)]) == 0
    said = capsys.readouterr().out
    assert all(one["run"] in said for one in (first, second, other))
    assert main(["history", "--out", str(reports), "--json"]) == 0
    entries = {one["run"]: one for one in json.loads(capsys.readouterr().out)}
    before, now = entries[first["run"]], entries[second["run"]]
    assert before["data"] == now["data"] != entries[other["run"]]["data"]
    assert before["data_until"] < now["data_until"]
    assert "B2.orders_per_buyer" in {*now["figures"]} & {*before["figures"]}
    page = (reports / "history.html").read_text(encoding="utf-8")
    assert page.count(category) >= 1
    assert seller in page


def test_an_export_of_a_report_holds_the_people_its_findings_count_and_nothing_of_it_is_published(
    asked, capsys
):
    report, folder = asked
    run = report("--only", ANALYSTS, capsys=capsys)["run"]
    reports, to = folder / "reports", folder / "handed"
    places = ["--out", str(reports), "--cache", str(folder / "loads")]
    assert main(["export", "latest", "--to", str(to), "--svg", "--people", *places]) == 0
    capsys.readouterr()

    lists = {path.stem: pd.read_csv(path, encoding="utf-8-sig") for path in (to / "people").glob("*.csv")}
    assert {"stages", "leaders"} <= set(lists)
    for name, listed in lists.items():
        about = (to / "people" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        spoken = {
            line.rpartition(": ")[0]: int(line.rpartition(": ")[2].replace(",", "")) for line in about[2:]
        }
        assert listed["group"].value_counts().to_dict() == {group: n for group, n in spoken.items() if n}, (
            name
        )
        sheet = load_workbook(to / "people" / f"{name}.xlsx", read_only=True)[name]
        assert sum(1 for _ in sheet.iter_rows()) == len(listed) + 1
    stages = 100 * lists["stages"]["group"].value_counts(normalize=True)
    for one in read_findings(reports / run / "findings.json"):
        if one.id == "C1.tier_share" and one.status == "answered":
            assert one.estimate == pytest.approx(stages[one.segment], abs=0.06)

    chapters = [path for path in to.iterdir() if path.is_dir() and path.name != "people"]
    assert {path.name[:2] for path in chapters} == set(ANALYSTS.split(","))
    for chapter in chapters:
        assert list(chapter.glob("*.csv"))
        assert list(chapter.glob("*.png"))
    left = (to / "about.txt").read_text(encoding="utf-8")
    drawn, shown = (len(list(to.glob(f"*/*.{kind}"))) for kind in ("svg", "png"))
    assert drawn >= 0.9 * shown, left
    for book in to.rglob("*.xlsx"):
        for sheet in load_workbook(book, read_only=True):
            assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row), book.name
    for table in to.rglob("*.csv"):
        cells = pd.read_csv(table, dtype=str, encoding="utf-8-sig").stack().astype(str)
        assert not cells.str.match(r"[=+@\t\r]|-(?![\d.])").any(), table.name

    customers = pd.read_parquet(folder / "market" / "customers.parquet")["customer_id"]
    named = set(customers.str.encode("utf-8"))
    assert not named & ids_in(path for path in reports.rglob("*") if path.is_file())
    assert named & ids_in((to / "people").glob("*.csv"))
    assert read_manifest(reports / run)["status"] == "published"


def ids_in(paths) -> set[bytes]:
    """What looks like a customer's id in these files."""
    return {id for path in paths for id in ID.findall(PACKED.sub(b"", path.read_bytes()))}
