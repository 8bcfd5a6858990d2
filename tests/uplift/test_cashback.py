"""A5: does the group test find the demo market's effect, and say so when it cannot?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.report import Skipped
from helpers.uplift.a05_cashback.cashback import cashback_test
from market.settings import AS_OF_UTC
from tests.uplift.market_shops import REQUIRED, by_id, market_tables

READS = ("experiments", "ties", "coupons")


@pytest.fixture(scope="module")
def tables():
    return market_tables(customers=4_000, seed=3, names=READS)[0]


@pytest.fixture
def shop(make_shop, tables):
    return make_shop(tables, as_of=AS_OF_UTC)


def test_one_market_is_answered_counted_and_covered(make_shop):
    tables, truth = market_tables(customers=4_000, seed=1, names=READS)
    answer = cashback_test(make_shop(tables, as_of=AS_OF_UTC))
    found = by_id(answer)
    effect = found["A5.cashback_uplift"]
    assert effect.low <= truth["A5.cashback_uplift"] <= effect.high
    drawn = tables["experiments"].query("experiment == 'group_cashback'")
    assert effect.n == len(drawn)
    assert answer.table()["groups"].sum() == drawn["cluster"].nunique()
    opens = drawn["assigned_at"].iloc[0]
    orders = tables["orders"].query("status != 'cancelled'")
    inside = orders[(orders["placed_at"] > opens) & (orders["placed_at"] <= opens + pd.Timedelta(days=56))]
    counted = drawn["customer_id"].isin(inside["customer_id"]).groupby(drawn["arm"]).mean()
    assert effect.untreated == pytest.approx(100 * counted["control"])
    plain = answer.arms[0].buying_plain.estimate
    assert plain == pytest.approx(counted["cashback"] - counted["control"])
    assert answer.draw().png().startswith(b"\x89PNG")


def test_paid_orders_and_money_per_added_order_agree_with_the_means(shop):
    answer = cashback_test(shop.declaring(Experiment(name="group_cashback", paid_cents=1_500)))
    found = by_id(answer)
    paid, cost = found["A5.paid_per_added_order"], found["A5.cost_per_added_order"]
    assert cost.estimate == pytest.approx(15 * paid.estimate)
    added = answer.arms[0].orders.estimate
    base = answer.arms[0].trial.fit(answer.arms[0].frame["orders_after"].to_numpy(float)).coefficients[0]
    assert paid.estimate == pytest.approx((base + added) / added)
    assert paid.low < paid.estimate < paid.high


def test_payments_read_from_redeemed_circle_coupons(make_shop, tables):
    """Every order of the cashback arm redeems a coupon of 10; so an added one costs ten times as many."""
    drawn = tables["experiments"].query("experiment == 'group_cashback' and arm == 'cashback'")
    orders = tables["orders"]
    used = orders[orders["customer_id"].isin(drawn["customer_id"]) & (orders["status"] != "cancelled")]
    coupons = pd.DataFrame(
        {
            "coupon_id": "k" + used["order_id"], "customer_id": used["customer_id"], "source": "circle",
            "worth_cents": 1_000, "issued_at": used["placed_at"], "redeemed_order_id": used["order_id"],
        }
    )  # fmt: skip
    found = by_id(cashback_test(make_shop({**tables, "coupons": coupons}, as_of=AS_OF_UTC)))
    ratio = found["A5.cost_per_added_order"].estimate / found["A5.paid_per_added_order"].estimate
    assert ratio == pytest.approx(10, rel=0.02)


def test_without_a_record_of_payment_the_cost_is_declined(shop):
    cost = by_id(cashback_test(shop))["A5.cost_per_added_order"]
    assert cost.status == "skipped"
    assert "paid_cents" in cost.reason


def with_test(tables, change) -> dict:
    rows = tables["experiments"]
    drawn = rows["experiment"] == "group_cashback"
    return {**tables, "experiments": pd.concat([rows[~drawn], change(rows[drawn].copy())])}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.assign(cluster="k1"), "customers in both arms"),
        (lambda rows: rows[rows["cluster"].isin(sorted(rows["cluster"].unique())[:3])], "at least 3"),
        (lambda rows: rows.assign(cluster=None), "cluster"),
        (lambda rows: rows[rows["arm"] == "control"], "and another"),
        (lambda rows: rows.iloc[:0], "no customer took part"),
    ],
)
def test_tests_that_were_not_drawn_by_group_are_declined(make_shop, tables, change, words):
    answer = cashback_test(make_shop(with_test(tables, change), as_of=AS_OF_UTC))
    assert isinstance(answer, Skipped)
    assert words in answer.reason


def test_an_arm_of_the_wrong_size_leaves_the_effect_unsettled(make_shop, tables):
    def lose(rows):
        names = sorted(rows.loc[rows["arm"] == "control", "cluster"].unique())
        return rows[~rows["cluster"].isin(names[:40])]

    found = by_id(cashback_test(make_shop(with_test(tables, lose), as_of=AS_OF_UTC)))
    assert found["A5.cashback_uplift"].verdict == "not settled"
    assert "do not have equal numbers of groups" in found["A5.cashback_uplift"].reading
    assert found["A5.sample_ratio"].verdict == "not settled"  # all on one day: no other says what was meant


def test_a_plan_of_one_in_four_groups_is_no_alarm(make_shop, tables):
    def fewer(rows):
        names = sorted(rows.loc[rows["arm"] == "cashback", "cluster"].unique())
        return rows[~rows["cluster"].isin(names[len(names) // 3 :])]

    shop = make_shop(with_test(tables, fewer), as_of=AS_OF_UTC)
    plan = Experiment(name="group_cashback", planned={"control": 75, "cashback": 25})
    planned = by_id(cashback_test(shop.declaring(plan)))["A5.cashback_uplift"]
    unplanned = by_id(cashback_test(shop))["A5.cashback_uplift"]
    assert "numbers of groups" not in planned.reading
    assert "no others are declared: planned under [experiments.group_cashback]" in unplanned.reading
    assert planned.estimate == unplanned.estimate


def test_groups_named_by_a_column_of_the_customers_are_the_same_groups(make_shop, tables, tmp_path):
    drawn = tables["experiments"].query("experiment == 'group_cashback'")
    group = drawn.set_index("customer_id")["cluster"]
    customers = tables["customers"]
    named = customers.assign(channel=customers["customer_id"].map(group).fillna("none"))
    bare = with_test({**tables, "customers": named}, lambda rows: rows.assign(cluster=None))
    shop = make_shop(bare, as_of=AS_OF_UTC, folder=tmp_path / "by_channel")

    def by_column(cluster):
        return cashback_test(shop.declaring(Experiment(name="group_cashback", cluster=cluster)))

    assert "experiments.cluster" in cashback_test(shop).reason
    assert "experiments.circle" in by_column("circle").reason
    found = by_column("channel")
    usual = cashback_test(make_shop(tables, as_of=AS_OF_UTC, folder=tmp_path / "usual"))
    assert found.arms[0].buying_plain == usual.arms[0].buying_plain
    assert found.table()["groups"].tolist() == usual.table()["groups"].tolist()


def test_an_arm_lost_on_one_day_leaves_the_effect_unsettled(make_shop, tables, tmp_path):
    def by_day(rows, *, lose: bool):
        names = sorted(rows["cluster"].unique())
        day = dict(zip(names, np.random.default_rng(1).integers(0, 2, len(names)), strict=True))
        days = rows["cluster"].map(day)
        rows["assigned_at"] = rows["assigned_at"] + pd.to_timedelta(days, unit="D") - pd.Timedelta(days=2)
        return rows[(rows["arm"] == "control") | (days != 1)] if lose else rows

    def buying(lose: bool):
        changed = with_test(tables, lambda rows: by_day(rows, lose=lose))
        shop = make_shop(changed, as_of=AS_OF_UTC, folder=tmp_path / str(lose))
        return cashback_test(shop)

    assert not buying(lose=False).ratio.alarm
    lost = buying(lose=True)
    assert lost.ratio.lost_day
    assert f"numbers of groups on {lost.ratio.lost_day}" in by_id(lost)["A5.cashback_uplift"].reading
    assert by_id(lost)["A5.cashback_uplift"].verdict == "not settled"


def test_each_of_several_arms_is_compared_with_the_control(make_shop, tables):
    def part(rows):
        names = sorted(rows.loc[rows["arm"] == "cashback", "cluster"].unique())
        return rows.assign(arm=rows["arm"].where(~rows["cluster"].isin(names[::2]), "double"))

    plan = Experiment(name="group_cashback", planned={"control": 50, "cashback": 25, "double": 25})
    answer = cashback_test(make_shop(with_test(tables, part), as_of=AS_OF_UTC).declaring(plan))
    found = {finding.key: finding for finding in answer.findings}
    rows = part(tables["experiments"].query("experiment == 'group_cashback'"))
    for arm in ("cashback", "double"):
        effect = found["A5.cashback_uplift", arm]
        assert effect.n == rows["arm"].isin(["control", arm]).sum()
        assert f"the arm “{arm}”" in effect.reading.lower()
    assert answer.table()["arm"].tolist() == ["without cashback", "cashback", "double"]
    assert answer.table()["groups"].sum() == rows["cluster"].nunique()
    assert "2 arms" in answer.draw().figure.get_suptitle()


@pytest.mark.parametrize(("days", "fewer"), [(56, False), (14, True)])
def test_a_declared_window_holds(make_shop, tables, days, fewer):
    shop = make_shop(tables, as_of=AS_OF_UTC)
    usual = cashback_test(shop).arms[0]
    found = cashback_test(shop.declaring(Experiment(name="group_cashback", outcome_days=days))).arms[0]
    assert found.outcome_days == days
    assert (found.bought.sum() < usual.bought.sum()) == fewer


@pytest.mark.parametrize("bought", [True, False])
def test_an_outcome_that_nobody_differs_in_is_one_sentence(make_shop, tables, bought):
    drawn = tables["experiments"].query("experiment == 'group_cashback'")
    orders = tables["orders"]
    before = orders[orders["placed_at"] <= drawn["assigned_at"].min()]
    if bought:
        after = pd.DataFrame(
            {
                **{name: before[name].iloc[0] for name in before.columns},
                "order_id": "again" + drawn["customer_id"],
                "customer_id": drawn["customer_id"],
                "placed_at": drawn["assigned_at"] + pd.Timedelta(days=5),
                "status": "completed",
            }
        )
        before = pd.concat([before, after[before.columns]])
    lines = tables["order_lines"]
    kept = lines[lines["order_id"].isin(before["order_id"])]
    made = pd.DataFrame({"order_id": before.loc[~before["order_id"].isin(kept["order_id"]), "order_id"]})
    made = made.assign(**{name: kept[name].iloc[0] for name in kept.columns if name != "order_id"})
    few = {"customers": tables["customers"], "items": tables["items"], "orders": before,
           "order_lines": pd.concat([kept, made]), "experiments": drawn}  # fmt: skip
    if "coupon_id" in before.columns:
        few["orders"] = before.drop(columns="coupon_id")
    answer = cashback_test(make_shop(few, as_of=AS_OF_UTC))
    assert isinstance(answer, Skipped)
    assert ("everybody" if bought else "nobody") in answer.reason


def test_a_shop_with_the_four_required_tables_is_one_sentence(make_shop, tables):
    answer = cashback_test(make_shop({name: tables[name] for name in REQUIRED}))
    assert isinstance(answer, Skipped)
    assert "experiments" in answer.reason
