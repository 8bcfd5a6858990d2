"""Each interval by its published formula, every field of it, at its edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from methods.intervals.estimates import (
    Interval,
    bootstrap,
    net_score,
    normal_reach,
    ratio_from_sums,
    ratio_of_sums,
    share_difference,
    share_when_told,
    share_within_bounds,
    square_and_add,
    wilson,
)
from methods.intervals.influence import normal_interval

LEVELS = (0.8, 0.95)


def fields(interval: Interval) -> tuple:
    return (
        interval.estimate, interval.low, interval.high, interval.n, interval.level, interval.standard_error,
    )  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 40), (1, 40), (13, 40), (39, 40), (40, 40), (3, 3)])
def test_wilson_is_that_of_statsmodels(successes, n, level):
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    share = successes / n
    error = np.sqrt(share * (1 - share) / n)
    expected = (share, 0.0 if successes == 0 else low, 1.0 if successes == n else high, n, level, error)
    assert fields(wilson(successes, n, level=level)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "n", "said"),
    [
        (0, 0, "there are none"),
        (0, -1, "there are none"),
        (3, 2, "3 among 2"),
        (-1, 2, "impossible"),
    ],
)
def test_a_share_of_nothing_or_of_too_many_is_refused(successes, n, said):
    with pytest.raises(ValueError, match=said):
        wilson(successes, n)


@pytest.mark.parametrize("level", LEVELS)
def test_a_difference_of_shares_is_newcombe_s(level):
    one, two = wilson(30, 100, level=level), wilson(20, 80, level=level)
    gap = 0.3 - 0.25
    expected = (
        gap,
        gap - np.hypot(0.3 - one.low, two.high - 0.25),
        gap + np.hypot(one.high - 0.3, 0.25 - two.low),
        180,
        level,
        np.hypot(one.standard_error, two.standard_error),
    )
    assert fields(share_difference(30, 100, 20, 80, level=level)) == pytest.approx(expected)


@pytest.mark.parametrize("level", LEVELS)
def test_a_ratio_of_sums_is_cochran_s(level):
    rng = np.random.default_rng(1)
    x, y = rng.gamma(2, 3, 30), rng.gamma(2, 1, 30)
    ratio = x.sum() / y.sum()
    error = np.sqrt(30 / 29 * ((x - ratio * y) ** 2).sum()) / y.sum()
    half = student.ppf(0.5 + level / 2, 29) * error
    expected = (ratio, ratio - half, ratio + half, 30, level, error)
    assert fields(ratio_of_sums(x, y, level=level)) == pytest.approx(expected)


@pytest.mark.parametrize(("customers", "below"), [(1, 5.0), (2, 0.0), (2, -1.0)])
def test_a_ratio_of_nothing_is_refused(customers, below):
    with pytest.raises(ValueError, match=f"got {customers} and {below}"):
        ratio_from_sums(customers=customers, x=1.0, y=below, xx=1.0, xy=1.0, yy=1.0)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("share", "error"), [(0.2, 0.05), (0.97, 0.02), (0.5, 1.5)])
def test_a_clustered_share_is_wilson_s_at_its_effective_size(share, error, level):
    given = Interval(estimate=share, low=-1.0, high=2.0, n=70, level=level, standard_error=error)
    cases = share * (1 - share) / error**2
    bounded = wilson(share * cases, cases, level=level)
    expected = (share, bounded.low, bounded.high, 70, level, error)
    assert fields(share_within_bounds(given)) == pytest.approx(expected)


@pytest.mark.parametrize(("share", "error"), [(0.0, 0.0), (1.0, 0.0), (0.0, 0.1), (1.0, 0.1), (0.4, 0.0)])
def test_a_share_without_spread_falls_back_on_its_customers(share, error):
    given = Interval(estimate=share, low=share, high=share, n=70, level=0.9, standard_error=error)
    bounded = wilson(share * 70, 70, level=0.9)
    assert fields(share_within_bounds(given)) == pytest.approx(
        (share, bounded.low, bounded.high, 70, 0.9, error)
    )


@pytest.mark.parametrize("effect", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("counts", [(30, 20, 10), (5, 0, 0), (0, 0, 5), (0, 9, 0)])
def test_a_net_score_is_the_adjusted_wald(counts, effect):
    up, down, total = counts[0] + 0.75, counts[2] + 0.75, sum(counts) + 3
    centre = (up - down) / total
    error = np.sqrt(((up + down) / total - centre**2) / total * max(effect, 1.0))
    half = norm.ppf(0.95) * error
    score = (counts[0] - counts[2]) / sum(counts)
    expected = (
        score,
        min(max(-1.0, centre - half), score),
        max(min(1.0, centre + half), score),
        sum(counts),
        0.9,
        error,
    )
    assert fields(net_score(*counts, design_effect=effect, level=0.9)) == pytest.approx(expected)
    assert net_score(*counts) == net_score(*counts, design_effect=1.0, level=0.95)


@pytest.mark.parametrize("counts", [(0, 0, 0), (-1, 0, 0)])
def test_a_net_score_of_no_answers_is_refused(counts):
    with pytest.raises(ValueError, match="at least one answer"):
        net_score(*counts)


def test_the_bootstrap_is_the_percentile_interval_of_its_draws():
    values = np.random.default_rng(3).gamma(2, 1, 60)
    found = bootstrap(
        lambda weight: float(weight @ values / weight.sum()), customers=60, draws=200, level=0.9
    )
    rng = np.random.default_rng(1)
    draws = [values[rng.integers(0, 60, 60)].mean() for _ in range(200)]
    low, high = np.quantile(draws, [0.05, 0.95])
    expected = (values.mean(), low, high, 60, 0.9, np.std(draws, ddof=1))
    assert fields(found) == pytest.approx(expected)


@pytest.mark.parametrize(("empty", "refused"), [(20, False), (21, True)])
def test_the_bootstrap_refuses_what_a_tenth_of_its_draws_leave_open(empty, refused):
    calls = iter(range(300))

    def statistic(weight):
        call = next(calls)
        return float("nan") if 0 < call <= empty else float(call)

    if refused:
        with pytest.raises(ValueError, match=f"{empty} of 200 draws"):
            bootstrap(statistic, customers=5, draws=200)
    else:
        assert bootstrap(statistic, customers=5, draws=200).n == 5


@pytest.mark.parametrize("factor", [100.0, -2.0, 1.0])
def test_scaling_turns_the_ends_round_where_it_must(factor):
    given = Interval(estimate=0.2, low=0.1, high=0.4, n=7, level=0.9, standard_error=0.05)
    ends = sorted((0.1 * factor, 0.4 * factor))
    expected = (0.2 * factor, *ends, 7, 0.9, 0.05 * abs(factor))
    assert fields(given.scaled(factor)) == pytest.approx(expected)


@pytest.mark.parametrize("freedom", [3.0, 40.0])
def test_few_degrees_of_freedom_take_the_t_law(freedom):
    found = normal_interval(1.0, 0.5, 9, level=0.9, freedom=freedom)
    half = student.ppf(0.95, freedom) * 0.5
    assert (found.low, found.high) == pytest.approx((1 - half, 1 + half))


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5])
def test_errors_of_estimates_that_move_together_are_joined_by_the_law_of_cosines(correlation):
    one, other = normal_interval(3.0, 2.0, 10), normal_interval(1.0, 1.5, 20)
    found = square_and_add(one, other, correlation=correlation)
    error = np.sqrt(2.0**2 + 1.5**2 - 2 * correlation * 2.0 * 1.5)
    expected = normal_interval(2.0, error, 30)
    assert (found.low, found.high, found.n) == (pytest.approx(expected.low), pytest.approx(expected.high), 30)
    assert found.standard_error == pytest.approx(error)


def at_least_so_many(successes: int, n: int, share: float, *, least: int) -> float:
    """Mid-p probability of so many successes or more, given that `least` or more came, by plain sums."""
    law = binom.pmf(np.arange(n + 1), n, share)
    return (law[successes + 1 :].sum() + law[successes] / 2) / law[least:].sum()


@pytest.mark.parametrize(("successes", "level"), [(13, 0.9), (20, 0.95), (60, 0.8), (139, 0.95)])
def test_both_ends_of_a_share_when_told_leave_the_same_tail_of_its_law(successes, level):
    found = share_when_told(successes, 140, least=11, level=level)
    tail = (1 - level) / 2
    share = successes / 140
    below, above = (at_least_so_many(successes, 140, end, least=11) for end in (found.low, found.high))
    assert (below, 1 - above) == pytest.approx((tail, tail), rel=1e-6)
    assert (found.estimate, found.n, found.level) == (pytest.approx(share), 140, level)
    assert found.standard_error == pytest.approx(np.sqrt(share * (1 - share) / 140))


def test_the_edges_of_a_share_when_told():
    assert share_when_told(11, 140, least=11).low == 0.0
    assert share_when_told(140, 140, least=11).high == 1.0
    assert share_when_told(20, 140, least=11) == share_when_told(20, 140, least=11, level=0.95)


@pytest.mark.parametrize("n", [7, 10, 13, 25])
def test_none_and_all_end_at_nil_and_one_exactly(n):
    assert (wilson(0, n).low, wilson(n, n).high) == (0.0, 1.0)


def test_the_reach_of_a_normal_interval():
    assert [normal_reach(), normal_reach(0.8)] == pytest.approx([norm.ppf(0.975), norm.ppf(0.9)])


def test_a_ratio_of_two_customers_with_little_below_the_line():
    above, below = np.array([0.03, 0.01]), np.array([0.1, 0.3])
    sums = {"x": above.sum(), "y": below.sum(), "xx": above @ above, "xy": above @ below, "yy": below @ below}
    found = ratio_from_sums(customers=2, **sums)
    left = above - found.estimate * below
    error = np.sqrt(2 * left @ left) / below.sum()
    assert (found.estimate, found.standard_error) == (pytest.approx(0.1), pytest.approx(error))
    assert found.high - found.estimate == pytest.approx(student.ppf(0.975, 1) * error)
