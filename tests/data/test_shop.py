"""A shop seen at an earlier moment holds what was there then, and nothing of later."""

import datetime as dt

import pandas as pd
import pytest

from helpers.data.cohorts import complete_months
from helpers.data.monthly.activity import activity
from methods.errors import CannotAnswer


@pytest.mark.parametrize("day", [dt.datetime(2024, 6, 1), dt.datetime(2025, 1, 1)])
def test_an_earlier_view_is_the_shop_opened_at_that_moment(make_shop, random_tables, day, tmp_path):
    tables = random_tables(seed=2)
    view = make_shop(tables, folder=tmp_path / "whole").at(day)
    opened = make_shop(tables, folder=tmp_path / "cut", as_of=day)
    assert view.as_of == opened.as_of == day
    for name in tables:
        one, two = (shop[name].to_pandas() for shop in (view, opened))
        columns = list(one.columns)
        pd.testing.assert_frame_equal(
            one.sort_values(columns, ignore_index=True), two.sort_values(columns, ignore_index=True)
        )
    assert view["orders"].placed_at.max().execute() < day


def test_a_later_moment_shows_no_more(make_shop, random_tables):
    shop = make_shop(random_tables(seed=2), as_of=dt.datetime(2024, 6, 1))
    later = shop.at(dt.datetime(2030, 1, 1))
    assert later.as_of == shop.as_of
    assert later["orders"].count().execute() == shop["orders"].count().execute()


def test_rows_without_a_time_stay(make_shop, random_tables):
    tables = random_tables(seed=2)
    tables["orders"].loc[:4, "placed_at"] = pd.NaT
    view = make_shop(tables).at(dt.datetime(2000, 1, 1))
    assert view["orders"].count().execute() == 5


def test_that_something_cannot_be_answered_is_worked_out_once_too(make_shop, random_tables):
    shop, asked = make_shop(random_tables(seed=1, customers=20)), []

    def make():
        asked.append(1)
        raise CannotAnswer("too few")

    for _ in range(2):
        with pytest.raises(CannotAnswer, match="too few"):
            shop.once("study", make)
    assert len(asked) == 1


def test_what_is_worked_out_once_is_worked_out_anew_for_an_earlier_view(make_shop, random_tables):
    shop, asked = make_shop(random_tables(seed=2)), []

    def ends(one):
        return one.once("end", lambda: asked.append(one.as_of) or one.as_of)

    earlier = shop.at(dt.datetime(2024, 6, 1))
    assert [ends(shop), ends(shop), ends(earlier), ends(earlier)] == [*[shop.as_of] * 2, *[earlier.as_of] * 2]
    assert asked == [shop.as_of, earlier.as_of]


@pytest.mark.parametrize("work_out", [complete_months, lambda shop: activity(shop).count().execute()])
def test_what_is_kept_follows_the_moment(make_shop, random_tables, work_out):
    day, tables = dt.datetime(2025, 1, 1), random_tables(seed=2)
    shop = make_shop(tables)
    assert work_out(shop) != work_out(shop.at(day))
    assert work_out(shop.at(day)) == work_out(make_shop(tables, as_of=day))
