"""A shop seen at an earlier moment holds what was there then, and nothing of later."""

import datetime as dt

import pandas as pd
import pytest


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
