"""The market as a whole: the same seed gives the same bytes, and the planted features are there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import igraph
import numpy as np
import pandas as pd
import pytest

from helpers.data.catalogue import CATALOGUE
from market import SIZES, Effects, simulate, write_market
from market.network import make_circles
from market.people import HOUR_EDGES, TYPES, habit_to_clock
from market.simulate import build_world
from market.weeks import live


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path):
    first = digest(write_market(tmp_path / "a", customers=800, seed=1))
    again = digest(write_market(tmp_path / "b", customers=800, seed=1))
    other = digest(write_market(tmp_path / "c", customers=800, seed=2))
    assert first == again
    same = {name for name in first if first[name] == other[name]}
    assert same == {"sellers.parquet", "source.toml"}  # the sellers' names and ages are not drawn


def test_files_hold_what_simulate_returns(tmp_path):
    folder = write_market(tmp_path / "shop", customers=800, seed=4)
    market = simulate(customers=800, seed=4)
    assert {path.stem for path in folder.glob("*.parquet")} == set(CATALOGUE) == set(market.tables)
    for name, table in market.tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(folder / f"{name}.parquet"), table.to_pandas())
    assert json.loads((folder / "truth.json").read_text()) == dict(market.truth)
    assert {path.stem for path in (folder / "truth").glob("*.parquet")} == set(market.labels)


def test_a_null_market_is_written_with_zero_truth(tmp_path):
    folder = write_market(tmp_path / "null", customers=800, seed=1, null=True)
    assert json.loads((folder / "truth.json").read_text())["A1.adjusted_uplift"] == 0.0


def test_effects_scale():
    assert Effects().scaled(0.0) == Effects.none()
    assert Effects().scaled(2.0).share == 2 * Effects().share
    assert Effects().scaled(2.0).prompt == Effects().prompt


def test_too_small_a_market_is_refused():
    with pytest.raises(ValueError, match="customers 20 is too few"):
        simulate(customers=20)


def test_a_tiny_market_holds_a_study():
    sizes = [len(simulate(customers=SIZES["tiny"], seed=s).labels["share_study"]) for s in (1, 2, 3, 4)]
    assert np.mean(sizes) >= 230


def test_likes_bunch_at_twenty():
    labels = simulate(customers=6_000, seed=8).labels["posts"]
    total = (labels.likes_earned + labels.likes_begged)[labels.likes_bought == 0]
    counts = np.bincount(total, minlength=40)
    assert counts[20:23].sum() > 1.5 * counts[17:20].sum()
    begged = labels[labels.likes_begged > 0]
    assert begged.likes_earned.between(15, 19).all()
    assert (begged.likes_earned + begged.likes_begged).between(20, 22).all()


def test_friends_form_a_small_world_of_circles():
    world = build_world(4_000, 9)
    net = world.network
    here = net.tie_until > 77
    graph = igraph.Graph(n=4_000, edges=np.column_stack([net.a, net.b])[here])
    mean_degree = np.mean(graph.degree())
    giant = graph.connected_components().giant()
    assert graph.transitivity_undirected() > 20 * mean_degree / 4_000
    assert giant.vcount() > 0.9 * 4_000
    assert giant.average_path_length() < 8
    found = graph.community_leiden(objective_function="modularity", resolution=5, n_iterations=5)
    score = igraph.compare_communities(found.membership, net.circle_after.tolist(), method="adjusted_rand")
    assert score > 0.6
    inside = net.circle[net.a] == net.circle[net.b]
    assert net.tie_strength[inside].mean() > net.tie_strength[~inside].mean() + 0.2


def test_circles_have_15_to_60_members_nearly_always():
    circle, taste = make_circles(20_000, 1)
    sizes = np.bincount(circle)
    assert sizes.min() >= 15
    assert np.sort(sizes)[-2] <= 60
    assert len(taste) == len(sizes)


def test_types_differ_in_what_a_segmentation_may_use():
    market = simulate(customers=6_000, seed=10)
    orders = market.tables["orders"].to_pandas().query("status != 'cancelled'")
    labels = market.labels["customers"].set_index("customer_id")
    counts = orders.groupby("customer_id").size().reindex(labels.index).fillna(0)
    mean = counts.groupby(labels.type).mean()
    assert mean["loyal regular"] > 1.3 * mean["lipstick sharer"] > 2 * mean["occasional buyer"]
    assert set(labels.type) == set(TYPES)


def test_habit_clock_keeps_whole_days_and_order():
    rng = np.random.default_rng(1)
    day, kind = np.sort(10 * rng.random(1_000)), np.zeros(1_000, int)
    clock = habit_to_clock(day, kind)
    assert (np.diff(clock) >= 0).all()
    np.testing.assert_allclose(habit_to_clock(day + 90, kind), clock + 90)
    assert (np.diff(HOUR_EDGES, axis=1) > 0).all()


def test_everybody_can_share_and_nobody_must():
    propensity = live(build_world(4_000, 11)).log["index"]["propensity"]
    assert propensity.min() > 0.025
    assert propensity.max() < 0.95


def test_faked_orders_and_bought_likes_are_few_and_labelled():
    market = simulate(customers=6_000, seed=12)
    faked = market.labels["orders"].faked
    assert 0 < faked.mean() < 0.01
    bought = market.labels["posts"].likes_bought
    assert 0 < (bought > 0).mean() < 0.04
    whole = market.labels["posts"].way.isin(["burst", "drip"])
    assert bought[whole].min() >= 25
