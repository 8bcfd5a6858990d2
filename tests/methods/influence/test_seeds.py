"""Seeds: exact small graphs by enumeration, bounds that hold, a public network, hostile input."""

from itertools import combinations, product

import numpy as np
import pytest

from helpers.paths import project_folder
from methods.influence import (
    ReverseSets,
    by_degree,
    by_degree_discount,
    cascade_graph,
    draw_reverse_sets,
    greedy_seeds,
    judge_seeds,
    mean_spread,
)

TIES = [(0, 1, 0.7), (1, 2, 0.3), (0, 3, 0.2), (3, 4, 0.9), (4, 0, 0.5), (2, 4, 0.4)]
PEOPLE = 5


def small_graph():
    tail, head, chance = (np.array(column) for column in zip(*TIES, strict=True))
    return cascade_graph(tail, head, chance, people=PEOPLE)


def exact_spread(seeds):
    """People reached on average, by going through all sets of ties that pass."""
    total = 0.0
    for passes in product((False, True), repeat=len(TIES)):
        both = zip(TIES, passes, strict=True)
        weight = np.prod([tie[2] if there else 1 - tie[2] for tie, there in both])
        known, grown = set(seeds), True
        while grown:
            ends = [tie[:2] for tie, there in zip(TIES, passes, strict=True) if there]
            new = {head for tail, head in ends if tail in known} - known
            known, grown = known | new, bool(new)
        total += weight * len(known)
    return total


@pytest.mark.parametrize("seeds", [[0], [2], [0, 2], [1, 3, 4]])
def test_spread_is_the_exact_one(seeds):
    found = mean_spread(small_graph(), np.array(seeds), runs=40_000, seed=1, level=0.999)
    assert found.low < exact_spread(seeds) < found.high


@pytest.mark.parametrize("many", [1, 2, 3])
def test_greedy_finds_the_best_list_and_the_bound_lies_above_it(many):
    best = max(exact_spread(seeds) for seeds in combinations(range(PEOPLE), many))
    judged = judge_seeds(small_graph(), {}, budget=many, sets=20_000, runs=2_000, seed=1)
    assert exact_spread(judged.seeds["greedy"].tolist()) >= (1 - 1 / np.e) * best
    assert best <= judged.bound <= best / (1 - 1 / np.e)


def test_the_bound_misses_the_optimum_no_more_often_than_its_level_says():
    best = max(exact_spread(seeds) for seeds in combinations(range(PEOPLE), 1))
    bounds = [
        judge_seeds(small_graph(), {}, budget=1, sets=500, runs=2, seed=seed, level=0.9).bound
        for seed in range(200)
    ]
    assert np.mean(np.array(bounds) >= best) >= 0.9


def test_a_budget_buys_the_cheap_who_together_reach_more_than_the_dear():
    tail, head = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([3, 4, 5, 3, 4, 5, 6])
    graph = cascade_graph(tail, head, 1.0, people=7)
    sets = draw_reverse_sets(graph, sets=4_000, seed=1)
    costs = np.array([4.0, 2, 2, 9, 9, 9, 9])
    found = greedy_seeds(sets, budget=4, costs=costs)
    assert sorted(found.seeds.tolist()) == [1, 2]
    assert found.ceiling >= found.covered


def test_one_dear_seed_beats_many_cheap_ones_where_it_reaches_more():
    tail = np.zeros(8, dtype=int)
    graph = cascade_graph(tail, np.arange(1, 9), 1.0, people=10)
    costs = np.full(10, 1.0)
    costs[0] = 9.5
    found = greedy_seeds(draw_reverse_sets(graph, sets=4_000, seed=1), budget=9.5, costs=costs)
    judged = exact_cover(graph, found.seeds)
    assert judged >= 9


def test_who_cannot_be_seeded_is_in_no_list():
    graph = cascade_graph(np.repeat([0, 1], 40), np.arange(2, 82), 0.5, people=200)
    costs = np.where(np.arange(200) < 100, 1.0, np.inf)
    costs[0] = np.inf
    judged = judge_seeds(graph, {}, budget=5, costs=costs, sets=5_000, runs=100, seed=1)
    for seeds in judged.seeds.values():
        assert len(seeds) == 5
        assert np.isfinite(costs[seeds]).all()
    assert 1 in judged.seeds["greedy"]


def exact_cover(graph, seeds):
    return mean_spread(graph, seeds, runs=2, seed=1).estimate


