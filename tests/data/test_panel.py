"""The panel agrees with a customer-by-customer count in plain pandas, and at every edge."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.data.panel import customer_panel, index_orders

DAY, HOUR = pd.Timedelta(days=1), pd.Timedelta(hours=1)
T0 = pd.Timestamp("2025-01-01 08:00")
AS_OF = dt.datetime(2025, 12, 31)
COUNTS = (
    "orders_before", "orders_90d_before", "spend_before_cents", "categories_before", "coupons_used_before",
    "shares_before", "likes_received_before", "returns_before", "friends", "friends_orders_90d_before",
    "orders_after", "spend_after_cents",
)  # fmt: skip


def by_hand(tables, index, *, landmark_hours, outcome_days, as_of):
    """Count the panel of one customer after the other, straight from its definition."""
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    lines = tables["order_lines"].merge(tables["items"], on="item_id")
    lines["value"] = lines["quantity"] * lines["unit_price_cents"]
    rows = []
    for entry in index.itertuples():
        at, landmark = entry.index_at, entry.index_at + landmark_hours * HOUR
        if landmark + outcome_days * DAY > as_of:
            continue
        person = tables["customers"].set_index("customer_id").loc[entry.customer_id]
        row = _own(tables, orders, lines, entry.customer_id, at, landmark, landmark + outcome_days * DAY)
        row |= _friends(tables, orders, entry.customer_id, at)
        row |= {"customer_id": entry.customer_id, "index_at": at, "landmark_at": landmark}
        row["tenure_days"] = (at - person["joined_at"]) // DAY
        shown = lines[lines["order_id"] == getattr(entry, "index_order_id", None)]
        row["index_value_cents"] = shown["value"].sum() if len(shown) else None
        dearest = shown.sort_values(["value", "line_number"], ascending=[False, True])
        row["index_category"] = dearest["category"].iloc[0] if len(shown) else None
        rows.append(row)
    return pd.DataFrame(rows).astype({"index_category": "str", "index_value_cents": "float"})


def _own(tables, orders, lines, customer, at, landmark, end):
    own = orders[orders["customer_id"] == customer]
    before, after = own[own["placed_at"] < at], own[own["placed_at"].gt(landmark) & own["placed_at"].le(end)]
    before_lines = lines[lines["order_id"].isin(before["order_id"])]
    shares = tables["shares"][tables["shares"]["customer_id"] == customer]
    earlier = shares[shares["posted_at"] < at]
    likes = tables["reactions"][
        tables["reactions"]["kind"].eq("like") & tables["reactions"]["posted_at"].lt(at)
    ]
    returns = tables["returns"][tables["returns"]["returned_at"] < at]
    return {
        "orders_before": len(before),
        "orders_90d_before": int((before["placed_at"] >= at - 90 * DAY).sum()),
        "spend_before_cents": before_lines["value"].sum(),
        "days_since_last_order": (at - before["placed_at"].max()) // DAY if len(before) else None,
        "categories_before": before_lines["category"].nunique(),
        "coupons_used_before": int(before["coupon_id"].notna().sum()),
        "shares_before": len(earlier),
        "likes_received_before": int(likes["share_id"].isin(earlier["share_id"]).sum()),
        "returns_before": int(returns["order_id"].isin(own["order_id"]).sum()),
        "shared": bool((shares["posted_at"].ge(at) & shares["posted_at"].lt(landmark)).any()),
        "repurchased": len(after) > 0,
        "orders_after": len(after),
        "spend_after_cents": lines[lines["order_id"].isin(after["order_id"])]["value"].sum(),
    }


def _friends(tables, orders, customer, at):
    ties = tables["ties"]
    ties = ties[ties["since_at"].lt(at) & (ties["until_at"].isna() | ties["until_at"].ge(at))]
    friends = [*ties.loc[ties["customer_a"] == customer, "customer_b"]]
    friends += [*ties.loc[ties["customer_b"] == customer, "customer_a"]]
    theirs = orders[orders["customer_id"].isin(friends)]
    recent = theirs["placed_at"].lt(at) & theirs["placed_at"].ge(at - 90 * DAY)
    return {"friends": len(friends), "friends_orders_90d_before": int(recent.sum())}


def assert_panel_equals(panel, expected):
    names = [*expected.columns]
    found = (
        panel.execute()
        .astype({"index_value_cents": "float"})[names]
        .sort_values("customer_id", ignore_index=True)
    )
    expected = expected.sort_values("customer_id", ignore_index=True)
    assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("landmark_hours", "outcome_days"), [(48, 90), (0, 30)])
def test_panel_at_index_orders_agrees_with_a_count_by_hand(
    make_shop, random_tables, seed, landmark_hours, outcome_days
):
    tables = random_tables(seed=seed, customers=150)
    shop = make_shop(tables)
    index = index_orders(shop, start=dt.datetime(2024, 9, 1), end=dt.datetime(2025, 5, 1))
    rows = index.execute()
    assert len(rows) > 60
    options = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    assert_panel_equals(
        customer_panel(shop, index, **options), by_hand(tables, rows, **options, as_of=shop.as_of)
    )


def test_panel_at_one_moment_agrees_with_a_count_by_hand(make_shop, random_tables):
    tables = random_tables(seed=4, customers=150)
    shop = make_shop(tables)
    moment = dt.datetime(2024, 8, 15, 6)
    joined = tables["customers"].query("joined_at < @moment")
    rows = pd.DataFrame({"customer_id": joined["customer_id"], "index_at": pd.Timestamp(moment)})
    expected = by_hand(tables, rows, landmark_hours=24, outcome_days=60, as_of=shop.as_of)
    assert 0 < len(expected) < 150
    assert_panel_equals(customer_panel(shop, moment, landmark_hours=24, outcome_days=60), expected)


def test_index_order_is_the_first_purchase_and_ties_break_by_order_id(make_shop):
    rows = [("o9", "a", T0), ("o2", "a", T0), ("o1", "a", T0 - DAY), ("o3", "b", T0, "cancelled")]
    orders = _orders([*rows, ("o4", "b", T0 + DAY), ("o5", "c", T0 + 5 * DAY)])
    index = index_orders(_small(make_shop, orders), start=T0, end=T0 + 5 * DAY).execute()
    assert dict(zip(index["customer_id"], index["index_order_id"], strict=True)) == {"a": "o2", "b": "o4"}


@pytest.mark.parametrize(
    ("placed_at", "status", "before", "after"),
    [
        (T0 - HOUR, "paid", 1, 0),
        (T0, "paid", 0, 0),
        (T0 + 2 * DAY, "paid", 0, 0),  # exactly at the landmark
        (T0 + 2 * DAY + pd.Timedelta(seconds=1), "paid", 0, 1),
        (T0 + 92 * DAY, "paid", 0, 1),  # exactly at the end of the window
        (T0 + 92 * DAY + pd.Timedelta(seconds=1), "paid", 0, 0),
        (T0 + 5 * DAY, "cancelled", 0, 0),
        (T0 - DAY, "cancelled", 0, 0),
        (T0 + 5 * DAY, "refunded", 0, 1),
    ],
)
def test_windows_are_open_and_closed_where_they_should_be(make_shop, placed_at, status, before, after):
    shop = _small(make_shop, _orders([("o1", "a", placed_at, status)]))
    row = _panel_at(shop, landmark_hours=48).loc["a"]
    assert (row["orders_before"], row["orders_after"]) == (before, after)
    assert row["repurchased"] == bool(after)


@pytest.mark.parametrize(("hours", "shared"), [(-1, False), (0, True), (47, True), (48, False)])
def test_exposure_runs_from_the_index_up_to_the_landmark(make_shop, hours, shared):
    shares = pd.DataFrame({"share_id": ["s"], "customer_id": "a", "posted_at": T0 + hours * HOUR})
    row = _panel_at(_small(make_shop, _orders([("o1", "a", T0)]), shares=shares), landmark_hours=48).loc["a"]
    assert row["shared"] == shared
    assert row["shares_before"] == (hours < 0)


@pytest.mark.parametrize(
    ("since_at", "until_at", "friends"),
    [
        (T0 - DAY, None, 1),
        (T0, None, 0),
        (T0 - DAY, T0 + DAY, 1),
        (T0 - DAY, T0, 1),  # it stood until this very moment
        (T0 - 9 * DAY, T0 - HOUR, 0),
        (None, None, 1),  # nobody wrote down since when
    ],
)
def test_only_ties_that_stood_count(make_shop, since_at, until_at, friends):
    ties = pd.DataFrame(
        {"customer_a": ["b"], "customer_b": ["a"], "since_at": since_at, "until_at": until_at}
    ).astype({"since_at": "datetime64[us]", "until_at": "datetime64[us]"})
    orders = _orders([("o1", "b", T0 - DAY), ("o2", "b", T0 - 90 * DAY), ("o3", "b", T0 - 91 * DAY)])
    row = _panel_at(_small(make_shop, orders, ties=ties)).loc["a"]
    assert row["friends"] == friends
    assert row["friends_orders_90d_before"] == 2 * friends


def test_what_the_shop_lacks_is_null_and_what_did_not_happen_is_zero(make_shop):
    shop = _small(make_shop, _orders([("o1", "a", T0 - DAY)]))
    row = _panel_at(shop).loc["b"]
    absent = ["shares_before", "likes_received_before", "returns_before", "friends", "shared"]
    absent += ["friends_orders_90d_before", "coupons_used_before", "age_band", "index_value_cents"]
    assert row[absent].isna().all()
    assert row["orders_before"] == 0
    assert row["spend_after_cents"] == 0
    assert pd.isna(row["days_since_last_order"])
    assert not row["repurchased"]


def test_a_window_that_was_not_seen_whole_gives_no_row(make_shop):
    orders = _orders([("o1", "a", T0)])
    seen = _small(make_shop, orders, as_of=T0 + 90 * DAY)
    assert len(_panel_at(seen)) == 2
    cut = _small(make_shop, orders, as_of=T0 + 90 * DAY - pd.Timedelta(seconds=1))
    assert len(_panel_at(cut)) == 0


def test_nothing_after_the_index_changes_what_is_known_before(make_shop, random_tables):
    tables = random_tables(seed=5, customers=120)
    moment = dt.datetime(2024, 12, 1)
    earlier = {
        "orders": tables["orders"].query("placed_at < @moment"),
        "shares": tables["shares"].query("posted_at < @moment"),
        "reactions": tables["reactions"].query("posted_at < @moment"),
        "returns": tables["returns"].query("returned_at < @moment"),
        "ties": tables["ties"].query("since_at < @moment"),
    }
    kept = earlier["orders"]["order_id"]
    earlier["order_lines"] = tables["order_lines"][tables["order_lines"]["order_id"].isin(kept)]
    columns = ["customer_id", "tenure_days", "days_since_last_order"]
    columns += [name for name in COUNTS if not name.endswith(("after", "after_cents"))]
    panels = [
        customer_panel(make_shop(part, as_of=AS_OF), moment).execute()[columns].sort_values("customer_id")
        for part in (tables, tables | earlier)
    ]
    assert_frame_equal(*[panel.reset_index(drop=True) for panel in panels])


def test_orders_without_times_are_refused_by_name(make_shop):
    shop = _small(make_shop, _orders([("o1", "a", None)]), as_of=AS_OF)
    with pytest.raises(ValueError, match="'orders', column 'placed_at' holds no times"):
        customer_panel(shop, T0.to_pydatetime())


@pytest.mark.parametrize("options", [{"landmark_hours": -1}, {"outcome_days": 0}])
def test_windows_that_make_no_sense_are_refused(make_shop, options):
    with pytest.raises(ValueError, match="landmark_hours"):
        customer_panel(_small(make_shop, _orders([("o1", "a", T0)])), AS_OF, **options)


def _orders(rows):
    rows = [(*row, "paid") if len(row) == 3 else row for row in rows]
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "placed_at", "status"])
    return frame.astype({"placed_at": "datetime64[us]"})


def _small(make_shop, orders, *, as_of=AS_OF, **tables):
    """Two customers a and b, one item, one line an order."""
    names = pd.DataFrame({"customer_id": ["a", "b", "c"], "joined_at": [T0 - DAY, T0 - DAY, T0 + DAY]})
    lines = pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "item_id": "i", "quantity": 2})
    lines["unit_price_cents"] = 150
    items = pd.DataFrame({"item_id": ["i"], "category": ["口红"]})
    required = {"customers": names, "items": items, "orders": orders, "order_lines": lines}
    return make_shop(required | tables, as_of=pd.Timestamp(as_of).to_pydatetime())


def _panel_at(shop, **options):
    return customer_panel(shop, T0.to_pydatetime(), **options).execute().set_index("customer_id")
