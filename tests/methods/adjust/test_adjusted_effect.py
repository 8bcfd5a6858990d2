import time

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom

from helpers.report import CannotAnswer
from methods.adjust.adjusted_effect import _over_repeats, _Scores, adjusted_effect
from methods.intervals.influence import excludes
from methods.learners.nuisances import fit_nuisances
from tests.methods.uplift_designs import HARD_COVARIATES, chosen_treatment, hard_design, stepped_design

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


def test_one_odd_split_moves_neither_the_estimate_nor_much_of_the_interval():
    y, rows = np.zeros(4), np.ones(4)
    repeats = [_Scores(rows * gain, 0 * rows, -gain * rows, rows) for gain in (0.20, 0.26, 0.22, 9.0, 0.18)]
    ate, att = _over_repeats(y, repeats)
    assert ate == pytest.approx((0.22, 0.04**2))
    assert att == pytest.approx(ate)
    assert _over_repeats(y, repeats[:1])[0] == pytest.approx((0.20, 0.0))


def test_small_samples_are_split_until_the_seed_counts_for_little():
    frame, _ = chosen_treatment(500, seed=3)
    options = {"outcome": "y", "treatment": "t", "covariates": COVARIATES}
    found = [adjusted_effect(frame, seed=seed, **options).att for seed in (1, 2, 3)]
    assert np.ptp([one.estimate for one in found]) < found[0].standard_error / 4
    assert adjusted_effect(frame, **options).repeats == 11


def test_one_row_a_cluster_gives_the_unclustered_interval_and_copies_widen_it():
    frame, _ = chosen_treatment(600, seed=3)
    options = {"outcome": "y", "treatment": "t", "covariates": COVARIATES, "repeats": 1}
    own = frame.assign(group=np.arange(len(frame)))
    plain = adjusted_effect(own, **options)
    clustered = adjusted_effect(own, cluster="group", **options)
    # CR2 and Student's t with some 300 degrees of freedom, where the plain error is the normal's
    assert 1 < clustered.ate.standard_error / plain.ate.standard_error < 1.02
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


def test_without_covariates_it_is_the_plain_difference():
    frame, _ = chosen_treatment(2_400, seed=6)
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=(), repeats=1)
    assert effect.att.estimate == pytest.approx(effect.raw.estimate, abs=0.003)
    assert effect.withheld == effect.warning == ""


def test_an_outcome_that_never_happens_has_no_effect():
    frame, _ = chosen_treatment(2_000, seed=8)
    options = {"learners": ("curves, surfaces and trees",), "folds": 2}
    effect = adjusted_effect(frame.assign(y=0), outcome="y", treatment="t", covariates=COVARIATES, **options)
    assert effect.ate.estimate == 0


def _hard_effect(design, rows: int, seed: int) -> dict[str, float]:
    """Distance from the oracle in standard errors, error, whether ATE and ATT hold, told a doubt, CPU."""
    frame, known = design(rows, seed)
    y, t, e = frame["y"].to_numpy(), frame["t"].to_numpy(), known["propensity"]
    gain = known["treated"] - known["control"]
    scores = gain + t * (y - known["treated"]) / e - (1 - t) * (y - known["control"]) / (1 - e)
    started = time.process_time()
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=HARD_COVARIATES, seed=seed)
    return {
        "seconds": time.process_time() - started,
        "off": (effect.ate.estimate - scores.mean()) / effect.ate.standard_error,
        "error": effect.ate.estimate - gain.mean(),
        "ate": not excludes(effect.ate, gain.mean()),
        "att": not excludes(effect.att, gain[t == 1].mean()),
        "told": bool(effect.doubt),
    }


def test_a_hard_design_comes_close_to_the_oracle():
    """Boosted trees at library defaults stay 1.1 standard errors off."""
    assert abs(_hard_effect(hard_design, 20_000, seed=2_001)["off"]) < 0.6


@pytest.mark.slow
def test_intervals_cover_on_hard_designs():
    """Boosted trees at library defaults keep 1.1 and 1.3 standard errors: 80 and 75 of 100 intervals hold.

    At least 90 % of 80 intervals must hold the truth. Where 95 % do, a series falls short of that in 2 of
    100; where 85 % do, in 86 of 100.
    """
    found = pd.DataFrame(
        {"design": design.__name__, **_hard_effect(design, 20_000, seed)}
        for design in (hard_design, stepped_design)
        for seed in range(3_000, 3_040)
    )
    groups = found.groupby("design")
    means = groups.mean().assign(rmse=groups["error"].agg(lambda error: np.sqrt(np.mean(error**2))))
    print(f"\n20,000 rows, 40 seeds a design\n{means.round(4).to_string()}")
    assert (means["off"].abs() < 0.5).all()
    assert (found[["ate", "att"]].mean() >= 0.90).all()
    told = found.loc[found["design"] == hard_design.__name__, "told"]
    assert binom.sf(told.sum() - 1, len(told), 0.10) >= 0.01  # the price of silence, but for chance


def test_a_draw_of_the_rows_to_learn_from_gives_nearly_the_plain_fit():
    frame, _ = hard_design(12_000, seed=9)
    options = {"outcome": "y", "treatment": "t", "covariates": HARD_COVARIATES, "folds": 2}
    plain = adjusted_effect(frame, **options)
    drawn = adjusted_effect(frame, **options, most_learned=2_500)
    assert drawn.ate.estimate != plain.ate.estimate
    assert abs(drawn.ate.estimate - plain.ate.estimate) < plain.ate.standard_error
