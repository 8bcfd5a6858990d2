import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import CannotAnswer
from methods.trials.intention_to_treat import intention_to_treat, sample_ratio


def drawn_arm(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.standard_normal(rows)
    t = rng.random(rows) < 0.5
    y = 2.0 * before + 0.3 * t + 0.5 * before * t + rng.standard_normal(rows)
    return pd.DataFrame({"before": before, "t": t * 1, "y": y})


def test_without_covariates_it_is_the_difference_with_unpooled_variance():
    frame = drawn_arm(500, seed=1)
    offer = intention_to_treat(frame, outcome="y", treatment="t")
    arms = [frame.loc[frame["t"] == arm, "y"] for arm in (0, 1)]
    assert offer.effect.estimate == pytest.approx(arms[1].mean() - arms[0].mean())
    assert offer.effect.standard_error == pytest.approx(np.sqrt(sum(arm.var() / len(arm) for arm in arms)))


def test_the_adjusted_effect_equals_lins_regression_in_statsmodels():
    frame = drawn_arm(800, seed=2)
    offer = intention_to_treat(frame, outcome="y", treatment="t", covariates=("before",))
    centred = frame["before"] - frame["before"].mean()
    design = pd.DataFrame({"one": 1.0, "t": frame["t"], "x": centred, "xt": centred * frame["t"]})
    oracle = sm.OLS(frame["y"], design).fit(cov_type="HC2")
    assert offer.effect.estimate == pytest.approx(oracle.params["t"])
    assert offer.effect.standard_error == pytest.approx(oracle.bse["t"])
    assert offer.variance_saved > 0.6


def test_clusters_equal_statsmodels():
    frame = drawn_arm(600, seed=3).assign(group=np.arange(600) // 12)
    offer = intention_to_treat(frame, outcome="y", treatment="t", cluster="group")
    oracle = sm.OLS(frame["y"], sm.add_constant(frame["t"])).fit(
        cov_type="cluster", cov_kwds={"groups": frame["group"]}
    )
    assert offer.effect.standard_error == pytest.approx(oracle.bse["t"])


def test_adjusted_intervals_cover_the_known_effect():
    covered = 0
    for seed in range(60):
        effect = intention_to_treat(
            drawn_arm(400, seed=seed), outcome="y", treatment="t", covariates=("before",)
        ).effect
        covered += effect.low <= 0.3 <= effect.high
    assert covered >= 51


def test_too_few_customers_are_not_a_number():
    with pytest.raises(CannotAnswer, match="at least 25"):
        intention_to_treat(drawn_arm(30, seed=1), outcome="y", treatment="t")


@pytest.mark.parametrize(("counts", "alarm"), [((5_000, 5_010), False), ((5_000, 5_600), True)])
def test_a_lost_arm_raises_the_alarm(counts, alarm):
    arms = pd.Series(np.repeat(["control", "prompt"], counts))
    assert sample_ratio(arms).alarm is alarm


def test_planned_shares_must_match_the_arms():
    arms = pd.Series(["a"] * 50 + ["b"] * 50)
    assert sample_ratio(arms, planned={"a": 0.9, "b": 0.1}).alarm
    with pytest.raises(ValueError, match="sum to 1"):
        sample_ratio(arms, planned={"a": 0.9, "c": 0.1})
    with pytest.raises(ValueError, match="two"):
        sample_ratio(pd.Series(["a"] * 10))
