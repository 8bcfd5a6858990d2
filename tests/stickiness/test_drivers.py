"""B7: drivers known only from when they were known, effects as planted, and causes kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.driver_facts import facts_frame
from helpers.data.driver_study import DRIVERS, WORDS, _goes_both_ways, driver_study
from helpers.data.panel import customer_panel, index_orders
from helpers.report import Finding, Skipped
from helpers.report.finding import without_number
from helpers.stickiness import dependence, drivers
from helpers.stickiness.b10_dependence.dependence import FRIENDS, OWN
from market.settings import AS_OF_UTC
from tests.stickiness.market_shops import by_id, market

DAY = pd.Timedelta(days=1)


@pytest.fixture
def shop(make_shop):
    return make_shop(market()[0], as_of=AS_OF_UTC)


def finding(id, estimate, half, unit="pp", verdict="supported"):
    return Finding(
        id=id, requirement=id[:2], question="?", estimate=estimate, low=estimate - half, n=900, unit=unit,
        high=estimate + half, method="a test", reading="It does.", verdict=verdict,
    )  # fmt: skip


@pytest.fixture
def one_customer(make_shop):
    """One order, delivered late after 10 days, sent back after 40, two contacts, a friend's two posts."""
    at = pd.Timestamp("2025-01-01 04:00")
    order = {"order_id": ["o1"], "customer_id": ["a"], "placed_at": [at], "status": ["paid"]}
    tables = {
        "customers": pd.DataFrame({"customer_id": ["a", "b"]}),
        "items": pd.DataFrame({"item_id": ["i1", "i2"], "seller_id": ["s1", "s2"]}),
        "orders": pd.DataFrame(order | {"shipping_days": [10.0], "promised_days": [3.0], "coupon_id": ["k"]}),
        "order_lines": pd.DataFrame({"order_id": ["o1"], "line_number": 1, "item_id": "i1", "quantity": 1}),
        "returns": pd.DataFrame({"return_id": ["r"], "order_id": ["o1"], "returned_at": [at + 40 * DAY]}),
        "tickets": pd.DataFrame(
            {
                "ticket_id": ["t1", "t2"],
                "customer_id": "a",
                "opened_at": [at + DAY, at + 33 * DAY],
                "first_response_at": [at + 1.1 * DAY, at + 35 * DAY],
                "topic": ["payment", "complaint"],
            }
        ),
        "reviews": pd.DataFrame(
            {
                "review_id": ["v1", "v2", "v3"],
                "customer_id": "b",
                "item_id": ["i1", "i2", "i1"],
                "rating": [1, 5, 5],
                "posted_at": [at - DAY, at - DAY, at + DAY],
            }
        ),
        "ties": pd.DataFrame({"customer_a": ["a"], "customer_b": ["b"], "since_at": [at - 9 * DAY]}),
        "shares": pd.DataFrame(
            {"share_id": ["p1", "p2"], "customer_id": "b", "posted_at": [at - 20 * DAY, at + 50 * DAY]}
        ),
        "impressions": pd.DataFrame(
            {
                "impression_id": ["m1", "m2"],
                "customer_id": "a",
                "policy": ["personal", "popular"],
                "shown_at": [at + 20 * DAY, at + 21 * DAY],
            }
        ),
    }
    return make_shop(tables, as_of=(at + 100 * DAY).to_pydatetime()), at


def test_a_fact_is_known_from_its_own_moment(one_customer):
    shop, at = one_customer
    index = index_orders(shop, start=at.to_pydatetime(), end=(at + DAY).to_pydatetime())
    base = index.mutate(landmark_at=index.index_at + pd.Timedelta(days=2).to_pytimedelta())
    row = facts_frame(shop, base, personal_policy="personal").iloc[0]
    assert row["late_at"] == at + 10 * DAY
    assert row["returned_at"] == at + 40 * DAY
    assert row["asked_at"] == at + 1.5 * DAY
    assert row["slow_at"] == at + 33.5 * DAY
    assert row["complaint_at"] == at + 33 * DAY
    # The seller's good rating came only after the study began; the friend's first post before the tie.
    assert (row["low_rating"], row["coupon"]) == (1, 1)
    assert [row[f"friends_shared_{p}"] for p in range(3)] == [0, 0, 1]
    assert [(row[f"shown_{p}"], row[f"personal_{p}"]) for p in range(3)] == [(0, 0), (2, 1), (0, 0)]


