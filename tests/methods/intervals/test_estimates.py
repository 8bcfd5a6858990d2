"""Intervals against statsmodels, and their coverage where customers repeat."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from methods.intervals.estimates import (
    Interval,
    above_zero,
    bootstrap,
    net_score,
    ratio_of_sums,
    share_difference,
    share_when_told,
    share_within_bounds,
    wilson,
)


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (1, 7), (30, 100), (99, 100), (7, 7), (3.5, 21.25)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_agrees_with_statsmodels(successes, n, level):
    found = wilson(successes, n, level=level)
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert found.estimate == pytest.approx(successes / n)


def told_coverage(interval, truth, *, n=140, least=11):
    """How often the truth is covered among the shares that are told, by enumeration of the binomial law."""
    told = np.arange(least, n + 1)
    chance = binom.pmf(told, n, truth) / binom.sf(least - 1, n, truth)
    intervals = [interval(int(count), n) for count in told]
    return chance @ [one.low <= truth <= one.high for one in intervals]


@pytest.mark.parametrize("truth", [0.03, 0.05, 0.08, 0.12, 0.4, 0.9])
def test_a_share_told_from_eleven_people_on_is_covered_as_often_as_it_says(truth):
    assert told_coverage(functools.partial(share_when_told, least=11), truth) >= 0.93


def test_wilsons_interval_is_too_narrow_for_a_share_that_few_are_just_enough_to_tell():
    assert told_coverage(wilson, 0.05) < 0.8


@pytest.mark.parametrize(("successes", "n"), [(60, 140), (400, 5000), (139, 140)])
def test_far_from_the_least_count_it_is_the_ordinary_interval(successes, n):
    found, ordinary = share_when_told(successes, n, least=11), wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((ordinary.low, ordinary.high), abs=0.012)


@pytest.mark.parametrize(("successes", "n"), [(10, 50), (51, 50)])
def test_a_share_that_would_not_be_told_has_no_interval(successes, n):
    with pytest.raises(ValueError, match="told from 11 on"):
        share_when_told(successes, n, least=11)


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (0, 12, 5, 30)])
def test_share_difference_agrees_with_statsmodels(counts):
    found = share_difference(*counts)
    low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_newcombes_own_example():
    """Newcombe (1998), table II (a), method 10: 56/70 against 48/80."""
    found = share_difference(56, 70, 48, 80)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_ratio_agrees_with_cluster_robust_regression():
    """The ratio is the weighted mean of the orders; statsmodels clusters them on the customer."""
    rng = np.random.default_rng(1)
    owner = np.repeat(np.arange(400), rng.integers(1, 9, 400))
    value = rng.gamma(2, 50, len(owner)) + rng.normal(0, 30, 400)[owner]
    sums, counts = np.bincount(owner, weights=value), np.bincount(owner)
    found = ratio_of_sums(sums, counts)
    fit = sm.OLS(value, np.ones(len(value))).fit(
        cov_type="cluster", cov_kwds={"groups": owner, "use_correction": False}
    )
    assert found.estimate == pytest.approx(fit.params[0])
    assert found.standard_error == pytest.approx(fit.bse[0] * np.sqrt(400 / 399))


def test_ratio_of_ones_is_the_usual_interval_of_a_mean():
    values = np.random.default_rng(2).normal(10, 3, 50)
    low, high = sm.stats.DescrStatsW(values).tconfint_mean()
    found = ratio_of_sums(values, np.ones(50))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_ratio_covers_when_big_customers_order_often():
    """Orders of a customer resemble each other: the clustered interval holds its level, orders alone fail."""
    rng = np.random.default_rng(3)
    truth, hits, naive_hits = 3 * 1.5 + 10, 0, 0  # E[orders * taste] / E[orders] + 10
    for _ in range(600):
        taste = rng.gamma(2, 1.5, 200)
        orders = 1 + rng.poisson(4, 200)
        spend = (taste[:, None] + 10 + rng.normal(0, 1, (200, orders.max()))) * (
            np.arange(orders.max()) < orders[:, None]
        )
        found = ratio_of_sums(spend.sum(axis=1), orders)
        hits += found.low <= 13 <= found.high
        each = spend[spend != 0]
        naive_hits += abs(each.mean() - 13) <= 1.96 * each.std() / np.sqrt(len(each))
    assert truth > 13  # the ratio weighs customers by orders, which here are independent of taste
    assert 0.92 <= hits / 600 <= 0.98
    assert naive_hits / 600 < 0.75


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0.0, 0.1), (1.0, 0.9, 1.0)])
def test_a_clustered_share_at_the_edge_still_has_an_interval(share, low, high):
    found = share_within_bounds(ratio_of_sums(np.full(50, 2 * share), np.full(50, 2.0)))
    assert low <= found.low <= found.high <= high
    assert found.high > found.low


def test_a_clustered_share_widens_with_repetition():
    rng = np.random.default_rng(4)
    habit = rng.random(100) < 0.5
    once = share_within_bounds(ratio_of_sums(habit, np.ones(100)))
    repeated = share_within_bounds(ratio_of_sums(10 * habit, np.full(100, 10.0)))
    assert repeated.high - repeated.low == pytest.approx(once.high - once.low)
    assert repeated.high - repeated.low > 3 * (wilson(10 * habit.sum(), 1000).high - habit.mean())


@pytest.mark.parametrize("mix", [(0.5, 0.3, 0.2), (0.9, 0.08, 0.02), (0.02, 0.08, 0.9), (0.2, 0.6, 0.2)])
@pytest.mark.parametrize("answers", [20, 200])
def test_net_score_covers(mix, answers):
    rng = np.random.default_rng(5)
    hits = 0
    for promoters, passives, detractors in rng.multinomial(answers, mix, size=1000):
        found = net_score(promoters, passives, detractors)
        hits += found.low <= mix[0] - mix[2] <= found.high
    assert 0.93 <= hits / 1000 <= 0.99


def test_bootstrap_of_a_mean_agrees_with_the_formula_and_repeats():
    values = np.random.default_rng(6).gamma(2, 3, 300)

    def mean(weights):
        return float((weights * values).sum() / weights.sum())

    found = bootstrap(mean, customers=300, draws=800, seed=7)
    exact = ratio_of_sums(values, np.ones(300))
    assert found.standard_error == pytest.approx(exact.standard_error, rel=0.1)
    assert found == bootstrap(mean, customers=300, draws=800, seed=7)
    assert found != bootstrap(mean, customers=300, draws=800, seed=8)


def test_bootstrap_refuses_what_the_data_do_not_determine():
    def fragile(weights):
        return float("nan") if weights[0] == 0 else 1.0

    with pytest.raises(ValueError, match="do not determine"):
        bootstrap(fragile, customers=10)


@pytest.mark.parametrize(
    "call",
    [lambda: wilson(0, 0), lambda: wilson(3, 2), lambda: net_score(0, 0, 0), lambda: ratio_of_sums([1], [1])],
)
def test_impossible_counts_are_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()


def test_scaling_turns_an_interval_round():
    scaled = wilson(3, 10).scaled(-100)
    assert scaled.low < scaled.estimate < scaled.high < 0


@pytest.mark.parametrize("estimate", [0.5, 1.0, 40.0])
def test_an_interval_above_zero_is_as_wide_on_the_log_scale_as_relative_to_the_estimate(estimate):
    found = above_zero(Interval(estimate=estimate, low=-0.1 * estimate, high=2.1 * estimate, n=9))
    assert (found.low, found.high) == pytest.approx((estimate / np.exp(1.1), estimate * np.exp(1.1)))
    nothing = Interval(estimate=0.0, low=-1.0, high=1.0, n=9)
    assert above_zero(nothing) == nothing


@pytest.mark.parametrize("spread", [0.5, 1.5, 2.5], ids=["even", "skewed", "ruled by a few"])
def test_money_has_an_interval_above_zero_that_covers_more_where_it_is_skewed(spread):
    truth, held, symmetric, customers = np.exp(spread**2 / 2), 0, 0, 200
    for seed in range(600):
        spent = np.random.default_rng(seed).lognormal(0.0, spread, customers)
        plain = ratio_of_sums(spent, np.ones(customers))
        found = above_zero(plain)
        assert 0 < found.low < found.estimate < found.high
        held += found.low <= truth <= found.high
        symmetric += plain.low <= truth <= plain.high
    if spread < 1:
        assert held >= 600 * 0.95 - 3 * np.sqrt(600 * 0.95 * 0.05)
    else:
        assert held > symmetric


def test_one_customer_with_most_of_the_money_leads_no_interval_below_zero():
    spent = np.append(np.full(600, 60.0), 60_000.0)
    plain = ratio_of_sums(spent, np.ones(len(spent)))
    assert plain.low < 0 < above_zero(plain).low


@pytest.mark.parametrize("estimate", [0.0, -3.0])
def test_what_is_not_above_zero_keeps_its_interval(estimate):
    given = Interval(estimate=estimate, low=estimate - 1, high=estimate + 1, n=9)
    assert above_zero(given) == given
