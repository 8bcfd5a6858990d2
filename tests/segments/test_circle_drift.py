"""C9: changes of circle are flagged when they happen, and their effect is that of the market."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.report import Chapter, Skipped
from helpers.segments import circle_drift, population_drift, value_segments
from helpers.segments.c09_circle_drift.circle_changes import circle_changes, tie_days
from helpers.segments.c09_circle_drift.circle_drift import _changes, _flagged
from market import simulate
from methods.intervals.estimates import Interval
from methods.staged.matched_stayers import WEEKS_AFTER, WEEKS_BEFORE, NoPurchases, follow, friends_on
from tests.conftest import write_shop


@pytest.fixture(scope="module")
def answer(shop):
    return circle_drift(shop)


def true_days(labels):
    """Day on which each customer changed circle, on the shop's clock; NaN for the others."""
    moment = labels.set_index("customer_id")["circle_changed_at"] + pd.Timedelta(hours=8)
    return (moment - pd.Timestamp("1970-01-01")).dt.days


def test_flags_are_true_and_come_at_once(answer, market):
    truth = true_days(market.labels["customers"]).reindex(answer.flagged["customer_id"]).to_numpy()
    assert np.isfinite(truth).mean() > 0.93
    delay = (answer.flagged["flagged_day"].to_numpy() - truth)[np.isfinite(truth)]
    assert np.abs(delay).max() <= 14
    assert (delay == 0).mean() > 0.95


def test_most_changes_are_found_where_there_were_friends_to_lose(answer, shop, market):
    moved = true_days(market.labels["customers"]).dropna()
    ties = tie_days(shop).to_pandas()
    ties = ties.assign(moved=moved.reindex(ties["customer_id"]).to_numpy())
    had = ties[(ties["since_day"] < ties["moved"]) & ~(ties["until_day"] < ties["moved"])]
    friends = had["customer_id"].value_counts()
    able = friends[friends >= 3].index
    assert np.isin(able, answer.flagged["customer_id"]).mean() > 0.7


def test_orders_fall_as_they_truly_do_and_not_before(answer, market):
    change, later, before = answer.findings[1:]
    assert change.low <= market.truth[change.id] <= change.high
    assert change.estimate < -20
    assert before.low <= 0 <= before.high
    assert later.estimate > change.estimate
    assert len(answer.draw().alt) > 40
    assert answer.table().attrs["people"] in answer.table()


def test_who_is_left_out_of_the_comparison_is_counted(answer):
    followed = answer.followed
    assert followed.customers + followed.unmatched + followed.late == len(answer.flagged)
    assert answer.findings[1].n == followed.customers


@pytest.mark.parametrize(
    ("unmatched", "late", "told"),
    [(40, 60, True), (0, 60, True), (5, 60, False), (60, 5, False), (0, 0, False)],
)
def test_few_who_are_left_out_are_not_told_nor_given_away(answer, unmatched, late, told):
    followed = replace(answer.followed, unmatched=unmatched, late=late)
    reading = _flagged(followed, 4_000, 14, 0.5).reading
    assert (f"{unmatched} found no stayer like them" in reading) == told
    assert (f"{late} changed less than 20 weeks" in reading) == told
    assert ("Some of them cannot be followed" in reading) == (not told and unmatched + late > 0)


def test_as_of_hides_ties_that_end_later(market, shop):
    earlier = shop.at(dt.datetime(2024, 10, 1))
    flagged = circle_changes(earlier)
    whole = circle_changes(shop)
    last = (dt.date(2024, 10, 1) - dt.date(1970, 1, 1)).days
    known = whole[whole["flagged_day"] < last]
    pd.testing.assert_frame_equal(flagged, known.reset_index(drop=True), check_dtype=False)


def test_without_ends_of_ties_it_is_skipped(make_shop, random_tables, bare_shop):
    tables = random_tables(seed=1)
    tables["ties"]["until_at"] = pd.NaT
    assert isinstance(circle_drift(make_shop(tables)), Skipped)
    assert "ties" in circle_drift(bare_shop).reason


def planted(*, customers=3000, flags=500, factor=1.0, seed=1):
    """Customers who buy at a steady own pace; that of the flagged is multiplied from their flag on."""
    rng = np.random.default_rng(seed)
    pace = rng.gamma(2.0, 0.01, customers)
    flagged = np.sort(rng.choice(customers, flags, replace=False))
    day = 300 + 7 * rng.integers(0, 8, flags)
    since = np.full(customers, 10_000)
    since[flagged] = day
    days = np.arange(560)
    chance = pace[:, None] * np.where(days[None, :] >= since[:, None], factor, 1.0)
    who, when = np.nonzero(rng.random(chance.shape) < chance)
    ties = pd.DataFrame({"customer": np.arange(customers), "since_day": 0, "until_day": np.nan})
    flags = pd.DataFrame({"customer": flagged, "flagged_day": day})
    return pd.DataFrame({"customer": who, "day": when}), flags, ties


@pytest.mark.parametrize("factor", [1.0, 0.5, 1.6])
def test_planted_changes_are_covered(factor):
    found = []
    for seed in range(20):
        purchases, flags, ties = planted(factor=factor, seed=seed)
        followed = follow(purchases, flags, ties, customers=3000, last_day=559)
        found.append(followed.ratio(0, 10, against=(-WEEKS_BEFORE, 0)))
    assert np.mean([one.low <= factor <= one.high for one in found]) >= 0.85
    assert np.exp(np.mean([np.log(one.estimate) for one in found])) == pytest.approx(factor, rel=0.06)


