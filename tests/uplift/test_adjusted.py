import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import CannotAnswer
from helpers.uplift import adjusted_effect, fit_nuisances
from helpers.uplift.inference import excludes
from tests.uplift.uplift_designs import HARD_COVARIATES, chosen_treatment, hard_design

COVARIATES = ("age", "orders", "kind")


def test_the_known_effect_is_found_where_the_raw_gap_is_far_off():
    frame, truth = chosen_treatment(2_500, seed=4)
    options = {"outcome": "y", "treatment": "t", "covariates": COVARIATES, "repeats": 1}
    effect = adjusted_effect(frame, **options)
    assert not excludes(effect.ate, truth["ate"])
    assert not excludes(effect.att, truth["att"])
    assert not excludes(effect.untreated_mean_of_treated, truth["without"])
    assert not excludes(effect.relative_att, truth["att"] / truth["without"])
    assert excludes(effect.raw, truth["att"])


def test_the_raw_gap_is_effect_plus_self_selection():
    frame, _ = chosen_treatment(1_500, seed=2)
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES)
    assert effect.raw.estimate == pytest.approx(effect.att.estimate + effect.self_selection.estimate)
    by_hand = frame.groupby("t")["y"].mean()
    assert effect.raw.estimate == pytest.approx(by_hand[1] - by_hand[0])
    neyman = sum(frame.loc[frame["t"] == arm, "y"].var(ddof=0) / (frame["t"] == arm).sum() for arm in (0, 1))
    assert effect.raw.standard_error == pytest.approx(np.sqrt(neyman), rel=1e-3)


def test_in_a_randomised_sample_it_agrees_with_least_squares():
    frame, _ = chosen_treatment(1_900, seed=5)
    rng = np.random.default_rng(0)
    frame = frame.assign(t=rng.permutation(frame["t"].to_numpy()))
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES)
    oracle = sm.OLS(frame["y"], sm.add_constant(frame[["t", "age"]])).fit(cov_type="HC2")
    assert effect.ate.estimate == pytest.approx(oracle.params["t"], abs=0.3 * oracle.bse["t"])
    assert effect.ate.standard_error == pytest.approx(oracle.bse["t"], rel=0.1)


def test_one_row_a_cluster_gives_the_unclustered_interval_and_copies_widen_it():
    frame, _ = chosen_treatment(600, seed=3)
    options = {"outcome": "y", "treatment": "t", "covariates": COVARIATES, "repeats": 1}
    own = frame.assign(group=np.arange(len(frame)))
    plain = adjusted_effect(own, **options)
    clustered = adjusted_effect(own, cluster="group", **options)
    assert clustered.ate.standard_error == pytest.approx(plain.ate.standard_error, rel=1e-3)
    twice = pd.concat([own, own], ignore_index=True)
    naive = adjusted_effect(twice, **options)
    honest = adjusted_effect(twice, cluster="group", **options)
    assert honest.raw.standard_error == pytest.approx(np.sqrt(2) * naive.raw.standard_error, rel=0.01)


def test_the_same_seed_gives_the_same_answer_and_row_order_of_columns_is_free():
    frame, _ = chosen_treatment(500, seed=1)
    first, second = (
        adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES, seed=7) for _ in range(2)
    )
    assert first.ate == second.ate
    renamed = frame.rename(columns={"y": "came back", "t": "posted"})
    third = adjusted_effect(renamed, outcome="came back", treatment="posted", covariates=COVARIATES, seed=7)
    assert third.ate == first.ate


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"t": 2}, ValueError, "must be 0 or 1"),
        ({"y": None}, ValueError, "gaps"),
        ({"t": 0}, CannotAnswer, "only 0 customers"),
    ],
)
def test_hostile_columns_are_named(change, error, words):
    frame, _ = chosen_treatment(400, seed=1)
    with pytest.raises(error, match=words):
        adjusted_effect(frame.assign(**change), outcome="y", treatment="t", covariates=COVARIATES)


def test_an_unknown_column_is_named_with_those_there_are():
    frame, _ = chosen_treatment(400, seed=1)
    with pytest.raises(KeyError, match="income"):
        adjusted_effect(frame, outcome="y", treatment="t", covariates=("income",))


def test_without_common_ground_there_is_no_number():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(1_900)
    frame = pd.DataFrame({"x": x, "t": (x > 0) * 1, "y": rng.random(1_900) < 0.5})
    with pytest.raises(CannotAnswer, match="counterpart"):
        adjusted_effect(frame, outcome="y", treatment="t", covariates=("x",))