def test_outcome_and_sharing_are_those_of_the_panel(shop):
    study = driver_study(shop, enrol_days=56, personal_policy="personal")
    panel = customer_panel(
        shop, index_orders(shop, start=study.start, end=study.end), landmark_hours=48, outcome_days=90
    ).to_pandas()
    assert study.repurchased.mean() == pytest.approx(panel["repurchased"].mean())
    place = [driver.name for driver in study.drivers].index("shared")
    assert study.design[:, :, place].mean() == pytest.approx(panel["shared"].mean())


def test_no_driver_turns_off_again_and_periods_wait_for_the_first_purchase(shop):
    study = driver_study(shop, enrol_days=56, personal_policy="personal")
    for place, driver in enumerate(study.drivers):
        if driver.name in ("late", "returned", "complaint", "slow_answer"):
            assert (np.diff(study.design[:, :, place], axis=1) >= 0).all(), driver.name
    assert set(np.unique(study.happened)) <= {0, 1, 2, 3}


def planted(make_shop, *, effect, seed=5):
    """Market tables without `effect` of the orders within 90 days of a late parcel's arrival."""
    tables = {name: frame.copy() for name, frame in market(4_000, 3)[0].items()}
    orders = tables["orders"].sort_values(["customer_id", "placed_at"])
    arrived = orders["placed_at"] + pd.to_timedelta(orders["shipping_days"].astype(float), unit="D")
    arrived = arrived.where(orders["shipping_days"] > orders["promised_days"])
    last = arrived.groupby(orders["customer_id"]).shift().groupby(orders["customer_id"]).ffill()
    under = orders["placed_at"].between(last, last + 90 * DAY)
    gone = set(orders.loc[under & (np.random.default_rng(seed).random(len(orders)) < effect), "order_id"])
    for name in ("orders", "order_lines", "returns", "tickets", "reviews", "shares"):
        tables[name] = tables[name][~tables[name]["order_id"].isin(gone)]
    return make_shop(tables, as_of=AS_OF_UTC)


def test_a_planted_driver_is_found_and_the_others_are_not(make_shop):
    answer = drivers(planted(make_shop, effect=0.7))
    found = by_id(answer)
    assert found["B7.late"].verdict == "contradicted"
    assert found["B7.late"].high < -5
    assert found["B7.personal"].verdict == "not settled"
    assert "late delivery" in answer.draw().figure.get_suptitle().lower()


def test_association_and_cause_stand_apart(shop):
    causes = (finding("A1.adjusted_uplift_sharers", 5.0, 3.0), finding("A8.spillover_week", 0.5, 0.2))
    answer = drivers(shop, causes=causes)
    rows = answer.table().set_index("driver")["cause, by chapter 03"]
    assert rows["own share"].startswith("of sharing, on those who shared: 5.0 pp (2.0 to 8.0)")
    assert rows["friends' shares"].startswith("of friends' shares")
    assert rows["late delivery"] == "not known"
    found = by_id(answer)
    assert all("An association" in one.assumptions[0] for id, one in found.items() if id in ("B7.late",))
    assert len(answer.table()) == len(answer.study.drivers) <= len(DRIVERS)
    assert len(answer.draw().png()) > 5_000


def test_what_is_not_recorded_is_left_out_or_skips(make_shop, random_tables):
    tables = random_tables(seed=1, customers=1_200)
    found = by_id(drivers(make_shop(tables)))
    assert found["B7.late"].status == "skipped"
    assert "late delivery needs orders.shipping_days" in found["B7.late"].reason
    for name in ("returns", "reviews", "ties", "shares", "reactions", "surveys"):
        del tables[name]
    tables["orders"] = tables["orders"].drop(columns="coupon_id")
    skip = drivers(make_shop(tables))
    assert isinstance(skip, Skipped)
    assert "none of the drivers is recorded" in skip.reason