def test_following_agrees_with_a_count_by_hand():
    """One flagged and two stayers, all with one purchase on the same day before."""
    purchases = pd.DataFrame({"customer": [0, 1, 2, 0, 1, 1], "day": [100, 100, 100, 300, 303, 320]})
    flags = pd.DataFrame({"customer": [0], "flagged_day": [299]})
    ties = pd.DataFrame({"customer": [0, 1, 2], "since_day": 0.0, "until_day": [299.0, np.nan, np.nan]})
    followed = follow(purchases, flags, ties, customers=3, last_day=299 + 7 * WEEKS_AFTER)
    assert (followed.customers, followed.unmatched, followed.late) == (1, 0, 0)
    late = follow(purchases, flags, ties, customers=3, last_day=299)
    assert (late.customers, late.unmatched, late.late) == (0, 0, 1)
    assert followed.flagged.sum() == 1
    assert followed.flagged[0, WEEKS_BEFORE] == 1
    assert followed.stayers[0, WEEKS_BEFORE] == 0.5
    assert followed.stayers[0, WEEKS_BEFORE + 3] == 0.5
    assert followed.ratio(0, 4).estimate == 1.0
    with pytest.raises(NoPurchases):
        followed.ratio(5, 10)
    late = follow(purchases, flags, ties, customers=3, last_day=299 + 7 * WEEKS_AFTER - 2)
    assert late.customers == 0


def test_friends_are_those_whose_tie_holds_that_day():
    ties = pd.DataFrame({"customer": [0, 0, 1], "since_day": [1, 5, 5], "until_day": [6.0, np.nan, 9.0]})
    assert friends_on(ties, np.array([5, 6, 7, 10]), customers=2).tolist() == [[1, 2, 1, 1], [0, 1, 1, 0]]


def test_the_whole_base_is_compared_as_each_date_could_be_seen(shop):
    segments = value_segments(shop, numbers=(3,))
    answer = population_drift(shop, segments=segments)
    assert answer.features["index"].is_monotonic_decreasing
    assert (answer.features["low"] <= answer.features["index"]).all()
    assert answer.moves.to_numpy().sum() == answer.findings[1].n
    assert answer.moves.loc["active", "no order yet"] == 0
    assert answer.segments.shape == (3, 3)
    assert 0 < answer.findings[2].estimate <= 1
    assert len(answer.draw().alt) > 40


def test_a_planted_shift_of_habits_is_found(tmp_path):
    """From the last quarter on everybody pays half."""
    tables = {name: table.to_pandas() for name, table in simulate(customers=1500, seed=4).tables.items()}
    kept = {name: tables[name] for name in ("customers", "items", "orders", "order_lines")}
    late = kept["orders"].loc[kept["orders"]["placed_at"] > "2025-03-30", "order_id"]
    lines = kept["order_lines"]
    cheap = lines["order_id"].isin(late)
    lines = lines.assign(
        unit_price_cents=lines["unit_price_cents"].where(~cheap, lines["unit_price_cents"] // 2)
    )
    answer = population_drift(write_shop({**kept, "order_lines": lines}, tmp_path / "shop"))
    found = answer.features.set_index("feature")["reading"]
    assert answer.findings[0].segment == "list price paid"
    assert found["list price paid"] == "a large change"


def test_too_short_a_past_is_skipped(make_shop, random_tables):
    tables = random_tables(seed=1)
    assert isinstance(population_drift(make_shop(tables), days=500), Skipped)


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory):
    """Fewer than 200 customers who have bought on two days."""
    tables = {name: table.to_pandas() for name, table in simulate(customers=220, seed=2).tables.items()}
    return write_shop(tables, tmp_path_factory.mktemp("small"))


def test_a_small_shop_is_compared_without_segments_and_says_why(small_shop):
    chapter = Chapter(small_shop)
    segments = chapter.ask(value_segments)
    base = chapter.ask(population_drift, segments=segments.result)
    chapter.judge()
    assert isinstance(segments.result, Skipped)
    assert base.moves.to_numpy().sum() > 100
    found = {finding.id: finding for finding in base.findings}
    assert found["C9.tiers_moved"].status == "answered"
    assert found["C9.segments_agree"].status == "skipped"
    assert "segments need 200" in found["C9.segments_agree"].reason
    assert len(base.draw().alt) > 40


def test_a_past_with_few_repeat_buyers_leaves_out_only_the_segments(tmp_path):
    tables = {name: table.to_pandas() for name, table in simulate(customers=500, seed=2).tables.items()}
    shop = write_shop(tables, tmp_path / "shop")
    segments = value_segments(shop, numbers=(2,), bootstraps=2)
    answer = population_drift(shop, segments=segments, days=400)
    (agree,) = [finding for finding in answer.findings if finding.id == "C9.segments_agree"]
    assert "at the earlier date only" in agree.reason
    assert answer.segments is None


def test_groups_that_moved_apart_before_leave_the_change_open():
    """A placebo before the change can withhold its verdict, and never give one."""
    fall = Interval(estimate=0.5, low=0.4, high=0.6, n=300)
    rise = Interval(estimate=1.4, low=1.2, high=1.6, n=300)
    quiet = Interval(estimate=1.0, low=0.8, high=1.2, n=300)
    change, _, before = _changes(fall, quiet, quiet, 3)
    assert (change.verdict, before.verdict) == ("supported", "reported")
    change, _, before = _changes(fall, quiet, rise, 3)
    assert (change.verdict, before.verdict) == ("not settled", "contradicted")
    assert "moved apart already" in change.reading
    assert _changes(rise, quiet, quiet, None)[0].verdict == "contradicted"
    assert change.p_value == pytest.approx(0.0, abs=1e-6)
