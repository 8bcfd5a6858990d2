"""A10: known differences between senders, an oracle, and tables that cannot answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import Skipped
from helpers.report.finding_view import FindingView
from helpers.uplift.a10_word_of_mouth.clicks import item_clicks
from helpers.uplift.a10_word_of_mouth.word_of_mouth import WORDS, word_of_mouth
from market.settings import AS_OF_UTC
from methods.adjust.within_items import within_groups
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases
from tests.uplift.market_shops import REQUIRED, market_tables

READS = ("shares", "reactions", "ties", "impressions")


@pytest.fixture(scope="module")
def market():
    return market_tables(customers=4_000, seed=2, names=READS)


@pytest.fixture(scope="module")
def tables(market):
    return market[0]


@pytest.fixture(scope="module")
def truth(market):
    return market[1]


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


def multiplied(seed: int, *, rows: int = 4_000):
    """Friends click on what sells anyway, to keen people more than to others; they double the chance."""
    rng = np.random.default_rng(seed)
    item, receiver = rng.integers(0, 60, rows), rng.integers(0, 900, rows)
    appeal, keen = rng.normal(0, 0.5, 60), rng.normal(0, 0.6, 900)
    friend = rng.random(rows) < 1 / (1 + np.exp(-appeal[item] - keen[receiver]))
    base = 0.04 * np.exp(appeal[item] + keen[receiver])
    chance = np.minimum(base, 0.5)
    y = (rng.random(rows) < chance * (1 + friend)).astype(float)
    return y, np.where(friend, "friend", "stranger"), item, receiver, keen[receiver][:, None], chance


def test_a_doubled_chance_is_found_and_covered_at_the_mix_of_all_rows():
    off, covered = [], 0
    for seed in range(100):
        y, tie, item, receiver, keen, chance = multiplied(seed)
        fit = within_groups(y, tie, item, keen, (receiver,), labels=("stranger", "friend"), multiplied=True)
        effect = fit.difference("friend", "stranger")
        covered += effect.low <= chance.mean() <= effect.high
        off.append((effect.estimate - chance.mean()) / effect.standard_error)
    assert covered >= 89
    assert abs(np.mean(off)) < 0.35
    assert 0.8 < np.std(off) < 1.25


def test_multiplied_rates_and_two_way_clusters_agree_with_statsmodels():
    y, tie, item, receiver, keen, _ = multiplied(3)
    sender = np.random.default_rng(1).integers(0, 300, len(y))
    friend = (tie == "friend").astype(float)
    told = np.bincount(item, y)[item] > 0
    items = (item[:, None] == np.unique(item[told])).astype(float)
    design = np.column_stack([friend, keen, items])[told]
    both = np.column_stack([receiver, sender])[told]
    theirs = sm.GLM(y[told], design, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": both}, tol=1e-12
    )
    moved = np.exp(design @ theirs.params - friend[told] * theirs.params[0])
    times = np.exp(theirs.params[0])
    slope = design * (moved * (times - 1))[:, None]
    slope[:, 0] = moved * times
    slope = slope.sum(axis=0) / len(y)
    fit = within_groups(
        y, tie, item, keen, (receiver, sender), labels=("stranger", "friend"), multiplied=True
    )
    effect = fit.difference("friend", "stranger")
    assert effect.estimate == pytest.approx(moved.sum() / len(y) * (times - 1), rel=1e-3)
    assert effect.standard_error == pytest.approx(np.sqrt(slope @ theirs.cov_params() @ slope), rel=0.02)


def test_a_group_without_outcome_has_no_ratio():
    y, tie, item, receiver, keen, _ = multiplied(1)
    y = np.where(tie == "friend", 0.0, y)
    with pytest.raises(ValueError, match="no outcome at all"):
        within_groups(y, tie, item, keen, (receiver,), labels=("stranger", "friend"), multiplied=True)


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


def test_what_is_known_before_a_click_equals_a_count_by_hand(shop, tables):
    clicks = item_clicks(shop).query("friends > 0 and 0 < category_part < 1").iloc[::100]
    ties = tables["ties"]
    lines = tables["orders"].query("status != 'cancelled'").merge(tables["order_lines"], on="order_id")
    category = tables["items"].set_index("item_id")["category"]
    assert len(clicks) >= 5
    for click in clicks.itertuples():
        at = click.clicked_at
        stood = ties[(ties["since_at"] <= at) & ~(ties["until_at"] <= at)]
        mine = stood[(stood["customer_a"] == click.receiver) | (stood["customer_b"] == click.receiver)]
        assert click.friends == len(mine)
        bought = lines[(lines["customer_id"] == click.receiver) & (lines["placed_at"] < at)]
        alike = bought["item_id"].map(category) == category[click.item_id]
        assert click.category_part == pytest.approx(alike.mean())


def test_one_market_is_answered_and_drawn(shop, truth):
    answer = word_of_mouth(shop)
    found = {finding.key: finding for finding in answer.findings}
    assert found["A10.friend_over_stranger", "close friend"].verdict == "supported"
    strength = found["A10.close_over_loose", None]
    assert strength.low <= truth["A10.close_over_loose"] <= strength.high
    assert answer.table()["clicks"].sum() == len(answer.clicks)
    assert answer.draw().png().startswith(b"\x89PNG")


def test_without_recommendations_or_strengths_the_rest_is_answered(make_shop, tables, tmp_path):
    less = {name: frame for name, frame in tables.items() if name != "impressions"}
    less["ties"] = less["ties"].drop(columns="strength")
    answer = word_of_mouth(make_shop(less, folder=tmp_path / "less", as_of=AS_OF_UTC))
    keys = [("A10.friend_over_stranger", "friend"), ("A10.common_ground", None)]
    assert [finding.key for finding in answer.findings] == keys
    assert not answer.findings[-1].facts["fails"]


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
    if case == "nobody bought":  # what is needed is no count of people, and is told as it is
        assert "at least 50 clicks and at least 5 purchases" in answer.reason


def said(id: str) -> dict:
    first = {"A10.close_over_loose": "close friend", "A10.stranger_over_shop": "stranger"}.get(id)
    second = {"A10.close_over_loose": "loose friend", "A10.friend_over_stranger": "stranger"}.get(id, "shop")
    facts = {"first": [first] if first else ["close friend", "loose friend", "friend"], "second": [second],
             "first_rate": [0.0, 0.066], "second_rate": [0.022], "convert_days": [1, 7]}  # fmt: skip
    return {"facts": facts, "segments": [None] if first else ["a kind of friend"]}


@pytest.mark.parametrize("id", [id for id, spec in WORDS.registry.items() if spec.role == "test"])
def test_every_sentence_reads_well_and_none_speaks_of_cause(id):
    assert not WORDS.registry[id].causal
    assert_truth_table(WORDS, id, **said(id))


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


def test_the_title_states_a_difference_only_where_it_is_settled():
    for found in cases(WORDS, "A10.friend_over_shop", **said("A10.friend_over_shop")):
        facts = {"first": "friend", "second": "shop", "spoken": ["friend − shop 4.4 pp (3.9 to 5.0)"]}
        title, _ = WORDS.picture("word of mouth", (), effect=FindingView(found), **facts)
        assert ("not settled" in title) == (found.verdict == "not settled")
