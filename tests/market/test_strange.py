import json

import numpy as np
import pandas as pd
import pytest

from market.strange import WORLDS, StrangeWorld, draw_world, write_world

NAMES = pytest.mark.parametrize("name", list(WORLDS))
HIDDEN = ("hidden_felt", "hidden_unfelt")


def gap(world: StrangeWorld) -> tuple[float, float]:
    """The plain difference of the arms, and its standard error."""
    arms = [world.frame.loc[world.frame[world.treatment] == arm, world.outcome] for arm in (1, 0)]
    return arms[0].mean() - arms[1].mean(), np.sqrt(sum(arm.var() / len(arm) for arm in arms))


@NAMES
def test_the_same_seed_gives_the_same_sample_and_another_another(name):
    one, again, other = (draw_world(name, rows=500, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert one.truth == again.truth
    assert not one.frame.equals(other.frame)


@NAMES
def test_every_role_is_a_column_without_gaps(name):
    world = draw_world(name, rows=500)
    named = [world.outcome, world.treatment, *world.covariates, *world.controls]
    named += [world.cluster] if world.cluster else []
    assert set(named) <= set(world.frame.columns)
    assert not world.frame.isna().any().any()
    assert set(world.frame[world.treatment].unique()) == {0, 1}


@NAMES
def test_weighting_by_the_true_chances_finds_the_truth(name):
    world = draw_world(name, rows=40_000, seed=3)
    if not world.known:
        pytest.skip("whole groups were treated")
    y, t = (world.frame[column].to_numpy(float) for column in (world.outcome, world.treatment))
    e, without, treated = (world.known[key] for key in ("propensity", "without", "treated"))
    gain = treated - without
    for estimand, score in {
        "ate": gain + t * (y - treated) / e - (1 - t) * (y - without) / (1 - e),
        "att": (t * (y - without) - (1 - t) * e / (1 - e) * (y - without)) / t.mean(),
    }.items():
        error = score.mean() - world.truth[estimand]
        assert abs(error) < 4 * score.std() / np.sqrt(len(score)), estimand


@pytest.mark.parametrize("name", [name for name in WORLDS if name not in ("village_trial", "adoption")])
def test_the_plain_gap_is_far_from_the_truth(name):
    world = draw_world(name, rows=40_000, seed=4)
    difference, error = gap(world)
    assert abs(difference - world.truth["att"]) > 4 * error


@pytest.mark.parametrize("name", ["village_trial", "adoption"])
def test_whole_villages_are_treated(name):
    world = draw_world(name, rows=2_000)
    assert (world.frame.groupby(world.cluster)[world.treatment].nunique() == 1).all()


def test_a_lottery_of_villages_is_right_on_average():
    errors = [
        gap(world)[0] - world.truth["ate"]
        for world in (draw_world("village_trial", rows=1_000, seed=seed) for seed in range(200))
    ]
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors))


def test_rare_means_rare_and_nothing_means_nothing():
    assert draw_world("rare_treatment", rows=40_000).frame["t"].mean() == pytest.approx(0.02, abs=0.01)
    assert draw_world("rare_outcome", rows=40_000).frame["y"].mean() == pytest.approx(0.01, abs=0.005)
    assert draw_world("null", rows=2_000).truth == {"ate": 0.0, "att": 0.0}


def test_controls_feel_the_hidden_cause_in_one_world_only():
    for name, felt in zip(HIDDEN, (True, False), strict=True):
        world = draw_world(name, rows=40_000, seed=5)
        design = world.frame[["t", *world.covariates]].assign(one=1.0).to_numpy()
        slopes = np.linalg.lstsq(design, world.frame[list(world.controls)].to_numpy(), rcond=None)[0][0]
        assert slopes.mean() == pytest.approx(0.09 if felt else 0.0, abs=0.02)


def test_a_world_is_written_as_frame_roles_and_truth(tmp_path):
    folder = write_world(tmp_path / "world", "sellers", rows=600, seed=2)
    world = draw_world("sellers", rows=600, seed=2)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "frame.parquet"), world.frame)
    assert json.loads((folder / "truth.json").read_text()) == world.truth
    assert json.loads((folder / "roles.json").read_text())["covariates"] == list(world.covariates)


def test_an_unknown_world_is_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"utopia.*mild"):
        draw_world("utopia")
