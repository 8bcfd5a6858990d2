"""A7 as it is asked of a shop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import Chapter, Skipped
from helpers.uplift import every_programme
from helpers.uplift.a07_programmes.programme_effect import programme_effect
from helpers.uplift.a07_programmes.programme_panel import programme_panel

REQUIRED = ("customers", "items", "orders", "order_lines")
START = pd.Timestamp("2024-01-01")


def staged_shop(seed: int = 1, *, kind: str = "customer", effect: float = 0.0) -> dict[str, pd.DataFrame]:
    """Customers who order at a steady rate, or in categories, some under a programme from week 20 or 28."""
    rng = np.random.default_rng(seed)
    customers, weeks = 900, 48
    names = np.array([f"c{number:04d}" for number in range(customers)])
    categories = np.array([f"g{number:02d}" for number in range(14)])
    units = names if kind == "customer" else categories
    stage = rng.choice([20, 28, 999], len(units), p=[0.3, 0.3, 0.4])
    own = np.arange(customers) if kind == "customer" else None
    week = np.repeat(np.arange(weeks), customers)
    who = np.tile(np.arange(customers), weeks)
    group = rng.integers(0, len(categories), len(week))
    begun = week >= stage[who if own is not None else group]
    chosen = rng.random(len(week)) < 0.15 * (1 + effect * begun)
    at = START + pd.to_timedelta(week * 7 * 24 + rng.integers(0, 168, len(week)), unit="h")
    orders = pd.DataFrame({"customer_id": names[who], "placed_at": at, "group": categories[group]})[chosen]
    orders = orders.reset_index(drop=True).assign(status="completed")
    orders.insert(0, "order_id", [f"o{number:06d}" for number in range(len(orders))])
    started = pd.Series(START + pd.to_timedelta(stage * 7.0, unit="D")).where(stage < 999)
    return {
        "customers": pd.DataFrame({"customer_id": names, "joined_at": START - pd.Timedelta(days=1)}),
        "items": pd.DataFrame({"item_id": "i" + categories, "category": categories}),
        "orders": orders.drop(columns="group"),
        "order_lines": pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "quantity": 1,
                                     "item_id": "i" + orders["group"], "unit_price_cents": 1000}),
        "programmes": pd.DataFrame({"programme": "club", "unit_kind": kind, "unit_id": units,
                                    "started_at": started}),
    }  # fmt: skip


ENDS = (START + pd.Timedelta(weeks=48)).to_pydatetime()


def test_the_panel_counts_every_order_once(make_shop):
    tables = staged_shop()
    panel = programme_panel(make_shop(tables, as_of=ENDS), programme="club", periods_before=9)
    assert panel.frame["outcome"].sum() == pytest.approx(25 * len(tables["orders"]))
    assert panel.frame.groupby("unit_id").size().unique().tolist() == [12]
    starts = panel.frame.drop_duplicates("unit_id")["start"].dropna().unique()
    assert sorted(starts) == [6, 8]


def test_a_programme_by_customer_is_recovered(make_shop):
    answer = programme_effect(make_shop(staged_shop(effect=0.5), as_of=ENDS), programme="club")
    found = {finding.id: finding for finding in answer.findings}
    effect, before = found["A7.customer_orders"], found["A7.customer_orders_pretrend"]
    assert effect.segment == before.segment == "club"
    # A weekly chance of 15 % is half as much again under the programme.
    assert effect.low <= 7.5 <= effect.high
    assert effect.verdict == "supported"
    assert effect.n == 900
    assert before.low <= 0 <= before.high


@pytest.mark.parametrize("early", [0, 20])
def test_units_reached_before_the_data_are_left_out_and_counted(make_shop, early):
    """Early members would leave no period before the first start to anybody."""
    tables = staged_shop(effect=0.5)
    programmes = tables["programmes"]
    reached = programmes.index[programmes["started_at"].notna()][:early]
    programmes.loc[reached, "started_at"] = START - pd.Timedelta(days=30)
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    effect = answer.findings[0]
    assert answer.panel.always == early
    assert effect.n == 900 - early
    assert effect.low <= 7.5 <= effect.high
    assert ("Left out: 20 customers that it had reached when the data begin." in effect.reading) == (
        early > 0
    )


def test_customers_who_join_later_are_left_out_and_counted(make_shop):
    tables = staged_shop()
    tables["customers"].loc[:29, "joined_at"] = START + pd.Timedelta(weeks=40)
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    effect = answer.findings[0]
    assert (answer.panel.later, effect.n) == (30, 870)
    assert "of 870 customers known before the first period." in effect.reading
    assert "Left out: 30 customers not yet known then." in effect.reading


def test_where_all_units_move_alike_nothing_is_invented(make_shop):
    tables = staged_shop()
    weekly = tables["orders"].drop_duplicates("customer_id")
    again = [
        weekly.assign(order_id=f"w{week}-" + weekly["order_id"], placed_at=START + pd.Timedelta(weeks=week))
        for week in range(48)
    ]
    tables["orders"] = pd.concat(again, ignore_index=True)
    tables["order_lines"] = pd.DataFrame({"order_id": tables["orders"]["order_id"], "line_number": 1,
                                          "item_id": tables["items"]["item_id"].iloc[0], "quantity": 1,
                                          "unit_price_cents": 1000})  # fmt: skip
    everybody = tables["programmes"]["unit_id"].isin(weekly["customer_id"])
    tables["programmes"] = tables["programmes"][everybody]
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    assert isinstance(answer, Skipped)
    assert "moved alike" in answer.reason


def test_a_programme_by_category_uses_dealt_out_starts(make_shop):
    answer = programme_effect(
        make_shop(staged_shop(2, kind="category", effect=0.6), as_of=ENDS), programme="club"
    )
    effect = answer.findings[0]
    assert effect.unit == "% of orders"
    assert effect.low <= 60 <= effect.high
    assert "dealing the starts" in effect.method


@pytest.mark.parametrize("kept", [1.0, 0.3])
def test_a_dip_just_before_the_start_that_mends_itself_settles_nothing(make_shop, kept):
    """kept: of the orders in the four weeks before a category's start, with no effect of the programme."""
    tables = staged_shop(2, kind="category")
    orders, programmes = tables["orders"], tables["programmes"].set_index("unit_id")["started_at"]
    group = tables["order_lines"]["item_id"].str[1:].to_numpy()
    before = programmes.reindex(group).to_numpy() - orders["placed_at"]
    dips = before.between(pd.Timedelta(0), pd.Timedelta(weeks=4), inclusive="right")
    stays = ~dips | (np.random.default_rng(3).random(len(orders)) < kept)
    for name in ("orders", "order_lines"):
        tables[name] = tables[name][stays.to_numpy()]
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    effect, check = answer.findings
    assert effect.verdict == "not settled"
    assert (check.verdict == "contradicted") == (kept < 1)
    assert (answer.before_p < 0.05) == ("differed before the start already" in effect.reading) == (kept < 1)


