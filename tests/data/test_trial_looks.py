"""When customers of a test first bought, returned or complained, and what weekly looks make of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.first_events import EVENTS, days_to_first
from helpers.data.trial_looks import HAPPENED, trial_looks
from methods.errors import CannotAnswer
from methods.trials.intention_to_treat import intention_to_treat

DRAWN = pd.Timestamp("2024-03-04")


_3_DAYS = pd.Timedelta(days=3)


def day(number: float) -> pd.Timestamp:
    return DRAWN + pd.Timedelta(days=number)


@pytest.fixture
def few(make_shop):
    """a buys on day 2 and returns on day 5; b on days 9 and 30; c cancelled, and asked on day 1."""
    orders = [("o1", "a", 2, "paid"), ("o2", "b", 9, "paid"), ("o3", "b", 30, "paid"),
              ("o4", "c", 3, "cancelled"), ("o5", "a", -4, "paid"), ("o6", "z", 1, "paid")]  # fmt: skip
    people = ["a", "b", "c", "z"]
    return make_shop({
        "customers": pd.DataFrame({"customer_id": people}),
        "orders": pd.DataFrame(
            [(id, who, day(at), status) for id, who, at, status in orders],
            columns=["order_id", "customer_id", "placed_at", "status"],
        ),
        "returns": pd.DataFrame({"return_id": ["r1"], "order_id": ["o1"], "returned_at": [day(5)]}),
        "tickets": pd.DataFrame({"ticket_id": ["t1"], "customer_id": ["c"], "opened_at": [day(1)]}),
        "experiments": pd.DataFrame({"experiment": "x", "customer_id": people[:3], "arm": "control"}),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("purchases", [2.0, 9.0, np.nan]),
        ("returns", [5.0, np.nan, np.nan]),
        ("service contacts", [np.nan, np.nan, 1.0]),
    ],
)
def test_days_to_the_first_event(few, event, expected):
    frame = pd.DataFrame({"customer_id": ["a", "b", "c"], "landmark_at": DRAWN})
    found = days_to_first(few, frame, event, experiment="x", within_days=14)
    np.testing.assert_allclose(found, expected)


def test_the_window_begins_at_each_customers_own_landmark(few):
    frame = pd.DataFrame({"customer_id": ["b", "a"], "landmark_at": [day(9), day(-5)]})
    found = days_to_first(few, frame, "purchases", experiment="x", within_days=21)
    np.testing.assert_allclose(found, [21.0, 1.0])  # b's order at the landmark itself is not after it


def test_every_event_names_its_columns(few):
    assert not few.missing(*{name for needs in EVENTS.values() for name in needs})


def drawn_shop(make_shop, *, seed=1, customers=3_000, gain=0.0, returned=(0.05, 0.05), spread_days=0.0):
    """30 % buy within 28 days, `gain` more with the offer; of each arm `returned` send something back."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{number:05d}" for number in range(customers)])
    offered = rng.random(customers) < 0.5
    at = DRAWN + pd.to_timedelta(rng.random(customers) * spread_days, unit="D").floor("s")
    buys = rng.random(customers) < 0.3 + gain * offered
    bought_at = at + pd.to_timedelta(1 + rng.random(customers) * 26, unit="D").floor("s")
    sent_back = rng.random(customers) < np.where(offered, returned[1], returned[0])
    earlier, later = (
        pd.DataFrame({"order_id": letter + pd.Series(ids), "customer_id": ids, "placed_at": placed})
        for letter, placed in (("p", day(-9)), ("q", bought_at))
    )
    returns = pd.DataFrame({"return_id": ids, "order_id": earlier["order_id"], "returned_at": at + _3_DAYS})
    # Somebody outside the test sends something back at its end: until then returns are recorded.
    other = pd.DataFrame({"order_id": ["z"], "customer_id": ["z"], "placed_at": [day(-9)]})
    last = pd.DataFrame({"return_id": ["z"], "order_id": ["z"], "returned_at": [bought_at.max()]})
    shop = make_shop({
        "customers": pd.DataFrame({"customer_id": [*ids, "z"]}),
        "orders": pd.concat([earlier, later[buys], other], ignore_index=True).assign(status="paid"),
        "returns": pd.concat([returns[sent_back], last], ignore_index=True),
        "experiments": pd.DataFrame({"experiment": "x", "customer_id": ids, "arm": "control"}),
    })  # fmt: skip
    frame = pd.DataFrame({"customer_id": ids, "landmark_at": at, "offered": offered.astype(float)})
    return shop, frame, buys, sent_back


def plain(rows):
    return intention_to_treat(rows, outcome=HAPPENED, treatment="offered").effect


def looked(shop, frame, **options):
    options = {"margin_pp": 4.0, "outcome_days": 28, **options}
    return trial_looks(shop, frame, experiment="x", treated="offered", effect=plain, plain=plain, **options)


@pytest.mark.parametrize("spread_days", [0.0, 40.0], ids=["drawn at once", "drawn over weeks"])
def test_the_last_look_is_the_comparison_of_all(make_shop, spread_days):
    shop, frame, buys, sent_back = drawn_shop(make_shop, gain=0.08, spread_days=spread_days)
    found = looked(shop, frame)
    offered = frame["offered"] > 0
    assert found.goal.fixed.estimate == pytest.approx(buys[offered].mean() - buys[~offered].mean())
    returned = found.guardrails["returns"].test.fixed.estimate
    assert returned == pytest.approx(sent_back[offered].mean() - sent_back[~offered].mean())
    assert found.goal.ended
    assert set(found.guardrails) == {"returns"}  # nobody keeps a record of service contacts here
    assert found.decision.action == "ship"


def test_a_guardrail_that_breaks_stops_the_launch(make_shop):
    shop, frame, *_ = drawn_shop(make_shop, gain=0.12, returned=(0.05, 0.16))
    found = looked(shop, frame)
    assert (found.decision.action, found.decision.guardrails) == ("do not ship", ("returns",))


def test_a_guardrail_with_hardly_an_event_is_still_judged(make_shop):
    shop, frame, *_ = drawn_shop(make_shop, gain=0.12, returned=(0.0, 0.0006))
    guarded = looked(shop, frame).guardrails["returns"].test
    assert len(guarded.looks) == 1
    assert -0.01 < guarded.fixed.low < guarded.fixed.high < 0.01
    shop, frame, *_ = drawn_shop(make_shop, gain=0.12, returned=(0.0, 0.2))
    assert looked(shop, frame).decision.reason == "guardrail"


def test_a_plan_of_more_customers_keeps_it_running(make_shop):
    shop, frame, *_ = drawn_shop(make_shop, spread_days=40.0)
    found = looked(shop, frame, planned_customers=6_000)
    assert not found.goal.ended
    assert found.goal.looks["fraction"].iloc[-1] == pytest.approx(0.5)
    assert found.decision.action == "keep running"


def test_without_effect_a_large_test_says_too_small(make_shop):
    shop, frame, *_ = drawn_shop(make_shop, customers=8_000)
    assert looked(shop, frame).decision.reason == "too small"


def test_a_test_without_buyers_is_refused(make_shop):
    shop, frame, *_ = drawn_shop(make_shop, customers=60)
    with pytest.raises(CannotAnswer, match="10 outcomes"):
        looked(shop, frame.iloc[:30])
