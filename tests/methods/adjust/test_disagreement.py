from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from market.strange import draw_world
from methods.adjust.disagreement import covering_factor, disagreement, move
from methods.learners.nuisances import DEEP, LINEAR, QUICK, SMOOTH, TREES, fit_nuisances
from methods.learners.unlike import AlternativeFit, unseen


def alternative(name: str, seen: tuple[float, float]) -> AlternativeFit:
    nothing = np.zeros(1)
    return AlternativeFit(
        learner=name, propensity=nothing, outcome_control=nothing, outcome_treated=nothing, unseen=seen
    )


@pytest.mark.parametrize("bias", [0.0, 0.3, 1.0, 3.0])
def test_a_wider_interval_covers_under_the_bias_it_was_made_for(bias):
    reach = norm.ppf(0.975) * covering_factor(bias, level=0.95)
    assert norm.cdf(reach - bias) - norm.cdf(-reach - bias) == pytest.approx(0.95, abs=1e-6)


@pytest.mark.parametrize(
    ("seen", "moved", "withheld", "warned"),
    [
        ((4.0, 3.0), 1.0, True, False),
        ((4.0, 3.0), 0.4, False, True),
        ((4.0, 3.0), 0.1, False, False),
        ((9.0, 0.5), 0.6, False, False),
        ((0.1, 0.2), 0.9, False, True),
    ],
)
def test_a_verdict_is_withheld_where_trees_see_more_and_move_far(seen, moved, withheld, warned):
    found = disagreement((alternative(TREES, seen),), {TREES: moved})
    assert bool(found.withheld) is withheld
    assert bool(found.warning) is warned


@pytest.mark.parametrize(("seen_by", "moved", "warned"), [
    (TREES, 0.2, True), (QUICK, 0.2, False), (QUICK, 0.4, True),
])  # fmt: skip
def test_what_quick_trees_alone_see_is_told_where_as_much_again_would_cost_coverage(seen_by, moved, warned):
    found = disagreement((replace(alternative(SMOOTH, (4.0, 3.0)), seen_by=seen_by),), {SMOOTH: moved})
    assert bool(found.warning) is warned


def test_a_line_that_curves_beat_counts_for_nothing_and_one_that_keeps_up_counts():
    beaten = disagreement((alternative(LINEAR, (8.0, 1.0)),), {LINEAR: 2.0})
    kept = disagreement((alternative(LINEAR, (0.5, 1.0)),), {LINEAR: 2.0})
    assert beaten.farthest == 0
    assert kept.farthest == 2
    assert kept.warning


def test_a_move_within_chance_is_none():
    rng = np.random.default_rng(1)
    assert abs(move(rng.standard_normal(1_000), 0.03)) < 2
    assert move(np.full(100, -0.5), 0.25) == -2


def test_what_is_there_to_see_is_told_from_noise():
    rng = np.random.default_rng(2)
    chance = rng.uniform(0.2, 0.8, 4_000)
    target = (rng.random(4_000) < chance).astype(float)
    plain = np.full(4_000, target.mean())
    assert unseen(target, plain, chance, binary=True) > 10
    noise = [unseen(target, chance, rng.permutation(chance), binary=True) for _ in range(50)]
    assert np.mean(noise) < 0.5
    assert max(noise) < 3.5
    assert unseen(target, chance, chance, binary=True) == 0


@pytest.mark.parametrize(
    ("name", "kept", "others"), [("sawtooth", DEEP, {TREES, SMOOTH}), ("null", SMOOTH, {TREES, LINEAR})]
)
def test_the_deeper_trees_are_taken_the_more_they_see(name, kept, others):
    world = draw_world(name, rows=4_000, seed=3)
    x, t, y = (
        world.frame[list(names)].to_numpy(float).squeeze() for names in (world.covariates, ["t"], ["y"])
    )
    fit = fit_nuisances(x, t, y)
    assert fit.learners == (kept,)
    assert {each.learner for each in fit.alternatives} == others