def test_few_false_alarms_where_nothing_has_an_effect():
    alarms = 0
    for seed in range(20):
        frame, _ = chosen_treatment(400, seed=100 + seed, effect=0.0)
        effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES, repeats=1)
        alarms += excludes(effect.att, 0)
    assert alarms <= 4  # 5 or more of 20 at 5 % happen in 0.3 % of such series


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "seeds"), [(350, 100), (3_000, 30)])
def test_intervals_cover_the_truth_over_seeds(rows, seeds):
    results = []
    for seed in range(seeds):
        frame, truth = chosen_treatment(rows, seed=seed)
        effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES, seed=seed)
        results.append([not excludes(getattr(effect, name), truth[name]) for name in ("ate", "att")])
    coverage = np.mean(results, axis=0)
    print(f"\n{rows} rows: coverage of ATE {coverage[0]:.3f}, of ATT {coverage[1]:.3f} over {seeds} seeds")
    assert (coverage >= 0.88).all()


def test_one_outcome_model_of_both_arms_knows_for_whom_the_treatment_works():
    rng = np.random.default_rng(21)
    x, t = rng.standard_normal((3_000, 4)), (rng.random(3_000) < 0.4).astype(float)
    y = 5 + 2 * x[:, 0] + t * (1 + x[:, 1]) + rng.standard_normal(3_000)
    fit = fit_nuisances(x, t, y, learners=("curves, surfaces and trees",))
    gain = fit.outcome_treated - fit.outcome_control
    assert np.corrcoef(gain, x[:, 1])[0, 1] > 0.9
    assert gain.mean() == pytest.approx(1, abs=0.15)


def test_an_outcome_that_never_happens_has_no_effect():
    frame, _ = chosen_treatment(2_000, seed=8)
    options = {"learners": ("curves, surfaces and trees",), "folds": 2}
    effect = adjusted_effect(frame.assign(y=0), outcome="y", treatment="t", covariates=COVARIATES, **options)
    assert effect.ate.estimate == 0


def _hard_effect(rows: int, seed: int) -> tuple[float, float, bool, bool]:
    """Distance from the oracle in standard errors, error, and whether ATE and ATT are covered."""
    frame, known = hard_design(rows, seed)
    y, t, e = frame["y"].to_numpy(), frame["t"].to_numpy(), known["propensity"]
    gain = known["treated"] - known["control"]
    scores = gain + t * (y - known["treated"]) / e - (1 - t) * (y - known["control"]) / (1 - e)
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=HARD_COVARIATES, seed=seed)
    off = (effect.ate.estimate - scores.mean()) / effect.ate.standard_error
    covered = not excludes(effect.ate, gain.mean()), not excludes(effect.att, gain[t == 1].mean())
    return off, effect.ate.estimate - gain.mean(), *covered


def test_a_hard_design_comes_close_to_the_oracle():
    """Boosted trees at library defaults stay 1.1 standard errors off."""
    off, *_ = _hard_effect(20_000, seed=2_001)
    assert abs(off) < 0.6


@pytest.mark.slow
def test_intervals_cover_on_a_hard_design():
    """Boosted trees at library defaults keep +0.008 here, 1.1 standard errors."""
    results = np.array([_hard_effect(20_000, seed) for seed in range(3_000, 3_060)])
    off, error = results[:, 0].mean(), np.sqrt(np.mean(results[:, 1] ** 2))
    coverage = results[:, 2:].mean(axis=0)
    print(f"\nhard design: {off:+.2f} standard errors off the oracle, RMSE {error:.4f}, cover {coverage}")
    assert abs(off) < 0.4
    assert (coverage >= 0.88).all()  # at 93 %, fewer than 53 of 60 are covered in 6 % of such series


def test_a_draw_of_the_rows_to_learn_from_gives_nearly_the_plain_fit():
    frame, _ = hard_design(12_000, seed=9)
    options = {"outcome": "y", "treatment": "t", "covariates": HARD_COVARIATES, "folds": 2}
    plain = adjusted_effect(frame, **options)
    drawn = adjusted_effect(frame, **options, most_learned=2_500)
    assert drawn.ate.estimate != plain.ate.estimate
    assert abs(drawn.ate.estimate - plain.ate.estimate) < plain.ate.standard_error