def test_a_start_in_the_second_period_settles_nothing(make_shop):
    """A single period before the start could hide the dip that brought the units in."""
    tables = staged_shop(effect=0.5)
    keep = tables["orders"]["placed_at"] >= START + pd.Timedelta(weeks=15)
    for name in ("orders", "order_lines"):
        tables[name] = tables[name][keep.to_numpy()]
    programmes = tables["programmes"]
    late = programmes["started_at"] > START + pd.Timedelta(weeks=20)
    programmes.loc[late, "started_at"] = pd.NaT
    (effect,) = programme_effect(make_shop(tables, as_of=ENDS), programme="club").findings
    assert effect.low > 0
    assert effect.verdict == "not settled"
    assert "no two periods before the start" in effect.reading


def test_returns_are_measured_where_there_are_any(make_shop, tmp_path):
    tables = staged_shop(3, kind="category")
    shop = make_shop(tables, as_of=ENDS, folder=tmp_path / "a")
    assert "returns" in programme_effect(shop, programme="club", outcome="returns").reason
    sent = tables["orders"].iloc[::10]
    tables["returns"] = pd.DataFrame({"return_id": "b" + sent["order_id"], "order_id": sent["order_id"],
                                      "returned_at": sent["placed_at"] + pd.Timedelta(days=3)})  # fmt: skip
    shop = make_shop(tables, as_of=ENDS, folder=tmp_path / "b")
    answer = programme_effect(shop, programme="club", outcome="returns")
    assert answer.findings[0].key == ("A7.returns", "club")
    assert answer.panel.frame["outcome"].mean() == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"programme": "nothing"}, "there is no programme 'nothing'"),
        ({"programme": "club", "outcome": "returns"}, "returns"),
    ],
)
def test_what_a_programme_lacks_is_said(make_shop, options, words):
    answer = programme_effect(make_shop(staged_shop(), as_of=ENDS), **options)
    assert isinstance(answer, Skipped)
    assert words in answer.reason


def test_a_programme_that_reaches_all_at_once_or_too_early_is_skipped(make_shop, tmp_path):
    tables = staged_shop()
    tables["programmes"]["started_at"] = START + pd.Timedelta(weeks=20)
    answer = programme_effect(make_shop(tables, as_of=ENDS, folder=tmp_path / "a"), programme="club")
    assert "not treated at the same time" in answer.reason
    tables["programmes"]["started_at"] = START
    answer = programme_effect(make_shop(tables, as_of=ENDS, folder=tmp_path / "b"), programme="club")
    assert "before the first start" in answer.reason


def test_each_programme_that_cannot_be_judged_keeps_its_reason(make_shop):
    tables = staged_shop(effect=0.5)
    late, few = tables["programmes"].copy(), tables["programmes"].head(4).copy()
    tables["programmes"] = pd.concat(
        [
            tables["programmes"],
            late.assign(programme="late", started_at=pd.Timestamp("2030-01-01")),
            few.assign(programme="few", started_at=START + pd.Timedelta(weeks=20)),
        ],
        ignore_index=True,
    )
    chapter = Chapter(make_shop(tables, as_of=ENDS))
    section = chapter.ask(every_programme)
    chapter.judge()
    silent = {finding.segment: finding.reason for finding in section.findings if finding.status == "skipped"}
    assert "late has not started" in silent["late"]
    assert "few has 4 units" in silent["few"]
    assert section.findings[0].key == ("A7.customer_orders", "club")


def test_required_tables_alone_end_in_one_sentence(make_shop, random_tables):
    tables = {name: frame for name, frame in random_tables(seed=3).items() if name in REQUIRED}
    assert isinstance(programme_effect(make_shop(tables), programme="club"), Skipped)


def test_the_answer_draws_and_tabulates_itself(make_shop):
    shop = make_shop(staged_shop(effect=0.5), as_of=ENDS)
    alone, among = programme_effect(shop, programme="club"), every_programme(shop)
    assert among.findings == alone.findings
    for answer in (alone, among):
        assert len(answer.table())
        assert answer.draw().png().startswith(b"\x89PNG")
        assert len(answer.table().attrs["caption"]) > 5
    assert among.draw().alt == alone.draw().alt
