"""Something rare that predicts strongly: two undamped Newton steps predicted 0.000 and 1.000 for 0.4."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from methods.adjust.adjusted_effect import adjusted_effect
from methods.intervals.influence import excludes
from methods.learners import additive_model
from methods.learners.additive_model import AdditiveModel, Design
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.curves import Curves
from methods.learners.damped_newton import Climb, climb
from methods.learners.fit_check import fault_of, two_valued
from methods.learners.nuisances import fit_nuisances

KINDS = pytest.mark.parametrize("kind", [AdditiveModel, AdditiveTrees])


def flagged(rows: int, held: float, rates: tuple[float, float], *, others: int = 3, seed: int = 1):
    """A flag held by a share of the rows, with a rate of ones without and with it, beside idle columns."""
    rng = np.random.default_rng(seed)
    flag = rng.random(rows) < held
    target = (rng.random(rows) < np.where(flag, rates[1], rates[0])).astype(float)
    return np.column_stack([flag.astype(float), rng.standard_normal((rows, others))]), target


def share_and_chance(x: np.ndarray, target: np.ndarray, chance: np.ndarray) -> list[tuple[float, float]]:
    return [(target[x[:, 0] == level].mean(), chance[x[:, 0] == level].mean()) for level in (0, 1)]


@KINDS
@pytest.mark.parametrize(
    ("rows", "held", "rates"),
    [
        (4_000, 0.10, (0.02, 0.40)),
        (12_000, 0.10, (0.02, 0.40)),
        (3_000, 0.30, (0.01, 0.90)),
        (8_000, 0.01, (0.05, 0.75)),
        (20_000, 0.05, (0.001, 0.20)),
        (6_000, 0.10, (0.98, 0.60)),
    ],
)
@pytest.mark.parametrize("others", [0, 6])
def test_the_mean_chance_in_each_level_is_its_share(kind, rows, held, rates, others):
    x, target = flagged(rows, held, rates, others=others)
    for share, chance in share_and_chance(x, target, kind().fit(x, target).predict(x)):
        assert chance == pytest.approx(share, rel=0.1, abs=0.003)


@KINDS
def test_few_ones_among_many_rows_are_not_lost(kind):
    flag = np.repeat([1.0, 0.0], [1_331, 14_846])
    target = np.zeros(len(flag))
    target[:156] = target[1_331 : 1_331 + 29] = 1
    x = np.column_stack([flag, np.random.default_rng(2).standard_normal((len(flag), 8))])
    (rare, low), (common, high) = share_and_chance(x, target, kind().fit(x, target).predict(x))
    assert high == pytest.approx(common, rel=0.05)
    assert low == pytest.approx(rare, rel=0.05)


@KINDS
def test_a_level_all_of_one_kind_ends_in_chances_near_it(kind):
    x, target = flagged(4_000, 0.05, (0.1, 1.0))
    chance = kind().fit(x, target).predict(x)
    assert chance[x[:, 0] == 1].mean() > 0.95
    assert chance[x[:, 0] == 0].mean() == pytest.approx(0.1, abs=0.02)
    assert np.isfinite(chance).all()


@KINDS
def test_a_long_tail_that_predicts_strongly_is_followed(kind):
    rng = np.random.default_rng(3)
    x = rng.standard_t(2, (6_000, 3))
    target = (rng.random(6_000) < np.where(x[:, 0] > 4, 0.6, 0.01)).astype(float)
    chance = kind().fit(x, target).predict(x)
    far = x[:, 0] > 6
    assert chance[far].mean() == pytest.approx(target[far].mean(), abs=0.1)


def test_a_climb_ends_where_statsmodels_ends():
    x, target = flagged(3_000, 0.1, (0.02, 0.40))
    rows = np.column_stack([np.ones(len(x)), x]).astype(np.float32)
    design, start = (
        Design(rows, lambda part: part),
        Climb(coefficients=np.zeros(5), predictor=np.zeros(3_000, dtype=np.float32), gap=np.inf),
    )
    oracle = sm.Logit(target, rows).fit(disp=0)
    for chords in (1, 4):
        found = climb(
            design, target.astype(np.float32), start, np.full(5, 1e-6), chords=chords, tolerance=1e-6
        )
        assert found.gap < 1e-6
        assert found.coefficients == pytest.approx(oracle.params, abs=0.01)


def test_a_climb_from_far_away_comes_back():
    x, target = flagged(3_000, 0.1, (0.02, 0.40))
    design = Design(np.column_stack([np.ones(len(x)), x]).astype(np.float32), lambda part: part)
    far = np.array([9.0, -20.0, 5.0, 5.0, -5.0])
    start = Climb(coefficients=far, predictor=design.times(far), gap=np.inf)
    found = climb(design, target.astype(np.float32), start, np.full(5, 1e-3), tolerance=1e-4)
    chance = 1 / (1 + np.exp(-found.predictor))
    assert chance.mean() == pytest.approx(target.mean(), abs=1e-3)


class TestCheck:
    def test_finds_no_fault_in_the_true_chances(self):
        for seed in range(20):
            x, target = flagged(2_000, 0.1, (0.02, 0.40), seed=seed)
            assert fault_of(x, target, np.where(x[:, 0] == 1, 0.40, 0.02)) == ""

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ((0.02, 0.0), "vip"),
            ((0.02, 1.0), "vip"),
            ((0.06, 0.06), "vip"),
            ((0.3, 0.4), "without vip"),
        ],
    )
    def test_names_the_level_that_is_wrong(self, wrong, words):
        x, target = flagged(4_000, 0.1, (0.02, 0.40))
        fault = fault_of(x, target, np.where(x[:, 0] == 1, wrong[1], wrong[0]), names=("vip", "a", "b", "c"))
        assert words in fault

    def test_finds_the_right_mean_at_the_price_of_a_worse_loss(self):
        x, target = flagged(4_000, 0.1, (0.2, 0.40))
        chance = np.random.default_rng(0).permutation(np.where(np.arange(4_000) < 890, 0.999, 0.001))
        fault = fault_of(x[:, 1:], target, chance)
        assert "worse than the share" in fault

    def test_bears_with_a_small_level_that_a_good_model_misses_by_chance(self):
        rng = np.random.default_rng(7)
        for _ in range(30):
            x = (rng.random((1_200, 12)) < 0.06).astype(float)
            chance = 1 / (1 + np.exp(-(-1.2 + rng.standard_normal(1_200))))
            fitted = np.clip(chance * np.exp(0.5 * rng.standard_normal(1_200)), 0.01, 0.99)
            target = (rng.random(1_200) < chance).astype(float)
            assert "worse than the share" not in fault_of(x, target, fitted)

    def test_tells_two_values_from_more(self):
        x = np.column_stack([np.tile([0, 1], 50), np.tile([3, 7], 50), np.arange(100), np.ones(100)])
        assert two_valued(x.astype(float)).tolist() == [0, 1]


@KINDS
def test_a_fit_that_fails_its_check_gives_way_to_a_plain_logistic_and_says_so(kind, monkeypatch):
    x, target = flagged(4_000, 0.1, (0.02, 0.40))
    monkeypatch.setattr(
        additive_model, "climb", lambda design, target, start, *_, **__: dataclasses.replace(start, gap=0.0)
    )
    monkeypatch.setattr(kind, "_fit_left_over", AdditiveModel._fit_left_over)
    model = kind().fit(x, target)
    assert "where the share is" in model.fault_
    for share, chance in share_and_chance(x, target, model.predict(x)):
        assert chance == pytest.approx(share, rel=0.15)


def test_the_warning_of_failed_fits_reaches_the_nuisances(monkeypatch):
    x, target = flagged(4_000, 0.1, (0.02, 0.40))
    outcome = (np.random.default_rng(5).random(4_000) < 0.3).astype(float)
    options = {"learners": ("curves and surfaces",), "folds": 2}
    assert fit_nuisances(x, target, outcome, **options).warning == ""
    monkeypatch.setattr(
        additive_model, "climb", lambda design, target, start, *_, **__: dataclasses.replace(start, gap=0.0)
    )
    assert "2 fits of the treatment failed" in fit_nuisances(x, target, outcome, **options).warning


def test_a_flag_whose_step_falls_between_two_quantiles_stays_one_column():
    flag = np.zeros((1_001, 1))
    flag[:-23] = 1.0  # the 201 quantiles of 1,001 rows fall on every fifth row
    noise = np.zeros((1_024, 1))
    noise[:13] = 1.0
    for values in (flag, noise):
        for cut in range(1, 40):
            held = (np.arange(len(values)) < cut).astype(float)[:, None]
            assert Curves(held).sizes.tolist() == [1]


@pytest.mark.parametrize("seed", range(3))
def test_a_rare_flag_with_counterparts_is_not_refused(seed):
    rng = np.random.default_rng(seed)
    x, treated = flagged(12_000, 0.1, (0.02, 0.40), seed=40 + seed)
    chance = 1 / (1 + np.exp(-(-1.0 + 1.2 * x[:, 0] + 0.3 * x[:, 1])))
    outcome = rng.random(12_000) < np.where(treated == 1, chance + 0.08 * (1 - chance), chance)
    gain = (0.08 * (1 - chance))[treated == 1].mean()
    frame = pd.DataFrame(x, columns=list("fabc")).assign(t=treated, y=outcome * 1)
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=list("fabc"), seed=seed)
    assert not excludes(effect.att, gain)
    assert effect.overlap.beyond_treated_share < 0.05
    assert effect.nuisances.warning == ""
