"""A12 as it is asked of a shop."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.share_study import share_study
from helpers.report import Skipped
from helpers.uplift.a12_next_test.next_test import next_test

REQUIRED = ("customers", "items", "orders", "order_lines")
START = pd.Timestamp("2024-01-01")


@pytest.fixture(scope="module")
def steady(random_tables) -> dict[str, pd.DataFrame]:
    return random_tables(seed=5, customers=1200)


def test_the_plan_follows_from_the_shops_own_rate(make_shop, steady):
    shop = make_shop(steady)
    plan = next_test(shop, uplift_pp=4.0)
    size, weeks, peeking, price = plan.findings
    middle = plan.base.estimate + 0.02
    rough = 2 * 7.849 * middle * (1 - middle) / 0.04**2
    assert size.estimate == pytest.approx(rough, rel=0.01)
    assert size.low <= size.estimate <= size.high
    assert weeks.estimate > plan.follow_days / 7
    assert 5 < peeking.estimate < 40
    assert plan.groups is None
    assert plan.always.looks == plan.planned.looks == min(peeking.facts["looks"], 52)
    assert 1 < plan.planned.sample < 1.1 < 1.6 < price.estimate < 2.1
    table = plan.table()
    assert (table["looking every week"] > 1.2 * table["smallest uplift found"]).all()
    smaller = next_test(shop, uplift_pp=4.0, first_stage=0.5).findings[0]
    assert smaller.estimate == pytest.approx(4 * size.estimate, rel=0.1)
    assert "4 times as many" in smaller.reading
    assert isinstance(next_test(shop, uplift_pp=80.0), Skipped)
    assert plan.draw().png().startswith(b"\x89PNG")


def test_a_test_that_takes_years_says_what_one_year_shows_instead(make_shop, steady):
    plan = next_test(make_shop(steady), uplift_pp=1.0)
    weeks = plan.findings[1]
    assert plan.enrol_weeks.estimate > 104
    assert weeks.status == "skipped"
    assert "more than two years" in weeks.reason
    assert f"{plan.found_in_a_year_pp:.1f} pp" in weeks.reason
    assert 1.0 < plan.found_in_a_year_pp < plan.table()["smallest uplift found"].iloc[-1]


def test_groups_of_an_earlier_test_enter_the_plan(make_shop, steady):
    ids = steady["customers"]["customer_id"]
    drawn = pd.DataFrame({
        "experiment": "cashback", "customer_id": ids, "arm": "control", "assigned_at": START,
        "cluster": [f"k{number % 60}" for number in range(len(ids))],
    })  # fmt: skip
    plan = next_test(make_shop({**steady, "experiments": drawn}), uplift_pp=4.0)
    assert plan.groups.groups == 60
    # The plan tells the groups as they were drawn, not the members who happened to order in the window.
    assert plan.groups.mean_size == pytest.approx(len(ids) / 60)
    assert 0 < plan.arrivals.sum() / 60 < plan.groups.mean_size
    assert 1 <= plan.group_factor[0] <= plan.group_factor[1]
    assert "whole groups" in plan.findings[0].reading
    assert plan.table().shape == (5, 5)


def test_groups_within_which_all_do_alike_tell_no_likeness(make_shop, steady):
    study = share_study(make_shop(steady), enrol_days=56, landmark_hours=48, outcome_days=90).frame
    again = study["repurchased"].astype(int).astype(str)
    drawn = pd.DataFrame({
        "experiment": "cashback", "customer_id": study["customer_id"], "arm": "control", "assigned_at": START,
        "cluster": again + "-" + pd.Series(range(len(study)), dtype="string").str[-1],
    })  # fmt: skip
    assert next_test(make_shop({**steady, "experiments": drawn}), uplift_pp=4.0).groups is None


def test_required_tables_alone_answer_it(make_shop, random_tables):
    tables = {name: frame for name, frame in random_tables(seed=3, customers=600).items() if name in REQUIRED}
    answer = next_test(make_shop(tables))
    assert len(answer.findings) >= 1
