"""Tables that end on different days before the shop does: what is still counted is counted as if none had."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from ibis import _

from helpers.data.activity_draws import read_draws, visited_after
from helpers.data.driver_study import DRIVERS, driver_study
from helpers.data.find_experiment import find_experiment
from helpers.data.first_events import is_recorded
from helpers.data.monthly.measures import ARPU, INTERACTION, REVIEWS, SHARES
from helpers.data.monthly.series import monthly_series
from helpers.data.share_study import share_study
from helpers.data.shop import Shop
from helpers.guardrails.e01_manipulation.order_signs import order_signs
from helpers.guardrails.e02_forced_sharing.asked_customers import asked_customers
from helpers.guardrails.sale_cases import cases_of, sold_lines
from helpers.incentives.f03_seeds.pass_chances import pass_chances
from helpers.recommend.d06_shopping_circle.shopping_circle import shopping_circle
from helpers.report import CannotAnswer
from helpers.segments.c06_roles.role_months import role_months
from helpers.segments.c06_roles.roles import roles
from helpers.stickiness.b06_verdict.verdict import verdict
from helpers.uplift.a03_likes_dose_response.liked_study import liked_study
from helpers.uplift.a04_coupon_threshold.liked_posts import liked_posts
from helpers.uplift.a06_brand_reply.answered_comments import answered_comments
from helpers.uplift.a08_spill_over.shown_orders import shown_orders
from helpers.uplift.a10_word_of_mouth.clicks import item_clicks
from market import simulate
from tests.conftest import write_shop
from tests.degenerate_shops import mutilated

CUSTOMERS, SEED = 600, 7


@dataclass(frozen=True)
class Shops:
    """One market, whole and with tables that ended."""

    whole: Shop
    ended: Shop


@pytest.fixture(scope="module")
def shops(tmp_path_factory) -> Shops:
    folder = tmp_path_factory.mktemp("ends")
    market = simulate(customers=CUSTOMERS, seed=SEED)
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    ended = mutilated(tables, "tables end on different days")
    return Shops(whole=write_shop(tables, folder / "whole"), ended=write_shop(ended, folder / "ended"))


def shown(shop: Shop) -> pd.DataFrame:
    windows = {"weeks": 20, "share_hours": 48, "outcome_days": 28}
    return shown_orders(shop, **windows, audiences=("timeline",), most_orders=10**6, seed=1)


def studied(shop: Shop) -> pd.DataFrame:
    return share_study(shop, enrol_days=200, landmark_hours=48, outcome_days=60).frame


def posted(shop: Shop) -> pd.DataFrame:
    return liked_posts(shop, count_hours=48, outcome_days=28)


def answered(shop: Shop) -> pd.DataFrame:
    return answered_comments(shop, outcome_weeks=2)


def liked(shop: Shop) -> pd.DataFrame:
    return liked_study(shop, enrol_days=200, share_hours=24, like_hours=48, follow_days=60).frame


def cases(aspect: str):
    return lambda shop: cases_of(shop, sold_lines(shop), aspect, slow_hours=24.0)


def months(measure):
    def counted(shop: Shop) -> pd.DataFrame:
        series = monthly_series(shop, measure, months=6)
        return series.cells.to_pandas()

    return counted


# What is counted, by which columns its rows are known, and what is said of each.
COUNTED = {
    "A1": (studied, ["customer_id", "index_at"], ["shared", "repurchased", "shares_before"]),
    "A3": (liked, ["customer_id", "index_at"], ["shared", "likes", "repurchased"]),
    "A4": (posted, ["share_id"], ["likes", "again"]),
    "A6": (answered, ["comment_id"], ["answered", "bought"]),
    "A8": (shown, ["buyer", "receiver", "item_id", "placed_at"], ["label", "bought"]),
    "A10": (item_clicks, ["receiver", "item_id", "clicked_at"], ["tie", "bought"]),
    "B3 interaction": (months(INTERACTION), ["customer_id", "month"], ["x", "y"]),
    "B3 shares": (months(SHARES), ["customer_id", "month"], ["x", "y"]),
    "B3 reviews": (months(REVIEWS), ["customer_id", "month"], ["x", "y"]),
    "E3 product": (cases("product"), ["order_id", "item_id"], ["happened"]),
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_still_counted_is_counted_as_if_nothing_had_ended(shops, name):
    count, keys, said = COUNTED[name]
    whole, ended = (count(shop).drop_duplicates(keys) for shop in (shops.whole, shops.ended))
    both = ended.dropna(subset=said).merge(whole, on=keys, suffixes=("", "_whole"))
    assert len(both) >= 20
    for column in said:
        np.testing.assert_array_equal(both[column].to_numpy(), both[f"{column}_whole"].to_numpy(), column)


def test_orders_after_the_visits_are_not_called_unseen(shops):
    whole, ended = (order_signs(shop)[0]["no view before"] for shop in (shops.whole, shops.ended))
    assert ended.sum() > 0
    assert not (ended & ~whole).any()


def test_months_after_an_end_have_no_roles(shops):
    last = role_months(shops.whole).months[-1]
    assert roles(shops.ended).months.months[-1] == last - 2  # reactions end 85 days before


def test_the_study_of_drivers_ends_with_their_tables(shops):
    study = driver_study(shops.ended, enrol_days=200, personal_policy="personal")
    assert study.end <= shops.ended.known_until("reviews")
    assert not any("ends" in reason for reason in study.left_out.values())


def test_the_share_of_orders_that_are_shared_is_that_before_the_shares_end(shops):
    until = shops.ended.known_until("shares", "reactions")
    whole = pass_chances(shops.whole.at(until), assumed_percent=5).onward
    assert pass_chances(shops.ended, assumed_percent=5).onward == whole > 0.1


def test_friends_find_coupons_that_were_there_when_coupons_ended(shops):
    whole, ended = (shopping_circle(shop).sizes for shop in (shops.whole, shops.ended))
    at_end, when_ended = (np.average(one["reached"], weights=one["customers"]) for one in (whole, ended))
    assert when_ended == pytest.approx(at_end, rel=0.3)


def test_what_is_measured_by_a_table_ends_with_it(shops):
    end = shops.ended.known_until("returns")
    assert is_recorded(shops.ended, "returns", until=end)
    assert not is_recorded(shops.ended, "returns", until=shops.ended.end)
    assert is_recorded(shops.ended, "purchases", until=shops.ended.end)


@pytest.fixture(scope="module")
def long_ago(shops, tmp_path_factory) -> Shop:
    tables = {name: rows.to_pandas() for name, rows in shops.whole.tables.items()}
    folder = tmp_path_factory.mktemp("long ago")
    return write_shop(mutilated(tables, "logs ended long ago"), folder / "shop")


def test_a_driver_whose_table_ended_long_ago_is_left_out(long_ago):
    study = driver_study(long_ago, enrol_days=200, personal_policy="personal")
    ended = {id for id, reason in study.left_out.items() if "is known only until" in reason}
    assert ended == {driver.id for driver in DRIVERS} - {"B7.late", "B7.coupon", "B7.personal"}


def test_the_verdict_leaves_out_what_is_not_known_of_the_last_months(long_ago):
    answer = verdict(long_ago)
    ended = {label for label, reason in answer.left_out.items() if "ended before" in reason}
    assert ended == {INTERACTION.label, ARPU.label}


def test_who_is_asked_is_followed_until_the_shares_end(shops):
    test = find_experiment(shops.ended, kind="asks")
    rows = shops.ended["experiments"].filter(_.experiment == test.name)
    days = (shops.ended.known_until("shares") - rows.assigned_at.max().execute().to_pydatetime()).days
    assert len(asked_customers(shops.ended, test, outcome_days=days)) > 100
    assert len(asked_customers(shops.whole, test, outcome_days=days + 1)) > 100
    with pytest.raises(CannotAnswer, match="0 arms followed"):
        asked_customers(shops.ended, test, outcome_days=days + 1)


def test_who_is_seen_is_not_known_after_the_visits_end(shops):
    draws = read_draws(shops.ended, kind="greeting", days=28)
    assert visited_after(shops.ended, draws).notna().all()
    until = shops.ended.known_until("events") - draws.frame["drawn_at"].max()
    later = replace(draws, days=until.days + 1)
    assert visited_after(shops.ended, later).isna().any()
    assert visited_after(shops.whole, later).notna().all()


def test_contacts_whose_answer_may_lie_behind_the_end_are_left_out(shops):
    lines = sold_lines(shops.ended)
    many = [len(cases_of(shops.ended, lines, "service", slow_hours=hours)) for hours in (1.0, 24.0 * 60)]
    assert many[0] > many[1] > 0
