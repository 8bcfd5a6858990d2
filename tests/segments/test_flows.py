"""C1, flows: they add up, agree with a count by hand, and leave out months not seen whole."""

import datetime as dt

import pandas as pd
import pytest

from helpers.report import Skipped, suppress
from helpers.segments import lifecycle_flows
from helpers.segments.c01_flows.lifecycle_flows import monthly_flows


def by_hand(tables, months):
    """Each month's flows from sets of customers."""
    orders = tables["orders"].query("status != 'cancelled'")
    month = (orders["placed_at"] + pd.Timedelta(hours=8)).dt.to_period("M")
    sets = {period: set(rows) for period, rows in orders["customer_id"].groupby(month)}
    first = orders["customer_id"].groupby(orders["customer_id"]).apply(lambda rows: month[rows.index].min())
    rows = []
    for period in months:
        now, before = sets.get(period, set()), sets.get(period - 1, set())
        new = {who for who in now if first[who] == period}
        back = now - before - new
        rows.append((len(now), len(new), len(now & before), len(back), len(before - now)))
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_flows_add_up_and_agree_with_a_count_by_hand(make_shop, random_tables, seed):
    tables = random_tables(seed=seed, customers=120)
    frame = monthly_flows(make_shop(tables))
    assert (frame["active"] == frame["new"] + frame["returning"] + frame["resurrecting"]).all()
    assert (frame["active"].shift(1) == frame["returning"] + frame["dormant"])[1:].all()
    found = frame[["active", "new", "returning", "resurrecting", "dormant"]].itertuples(
        index=False, name=None
    )
    assert list(found) == by_hand(tables, frame["month"].dt.to_period("M"))


def test_a_month_that_is_not_over_is_not_counted(make_shop, random_tables):
    shop = make_shop(random_tables(seed=1), as_of=dt.datetime(2025, 3, 20))
    assert monthly_flows(shop)["month"].max() == pd.Timestamp("2025-02-01")


def test_one_month_is_too_little(make_shop, random_tables):
    answer = lifecycle_flows(make_shop(random_tables(seed=1), as_of=dt.datetime(2024, 2, 20)))
    assert isinstance(answer, Skipped)
    assert "whole months" in answer.reason


def test_small_flows_are_not_shown(make_shop, random_tables):
    answer = lifecycle_flows(make_shop(random_tables(seed=1, customers=60)))
    table = answer.table()
    shown = suppress(table, people=table.attrs["people"], counts=table.attrs["counts"])
    flows = shown[["active", "new", "returning", "resurrecting", "dormant"]].replace("hidden", 0).astype(int)
    assert not flows.stack().between(1, 10).any()
    assert len(answer.draw().alt) > 20