def test_what_is_left_without_sharing(shop):
    known = drivers(shop)
    causes = (finding(OWN, 5.0, 2.0), finding(FRIENDS, 0.5, 0.2))
    answer = dependence(shop, known, causes=causes)
    now, own, both = (case.left.estimate for case in answer.cases)
    place = [driver.name for driver in known.study.drivers].index("shared")
    assert now - own == pytest.approx(5.0 * known.study.design[:, 0, place].mean())
    assert both < own < now
    found = by_id(answer)
    assert found["B10.resting_on_sharing"].estimate == pytest.approx(100 * (1 - both / now))
    assert found["B10.resting_on_sharing"].verdict == "supported"
    groups = {one.segment for one in answer.findings if one.id == "B10.without_group"}
    assert {"product and service", "trust and safety", "personalisation"} <= groups
    assert len(answer.draw().png()) > 5_000
    assert len(answer.table()) == 3


def test_an_effect_left_open_keeps_its_number_and_says_nothing_of_cause(shop):
    known = drivers(shop)
    effects = [finding(OWN, 5.0, 2.0, verdict=verdict) for verdict in ("supported", "not settled")]
    friends = finding(FRIENDS, 0.5, 0.2)
    settled, left_open = (dependence(shop, known, causes=[one, friends]) for one in effects)
    assert [case.left for case in left_open.cases] == [case.left for case in settled.cases]
    for id in ("B10.resting_on_sharing", "B10.without_own_share"):
        found = by_id(left_open)[id]
        assert found.verdict == "not settled"
        assert "leaves open" in found.reading
        assert not any(word in found.reading for word in ("rests on", "would"))


def test_without_the_chapter_on_sharing_an_association_stands_in(shop):
    found = by_id(dependence(shop, drivers(shop)))
    assert found["B10.without_own_share"].verdict == "not settled"
    assert "association" in found["B10.without_own_share"].assumptions[0]
    assert found["B10.without_any_share"].status == "skipped"


def test_own_shares_alone_do_not_say_what_rests_on_sharing(shop):
    answer = dependence(shop, drivers(shop), causes=[finding(OWN, 5.0, 2.0)])
    found = by_id(answer)
    assert found["B10.without_own_share"].verdict == "reported"
    assert "what friends' shares do" in found["B10.resting_on_sharing"].reason
    assert answer.draw().figure.get_suptitle().startswith("Without own shares, ")


def test_what_chapter_03_withholds_is_not_told_here_either(shop):
    """A finding that was withheld differs from a chapter that was not asked: no association stands in."""
    gone = without_number(finding(OWN, 5.0, 2.0), reason="The placebo finds an effect.")
    answer = dependence(shop, drivers(shop), causes=[gone, finding(FRIENDS, 0.5, 0.2)])
    found = by_id(answer)
    for id in ("B10.resting_on_sharing", "B10.without_own_share", "B10.without_any_share"):
        assert found[id].status == "skipped"
        assert "chapter 03 withholds what sharing does" in found[id].reason
        assert found[id].reason.endswith("The placebo finds an effect.")
    assert found["B10.without_group"].status == "answered"
    picture = answer.draw()
    assert "is withheld" in picture.figure.get_suptitle()
    assert len(picture.png()) > 5_000
    assert answer.table()["case"].tolist() == ["as it is"]
    assert "if sharing stopped" not in answer.table().attrs["caption"]


def test_without_b7_there_is_no_b10(shop):
    skip = Skipped(requirement="B7", question="?", reason="Not answered: too few.")
    assert "too few" in dependence(shop, skip).findings[0].reason


@pytest.mark.parametrize(("stayed_away", "told"), [(0, False), (4, False), (5, True)])
def test_a_driver_whose_customers_nearly_all_came_back_is_left_out(stayed_away, told):
    """Their share is at its end, so its error is nil and nearly any effect looks sure."""
    met = np.repeat([1.0, 0.0], [30, 170])[:, None]
    again = np.arange(200) >= stayed_away
    assert _goes_both_ways(met, np.ones(200, dtype=bool), again) == told


def test_drivers_that_went_one_way_are_not_said_to_be_alike():
    late = WORDS.text("driver one way", label="late delivery")
    assert late in WORDS.text("drivers alike", one_way=[late])
    assert late not in WORDS.text("drivers alike", one_way=[])
