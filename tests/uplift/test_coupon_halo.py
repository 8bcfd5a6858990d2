"""A11: shop coupons move nothing in the demo market; a planted halo is found; thin tables are declined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.some_customers import some_customers
from helpers.report import Skipped
from helpers.uplift.a11_coupon_halo.coupon_halo import WORDS, coupon_halo
from helpers.uplift.a11_coupon_halo.coupon_orders import coupon_orders, issued_and_others
from market.settings import AS_OF_UTC
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases
from tests.uplift.market_shops import REQUIRED, by_id, market_tables

READS = ("coupons", "sellers", "shares", "ties")


def with_coupons(tables: dict, *, share: float, halo: float, seed: int) -> dict:
    """Redeem a shop coupon on a share of the purchases; a share `halo` of these come back to the seller."""
    rng = np.random.default_rng(seed)
    orders = tables["orders"].assign(coupon_id=None)
    kept = orders[(orders["status"] != "cancelled") & (rng.random(len(orders)) < share)]
    coupons = pd.DataFrame(
        {
            "coupon_id": "h" + kept["order_id"], "customer_id": kept["customer_id"], "source": "shop",
            "worth_cents": 1_000, "issued_at": kept["placed_at"], "redeemed_order_id": kept["order_id"],
        }
    )  # fmt: skip
    lines = tables["order_lines"]
    back = kept[rng.random(len(kept)) < halo]
    value = lines.assign(value=lines["quantity"] * lines["unit_price_cents"])
    main = value.sort_values(["value", "line_number"], ascending=[False, True]).drop_duplicates("order_id")
    items = tables["items"][["item_id", "seller_id"]]
    shown = back.merge(main[["order_id", "item_id"]], on="order_id").merge(items, on="item_id")
    stock = items.groupby("seller_id")["item_id"].apply(list)
    picked = [rng.choice(stock[seller]) for seller in shown["seller_id"]]
    again = shown[["customer_id"]].assign(
        order_id="z" + shown["order_id"],
        placed_at=shown["placed_at"] + pd.Timedelta(days=10),
        status="completed",
    )
    extra = {"order_id": again["order_id"], "line_number": 1, "item_id": picked, "quantity": 1}
    extra = pd.DataFrame({**extra, "unit_price_cents": 900})
    grown = again[again["placed_at"] < pd.Timestamp(AS_OF_UTC)]
    return {
        **tables,
        "coupons": coupons,
        "orders": pd.concat([orders, grown], ignore_index=True),
        "order_lines": pd.concat(
            [lines, extra[extra["order_id"].isin(grown["order_id"])]], ignore_index=True
        ),
    }


@pytest.fixture(scope="module")
def tables():
    return market_tables(customers=3_000, seed=2, names=READS)[0]


def test_purchases_equal_a_count_by_hand(make_shop, tables):
    """A tenth of the orders have lost their lines: still earlier purchases, though of no known seller."""
    planted = with_coupons(tables, share=0.1, halo=0.0, seed=1)
    bare = planted["orders"]["order_id"].sample(frac=0.1, random_state=1)
    planted["order_lines"] = planted["order_lines"].query("order_id not in @bare")
    ours = coupon_orders(make_shop(planted, as_of=AS_OF_UTC), outcome_days=56)
    orders = planted["orders"].query("status != 'cancelled'")
    ends = pd.Timestamp(AS_OF_UTC) - pd.Timedelta(days=56)
    assert len(ours) == ((orders["placed_at"] <= ends) & ~orders["order_id"].isin(bare)).sum()
    lines = planted["order_lines"].merge(planted["items"][["item_id", "seller_id"]], on="item_id")
    lines = lines.merge(orders[["order_id", "customer_id", "placed_at"]], on="order_id")
    for row in ours.sample(60, random_state=1).itertuples():
        own = set(lines.loc[lines["order_id"] == row.order_id, "item_id"])
        theirs = lines[(lines["customer_id"] == row.customer_id) & (lines["order_id"] != row.order_id)]
        wait = theirs["placed_at"] - row.placed_at
        later = theirs[(wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(days=56))]
        here = later["seller_id"] == row.seller_id
        assert row.rest_of_shop == (here & ~later["item_id"].isin(own)).any()
        assert row.other_shops == (~here).any()
        before = orders.query("customer_id == @row.customer_id and placed_at < @row.placed_at")
        assert row.orders_before == len(before)
        here = theirs["seller_id"] == row.seller_id
        assert row.seller_before == theirs.loc[here & (wait < pd.Timedelta(0)), "order_id"].nunique()


def test_a_planted_halo_is_found_and_none_is_not(make_shop, tables, tmp_path):
    """A tenth of all purchases redeem; 20 % of them come back for a product drawn from the seller's."""
    lifted = with_coupons(tables, share=0.1, halo=0.2, seed=1)
    answer = coupon_halo(make_shop(lifted, folder=tmp_path / "halo", as_of=AS_OF_UTC))
    found = by_id(answer)["A11.halo"]
    assert found.verdict == "supported"
    assert found.low <= 20 <= found.high + 3  # a few draws hit the product already bought
    assert answer.draw().png().startswith(b"\x89PNG")
    assert answer.table()["purchases"].sum() == len(answer.orders)
    flat = with_coupons(tables, share=0.1, halo=0.0, seed=1)
    nothing = by_id(coupon_halo(make_shop(flat, folder=tmp_path / "flat", as_of=AS_OF_UTC)))
    assert nothing["A11.halo"].low <= 0 <= nothing["A11.halo"].high
    check = nothing["A11.other_shops"]
    assert check.low <= 0 <= check.high
    # It passes only where nothing as large as the halo itself is left possible.
    small = max(-check.low, check.high) < abs(nothing["A11.halo"].estimate)
    assert check.verdict == ("supported" if small else "not settled")