def test_the_cap_stops_drawing_and_the_choice_hardly_matters_above_the_tipping_point():
    rng = np.random.default_rng(1)
    tail, head = rng.integers(0, 400, (2, 4_000))
    kept = tail != head
    graph = cascade_graph(tail[kept], head[kept], 0.5, people=400)
    judged = judge_seeds(
        graph, {"degree": by_degree(graph, seeds=5)}, budget=5, sets=100_000, runs=200, seed=1,
        most_members=500_000,
    )  # fmt: skip
    assert judged.stopped_early
    assert not judged.choice_matters
    assert "hardly matters" in judged.warning


def test_the_choice_matters_where_a_few_reach_many():
    graph = cascade_graph(np.repeat([0, 1], 40), np.arange(2, 82), 0.5, people=200)
    judged = judge_seeds(graph, {}, budget=2, sets=5_000, runs=500, seed=1)
    assert judged.choice_matters
    assert judged.warning == ""
    assert judged.best == "greedy"


def test_degree_discount_leaves_out_friends_of_seeds():
    clique = [(i, j) for i in range(4) for j in range(4) if i != j]
    tail, head = np.array([*clique, (4, 5), (4, 6)]).T
    graph = cascade_graph(tail, head, 0.1, people=7)
    assert by_degree(graph, seeds=2).tolist() == [0, 1]
    assert by_degree_discount(graph, seeds=2, chance=0.1).tolist() == [0, 4]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cascade_graph(np.array([0]), np.array([0]), 0.1, people=2), "same person"),
        (lambda: cascade_graph(np.array([0]), np.array([5]), 0.1, people=2), "0 to 1"),
        (lambda: cascade_graph(np.array([0]), np.array([1]), np.nan, people=2), "nan"),
        (lambda: draw_reverse_sets(small_graph(), sets=0, seed=1), "1 or more"),
        (lambda: mean_spread(small_graph(), np.array([1, 1]), runs=9, seed=1), "every seed once"),
        (lambda: judge_seeds(small_graph(), {"greedy": []}, budget=1, sets=9, runs=9, seed=1), "made here"),
        (lambda: greedy_seeds(no_sets(), budget=0.5), "pays for nobody"),
        (lambda: greedy_seeds(no_sets(), budget=1, costs=np.array([1.0, 0.0])), "above 0"),
    ],
)  # fmt: skip
def test_says_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def no_sets():
    return ReverseSets(people=2, start=np.array([0, 1]), member=np.array([0]), stopped_early=False)


NETHEPT = project_folder().parent / "shared" / "data" / "nethept" / "NetHEPT.txt"


@pytest.fixture(scope="module")
def nethept():
    tail, head, chance = np.loadtxt(NETHEPT, skiprows=1).T
    return cascade_graph(tail.astype(int), head.astype(int), chance, people=15_229)


@pytest.fixture(scope="module")
def judged(nethept):
    lists = {"discount": by_degree_discount(nethept, seeds=50, chance=0.01)}
    return judge_seeds(nethept, lists, budget=50, sets=1_000_000, runs=4_000, seed=1)


@pytest.mark.skipif(not NETHEPT.exists(), reason="the NetHEPT graph is not beside the project")
class TestNetHept:
    """Fifty seeds under weighted cascade; published and measured figures."""

    def test_greedy_and_discount(self, judged):
        assert judged.spreads["greedy"].estimate == pytest.approx(963, abs=3.5)
        assert judged.spreads["discount"].estimate == pytest.approx(901, abs=5)

    def test_the_bound(self, judged):
        assert judged.bound_in_sample == pytest.approx(1_290, abs=6)
        assert judged.bound_in_sample < judged.bound < 1_300
        assert judged.choice_matters

    def test_degree_depends_on_who_of_forty_equals_is_taken(self, nethept):
        """844 lies between taking the first and the last of those with 37 ties."""
        degrees = nethept.out_degrees
        last = np.argsort(degrees, kind="stable")[::-1][:50]
        low, high = (
            mean_spread(nethept, seeds, runs=2_000, seed=1) for seeds in (by_degree(nethept, seeds=50), last)
        )
        assert low.estimate < 844 < high.estimate
        assert high.estimate - low.estimate < 40

    def test_lists_by_lot(self, nethept):
        """One measured lot reached 158; lots differ, and on average reach somewhat more."""
        rng = np.random.default_rng(1)
        lots = [rng.permutation(nethept.people)[:50] for _ in range(60)]
        reached = [mean_spread(nethept, lot, runs=50, seed=1).estimate for lot in lots]
        assert min(reached) < 158 < np.mean(reached) < 200
