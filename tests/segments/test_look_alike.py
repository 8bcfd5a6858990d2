"""C7: ties help where they carry taste, nothing leaks from later days, and hidden ones are counted."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from helpers.report import Skipped
from helpers.segments import look_alikes
from helpers.segments.c07_look_alikes.likeness import buyers, likeness
from methods.customers.look_alike_scores import hidden_share, judge_rankings
from tests.people_lists import lists_of


@pytest.fixture(scope="module")
def answer(shop):
    return look_alikes(shop, category="口红", horizon_days=120)


def test_the_likeliest_buy_more_often_than_all(answer):
    found = {finding.id: finding for finding in answer.findings}
    assert found["C7.lift"].low > 1.3
    assert found["C7.auc"].low > 0.6
    assert found["C7.gain_over_recency"].estimate > 0
    assert answer.candidates["chance"].is_monotonic_decreasing
    assert set(answer.curve.columns) == {"seeds", "auc", "low", "high", "lift"}
    assert answer.curve["seeds"].is_monotonic_increasing
    assert len(answer.draw().alt) > 40
    assert len(answer.table()) == 4


def test_no_seed_is_a_candidate_and_no_later_order_changes_what_was_known(shop):
    cut = shop.as_of - dt.timedelta(days=90)
    before = shop.at(cut)
    orders = shop["orders"]
    cleaned = {**shop.tables, "orders": orders.filter(orders.placed_at < cut)}
    emptied = replace(shop, tables=cleaned).at(cut)
    seeds = buyers(before, category="口红")
    one, two = (likeness(view, category="口红", seeds=seeds, horizon_days=90) for view in (before, emptied))
    np.testing.assert_allclose(one.matrix(), two.matrix())
    assert (one.seeds == two.seeds).all()
    assert "share of 口红" not in one.habits


def test_being_a_seed_does_not_tell_of_itself(shop):
    """A customer's own row stays as it was when only this customer becomes a seed."""
    known = likeness(shop, category="口红", seeds=pd.Index([]), horizon_days=90)
    rng = np.random.default_rng(1)
    some = rng.random(len(known.seeds)) < 0.2
    who = int(np.flatnonzero(~some & (np.bincount(known.ends_a, minlength=len(some)) > 0))[0])
    more = some.copy()
    more[who] = True
    base = some.mean(), more.mean()
    one, two = known.matrix(seeds=some)[who], known.matrix(seeds=more)[who]
    np.testing.assert_allclose(one, two, atol=3 * abs(base[1] - base[0]))


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_hidden_ones_are_counted_when_seeds_are_a_random_part_of_their_kind(share):
    """Two kinds far apart; a third of one kind is known as seeds."""
    rng = np.random.default_rng(1)
    kind = rng.random(8000) < share
    matrix = rng.standard_normal((8000, 3)) + 4.0 * kind[:, None]
    seeds = kind & (rng.random(8000) < 1 / 3)
    found = hidden_share(matrix, seeds, seed=1)
    truth = 100 * kind[~seeds].mean()
    assert found.estimate == pytest.approx(truth, rel=0.1)
    assert found.low < found.estimate < found.high


def test_judging_agrees_with_an_oracle_and_covers():
    rng = np.random.default_rng(3)
    bought = rng.random(3000) < 0.1
    score = rng.standard_normal(3000) + bought
    found = judge_rankings({"good": score, "noise": rng.standard_normal(3000)}, bought, seed=1)
    assert found.auc["good"].estimate == pytest.approx(roc_auc_score(bought, score))
    assert found.auc["noise"].low < 0.5 < found.auc["noise"].high
    assert found.gain["noise"].low > 0
    assert found.reached(np.array([0.0, 1.0]))["good"].tolist() == [0.0, 1.0]
    top = np.argsort(-score)[:300]
    assert found.lift["good"].estimate == pytest.approx(bought[top].mean() / bought.mean())


def test_buyers_of_an_item_are_counted_by_hand(shop, market):
    lines, orders = (market.tables[name].to_pandas() for name in ("order_lines", "orders"))
    item = lines["item_id"].value_counts().index[0]
    kept = orders[orders["status"] != "cancelled"].merge(lines[lines["item_id"] == item], on="order_id")
    assert set(buyers(shop, item=item)) == set(kept["customer_id"])
    since = kept["placed_at"].sort_values().iloc[len(kept) // 2]
    assert set(buyers(shop, item=item, since=since.to_pydatetime())) == set(
        kept.loc[kept["placed_at"] >= since, "customer_id"]
    )


def test_few_seeds_are_too_few(shop):
    few = look_alikes(shop, category="口红", seeds=["c0001", "c0002"])
    assert isinstance(few, Skipped)
    assert "2 seeds" in few.reason


def test_without_ties_it_is_skipped(bare_shop):
    assert "ties" in look_alikes(bare_shop).reason


def test_the_audience_is_the_tenth_that_the_finding_speaks_of(answer, shop):
    members = lists_of(answer, shop)["look_alikes"].members
    targeted = next(one for one in answer.findings if one.id == "C7.already_targeted")
    assert len(members) == targeted.n
    assert members["chance"].is_monotonic_decreasing
    assert members["chance"].iloc[-1] >= answer.candidates["chance"].iloc[len(members)]
