"""Joint intervals of means against statsmodels' cluster-robust regression and repeated draws."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from methods.intervals.clustered_means import Mean, clustered_means


def draw(seed: int, customers: int = 300):
    rng = np.random.default_rng(seed)
    who = rng.integers(0, customers, 4 * customers)
    own = rng.normal(0, 1, customers)[who]
    arm = rng.random(len(who)) < 0.4
    return who, arm, own + 0.5 * arm + rng.normal(0, 1, len(who))


def two_arms(who, arm, value):
    return clustered_means(
        {
            name: Mean(top=value[here], bottom=np.ones(here.sum()), cluster=who[here])
            for name, here in (("yes", arm), ("no", ~arm))
        }
    )


def test_a_difference_of_arms_has_the_cluster_robust_error_of_a_regression():
    who, arm, value = draw(1)
    ours = two_arms(who, arm, value).combined(yes=1, no=-1)
    fit = sm.OLS(value, sm.add_constant(arm.astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    groups = len(np.unique(who))
    assert ours.estimate == pytest.approx(fit.params[1])
    assert ours.standard_error == pytest.approx(fit.bse[1] * np.sqrt(groups / (groups - 1)))
    assert ours.n == groups


def test_differences_of_the_same_customers_are_covered():
    covered = 0
    for seed in range(300):
        gap = two_arms(*draw(seed, customers=60)).combined(yes=1, no=-1)
        covered += gap.low <= 0.5 <= gap.high
    assert 0.91 <= covered / 300 <= 0.985


def test_the_sum_of_a_mean_and_its_opposite_is_nothing_for_sure():
    means = two_arms(*draw(2))
    nothing = means.combined(yes=1).estimate - means.combined(yes=1).estimate
    assert nothing == 0
    assert means.combined(yes=0, no=0).standard_error == 0


@pytest.mark.parametrize(
    ("bottom", "cluster", "words"),
    [([1.0, 1.0], ["a", "a"], "at least two"), ([0.0, 0.0], ["a", "b"], "nothing below the line")],
)
def test_what_cannot_be_estimated_is_refused(bottom, cluster, words):
    mean = Mean(top=np.ones(2), bottom=np.array(bottom), cluster=np.array(cluster, object))
    with pytest.raises(ValueError, match=words):
        clustered_means({"mean": mean})
