"""Planted manipulation: each way as it is written, innocent look-alikes, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from market import simulate
from market.manipulation import RING, make_rings, ways_of_buying
from market.simulate import build_world

CUSTOMERS = 6_000


@pytest.fixture(scope="module")
def markets():
    return {level: simulate(customers=CUSTOMERS, seed=2, fraud=level) for level in ("none", "easy", "hard")}


@pytest.fixture(scope="module")
def likes(markets):
    """Likes of the hard market with their post's way and the time since the post."""
    tables = markets["hard"].tables
    found = tables["reactions"].to_pandas().query("kind == 'like'")
    posts = tables["shares"].to_pandas()[["share_id", "customer_id", "posted_at"]]
    found = found.merge(posts.rename(columns={"customer_id": "author", "posted_at": "up"}), on="share_id")
    found = found.merge(markets["hard"].labels["posts"], on="share_id")
    return found.assign(hours=(found["posted_at"] - found["up"]) / pd.Timedelta("1h"))


def test_nothing_else_moves(markets):
    easy, hard = markets["easy"], markets["hard"]
    free = set(easy.tables) - {"reactions", "orders", "order_lines", "reviews", "events", "audits"}
    for name in free:
        assert easy.tables[name].equals(hard.tables[name]), name
    for name in ("orders", "order_lines"):
        rows = easy.tables[name].num_rows
        assert easy.tables[name].equals(hard.tables[name].slice(0, rows)), name
        assert hard.tables[name].num_rows > rows
    changed = {key for key in hard.truth if hard.truth[key] != easy.truth.get(key)}
    # Faked orders are rated by their sellers' ways, and faked reviews stand in both arms of F5.
    told = {"A4.bunching", "E3.spread"}
    assert {key for key in changed if not key.startswith("F5.")} <= told


def test_a_market_without_fraud_has_none(markets):
    labels = markets["none"].labels
    assert labels["posts"]["likes_bought"].sum() == 0
    assert not labels["orders"]["faked"].any()
    assert not labels["sellers"]["buys_orders"].any()
    assert markets["none"].tables["audits"].num_rows == 0


def test_every_way_occurs_and_reaches_the_coupon(markets):
    posts = (
        markets["hard"]
        .labels["posts"]
        .assign(total=lambda frame: frame["likes_earned"] + frame["likes_begged"] + frame["likes_bought"])
    )
    fakes = posts[posts["likes_bought"] > 0]
    assert set(fakes["way"]) == {"burst", "drip", "top-up", "ring"}
    assert (fakes["total"] >= 20).all()
    assert fakes.loc[fakes["way"] == "top-up", "total"].max() <= 23
    assert set(markets["easy"].labels["posts"]["way"]) == {"none", "burst"}


def test_a_quarter_of_the_buyers_each():
    ways = ways_of_buying(build_world(20_000, 1))
    counts = np.bincount(ways)[1:]
    assert counts.max() - counts.min() <= 1


def test_bursts_are_short_and_drips_are_not(likes):
    def spread(way: str) -> pd.Series:
        strangers = likes[(likes["way"] == way) & likes["customer_id"].isna()]
        hours = strangers.groupby("share_id")["hours"]
        return hours.quantile(0.75) - hours.quantile(0.25)

    assert spread("burst").median() < 4 < spread("drip").median()
    assert likes["hours"].between(0, 44).all()


def test_ring_members_like_ring_posts_and_hide_it(likes, markets):
    rings = make_rings(build_world(CUSTOMERS, 2))
    assert all(25 <= len(ring) <= 40 for ring in rings)
    people = markets["hard"].labels["customers"]
    members = set(people.loc[people["in_ring"], "customer_id"])
    assert len(members) == sum(map(len, rings))
    by_member = likes["customer_id"].isin(members)
    inside = likes[by_member & (likes["way"] == "ring")]
    elsewhere = likes[by_member & (likes["way"] != "ring")]
    assert len(elsewhere) > 0.5 * len(inside) > 0
    assert (ways_of_buying(build_world(CUSTOMERS, 2)) == RING).sum() <= len(members)


def test_nobody_likes_a_post_twice_or_their_own(likes):
    known = likes.dropna(subset=["customer_id"])
    assert not known.duplicated(["share_id", "customer_id"]).any()
    assert (known["customer_id"] != known["author"]).all()


def test_honest_posts_differ_in_their_strangers_and_hold_look_alikes(likes):
    honest = likes[likes["way"] == "none"]
    posts = honest.groupby("share_id").agg(
        size=("hours", "size"), strange=("customer_id", lambda who: who.isna().mean())
    )
    large = posts[posts["size"] >= 12]
    assert large["strange"].std() > 0.18
    known = honest.dropna(subset=["customer_id"]).groupby("share_id")["hours"]
    together = (known.max() - known.min() < 0.25) & (known.size() >= 6)
    assert together.sum() >= 5


def test_sellers_of_the_burst_weeks(markets):
    sellers = markets["hard"].labels["sellers"]
    assert 1 <= sellers["buys_orders"].sum() <= 5
    share = sellers["faked"] / sellers["orders"].clip(lower=1)
    assert share[sellers["buys_orders"]].min() > share[~sellers["buys_orders"]].median()


def test_reviews_of_faked_orders_overlap_honest_ones(markets):
    tables, labels = markets["hard"].tables, markets["hard"].labels
    reviews = tables["reviews"].to_pandas().merge(labels["orders"], on="order_id")
    orders = tables["orders"].to_pandas()[["order_id", "placed_at", "shipping_days"]]
    reviews = reviews.merge(orders, on="order_id")
    arrived = reviews["placed_at"] + pd.to_timedelta(reviews["shipping_days"].astype(float), unit="D")
    reviews["delay"] = (reviews["posted_at"] - arrived) / pd.Timedelta("1D")
    fake, honest = reviews[reviews["faked"]], reviews[~reviews["faked"]]
    for name in ("delay", "length_characters"):
        low, high = honest[name].quantile([0.05, 0.95])
        assert fake[name].between(low, high).mean() > 0.6, name
    assert fake["rating"].nunique() > 1


def test_audits_are_mostly_right(markets):
    audits = (
        markets["hard"]
        .tables["audits"]
        .to_pandas()
        .merge(markets["hard"].labels["posts"], left_on="unit_id", right_on="share_id")
    )
    said, true = audits["verdict"] == "manipulated", audits["way"] != "none"
    assert (said == true).mean() > 0.95
    assert set(audits["picked"]) == {"many likes", "by lot"}


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="none, easy, hard"):
        simulate(customers=500, fraud="mild")
