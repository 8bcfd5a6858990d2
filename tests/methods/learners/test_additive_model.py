import numpy as np
import pytest
import statsmodels.api as sm

from methods.learners.additive_model import ROWS_AT_ONCE, AdditiveModel, Design
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.block_ridge import block_penalties, solve
from tests.methods.uplift_designs import HARD_COVARIATES, hard_design, logistic


def log_odds(chance: np.ndarray) -> np.ndarray:
    return np.log(chance / (1 - chance))


@pytest.fixture(scope="module")
def hard():
    frame, known = hard_design(12_000, seed=31)
    return frame[HARD_COVARIATES].to_numpy(), frame["t"].to_numpy(dtype=float), known["propensity"]


def test_hidden_curves_and_interactions_are_found_far_better_than_by_a_straight_line(hard):
    x, t, chance = hard
    learn, new = slice(0, 9_000), slice(9_000, None)
    model = AdditiveModel().fit(x[learn], t[learn])
    straight = sm.Logit(t[learn], sm.add_constant(x[learn])).fit(disp=0)
    error, plain = (
        np.mean((log_odds(found) - log_odds(chance[new])) ** 2)
        for found in (model.predict(x[new]), straight.predict(sm.add_constant(x[new])))
    )
    assert error < 0.12 * np.var(log_odds(chance[new]))
    assert error < plain / 5
    assert {(1, 2), (3, 16), (6, 17)} <= set(model.surfaces_.pairs)


def test_where_nothing_drives_the_outcome_the_model_shrinks_to_the_mean():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((4_000, 8)), (rng.random(4_000) < 0.3).astype(float)
    found = AdditiveModel().fit(x[:3_000], y[:3_000]).predict(x[3_000:])
    assert found.mean() == pytest.approx(0.3, abs=0.03)
    assert found.std() < 0.04


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_numbers_of_any_scale_are_predicted_alike(scale):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((3_000, 4))
    signal = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    y = scale * (7 + signal + 0.5 * rng.standard_normal(3_000))
    found = AdditiveModel(binary=False).fit(x[:2_000], y[:2_000]).predict(x[2_000:])
    assert np.corrcoef(found, signal[2_000:])[0, 1] > 0.97
    assert np.mean(found) == pytest.approx(scale * (7 + signal[2_000:].mean()), rel=0.02)


def test_three_that_act_together_are_found():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((6_000, 6))
    chance = logistic(1.2 * x[:, 0] * x[:, 2] * x[:, 5])
    model = AdditiveModel().fit(x, (rng.random(6_000) < chance).astype(float))
    assert model.surfaces_.triples[0] == (0, 2, 5)
    assert np.corrcoef(log_odds(model.predict(x)), log_odds(chance))[0, 1] > 0.9


def test_chances_and_their_complement_add_to_one_and_extreme_new_values_stay_finite(hard):
    x, t, _ = hard
    model = AdditiveModel().fit(x[:2_500], t[:2_500])
    both = model.predict_proba(np.vstack([x[:5], np.full((1, 20), 1e9), np.full((1, 20), -1e9)]))
    assert np.allclose(both.sum(axis=1), 1)
    assert ((both > 0) & (both < 1)).all()


def test_rows_separated_by_a_covariate_end_in_finite_coefficients():
    x = np.random.default_rng(6).standard_normal((2_400, 3))
    model = AdditiveModel().fit(x, (x[:, 0] > 0).astype(float))
    assert np.isfinite(model.coefficients_).all()
    assert ((model.predict(x) > 0.5) == (x[:, 0] > 0)).mean() > 0.97


def test_few_rows_and_a_constant_column_are_no_obstacle():
    rng = np.random.default_rng(7)
    x = np.column_stack([rng.standard_normal(60), np.ones(60), rng.integers(0, 2, 60)])
    found = AdditiveModel().fit(x, (rng.random(60) < 0.4).astype(float)).predict(x)
    assert np.isfinite(found).all()


def test_sums_made_a_part_at_a_time_equal_those_of_all_rows_at_once():
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((ROWS_AT_ONCE + 500, 3)).astype(np.float32)
    weight, single = rng.random(len(rows)).astype(np.float32), np.array([1.0, -2.0, 0.5])
    design = Design(rows, lambda part: part)
    assert np.allclose(design.times(single), rows @ single, atol=1e-5)
    assert np.allclose(design.sums(weight), rows.T @ weight, rtol=1e-4)
    assert np.allclose(design.gram(weight), (rows * weight[:, None]).T @ rows, rtol=1e-3, atol=1)


def test_block_penalties_are_the_variance_components_of_a_mixed_model():
    rng = np.random.default_rng(9)
    groups, each = 60, 30
    code = np.repeat(np.arange(groups), each)
    y = 2 + 0.8 * rng.standard_normal(groups)[code] + 1.5 * rng.standard_normal(groups * each)
    design = np.column_stack([np.ones(len(y)), code[:, None] == np.arange(groups)]).astype(float)
    gram, pull = design.T @ design, design.T @ y
    penalty = block_penalties(
        gram, pull, sizes=np.array([1, groups]), start=np.array([1e-3, 5.0]), spare=(float(y @ y), len(y))
    )
    oracle = sm.MixedLM(y, np.ones((len(y), 1)), groups=code).fit(reml=True)
    ratio = oracle.scale / float(oracle.cov_re[0, 0])
    assert penalty[1] == pytest.approx(ratio, rel=0.05)
    assert solve(gram, penalty, pull)[0] == pytest.approx(oracle.fe_params[0], abs=0.02)


def test_trees_find_the_steps_that_curves_round_off():
    rng = np.random.default_rng(11)
    x = rng.standard_normal((12_000, 6))
    log_odds_of_y = 1.6 * ((x[:, 0] > 0.3) & (x[:, 1] > -0.2) & (x[:, 2] < 0.5)) - 1.2 * (x[:, 3] > 1)
    y = (rng.random(12_000) < logistic(log_odds_of_y)).astype(float)
    learn, new = slice(0, 9_000), slice(9_000, None)
    smooth, stepped = (
        np.mean((log_odds(kind().fit(x[learn], y[learn]).predict(x[new])) - log_odds_of_y[new]) ** 2)
        for kind in (AdditiveModel, AdditiveTrees)
    )
    assert stepped < 0.9 * smooth


@pytest.mark.parametrize("kind", [AdditiveModel, AdditiveTrees])
def test_covariates_said_to_act_together_are_taken_in(kind):
    rng = np.random.default_rng(12)
    x = rng.standard_normal((3_000, 5))
    y = (rng.random(3_000) < 0.4).astype(float)
    model = kind().fit(x, y, together=((1, 3), (0, 2, 4)))
    assert (1, 3) in model.surfaces_.pairs
    assert (0, 2, 4) in model.surfaces_.triples
    assert {(1, 3), (0, 2, 4)} <= set(model.together_)


def test_trees_add_little_where_there_is_nothing_to_find_and_work_for_numbers():
    rng = np.random.default_rng(13)
    x, y = rng.standard_normal((4_000, 5)), 50 + 10 * rng.standard_normal(4_000)
    found = AdditiveTrees(binary=False).fit(x[:3_000], y[:3_000]).predict(x[3_000:])
    assert found.mean() == pytest.approx(50, abs=1)
    assert found.std() < 1.5
