"""A10: known differences between senders, an oracle, and tables that cannot answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.data.market.settings import AS_OF_UTC
from helpers.report import Skipped
from helpers.uplift.clicks import item_clicks
from helpers.uplift.within_items import within_groups
from helpers.uplift.word_of_mouth import word_of_mouth
from tests.uplift.market_shops import REQUIRED, by_id, market_tables

READS = ("shares", "reactions", "ties", "impressions")


@pytest.fixture(scope="module")
def tables():
    return market_tables(customers=4_000, seed=2, names=READS)[0]


@pytest.fixture
def shop(make_shop, tables):
    return make_shop(tables, as_of=AS_OF_UTC)


def drawn(seed: int, *, rows: int = 3_000):
    """Friends click on what sells anyway: the plain difference is far from the true 0.05."""
    rng = np.random.default_rng(seed)
    item, receiver = rng.integers(0, 40, rows), rng.integers(0, 800, rows)
    appeal, keen = rng.normal(0, 0.08, 40), rng.normal(0, 0.05, 800)
    friend = rng.random(rows) < 0.5 + 3 * appeal[item]
    chance = 0.25 + appeal[item] + keen[receiver] + 0.05 * friend
    y = (rng.random(rows) < chance).astype(float)
    return y, np.where(friend, "friend", "stranger"), item, receiver


def test_a_known_difference_is_found_and_covered_where_the_plain_one_is_not():
    covered, plain = 0, []
    for seed in range(100):
        y, tie, item, receiver = drawn(seed)
        fit = within_groups(y, tie, item, np.empty((len(y), 0)), (receiver,), labels=("stranger", "friend"))
        effect = fit.difference("friend", "stranger")
        covered += effect.low <= 0.05 <= effect.high
        plain.append(y[tie == "friend"].mean() - y[tie == "stranger"].mean())
    assert covered >= 89
    assert np.mean(plain) > 0.09


def test_two_way_clusters_agree_with_statsmodels():
    y, tie, item, receiver = drawn(7)
    sender = np.random.default_rng(1).integers(0, 300, len(y))
    design = np.column_stack([tie == "friend", item[:, None] == np.arange(40)]).astype(float)
    both = np.column_stack([receiver, sender])
    theirs = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": both})
    fit = within_groups(
        y, tie, item, np.empty((len(y), 0)), (receiver, sender), labels=("stranger", "friend")
    )
    effect = fit.difference("friend", "stranger")
    assert effect.estimate == pytest.approx(theirs.params[0])
    assert effect.standard_error == pytest.approx(theirs.bse[0], rel=0.02)


def test_groups_that_never_meet_on_a_product_are_refused():
    y, tie, _, receiver = drawn(1)
    with pytest.raises(ValueError, match="never meet"):
        within_groups(y, tie, tie, np.empty((len(y), 0)), (receiver,), labels=("stranger", "friend"))


def test_clicks_equal_a_count_by_hand(shop, tables):
    ours = item_clicks(shop)
    posts = tables["shares"].query("audience == 'timeline'")[["share_id", "item_id", "customer_id"]]
    clicks = tables["reactions"].query("kind == 'click'").dropna(subset="customer_id")
    clicks = clicks.merge(posts.rename(columns={"customer_id": "sender"}), on="share_id")
    shown = tables["impressions"].query("clicked")[["customer_id", "item_id", "shown_at"]]
    both = pd.concat([clicks, shown.rename(columns={"shown_at": "posted_at"})])
    first = both.groupby(["customer_id", "item_id"])["posted_at"].min().reset_index()
    first = first[first["posted_at"] <= pd.Timestamp(AS_OF_UTC) - pd.Timedelta(days=7)]
    assert len(ours) == len(first)
    orders = tables["orders"].query("status != 'cancelled'").merge(tables["order_lines"], on="order_id")
    met = first.merge(orders[["customer_id", "item_id", "placed_at"]], on=["customer_id", "item_id"])
    wait = met["placed_at"] - met["posted_at"]
    met = met[(wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(days=7))]
    assert ours["bought"].sum() == len(met.drop_duplicates(["customer_id", "item_id"]))
    ties = {frozenset(pair) for pair in tables["ties"][["customer_a", "customer_b"]].to_numpy()}
    friends = ours[ours["tie"].isin(["close friend", "loose friend"])]
    assert all(frozenset(pair) in ties for pair in friends[["receiver", "sender"]].to_numpy())
    assert (ours["tie"] == "shop").equals(ours["sender"].isna())


def test_one_market_is_answered_and_drawn(shop):
    answer = word_of_mouth(shop)
    found = by_id(answer)
    assert found["A10.close_friend_over_stranger"].verdict == "supported"
    strength = found["A10.close_friend_over_loose_friend"]  # in this market strength moves no purchase
    assert strength.low <= 0 <= strength.high
    assert answer.table()["clicks"].sum() == len(answer.clicks)
    assert answer.draw().png().startswith(b"\x89PNG")


def test_without_recommendations_or_strengths_the_rest_is_answered(make_shop, tables, tmp_path):
    less = {name: frame for name, frame in tables.items() if name != "impressions"}
    less["ties"] = less["ties"].drop(columns="strength")
    found = by_id(word_of_mouth(make_shop(less, folder=tmp_path / "less", as_of=AS_OF_UTC)))
    assert set(found) == {"A10.friend_over_stranger"}


@pytest.mark.parametrize("case", ["required", "no clicks", "nobody bought"])
def test_what_cannot_be_answered_is_one_sentence(make_shop, tables, tmp_path, case):
    changed = dict(tables)
    if case == "required":
        changed = {name: tables[name] for name in REQUIRED}
    if case == "no clicks":
        changed["reactions"] = tables["reactions"].query("kind != 'click'")
        del changed["impressions"]
    if case == "nobody bought":
        changed["orders"] = tables["orders"].assign(status="cancelled")
    answer = word_of_mouth(make_shop(changed, folder=tmp_path / "less", as_of=AS_OF_UTC))
    assert isinstance(answer, Skipped)
