"""C5: chance is exact, small circles do not top the list, planted demand is found and no other."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from helpers.report import Skipped
from helpers.segments import circle_demand, circles
from helpers.segments.c05_circle_demand.circle_demand import _is_beyond
from market.settings import CATEGORIES
from market.simulate import build_world
from methods.graphs.demand_cells import chance_of_as_many, count_buyers, shrunken_log_odds, shuffled


def counted(customers=600, circles=12, seed=0, categories=5):
    """Random purchases in random circles."""
    rng = np.random.default_rng(seed)
    ids = np.arange(customers).astype(str)
    members = pd.DataFrame({"who": ids, "group": rng.integers(1, circles + 1, customers)})
    breadth = rng.integers(1, categories, customers)
    rows = [(ids[i], f"c{k}") for i in range(customers) for k in rng.permutation(categories)[: breadth[i]]]
    bought = pd.DataFrame(rows, columns=["who", "what"])
    return count_buyers(members, bought, customer="who", circle="group", category="what", minimum=11)


def test_one_stratum_is_the_hypergeometric_distribution():
    rng = np.random.default_rng(1)
    ids = np.arange(400).astype(str)
    members = pd.DataFrame({"who": ids, "group": rng.integers(1, 9, 400)})
    bought = pd.DataFrame({"who": ids, "what": rng.choice(["a", "b", "c"], 400, p=[0.6, 0.3, 0.1])})
    counts = count_buyers(members, bought, customer="who", circle="group", category="what", minimum=11)
    sizes = counts.members.sum(axis=1)[:, None]
    exact = hypergeom.sf(counts.buyers - 1, 400, counts.buyers.sum(axis=0), sizes)
    np.testing.assert_allclose(chance_of_as_many(counts, counts.buyers[None])[0], exact, atol=1e-12)


def test_several_strata_agree_with_dealing_the_circles_anew():
    counts = counted()
    rng = np.random.default_rng(2)
    drawn = np.array([shuffled(counts, rng) for _ in range(2_000)])
    np.testing.assert_allclose(drawn.mean(axis=0), counts.expected, atol=0.5)
    share = (drawn >= counts.buyers).mean(axis=0)
    np.testing.assert_allclose(chance_of_as_many(counts, counts.buyers[None])[0], share, atol=0.05)


def test_dealing_anew_keeps_breadth_and_size():
    counts = counted()
    drawn = shuffled(counts, np.random.default_rng(3))
    assert drawn.sum(axis=0).tolist() == counts.buyers.sum(axis=0).tolist()
    assert len(counts.stratum_size) > 1
    assert (counts.members.sum(axis=0) == counts.stratum_size).all()


def test_small_circles_do_not_top_the_list():
    """Six of six buyers is less sure than sixty of eighty."""
    rng = np.random.default_rng(4)
    background = rng.poisson(20, (60, 4))
    few, many = np.array([[6, 0, 0, 0]]), np.array([[60, 7, 7, 6]])
    odds, error = shrunken_log_odds(np.concatenate([few, many, background]))
    low = odds[:, 0] - 1.96 * error[:, 0]
    assert low[1] == low.max() > low[0]
    assert 0 < odds[0, 0] < odds[1, 0]


def test_circles_smaller_than_the_minimum_only_serve_as_reference():
    counts = counted(customers=120, circles=12)
    assert (counts.members.sum(axis=1) >= 11).all()
    assert counts.stratum_size.sum() == 120
    assert (counts.code == -1).any()


@pytest.fixture(scope="module")
def groups(shop):
    return circles(shop, rewirings=3, seed=1)


@pytest.fixture(scope="module")
def answer(shop, groups):
    return circle_demand(shop, groups)


def test_what_is_called_is_planted(answer, groups, market):
    taste = build_world(4_000, 3).taste
    place = pd.Series(np.arange(4_000), index=market.labels["customers"]["customer_id"])
    own = pd.DataFrame(taste[place[groups.members["customer_id"]]], columns=CATEGORIES)
    ratio = own.groupby(groups.members["circle"].to_numpy()).mean() / own.mean()
    true = answer.called.apply(lambda row: ratio.loc[row["circle"], row["category"]], axis=1)
    assert len(true) > 40
    assert (true > 1).mean() >= 0.95
    strong = [(c, k) for c, k in zip(*np.nonzero(ratio.to_numpy() > 2), strict=True)]
    called = set(zip(answer.called["circle"], answer.called["category"], strict=True))
    found = np.mean([(ratio.index[c], CATEGORIES[k]) in called for c, k in strong])
    assert found > 0.35
    assert answer.findings[0].low > 1
    assert answer.by_chance.mean() < 1


def test_every_called_pair_has_odds_beyond_chance_too(answer):
    assert (answer.called["odds_low"] > 1).all()


def test_a_pair_that_its_circles_pull_to_nil_is_not_called():
    """Alone it is beyond chance, but the circles differ no more than one kind of circle would."""
    buyers = np.random.default_rng(1).multinomial(60, [0.25] * 4, size=12)
    buyers[0] = [27, 11, 11, 11]
    assert not _is_beyond(buyers, np.where(np.arange(48).reshape(12, 4) == 0, 0.006, 1.0)).any()
    apart = np.array([[40, 5, 10, 5], [5, 40, 5, 10]] * 6)
    assert _is_beyond(apart, np.where(apart == 40, 0.001, 1.0)).sum() == 12


def test_picture_and_table(answer):
    picture = answer.draw()
    labels = [text.get_text() for text in picture.figure.axes[0].get_xticklabels()]
    assert set(labels) == set(CATEGORIES)
    assert "Matrix of" in picture.alt
    frame = answer.table()
    assert frame.attrs["people"] == "buyers"
    assert (frame["buyers"] > 10).all()


def test_circles_dealt_at_random_have_no_demand(shop, groups):
    members = groups.members.copy()
    members["circle"] = np.random.default_rng(5).permutation(members["circle"])
    nothing = circle_demand(shop, replace(groups, members=members))
    assert len(nothing.called) <= 2
    assert nothing.findings[0].low < 1.02
    assert len(nothing.draw().alt) > 20


def test_without_categories_items_take_their_place(bare_shop, groups):
    answer = circle_demand(bare_shop, groups)
    assert answer.kind == "items"
    assert answer.cells["category"].nunique() == 40


def test_without_circles_it_is_skipped(bare_shop):
    answer = circle_demand(bare_shop, circles(bare_shop))
    assert isinstance(answer, Skipped)
    assert "this needs ties" in answer.reason
