"""C2: groups that are there are found, groups that are not are not named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.data.customer_features import customer_features
from helpers.data.customer_history import last_day
from helpers.report import Skipped
from helpers.report.release import hidden_rows
from helpers.segments import value_segments
from helpers.segments.c02_value_segments.group_names import habit_profile, names_of_groups
from helpers.segments.c02_value_segments.value_segments import _stability
from market.strange import draw_shop
from methods.customers.clustering import group
from methods.intervals.agreement import jaccard, matched
from tests.people_lists import lists_of, told

NUMBERS = (3, 4, 5)


@pytest.fixture(scope="module")
def answer(shop):
    return value_segments(shop, numbers=NUMBERS, seed=1)


def planted(*, groups, spread, seed=1, rows=3000):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, groups, rows)
    return truth, 4 * rng.standard_normal((groups, 6))[truth] + spread * rng.standard_normal((rows, 6))


@pytest.mark.parametrize("groups", [3, 5])
def test_planted_groups_are_found(groups):
    truth, rows = planted(groups=groups, spread=1.0)
    found = group(rows, numbers=(2, 3, 5, 6), bootstraps=6, seed=2)
    assert found.number == groups
    assert adjusted_rand_score(truth, found.labels) > 0.97
    assert found.runs.steady.all()
    assert (np.diff(np.bincount(found.labels)) <= 0).all()


def test_groups_are_learned_from_the_rows_that_are_said_to_teach():
    truth, rows = planted(groups=3, spread=0.3)
    taught = truth < 2
    found = group(rows, learn=taught, numbers=(2,), seed=2)
    assert adjusted_rand_score(truth[taught], found.labels[taught]) == 1.0
    assert (found.place(rows) == found.labels).all()


def test_noise_has_no_stable_groups():
    rows = np.random.default_rng(1).standard_normal((3000, 6))
    found = group(rows, numbers=(4, 6), bootstraps=6, seed=2)
    assert found.runs.rand.mean() < 0.75
    assert found.runs.steady.mean() < 0.5


def test_jaccard_of_a_split_group():
    assert jaccard(np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 2, 1, 1]), groups=2).tolist() == [
        0.75,
        1.0,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_renumbered_groups_are_matched_whatever_their_order(seed):
    rng = np.random.default_rng(seed)
    earlier = rng.integers(0, 6, 500)
    assert (matched(rng.permutation(6)[earlier], earlier) == earlier).all()
    merged = np.where(earlier == 5, 0, earlier)
    again = matched(rng.permutation(5)[merged], earlier)
    assert (again == earlier).mean() > 0.6
    assert len(np.unique(again)) == 5


def test_segments_follow_the_true_types(answer, market):
    """Five types are planted; what is seen of a customer with one purchase hardly tells the type."""
    truth = market.labels["customers"].set_index("customer_id")["type"]
    members = answer.members.set_index("customer_id").assign(truth=truth)
    orders = market.tables["orders"].to_pandas()["customer_id"].value_counts()
    assert adjusted_rand_score(members["truth"], members["segment"]) > 0.4
    again = members[members.index.isin(orders[orders >= 2].index)]
    assert adjusted_rand_score(again["truth"], again["segment"]) > 0.45


def test_same_seed_same_segments(shop, answer):
    again = value_segments(shop, numbers=NUMBERS, seed=1)
    assert (again.members["segment"] == answer.members["segment"]).all()
    assert again.findings == answer.findings


@pytest.mark.parametrize(("spread", "firm"), [(0.01, True), (0.2, False)])
def test_reading_and_verdict_follow_the_same_lower_bound(answer, spread, firm):
    grouping = answer.grouping
    rand = 0.78 + spread * np.tile([-1.0, 1.0], 10)
    told = _stability(replace(grouping, runs=replace(grouping.runs, rand=rand)), 1)
    assert told.estimate > 0.75
    assert (told.low >= 0.75) == firm == (told.verdict == "supported") == ("as a whole firm" in told.reading)


def test_only_stable_segments_are_named(answer):
    unsettled = answer.sizes["name"].str.startswith("unsettled")
    assert (unsettled == (answer.sizes[["jaccard", "earlier"]].min(axis=1) < 0.75)).all()
    assert (unsettled == ~answer.sizes["steady"]).all()
    assert answer.sizes["name"].is_unique
    assert answer.sizes["customers"].sum() == len(answer.members)


def test_names_say_what_sets_a_group_apart(shop):
    features = customer_features(shop, until=last_day(shop))
    lipstick = features.plain["share of 口红"] > 0.6
    profile = habit_profile(features.plain, lipstick.astype(int).to_numpy())
    names = names_of_groups(profile, np.array([True, True]))
    assert "fond of 口红" in names[1]
    assert names_of_groups(profile, np.array([False, False])) == ["unsettled group 1", "unsettled group 2"]


@pytest.mark.parametrize(
    ("habits", "name"),
    [
        ({"night_share": 1.0, "days_since_last": 0.9, "shares_per_purchase": 0.1}, "at night, long away"),
        ({"night_share": -0.5, "share of 口红": -2.0}, "by day"),
        ({"night_share": -0.5, "share of 口红": 2.0}, "fond of 口红, by day"),
        ({"list_price_paid": -0.2, "night_share": 0.1}, "near the average, rather waits for discounts"),
        ({"list_price_paid": -0.1, "share of 口红": -3.0}, "near the average"),
    ],
)
def test_a_name_holds_what_differs_most(habits, name):
    assert names_of_groups(pd.DataFrame([habits, habits]), np.ones(2, bool)) == [name, f"{name} (2)"]


def test_bare_tables_give_recency_pace_and_hours_only(bare_shop):
    answer = value_segments(bare_shop, numbers=(2, 3))
    assert not any("share of" in name for name in answer.profile)
    assert len(answer.draw().alt) > 20
    assert f"{bare_shop.currency} a purchase" not in answer.table()


@pytest.mark.parametrize("seed", [1, 2])
def test_one_kind_of_customer_is_not_cut_into_segments(make_shop, tmp_path, seed):
    world = draw_shop("structureless", customers=1_000, seed=seed)
    shop = make_shop(dict(world.tables), folder=tmp_path)
    answer = value_segments(shop, numbers=(2, 4), bootstraps=4)
    assert world.truth["C2.segments"] == 1
    assert isinstance(answer, Skipped)


def test_without_an_earlier_date_the_draws_alone_name(shop, answer):
    young = value_segments(shop, numbers=(3,), bootstraps=4, days=700)
    (over_time,) = [one for one in young.findings if one.id == "C2.date_stability"]
    assert "700 days ago the segments cannot be sought" in over_time.reason
    assert (young.sizes["steady"] == (young.sizes["jaccard"] >= 0.75)).all()
    assert "over time" not in young.table()
    assert "over time" in answer.table()
    unsought, sought = (
        next(found.reading for found in one.findings if found.id == "C2.segments") for one in (young, answer)
    )
    assert "an earlier date" not in unsought
    assert "with other customers and from an earlier date" in sought


def test_too_few_customers(make_shop, random_tables):
    answer = value_segments(make_shop(random_tables(seed=1, customers=120)))
    assert isinstance(answer, Skipped)
    assert "200" in answer.reason


def test_draws_that_do_not_differ_settle_nothing(answer):
    runs = replace(answer.grouping.runs, rand=np.ones(8))
    assert _stability(replace(answer.grouping, runs=runs), 1).verdict == "not settled"


@pytest.mark.parametrize("few", [0, 4, 40])
def test_the_share_seen_once_hides_no_row(answer, few):
    """Four customers seen once would hide their row, and with it every other of a small table."""
    once = answer.sizes["once"].where(answer.sizes.index > 0, 100 * few / answer.sizes["customers"].iloc[0])
    others = once.where(answer.sizes.index == 0, 50.0)
    table = replace(answer, sizes=answer.sizes.assign(once=others)).table()
    assert ("% of them seen once" in table) == (few != 4)
    assert table.attrs["formats"].keys() <= set(table.columns)
    assert not hidden_rows(table, people=table.attrs["people"], shares=table.attrs["shares"]).any()


def test_the_list_of_segments_is_whom_the_shares_speak_of(answer, shop):
    members = lists_of(answer, shop)["segments"].members
    shares = 100 * members["group"].value_counts(normalize=True)
    assert told(answer, "C2.segment_share") == pytest.approx(shares.to_dict(), abs=0.06)
