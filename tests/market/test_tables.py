"""Every table of the demo market keeps every rule of the catalogue."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from helpers.data.catalogue import CATALOGUE, Table
from market import simulate

ARROW = {
    "id": pa.string(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "money": pa.int64(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}
AS_OF = pd.Timestamp("2025-06-29 16:00")


@pytest.fixture(scope="module")
def market():
    return simulate(customers=800, seed=3)


@pytest.fixture(scope="module")
def frames(market):
    return {name: table.to_pandas() for name, table in market.tables.items()}


def earlier_moment(
    frame: pd.DataFrame, other: str, table: Table, frames: dict[str, pd.DataFrame]
) -> pd.Series:
    """Return the moment that a rule's second column names, in the row or through its reference."""
    if "." not in other:
        return frame[other]
    target, column = other.split(".")
    link = next(c.name for c in table.columns if c.references == target)
    return frame[link].map(frames[target].set_index(CATALOGUE[target].key[0])[column])


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_table_has_the_contracts_columns_and_types(market, name):
    expected = {column.name: ARROW[column.kind] for column in CATALOGUE[name].columns}
    table = market.tables[name]
    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == expected
    assert table.num_rows > 0


@pytest.mark.parametrize("name", CATALOGUE)
def test_keys_are_unique_and_nulls_only_where_allowed(frames, name):
    table, frame = CATALOGUE[name], frames[name]
    assert not frame.duplicated(list(table.key)).any()
    for column in table.columns:
        if column.null != "allowed":
            assert frame[column.name].notna().all(), column.name


@pytest.mark.parametrize("name", CATALOGUE)
def test_values_lie_in_their_ranges_sets_and_references(frames, name):
    for column in CATALOGUE[name].columns:
        values = frames[name][column.name].dropna()
        if column.low is not None:
            assert (values >= column.low).all(), column.name
        if column.high is not None:
            assert (values <= column.high).all(), column.name
        if column.allowed:
            assert set(values) <= set(column.allowed), column.name
        if column.references:
            target = CATALOGUE[column.references]
            assert values.isin(frames[target.name][target.key[0]]).all(), column.name


@pytest.mark.parametrize("name", CATALOGUE)
def test_times_are_in_order_and_before_the_end(frames, name):
    table, frame = CATALOGUE[name], frames[name]
    if table.time:
        assert frame[table.time].max() < AS_OF
    for column, other in table.not_before:
        earlier = earlier_moment(frame, other, table, frames)
        both = frame[column].notna() & earlier.notna()
        assert (frame[column][both] >= earlier[both]).all(), (column, other)


def test_every_optional_column_is_filled_somewhere(frames):
    empty = {
        (name, column.name)
        for name, table in CATALOGUE.items()
        for column in table.columns
        if frames[name][column.name].isna().all()
    }
    # An outcome is recorded with a test only where there are no orders to read it from. No words are drawn.
    unwritten = {("reviews", "text"), ("tickets", "text")}
    assert empty == {("experiments", "stratum"), ("experiments", "outcome"), *unwritten}


def test_nobody_buys_twice_within_48_hours_or_before_a_product_is_launched(frames):
    orders = frames["orders"].query("status != 'cancelled'").sort_values(["customer_id", "placed_at"])
    gaps = orders.groupby("customer_id").placed_at.diff().dropna()
    assert gaps.min() >= pd.Timedelta(hours=48) - pd.Timedelta(microseconds=2)
    lines = frames["order_lines"].merge(frames["orders"], on="order_id").merge(frames["items"], on="item_id")
    assert (lines.placed_at >= lines.launched_at).all()


def test_shares_follow_their_order_within_48_hours_and_precede_the_next(frames):
    shares = frames["shares"].merge(frames["orders"], on=["order_id", "customer_id"])
    delay = shares.posted_at - shares.placed_at
    assert delay.min() >= pd.Timedelta(0)
    assert delay.max() < pd.Timedelta(hours=48)
    assert shares.order_id.is_unique
    assert (shares.status != "cancelled").all()


def test_line_one_is_the_dearest(frames):
    lines = frames["order_lines"].assign(value=lambda f: f.quantity * f.unit_price_cents)
    lines = lines.sort_values(["order_id", "line_number"])
    assert (lines.groupby("order_id").value.diff().dropna() <= 0).all()


def test_hostile_titles_and_chinese_categories_are_there(frames):
    titles = set(frames["items"].title)
    assert "<img src=x onerror=alert(1)>" in titles
    assert any("$" in title and "'" in title and '"' in title for title in titles)
    assert {"口红", "球鞋", "家居"} <= set(frames["items"].category)


def test_propensities_add_to_one_over_the_items_of_a_position(frames):
    rows = frames["impressions"]
    assert ((rows.propensity > 0) & (rows.propensity < 1)).all()
    popular = rows.query("policy == 'popular'")
    per_item = popular.groupby(["position", "item_id"]).propensity.agg(["min", "max"])
    np.testing.assert_allclose(per_item["min"], per_item["max"], rtol=1e-12)
    assert (per_item["max"].groupby("position").sum() <= 1 + 1e-9).all()


def test_bought_impressions_are_real_purchases_within_seven_days(frames):
    shown = frames["impressions"]
    sold = frames["order_lines"].merge(frames["orders"].query("status != 'cancelled'"), on="order_id")
    pairs = shown.merge(sold, on=["customer_id", "item_id"])
    wait = pairs.placed_at - pairs.shown_at
    hits = pairs[(wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(days=7))].impression_id
    assert set(hits) == set(shown[shown.bought].impression_id)


def test_a_reply_answers_a_comment_on_the_same_post(frames):
    reactions = frames["reactions"]
    replies = reactions.query("kind == 'reply'")
    parents = reactions.set_index("reaction_id").loc[replies.parent_id]
    assert len(replies) > 0
    assert (parents.kind == "comment").all()
    assert (parents.share_id.to_numpy() == replies.share_id.to_numpy()).all()
    assert (parents.posted_at.to_numpy() < replies.posted_at.to_numpy()).all()


def test_most_known_likers_are_friends(frames):
    likes = frames["reactions"].query("kind == 'like'").dropna(subset="customer_id")
    likes = likes.merge(
        frames["shares"][["share_id", "customer_id"]], on="share_id", suffixes=("", "_sharer")
    )
    pair = pd.DataFrame(np.sort(likes[["customer_id", "customer_id_sharer"]].to_numpy(dtype=object), axis=1))
    ties = set(map(tuple, frames["ties"][["customer_a", "customer_b"]].to_numpy()))
    friends = np.mean([tuple(one) in ties for one in pair.to_numpy()])
    assert 0.85 < friends < 1
    assert not likes.duplicated(["share_id", "customer_id"]).any()


def test_a_coupon_is_earned_at_twenty_likes_exactly(frames):
    likes = frames["reactions"].query("kind == 'like'").groupby("share_id").size()
    old = frames["shares"][frames["shares"].posted_at < AS_OF - pd.Timedelta(days=4)].share_id
    earned = frames["coupons"].query("source == 'threshold'").share_id
    assert set(old[old.map(likes).fillna(0) >= 20]) == set(old) & set(earned)
