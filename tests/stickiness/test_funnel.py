"""B8: order and window of the steps, exact split of the gap, tests by step, and honest skips."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportions_ztest

from helpers.report import Skipped
from helpers.report.withholding import released
from helpers.stickiness import funnel
from helpers.stickiness.b08_funnel.funnel import by_class, weakest
from helpers.stickiness.b08_funnel.funnel_steps import STEPS, funnel_frame, step_counts
from market.settings import AS_OF_UTC
from methods.customers.funnel_gap import gap_by_step, two_proportions
from tests.stickiness.market_shops import by_id, market

START, DAY = pd.Timestamp("2025-03-03"), pd.Timedelta(days=1)
# Who does what on which day after the start, and how far that brings them.
WALKS = {
    "all": ("visit0 view0 cart1 order1 order9", 5),
    "no cart": ("visit0 view0 order1", 2),
    "cart too late": ("visit0 view0 cart20", 2),
    "view before visit": ("view0 visit1 cart2", 1),
    "order before cart": ("visit0 view0 order1 cart2", 3),
    "repeat too late": ("visit0 view0 cart0 order0 order61", 4),
    "second visit counts": ("visit0 visit3 view4 cart5 order5", 4),
    "entered too late": ("visit40 view40", 0),
}


@pytest.fixture
def walked(make_shop):
    events, orders = [], []
    for name, (walk, _) in WALKS.items():
        for number, word in enumerate(walk.split()):
            kind = word.rstrip("0123456789")
            moment = START + int(word[len(kind) :]) * DAY + pd.Timedelta(minutes=number)
            (orders if kind == "order" else events).append((name, kind, moment))
    events = pd.DataFrame(events, columns=["customer_id", "kind", "happened_at"])
    orders = pd.DataFrame(orders, columns=["customer_id", "status", "placed_at"]).assign(status="paid")
    events["event_id"] = [f"e{number}" for number in range(len(events))]
    orders["order_id"] = [f"o{number}" for number in range(len(orders))]
    names = pd.DataFrame({"customer_id": list(WALKS)})
    return make_shop({"customers": names, "orders": orders, "events": events})


def test_steps_count_in_order_and_in_time(walked):
    end = (START + 30 * DAY).to_pydatetime()
    frame = funnel_frame(walked, start=START.to_pydatetime(), end=end, window_days=14, repeat_days=60)
    reached = frame.set_index("customer_id")[list(STEPS)].notna().sum(axis=1).to_dict()
    assert reached == {name: steps for name, (_, steps) in WALKS.items() if steps}
    assert step_counts(frame).tolist() == [7, 6, 4, 3, 1]


def test_the_gap_is_split_exactly():
    rng = np.random.default_rng(1)
    for _ in range(50):
        counts = np.sort(rng.integers(5, 500, 5))[::-1]
        others = np.sort(rng.integers(5, 500, 5))[::-1]
        steps = gap_by_step(counts, others, steps=STEPS)
        whole = np.log((counts[-1] / counts[0]) / (others[-1] / others[0]))
        assert steps["log_ratio"].sum() == pytest.approx(whole, abs=1e-12)
        assert steps["part"].sum() == pytest.approx(100)


def test_the_test_is_the_usual_one():
    _, p = proportions_ztest([15, 30], [100, 120])
    assert two_proportions(15, 100, 30, 120) == pytest.approx(p)
    assert two_proportions(5, 5, 9, 9) == 1.0


@pytest.mark.parametrize("planted", [0.0, 0.25])
def test_only_a_planted_step_is_found(planted):
    """Over many classes drawn alike but for one step, alarms are rare elsewhere and sure there."""
    rng = np.random.default_rng(7)
    rates = np.array([0.9, 0.6, 0.5, 0.4])
    alarms = np.zeros(4)
    for _ in range(200):
        groups = []
        for less in (planted, 0.0):
            counts = [400]
            for step, rate in enumerate(rates):
                counts.append(rng.binomial(counts[-1], rate - less * (step == 1)))
            groups.append(np.array(counts))
        alarms += gap_by_step(*groups, steps=STEPS)["p_adjusted"].to_numpy() < 0.05
    assert (alarms[[0, 2, 3]] <= 20).all()
    assert alarms[1] >= 195 if planted else alarms[1] <= 20


def test_steps_that_nobody_reached_have_no_numbers():
    steps = gap_by_step(np.array([60, 40, 0, 0, 0]), np.array([80, 60, 40, 20, 10]), steps=STEPS)
    assert steps["gap"].isna().tolist() == [False, False, True, True]
    assert steps["part"].isna().all()


def test_the_market_drops_out_where_it_was_planted(make_shop):
    tables, truth = market()
    shop = make_shop(tables, as_of=AS_OF_UTC)
    answer = funnel(shop, weak="advert")
    found = by_id(answer)["B8.view_to_cart"]
    assert found.verdict == "contradicted"
    assert found.segment == "channel: advert"
    assert abs(found.estimate - truth["B8.view_to_cart"]["channel: advert"]) < found.high - found.low
    assert answer.steps.loc[answer.steps["log_ratio"].idxmin(), "step"] == "view to cart"
    assert answer.steps["part"].sum() == pytest.approx(100)
    assert set(answer.table()["step"]) <= set(answer.steps["step"])
    assert len(answer.draw().png()) > 10_000
    assert funnel(shop, by="gender", weak="female").weak == "female"


def test_too_few_visitors_skip_the_question(make_shop):
    tables = {name: frame.copy() for name, frame in market()[0].items()}
    tables["customers"]["channel"] = "search"
    shop = make_shop(tables, as_of=AS_OF_UTC)
    answer = funnel(shop)
    assert isinstance(answer, Skipped)
    assert "fewer than two classes" in answer.reason
    early = shop.as_of - dt.timedelta(days=200)
    frame = funnel_frame(shop, start=early, end=early, window_days=14, repeat_days=60)
    assert frame.empty


def test_a_class_is_picked_by_its_own_share():
    rows = [("a", True)] * 60 + [("a", False)] * 40 + [("b", True)] * 30 + [("b", False)] * 70
    frame = pd.DataFrame(rows, columns=["name", "came"])
    for step in STEPS:
        frame[step] = START
    frame.loc[~frame["came"], "repeat"] = pd.NaT
    assert weakest(frame, by="x") == "b"
    assert by_class(frame, weak="b", by="x", window_days=1, repeat_days=1).steps["gap"].iloc[-1] == -30


def test_a_step_that_few_did_not_take_hides_the_number_who_reached_the_next():
    """Of 200 visitors 195 viewed: neither the step from visit to view nor the 195 may be told."""
    reached = {"visit": 200, "view": 195, "cart": 120, "order": 80, "repeat": 40}
    frame = pd.DataFrame({step: [START] * many + [pd.NaT] * (200 - many) for step, many in reached.items()})
    rows = pd.concat([frame.assign(name=name) for name in ("a", "b")], ignore_index=True)
    answer = by_class(rows, weak="a", by="x", window_days=1, repeat_days=1)
    kept = {one.id for one in released(answer.findings) if one.status == "answered"}
    assert kept == {"B8.overall", "B8.cart_to_order", "B8.order_to_repeat"}
    assert answer.table()["step"].tolist() == ["cart to order", "order to repeat"]
    assert "195" not in answer.draw().alt
    assert "98 %" not in answer.draw().alt
