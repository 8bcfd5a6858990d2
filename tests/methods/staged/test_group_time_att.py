"""Staged programmes: published figures, recovery, coverage, oracles and hostile panels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from methods.staged.did_2x2 import did_2x2
from methods.staged.fixed_effects import two_way_fixed_effects
from methods.staged.group_time_att import group_time_att
from methods.staged.panel_grid import panel_grid
from methods.staged.randomisation_inference import randomisation_inference
from tests.methods.staged_designs import real_table, staged

NAMES = {"unit": "unit", "period": "period", "outcome": "outcome", "start": "start"}
COUNTIES = {"unit": "countyreal", "period": "year", "outcome": "lemp", "start": "first.treat"}


@pytest.mark.parametrize(
    ("controls", "kind", "estimate", "error"),
    [
        ("never", "simple", -0.039951, 0.012034),
        ("never", "stage", -0.031018, 0.012446),
        ("never", "since_start", -0.077240, 0.019965),
        ("never", "period", -0.041700, 0.015972),
        ("not_yet", "simple", -0.039764, 0.012052),
        ("not_yet", "since_start", -0.077399, None),
    ],
)
def test_the_minimum_wage_panel_gives_the_published_averages(controls, kind, estimate, error):
    found = group_time_att(real_table("mpdta/mpdta.csv"), **COUNTIES, controls=controls, draws=99).overall(
        kind
    )
    assert found.estimate == pytest.approx(estimate, abs=1e-6)
    if error is not None:
        assert found.standard_error == pytest.approx(error, abs=1e-6)


def test_the_minimum_wage_panel_gives_the_published_series():
    effects = group_time_att(real_table("mpdta/mpdta.csv"), **COUNTIES, controls="never")
    events = effects.by("since_start").set_index("since_start")["estimate"]
    published = {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
    assert events.to_dict() == pytest.approx(published, abs=5.1e-5)
    stages = effects.by("stage").set_index("stage")["estimate"]
    assert stages.to_dict() == pytest.approx({2004: -0.0797, 2006: -0.0229, 2007: -0.0261}, abs=5.1e-5)
    assert effects.pretrend_p == pytest.approx(0.1681, abs=5e-5)
    assert effects.critical > 2.4


def test_covariates_give_the_doubly_robust_figures_of_the_package_guide():
    effects = group_time_att(
        real_table("mpdta/mpdta.csv"), **COUNTIES, controls="never", covariates=("lpop",), draws=99
    )
    simple = effects.overall("simple")
    assert simple.estimate == pytest.approx(-0.0418, abs=5e-5)
    assert simple.standard_error == pytest.approx(0.0115, abs=5e-5)


def test_growing_effects_are_recovered_where_the_older_regression_fails():
    effects = group_time_att(staged(1, units=2000, effect=1.0, growth=0.5), **NAMES)
    events = effects.by("since_start").set_index("since_start")
    after = events.loc[0:]
    assert after["estimate"].to_numpy() == pytest.approx(1 + 0.5 * after.index.to_numpy(), abs=0.12)
    truth = np.mean([1 + 0.5 * np.mean(np.arange(9 - start)) for start in (4, 6, 7)])
    overall = effects.overall("stage")
    assert overall.low <= truth <= overall.high
    assert two_way_fixed_effects(effects.grid).high < truth


def test_drift_before_the_start_is_seen():
    effects = group_time_att(staged(2, drift=0.3), **NAMES, controls="never")
    assert effects.pretrend_p < 1e-4
    assert effects.before().low <= 0.3 <= effects.before().high
    quiet = [group_time_att(staged(seed), **NAMES, draws=9).pretrend_p for seed in range(40)]
    assert np.mean(np.array(quiet) < 0.05) <= 0.15


@pytest.mark.parametrize("units", [24, 300])
def test_a_dip_in_the_last_period_before_the_start_stands_alone(units):
    """Units that join after a bad period and mend by themselves: many periods together hide it."""
    rows = staged(5, units=units, periods=12)
    rows["start"] += 4
    clean = group_time_att(rows, **NAMES, draws=9)
    assert clean.just_before().low <= 0 <= clean.just_before().high
    rows["outcome"] -= 1.0 * (rows["period"] == rows["start"] - 1)
    effects = group_time_att(rows, **NAMES, draws=9)
    series = effects.by("since_start", draws=9).set_index("since_start")["estimate"]
    found = effects.just_before()
    assert found.estimate == pytest.approx(series[-1])
    assert found.low <= -1 <= found.high < 0
    assert found.estimate == pytest.approx(clean.just_before().estimate - 1)
    assert abs(effects.before().estimate) < 0.3
    if units == 24:
        placebo = randomisation_inference(effects, draws=199)
        assert placebo.just_before.estimate == pytest.approx(found.estimate)
        assert placebo.just_before_p < 0.02 < placebo.before_p


def test_intervals_cover():
    covered = []
    for seed in range(60):
        found = group_time_att(staged(seed, effect=0.4), **NAMES, draws=9)
        covered.append(
            [found.overall(kind).low <= 0.4 <= found.overall(kind).high for kind in ("simple", "stage")]
        )
    assert np.mean(covered) >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize("controls", ["never", "not_yet"])
def test_intervals_and_bands_cover(controls):
    single, bands = [], []
    for seed in range(400):
        effects = group_time_att(staged(seed, effect=0.4), **NAMES, controls=controls, draws=199, seed=seed)
        single.append([effects.overall(k).low <= 0.4 <= effects.overall(k).high
                       for k in ("simple", "stage", "period", "since_start")])  # fmt: skip
        events = effects.by("since_start", seed=seed, draws=199)
        truth = 0.4 * (events["since_start"] >= 0)
        bands.append(((events["low"] <= truth) & (truth <= events["high"])).all())
    assert np.all(np.abs(np.mean(single, axis=0) - 0.95) <= 0.03)
    assert 0.92 <= np.mean(bands) <= 0.985


def test_two_stages_of_a_kind_are_a_difference_in_differences():
    frame = staged(3)[lambda rows: rows["start"].isna() | (rows["start"] == 6)]
    effects = group_time_att(frame, **NAMES, controls="never")
    wide = frame.pivot(index="unit", columns="period", values="outcome")
    treated = frame.groupby("unit")["start"].first().notna()
    change = wide[7] - wide[5]
    expected = change[treated].mean() - change[~treated].mean()
    cell = effects.cells.query("stage == 6 and period == 7").iloc[0]
    assert cell["estimate"] == pytest.approx(expected)
    model = sm.OLS(change, sm.add_constant(treated.astype(float))).fit(cov_type="HC0")
    assert cell["standard_error"] == pytest.approx(model.bse.iloc[1])


def test_the_older_regression_equals_dummies_in_least_squares():
    frame = staged(4, units=60, effect=0.5)
    treated = (frame["period"] >= frame["start"]).astype(float)
    dummies = pd.get_dummies(frame[["unit", "period"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(dummies.assign(treated=treated))
    oracle = sm.OLS(frame["outcome"], design).fit().params["treated"]
    found = two_way_fixed_effects(panel_grid(frame, **NAMES))
    assert found.estimate == pytest.approx(oracle)


def test_doubly_robust_is_right_when_either_model_is():
    rng = np.random.default_rng(5)
    x = rng.normal(size=20_000)
    treated = rng.random(20_000) < 1 / (1 + np.exp(-0.8 * x))
    bent = 1.0 * treated + x**2 + rng.normal(size=20_000)
    naive = bent[treated].mean() - bent[~treated].mean()
    none = np.empty((20_000, 0))
    assert did_2x2(bent, treated, ~treated, none).estimate == pytest.approx(naive)
    line = did_2x2(1.0 * treated + x + rng.normal(size=20_000), treated, ~treated, x[:, None])
    curve = did_2x2(bent, treated, ~treated, x[:, None])
    for found in (line, curve):
        assert abs(found.estimate - 1) < 4 * found.influence.std() / np.sqrt(20_000)


def test_doubly_robust_influence_is_the_spread_over_samples():
    estimates, errors = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=400)
        treated = rng.random(400) < 1 / (1 + np.exp(-0.8 * x))
        found = did_2x2(treated + x + rng.normal(size=400), treated, ~treated, x[:, None])
        estimates.append(found.estimate)
        errors.append(found.influence.std() / 20)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.12)
    assert np.mean(estimates) == pytest.approx(1.0, abs=0.03)


def test_the_chance_of_treatment_is_the_likelihoods():
    from methods.staged.did_2x2 import _logistic

    rng = np.random.default_rng(6)
    design = np.column_stack([np.ones(500), rng.normal(size=500)])
    d = (rng.random(500) < 0.3).astype(float)
    loss = lambda beta: np.sum(np.logaddexp(0, design @ beta) - d * (design @ beta))  # noqa: E731
    oracle = 1 / (1 + np.exp(-design @ minimize(loss, np.zeros(2), tol=1e-10).x))
    assert _logistic(design, d, np.ones(500))[0] == pytest.approx(oracle, abs=1e-5)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_labels_level_and_calendar_do_not_matter(seed):
    frame = staged(seed, effect=0.3)
    first = group_time_att(frame, **NAMES).overall("stage")
    moved = frame.assign(
        outcome=2 * frame["outcome"] + 9, period=2 * frame["period"] + 2000, start=2 * frame["start"] + 2000,
        unit="u" + frame["unit"].astype(str),
    ).sample(frac=1, random_state=seed)  # fmt: skip
    second = group_time_att(moved, **NAMES).overall("stage")
    assert second.estimate == pytest.approx(2 * first.estimate)
    assert second.standard_error == pytest.approx(2 * first.standard_error)


def test_clusters_of_copies_keep_their_error():
    frame = staged(7)
    twice = pd.concat([frame.assign(copy=0), frame.assign(copy=1)])
    twice["both"] = twice["unit"].astype(str) + "-" + twice["copy"].astype(str)
    once = group_time_att(frame, **NAMES).overall("stage")
    again = group_time_att(twice, **{**NAMES, "unit": "both"}, cluster="unit").overall("stage")
    assert again.estimate == pytest.approx(once.estimate)
    assert again.standard_error == pytest.approx(once.standard_error, rel=0.01)


@pytest.mark.parametrize("covariates", [(), ("trait",)])
def test_a_weight_of_two_is_a_unit_twice(covariates):
    frame = staged(10, units=200, effect=0.5)
    frame = frame.assign(
        trait=np.sin(frame["unit"]), weight=np.where(frame["unit"] % 3 == 0, 2.0, 1.0), copy=0
    )
    copies = pd.concat([frame, frame[frame["weight"] == 2].assign(copy=1)])
    copies["both"] = copies["unit"].astype(str) + "-" + copies["copy"].astype(str)
    weighted = group_time_att(frame, **NAMES, covariates=covariates, weight="weight")
    doubled = group_time_att(copies, **{**NAMES, "unit": "both"}, covariates=covariates, cluster="unit")
    for kind in ("simple", "stage"):
        one, two = weighted.overall(kind), doubled.overall(kind)
        assert one.estimate == pytest.approx(two.estimate)
        assert one.standard_error == pytest.approx(two.standard_error, rel=0.01)
    regressions = [two_way_fixed_effects(effects.grid) for effects in (weighted, doubled)]
    assert regressions[0].estimate == pytest.approx(regressions[1].estimate)
    assert regressions[0].standard_error == pytest.approx(regressions[1].standard_error, rel=0.01)


def test_fractional_weights_scale_and_bad_ones_are_refused():
    frame = staged(11, units=80).assign(weight=lambda rows: 0.3 + (rows["unit"] % 7) / 5)
    first = group_time_att(frame, **NAMES, weight="weight").overall()
    second = group_time_att(frame.assign(weight=13.7 * frame["weight"]), **NAMES, weight="weight").overall()
    assert first.estimate == pytest.approx(second.estimate)
    assert first.standard_error == pytest.approx(second.standard_error)
    with pytest.raises(ValueError, match="above 0"):
        group_time_att(frame.assign(weight=0.0), **NAMES, weight="weight")


def test_units_without_a_period_and_early_ones_are_dropped_and_counted():
    frame = staged(8)
    hole = frame[~((frame["unit"] == 5) & (frame["period"] == 3))].copy()
    hole.loc[hole["unit"] == 6, "outcome"] = np.nan
    hole.loc[hole["unit"] == 7, "start"] = 1.0
    assert group_time_att(hole, **NAMES).dropped == 3
    never = frame.assign(start=frame["start"].fillna(np.inf))
    assert (
        group_time_att(never, **NAMES).overall().estimate == group_time_att(frame, **NAMES).overall().estimate
    )


def test_late_starts_are_not_yet_treated():
    frame = staged(9)
    late = frame.assign(start=frame["start"].where(frame["start"].notna(), 99.0))
    assert (
        group_time_att(late, **NAMES).overall().estimate == group_time_att(frame, **NAMES).overall().estimate
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(start=np.nan), "no stage can be compared"),
        (lambda f: f.assign(start=5.0), "no stage can be compared"),
        (lambda f: f.assign(period=1).drop_duplicates("unit"), "at least 2"),
        (lambda f: pd.concat([f, f.head(1)]), "more than one row"),
        (lambda f: f.assign(start=f["start"].where(f["period"] > 2)), "changes within"),
        (lambda f: f.assign(outcome=np.nan), "only 0 units"),
    ],
)
def test_hostile_panels_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        group_time_att(change(staged(1, units=40)), **NAMES)


def test_bad_options_are_refused():
    frame = staged(1, units=40)
    with pytest.raises(ValueError, match="controls"):
        group_time_att(frame, **NAMES, controls="later")
    with pytest.raises(ValueError, match="not_yet"):
        group_time_att(frame[frame["start"].notna()], **NAMES, controls="never")
    with pytest.raises(ValueError, match="kind"):
        group_time_att(frame, **NAMES).overall("mean")
    with pytest.raises(KeyError, match="no columns"):
        group_time_att(frame, **{**NAMES, "start": "begun"})


def test_a_constant_outcome_has_no_error():
    found = group_time_att(staged(1, units=40).assign(outcome=1.0), **NAMES).overall()
    assert (found.estimate, found.standard_error) == (0.0, 0.0)


def test_dealing_the_starts_out_covers_with_few_units():
    covered, single = [], []
    for seed in range(20):
        effects = group_time_att(staged(seed, units=14, effect=0.5), **NAMES, draws=9)
        found = randomisation_inference(effects, draws=79, seed=seed)
        assert found.overall.estimate == pytest.approx(effects.overall("simple").estimate)
        assert found.events["estimate"].to_numpy() == pytest.approx(
            effects.by("since_start", draws=9)["estimate"].to_numpy()
        )
        assert found.before.estimate == pytest.approx(effects.before().estimate)
        assert found.overall.estimate == pytest.approx(effects.overall("simple").estimate)
        assert found.before.estimate == pytest.approx(effects.before().estimate)
        covered.append(found.overall.low <= 0.5 <= found.overall.high)
        plain = effects.overall("simple")
        single.append(plain.low <= 0.5 <= plain.high)
    assert np.mean(covered) >= 0.85
    assert np.mean(covered) >= np.mean(single)


@pytest.mark.slow
def test_dealing_the_starts_out_gives_few_false_alarms():
    alarms = []
    for seed in range(200):
        effects = group_time_att(staged(seed, units=12), **NAMES, draws=9)
        alarms.append(randomisation_inference(effects, draws=99, seed=seed).p_value < 0.05)
    assert 0.005 <= np.mean(alarms) <= 0.09
