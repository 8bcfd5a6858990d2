"""Outcomes that the treatment cannot move show the error of the comparison; blind ones are refused."""

import numpy as np
import pytest

from market.strange import draw_world
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.known_zeros import calibrated_on, known_zeros
from methods.errors import CannotAnswer
from methods.intervals.influence import excludes
from methods.regression.covariates import covariate_matrix


def _asked(world, *, controls=None):
    frame = world.frame
    names = tuple(controls or world.controls)
    return known_zeros(
        frame["y"].to_numpy(float),
        frame["t"].to_numpy(float),
        frame[list(names)].to_numpy(float),
        covariate_matrix(frame, world.covariates),
        names=names,
    )


def _effect(world):
    return adjusted_effect(world.frame, outcome="y", treatment="t", covariates=world.covariates)


def test_a_hidden_cause_is_taken_off_where_controls_feel_it():
    world = draw_world("hidden_felt", rows=4_000, seed=5)
    plain = _effect(world).att
    zeros = _asked(world)
    found = calibrated_on(zeros, plain)
    assert excludes(plain, world.truth["att"])
    assert not excludes(found.calibrated, world.truth["att"])
    assert found.held >= 10
    assert not found.withheld
    assert len(zeros.adjusted) == 12


def test_controls_that_share_nothing_with_the_outcome_are_refused():
    zeros = _asked(draw_world("hidden_unfelt", rows=4_000, seed=5))
    assert zeros.felt < 0.01  # they do feel what the covariates show
    assert "a hidden cause of the outcome would not show in them" in zeros.refused
    with pytest.raises(CannotAnswer, match="neither go with the outcome"):
        calibrated_on(zeros, _effect(draw_world("hidden_unfelt", rows=4_000, seed=5)).att)


def test_controls_that_do_not_feel_who_is_treated_are_refused():
    world = draw_world("hidden_felt", rows=2_000, seed=6)
    rng = np.random.default_rng(6)
    blind = [f"blind_{number}" for number in range(8)]
    world.frame[blind] = rng.random((2_000, 8)) < 0.3
    assert "do not feel who is treated" in _asked(world, controls=blind).refused


def test_without_hidden_causes_of_treatment_the_interval_hardly_widens():
    world = draw_world("hidden_harmless", rows=4_000, seed=7)
    plain = _effect(world).att
    found = calibrated_on(_asked(world), plain)
    assert found.width_ratio < 1.5  # 1.1 in the mean over draws: see the slow test
    assert not excludes(found.calibrated, world.truth["att"])


def test_adjusted_controls_agree_with_the_full_comparison():
    """One design for all controls and a ridge give what each control's own fit gives, within its error."""
    world = draw_world("hidden_felt", rows=2_000, seed=8)
    zeros = _asked(world)
    for name, found in zip(zeros.names[:3], zeros.adjusted, strict=False):
        share = world.frame[name].mean()
        full = adjusted_effect(
            world.frame, outcome=name, treatment="t", covariates=world.covariates, repeats=1
        ).att.scaled(1 / (share * (1 - share)))
        assert found.estimate == pytest.approx(full.estimate, abs=0.5 * full.standard_error)
        assert found.standard_error == pytest.approx(full.standard_error, rel=0.1)


def test_rare_controls_are_left_out_and_five_are_needed():
    world = draw_world("hidden_felt", rows=2_000, seed=9)
    rare = world.frame.assign(rare=np.arange(2_000) < 20)
    names = [*world.controls[:5], "rare"]
    world.frame["rare"] = rare["rare"]
    assert _asked(world, controls=names).names == tuple(world.controls[:5])
    with pytest.raises(CannotAnswer, match="only 4 outcomes of known nil effect came often enough"):
        _asked(world, controls=[*world.controls[:4], "rare"])


@pytest.mark.parametrize("value", [np.nan, 0.5, 2.0])
def test_controls_other_than_0_and_1_are_refused(value):
    world = draw_world("hidden_felt", rows=500, seed=9)
    world.frame["control_0"] = world.frame["control_0"].astype(float)
    world.frame.loc[3, "control_0"] = value
    with pytest.raises(ValueError, match="must hold 0 and 1 without gaps"):
        _asked(world)
