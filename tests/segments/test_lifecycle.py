"""C1 on the demo market, on CDNOW, and where the tables cannot carry it."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.customer_history import history_frame, last_day
from helpers.paths import project_folder
from helpers.report import Skipped
from helpers.report.cells import row_cells
from helpers.segments import lifecycle, segment_actions
from helpers.segments.c01_lifecycle.lifecycle import _alive, _amounts_to_come, _not_told, _unseen_before
from helpers.stickiness import repurchase
from methods.customers.value_check import check_forecast
from tests.people_lists import lists_of, told


@pytest.fixture(scope="module")
def answer(shop):
    return lifecycle(shop)


def by_id(answer):
    return {finding.id: finding for finding in answer.findings}


def test_tiers_hold_all_customers(shop, answer):
    assert answer.tiers["customers"].sum() == shop["customers"].count().execute() == len(answer.members)
    shares = [finding.estimate for finding in answer.findings if finding.id == "C1.tier_share"]
    assert sum(shares) == pytest.approx(100)
    assert len(shares) == 5


def test_tiers_and_model_tell_who_is_still_alive(answer, market):
    """Nobody sees who has left; the market knows."""
    truth = market.labels["customers"].set_index("customer_id")["alive"]
    members = answer.members.set_index("customer_id").assign(truth=truth)
    share = members.groupby("tier", observed=True)["truth"].mean()
    assert share["active"] > share["silent"] > share["lost"]
    judged = members.dropna(subset=["alive"])
    assert judged["alive"].corr(judged["truth"].astype(float)) > 0.25


def test_hidden_days_are_predicted(answer):
    assert "stretches of 90 days hidden from it" in by_id(answer)["C1.expected_orders"].reading
    assert abs(answer.forecast.hidden.newest.miss_percent) < 15
    assert answer.forecast.hidden.newest.actual > 1000
    tiers = answer.tiers["came_back"]
    assert tiers["active"] > tiers["silent"] > tiers["lost"]


@pytest.mark.parametrize("name", ["cdnow", "online_retail"])
def test_the_cycle_is_that_of_chapter_02(real_shop, name):
    known = {finding.id: finding for finding in repurchase(real_shop(name), draws=20).findings}
    assert lifecycle(real_shop(name)).cycle_days == known["B2.cycle_days_median"].estimate


def test_without_a_cycle_no_silence_is_long(make_shop, random_tables):
    """Ten of 300 customers came back: when a silence is long nobody can say."""
    tables = random_tables(seed=1)
    first = tables["orders"].sort_values("placed_at").groupby("customer_id").head(1)
    again = tables["orders"].drop(first.index).groupby("customer_id").head(1).head(10)
    few = pd.concat([first, again]).assign(status="paid")
    answer = lifecycle(make_shop({**tables, "orders": few}))
    assert isinstance(answer, Skipped)
    assert "fewer than half of the purchases are followed by another" in answer.reason


def test_cancelled_orders_are_no_purchases(make_shop, random_tables):
    tables = random_tables(seed=1)
    cancelled = tables["orders"].assign(status="cancelled")
    answer = lifecycle(make_shop({**tables, "orders": cancelled}))
    assert isinstance(answer, Skipped)
    assert "two different days" in answer.reason


def test_history_counts_days_on_the_shops_clock(make_shop):
    """15:59 and 16:01 UTC are two days in Shanghai; 16:01 and 20:00 UTC are one."""
    moments = ["2024-03-01 15:59", "2024-03-01 16:01", "2024-03-01 20:00", "2024-05-01 00:00"]
    orders = [f"o{number}" for number in range(4)]
    shop = make_shop(
        {
            "customers": pd.DataFrame({"customer_id": ["a", "b"]}),
            "items": pd.DataFrame({"item_id": ["i"]}),
            "orders": pd.DataFrame(
                {"order_id": orders, "customer_id": "a", "placed_at": pd.to_datetime(moments)}
            ),
            "order_lines": pd.DataFrame(
                {
                    "order_id": orders,
                    "line_number": 1,
                    "item_id": "i",
                    "quantity": 2,
                    "unit_price_cents": [100, 200, 300, 400],
                }
            ),
        },
        as_of=dt.datetime(2024, 4, 1),
    )
    rows = history_frame(shop, until=last_day(shop)).set_index("customer_id")
    assert rows.loc["a", "purchases"] == 2
    assert rows.loc["a", "last_day"] - rows.loc["a", "first_day"] == 1
    assert rows.loc["a", "spend_cents"] == 1200
    assert rows.loc["a", "repeat_spend_cents"] == 1000
    assert rows.loc["b", "purchases"] == 0


def test_future_orders_change_nothing_but_the_count_of_later_ones(shop):
    """No leakage: what is known of a day does not depend on what came after it."""
    until = last_day(shop) - 90
    then = history_frame(shop, until=until).drop(columns="purchases_later")
    cut = shop.clock.moment(dt.datetime(1970, 1, 1) + dt.timedelta(days=until + 1))
    earlier = {**shop.tables, "orders": shop["orders"].filter(shop["orders"].placed_at < cut)}
    before = history_frame(replace(shop, tables=earlier), until=until)
    pd.testing.assert_frame_equal(then, before.drop(columns="purchases_later"))


def test_bare_tables_are_enough_for_the_tiers(bare_shop):
    answer = lifecycle(bare_shop)
    assert "C1.expected_orders" in by_id(answer)
    assert "C1.expected_spend" not in by_id(answer)
    assert len(answer.draw().alt) > 40
    assert "customers" in answer.table()


@pytest.mark.parametrize(("joined", "told"), [("2023-05-01", True), ("2024-03-01", False), (None, True)])
def test_who_joined_before_the_data_is_not_said_to_have_bought_nothing(make_shop, joined, told):
    dates = pd.to_datetime(["2024-01-02", joined, joined])
    order = {"order_id": ["o"], "customer_id": ["a"], "placed_at": pd.Timestamp("2024-01-05")}
    line = {"order_id": ["o"], "line_number": 1, "item_id": "i", "quantity": 1, "unit_price_cents": 1}
    tables = {
        "customers": pd.DataFrame({"customer_id": ["a", "b", "c"], "joined_at": dates}),
        "items": pd.DataFrame({"item_id": ["i"]}),
        "orders": pd.DataFrame(order),
        "order_lines": pd.DataFrame(line),
    }
    members = pd.DataFrame({"customer_id": ["a", "b", "c"], "tier": ["new", "no order yet", "no order yet"]})
    said = _unseen_before(make_shop(tables), members)
    assert ("begin on 2024-01-05; some may have bought before" in said.get("no order yet", "")) == told


def test_without_times_it_is_skipped(make_shop, random_tables):
    tables = random_tables(seed=1)
    shop = make_shop({**tables, "orders": tables["orders"].drop(columns="placed_at")})
    assert isinstance(lifecycle(shop), Skipped)


def monthly_shop(make_shop, *, customers=60, orders=12):
    """Everyone buys about once a month and nobody leaves."""
    rng = np.random.default_rng(1)
    shift = rng.integers(0, 28, customers)[:, None] + rng.integers(-3, 4, (customers, orders))
    days = (30 * np.arange(orders) + 3 + shift).ravel()
    order = np.arange(len(days)).astype(str)
    who = np.repeat([f"c{number}" for number in range(customers)], orders)
    placed = pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(days, unit="D")
    lines = {"order_id": order, "line_number": 1, "item_id": "i", "quantity": 1, "unit_price_cents": 500}
    return make_shop(
        {
            "customers": pd.DataFrame({"customer_id": np.unique(who)}),
            "items": pd.DataFrame({"item_id": ["i"]}),
            "orders": pd.DataFrame({"order_id": order, "customer_id": who, "placed_at": placed}),
            "order_lines": pd.DataFrame(lines),
        },
        as_of=dt.datetime(2025, 1, 1),
    )


def test_where_nobody_leaves_nothing_is_foretold_and_nobody_is_called_gone(make_shop):
    answer = lifecycle(monthly_shop(make_shop))
    found = by_id(answer)
    assert "cannot tell a pause from a farewell" in found["C1.expected_orders"].reason
    assert found["C1.alive_share"].status == "skipped"
    assert "pause from a farewell" in found["C1.alive_share"].reason
    assert "purchases_to_come" not in answer.members
    newest = answer.forecast.hidden.newest
    assert newest.predicted == pytest.approx(newest.actual, rel=0.15)


def weekly_shop(make_shop, *, customers=300, leaving=0.03, cents=1490):
    """Coffee every seven days until one leaves, 3 in 100 a week; and the % still there of who came back."""
    rng = np.random.default_rng(2)
    joined, orders = rng.integers(0, 460, customers), rng.geometric(leaving, customers)
    seen = np.minimum(orders, (489 - joined) // 7 + 1)
    days = np.concatenate([start + 7 * np.arange(number) for start, number in zip(joined, seen, strict=True)])
    who = np.repeat([f"c{number}" for number in range(customers)], seen)
    order = np.arange(len(days)).astype(str)
    placed = pd.Timestamp("2024-01-01 04:00") + pd.to_timedelta(days, unit="D")
    lines = {"order_id": order, "line_number": 1, "item_id": "i", "quantity": 1, "unit_price_cents": cents}
    tables = {
        "customers": pd.DataFrame({"customer_id": np.unique(who)}),
        "items": pd.DataFrame({"item_id": ["i"]}),
        "orders": pd.DataFrame({"order_id": order, "customer_id": who, "placed_at": placed}),
        "order_lines": pd.DataFrame(lines),
    }
    shop = make_shop(tables, as_of=dt.datetime(2025, 5, 5))
    return shop, 100 * (orders > seen)[seen > 1].mean()


def test_a_weekly_cycle_counts_who_bought_within_a_week(make_shop):
    """Ninety days would take a customer who left two months ago for one who is still there."""
    shop, truth = weekly_shop(make_shop)
    found = by_id(lifecycle(shop))["C1.alive_share"]
    assert "bought in the last 7 days" in found.reading
    assert found.low <= truth <= found.high


@pytest.mark.parametrize("cents", [1490, None])
def test_where_all_costs_the_same_money_is_purchases_times_the_price(make_shop, cents):
    """A subscription has one price; without prices the table still stands, and no money is told."""
    found = lifecycle(weekly_shop(make_shop, cents=cents)[0])
    table, told = found.table(), by_id(found)
    assert row_cells(table, place="C1", counted=table.attrs)
    if cents is None:
        assert "C1.expected_spend" not in told
    else:
        worth = told["C1.expected_spend"].estimate / told["C1.expected_orders"].estimate
        assert worth == pytest.approx(cents / 100 / 100)
        assert "one price" in " ".join(told["C1.expected_spend"].assumptions)


def test_ends_that_contradict_each_other_are_withheld(answer, shop):
    """All bought yesterday, and the model has some of them gone: no end is moved to the other."""
    history = history_frame(shop, until=last_day(shop))
    buyers = history[history["purchases"] > 0].assign(last_day=last_day(shop))
    found = _alive(answer.forecast, buyers, until=last_day(shop), cycle_days=answer.cycle_days)
    assert found.status == "skipped"
    assert "the model does not fit these customers" in found.reason


@pytest.mark.parametrize(("times", "status"), [(1.0, "reported"), (1.9, "reported"), (2.1, "skipped"),
                                               (0.4, "skipped")])  # fmt: skip
def test_where_the_trade_swings_nobody_is_called_gone(answer, shop, times, status):
    hidden = answer.forecast.hidden
    first = replace(hidden.windows[0], actual=round(times * hidden.windows[0].predicted))
    swinging = replace(answer.forecast, hidden=replace(hidden, windows=(first, *hidden.windows[1:])))
    history = history_frame(shop, until=last_day(shop))
    found = _alive(
        swinging, history[history["purchases"] > 0], until=last_day(shop), cycle_days=answer.cycle_days
    )
    assert (found.status == "skipped") == (status == "skipped")
    assert ("may be the season" in (found.reason or "")) == (status == "skipped")


def test_without_a_model_the_outlook_is_skipped_with_the_reason(make_shop):
    found = by_id(lifecycle(monthly_shop(make_shop, customers=5)))
    assert found["C1.expected_orders"].status == "skipped"
    assert "the model needs 10" in found["C1.expected_orders"].reason


@pytest.mark.parametrize(("times", "told"), [(9.9, True), (10.1, False)])
def test_an_outlook_that_spans_more_than_a_factor_of_ten_is_withheld(answer, shop, times, told):
    total = answer.forecast.totals["purchases"]
    spread = replace(total, low=total.estimate / 3, high=times * total.estimate / 3)
    rough = replace(answer.forecast, totals={**answer.forecast.totals, "purchases": spread})
    buyers = history_frame(shop, until=last_day(shop)).query("purchases > 0")
    options = {"until": last_day(shop), "cycle_days": answer.cycle_days, "currency": "CNY"}
    found = {one.id: one for one in _amounts_to_come(rough, buyers, **options)}
    assert (found["C1.expected_orders"].status == "answered") == told
    assert ("factor of 10" in (found["C1.expected_orders"].reason or "")) != told
    rate = 100 * spread.low / len(rough.history)
    assert (f"({rate:.0f} to " in (found["C1.expected_orders"].reason or "")) != told
    assert ("C1.expected_spend" in found) == told
    assert (_not_told(rough, answer.members) == []) == told
    assert (
        "how many purchases come"
        in segment_actions(shop, replace(answer, forecast=rough), effects={"wake-up offer": (1.0, 0.0, 2.0)})
        .findings[0]
        .reading
    ) != told


@pytest.mark.parametrize(("factor", "wide"), [(1.2, False), (2.0, True)])
def test_a_wide_outlook_plans_no_volumes(answer, shop, factor, wide):
    totals = {
        name: replace(total, high=factor * total.estimate) for name, total in answer.forecast.totals.items()
    }
    history = history_frame(shop, until=last_day(shop))
    buyers = history[history["purchases"] > 0]
    found = _amounts_to_come(
        replace(answer.forecast, totals=totals),
        buyers,
        until=last_day(shop),
        cycle_days=answer.cycle_days,
        currency="CNY",
    )
    told = {finding.id: "plan no volumes" in finding.reading for finding in found}
    assert told == {"C1.alive_share": False, "C1.expected_orders": wide, "C1.expected_spend": wide}


def test_who_is_known_only_by_a_later_order_is_not_counted_before(make_shop, random_tables):
    tables = random_tables(seed=2)
    unknown = tables["customers"].assign(joined_at=pd.NaT)
    shop = make_shop({**tables, "customers": unknown})
    until = last_day(shop) - 200
    known = history_frame(shop, until=until)
    assert (known["purchases_later"] > 0).any()
    assert not ((known["purchases"] == 0) & (known["purchases_later"] > 0)).any()


def test_published_sample(make_shop):
    """CDNOW, weeks 40 to 78 hidden: 1,882 purchases came and about 1,653 were predicted."""
    path = project_folder() / ".." / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
    if not path.exists():
        pytest.skip("the CDNOW sample is not beside the project")
    names = ["master_id", "customer_id", "day", "pieces", "dollars"]
    lines = pd.read_csv(path, sep=r"\s+", names=names, dtype={"customer_id": str, "day": str})
    order = np.arange(len(lines)).astype(str)
    placed = pd.to_datetime(lines["day"], format="%Y%m%d")
    shop = make_shop(
        {
            "customers": pd.DataFrame({"customer_id": lines["customer_id"].unique()}),
            "items": pd.DataFrame({"item_id": ["cd"]}),
            "orders": pd.DataFrame(
                {"order_id": order, "customer_id": lines["customer_id"], "placed_at": placed}
            ),
            "order_lines": pd.DataFrame(
                {
                    "order_id": order,
                    "line_number": 1,
                    "item_id": "cd",
                    "quantity": 1,
                    "unit_price_cents": (lines["dollars"] * 100).round().astype(int),
                }
            ),
        },
        timezone="UTC",
        as_of=dt.datetime(1998, 7, 1),
    )
    hidden = (dt.date(1998, 6, 30) - dt.date(1997, 9, 30)).days
    before = history_frame(shop, until=last_day(shop) - hidden)
    check = check_forecast(before, until=last_day(shop) - hidden, days=hidden)
    assert check.actual == 1882
    assert check.predicted == pytest.approx(1653, abs=3)


def test_without_hidden_days_the_outlook_says_why(make_shop, random_tables):
    answer = lifecycle(make_shop(random_tables(seed=1, customers=900), as_of=dt.datetime(2024, 4, 1)))
    assert "too short to hide three stretches" in by_id(answer)["C1.expected_orders"].reason
    assert len(answer.draw().alt) > 40


def test_the_list_of_stages_is_whom_the_shares_speak_of(answer, shop):
    members = lists_of(answer, shop)["stages"].members
    shares = 100 * members["group"].value_counts(normalize=True)
    assert len(members) == len(answer.members)
    for stage, share in told(answer, "C1.tier_share").items():
        assert share == pytest.approx(shares.get(stage, 0.0), abs=0.06)
