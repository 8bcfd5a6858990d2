import numpy as np
import pandas as pd
import pytest

from helpers.report import CannotAnswer
from methods.trials.encouragement import complier_effect, complier_profile
from methods.trials.intention_to_treat import intention_to_treat
from tests.methods.uplift_designs import encouragement

NAMES = {"outcome": "y", "treatment": "t", "instrument": "z"}


def test_the_known_effect_on_the_moved_is_covered():
    covered = 0
    for seed in range(60):
        frame, truth = encouragement(600, seed, moved=0.4, effect=0.5)
        found = complier_effect(frame, **NAMES, covariates=("trait",))
        covered += found.low <= truth <= found.high
    assert covered >= 51


def test_without_covariates_it_is_walds_ratio():
    frame, _ = encouragement(500, 1, moved=0.4, effect=0.5)
    means = frame.groupby("z")[["y", "t"]].mean()
    found = complier_effect(frame, **NAMES)
    difference = means.loc[1] - means.loc[0]
    assert found.effect.estimate == pytest.approx(difference["y"] / difference["t"])
    assert found.first_stage.estimate == pytest.approx(difference["t"])
    assert found.reduced_form.estimate == pytest.approx(difference["y"])


@pytest.mark.parametrize("robust", [True, False])
def test_the_ends_of_the_interval_are_where_the_test_turns(robust):
    """Anderson and Rubin: regress y − b t on z; at the ends of the interval |t| is the critical value."""
    frame, _ = encouragement(400, 2, moved=0.3, effect=0.5)
    found = complier_effect(frame, **NAMES, robust=robust)
    for end in (found.low, found.high):
        moved = frame.assign(y=frame["y"] - end * frame["t"])
        reduced = complier_effect(moved, **NAMES, robust=robust).reduced_form
        assert abs(reduced.estimate / reduced.standard_error) == pytest.approx(1.959964, rel=1e-6)


def test_a_nudge_that_moves_nobody_bounds_nothing():
    frame, _ = encouragement(400, 3, moved=0.0, effect=0.5)
    found = complier_effect(frame, **NAMES)
    assert found.is_weak
    assert not found.is_bounded


def test_weak_nudges_are_still_covered_where_the_usual_interval_fails():
    anderson_rubin, told = 0, 0
    for seed in range(100):
        frame, truth = encouragement(300, seed, moved=0.06, effect=1.0)
        if frame.groupby("z")["t"].mean().nunique() < 2:
            continue  # the nudge moved nobody: refused
        found = complier_effect(frame, **NAMES)
        told += 1
        anderson_rubin += found.low <= truth <= found.high
    assert told >= 95
    assert anderson_rubin >= 0.89 * told


def test_who_was_moved_is_found():
    frame, _ = encouragement(20_000, 4, moved=0.4, effect=0.5)
    rng = np.random.default_rng(1)
    frame["young"] = np.where(frame["moved"], rng.random(20_000) < 0.7, rng.random(20_000) < 0.4) * 1
    profile = complier_profile(frame, treatment="t", instrument="z", covariates=("young",)).iloc[0]
    assert profile["low"] < frame.loc[frame["moved"], "young"].mean() < profile["high"]
    assert profile["everyone"] < profile["low"]


def test_clusters_of_one_change_nothing_but_the_factor():
    frame, _ = encouragement(500, 5, moved=0.4, effect=0.5)
    frame["own"] = np.arange(500)
    plain, clustered = (complier_effect(frame, **NAMES, cluster=name) for name in (None, "own"))
    assert clustered.effect.standard_error == pytest.approx(plain.effect.standard_error, rel=1e-2)


def test_nothing_to_learn_is_said():
    frame, _ = encouragement(500, 5, moved=0.4, effect=0.5)
    with pytest.raises(CannotAnswer, match="same for everyone"):
        complier_effect(frame.assign(z=1), **NAMES)
    with pytest.raises(CannotAnswer, match="at least 50"):
        complier_effect(frame.head(40), **NAMES)
    with pytest.raises(ValueError, match="gaps"):
        complier_effect(frame.assign(y=pd.Series([None] * 500, dtype="Float64")), **NAMES)


def test_text_is_refused_in_words():
    frame, _ = encouragement(400, 1, moved=0.4, effect=1.0)
    told = frame.assign(t=frame["t"].map({0: "no", 1: "yes"}))
    for ask in (
        lambda: complier_effect(told, outcome="y", treatment="t", instrument="z"),
        lambda: intention_to_treat(told, outcome="y", treatment="t"),
    ):
        with pytest.raises(ValueError, match="'t' holds str; numbers are needed"):
            ask()


def test_an_instrument_that_moved_nobody_is_told_and_no_division():
    rows = pd.DataFrame({"offer": np.tile([0, 1], 100), "shared": np.tile([0, 0, 1, 1], 50)})
    rows["spent"] = np.arange(200.0)
    with pytest.raises(CannotAnswer, match="moved nobody"):
        complier_effect(rows, outcome="spent", treatment="shared", instrument="offer")
