"""Chances to buy a category: calibrated where habits are steady, sharper than one for all, no look ahead."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import purchase_potential
from helpers.recommend.d07_purchase_potential.category_cells import read_cells
from helpers.report import Skipped, save_findings
from tests.by_key import by_id
from tests.conftest import write_shop

AS_OF = dt.datetime(2025, 1, 1)
GROUPS, DAYS = 5, 400


def steady(*, seed: int, taste: float, spread: float = 0.7, customers: int = 1_500) -> dict:
    """Customers who order at a steady rate of their own, and prefer one category of five so often."""
    rng = np.random.default_rng(seed)
    rate = 0.02 * np.exp(spread * rng.standard_normal(customers) - spread**2 / 2)
    who = np.repeat(np.arange(customers), rng.poisson(rate * DAYS))
    group = np.where(rng.random(len(who)) < taste, (who * 7) % GROUPS, rng.integers(0, GROUPS, len(who)))
    order_id = [f"o{n:06d}" for n in range(len(who))]
    placed = AS_OF - dt.timedelta(days=DAYS) + pd.to_timedelta(rng.random(len(who)) * DAYS, unit="D")
    ids = [f"c{n:05d}" for n in who]
    orders = {"order_id": order_id, "customer_id": ids, "placed_at": placed, "status": "completed"}
    lines = {"order_id": order_id, "line_number": 1, "item_id": [f"i{g}" for g in group], "quantity": 1}
    names = [f"i{g}" for g in range(GROUPS)]
    return {
        "customers": pd.DataFrame({"customer_id": [f"c{n:05d}" for n in range(customers)]}),
        "items": pd.DataFrame({"item_id": names, "category": [f"类{g}" for g in range(GROUPS)]}),
        "orders": pd.DataFrame(orders),
        "order_lines": pd.DataFrame(lines),
    }


def shop_of(tables, folder):
    return write_shop(tables, folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def taste(tmp_path_factory):
    return shop_of(steady(seed=1, taste=0.7), tmp_path_factory.mktemp("taste"))


@pytest.fixture(scope="module")
def answer(taste):
    return purchase_potential(taste)


def test_chances_come_true_where_habits_are_steady(answer):
    ratio = by_id(answer)["D7.foretold_to_happened"]
    assert ratio.estimate == pytest.approx(100, abs=6)
    assert answer.judged.average_gap < 0.02


def test_chances_by_customer_beat_one_chance_for_all_where_tastes_differ(answer):
    gain = by_id(answer)["D7.brier_gain"]
    assert gain.low > 5
    assert gain.verdict == "supported"
    assert answer.judged.ranking > 0.7


def test_they_do_not_where_tastes_are_alike(tmp_path):
    alike = purchase_potential(shop_of(steady(seed=2, taste=0.0, spread=0.0), tmp_path))
    assert by_id(alike)["D7.brier_gain"].estimate < 1


def test_no_list_would_be_much_sharper_than_the_known_chances(taste, answer):
    """A buyer's own category has known odds; the spread of foretold chances must be of that size."""
    tenth, everybody = (answer.coming[f"chance of {who}, %"] for who in ("the likeliest tenth", "everybody"))
    assert (tenth > 1.5 * everybody).all()


def test_traits_end_where_the_window_begins(taste, tmp_path):
    tables = steady(seed=1, taste=0.7)
    cut = AS_OF - dt.timedelta(days=56)
    late = tables["orders"]["placed_at"] >= cut
    lines = tables["order_lines"]
    lines.loc[late.to_numpy(), "item_id"] = lines["item_id"].iloc[0]
    categories = np.sort(tables["items"]["category"].unique().astype(object))
    options = {
        "at": cut,
        "days": 56,
        "lookback_days": 168,
        "categories": categories,
        "most_customers": 10_000,
        "seed": 1,
    }
    ours, theirs = read_cells(taste, **options), read_cells(shop_of(tables, tmp_path), **options)
    assert np.array_equal(ours.traits, theirs.traits)
    assert not np.array_equal(ours.bought, theirs.bought)


def test_outcomes_are_those_of_a_plain_count(taste):
    tables = steady(seed=1, taste=0.7)
    cut = pd.Timestamp(AS_OF) - pd.Timedelta(days=56)
    rows = tables["orders"].merge(tables["order_lines"]).merge(tables["items"])
    rows = rows[rows["status"] != "cancelled"]
    categories = np.sort(rows["category"].unique().astype(object))
    cells = read_cells(
        taste,
        at=cut.to_pydatetime(),
        days=56,
        lookback_days=168,
        categories=categories,
        most_customers=10_000,
        seed=1,
    )
    known = rows.loc[rows["placed_at"] < cut, "customer_id"].unique()
    later = rows[(rows["placed_at"] >= cut) & rows["customer_id"].isin(known)]
    pairs = set(zip(later["customer_id"], later["category"], strict=True))
    found = {
        (cells.customers[who], categories[what])
        for who, what in zip(cells.customer[cells.bought], cells.category[cells.bought], strict=True)
    }
    assert found == pairs
    assert set(cells.customers) == set(known)


def test_a_sample_of_customers_is_taken_when_there_are_many(taste):
    assert {len(window.customers) for window in purchase_potential(taste, most_customers=400).windows} == {
        400
    }


def test_the_answer_draws_tabulates_and_is_saved(answer, tmp_path):
    assert answer.draw().png().startswith(b"\x89PNG")
    table = answer.table()
    assert table.attrs["people"] == "customers"
    assert table["category"].tolist() != sorted(table["category"]) or len(table) == 5
    save_findings("05_recommendation", answer, out=tmp_path)


@pytest.mark.parametrize(("customers", "words"), [(60, "needs 100"), (0, "needs")])
def test_too_few_customers_are_told(tmp_path, customers, words):
    tables = steady(seed=1, taste=0.5, customers=max(customers, 1))
    if not customers:
        tables["items"] = tables["items"].assign(category=None)
    skipped = purchase_potential(shop_of(tables, tmp_path))
    assert isinstance(skipped, Skipped)
    assert words in skipped.reason