def test_those_without_a_coupon_get_a_moment_after_they_joined(make_shop, tables):
    shop = make_shop(tables, as_of=AS_OF_UTC)
    frame = issued_and_others(shop, outcome_days=56, seed=1)
    joined = frame["customer_id"].map(tables["customers"].set_index("customer_id")["joined_at"])
    assert (joined <= frame["index_at"]).all()
    first = tables["coupons"].query("source == 'shop'").groupby("customer_id")["issued_at"].min()
    issued = frame[frame["issued"] == 1]
    assert (issued["index_at"].to_numpy() == first[issued["customer_id"]].to_numpy()).all()


def test_of_a_larger_shop_customers_are_drawn_and_the_page_says_so(make_shop, tables):
    """Whoever is drawn is seen whole; the figures stay within what so many fewer customers leave open."""
    shop = make_shop(with_coupons(tables, share=0.1, halo=0.2, seed=1), as_of=AS_OF_UTC)
    most = shop["customers"].count().execute() // 2
    every, some = coupon_halo(shop), coupon_halo(shop, most_customers=most)
    drawn = set(some_customers(shop, most=most, seed=1).execute()["customer_id"])
    assert len(drawn) == most
    of_drawn = every.orders[every.orders["customer_id"].isin(drawn)]
    assert some.orders["order_id"].tolist() == of_drawn["order_id"].tolist()
    one, two = by_id(every)["A11.halo"], by_id(some)["A11.halo"]
    assert two.low <= 20 <= two.high + 3
    assert 1.1 < (two.high - two.low) / (one.high - one.low) < 1.9
    assert f"of {most:,} customers drawn at random" in two.method
    assert "drawn at random" not in one.method
    assert set(coupon_halo(shop, most_customers=most).orders["order_id"]) == set(some.orders["order_id"])


def test_few_redeemed_or_none_are_one_sentence(make_shop, tables, tmp_path):
    few = {**tables, "coupons": tables["coupons"].query("source != 'shop'")}
    required = {name: tables[name] for name in REQUIRED}
    for name, kept in (("few", few), ("required", required)):
        assert isinstance(coupon_halo(make_shop(kept, folder=tmp_path / name, as_of=AS_OF_UTC)), Skipped)


HALO = {"redeemed": [1, 364], "base": [0.0, 0.031], "outcome_days": [1, 56]}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


def test_every_sentence_reads_well_and_none_speaks_of_cause():
    assert not any(spec.causal for spec in WORDS.registry.values())
    for few in (False, True):
        assert_truth_table(WORDS, "A11.halo", facts={**HALO, "few": [few], "differ": [False]})
    assert_truth_table(WORDS, "A11.coupon_issued", facts={"outcome_days": [1, 56]})
    for verdict in ("supported", "contradicted", "not settled"):
        assert_truth_table(WORDS, "A11.other_shops", verdicts=[verdict], intervals=dict(INTERVALS))


@pytest.mark.parametrize(
    ("doubt", "words"),
    [
        ({"few": [True], "differ": [False]}, "few such purchases are followed by any"),
        ({"few": [False], "differ": [True]}, "not alike"),
    ],
)
def test_a_doubt_is_said_and_settles_nothing(doubt, words):
    for found in cases(WORDS, "A11.halo", verdicts=["not settled"], facts={**HALO, **doubt}):
        assert "is not settled" in found.reading
        assert words in found.reading


def test_the_title_states_a_difference_only_where_it_is_settled():
    for found in cases(WORDS, "A11.halo", facts={**HALO, "few": [False], "differ": [False]}):
        title, _ = WORDS.picture("halo", [found], spoken=["rest of the shop 1.3 pp (0.2 to 2.4)"])
        assert ("not settled" in title) == (found.verdict == "not settled")
