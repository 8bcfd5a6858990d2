"""Shares of few events: the exact intervals against two libraries, and how often they hold at tiny counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from methods.intervals.estimates import Interval, share_difference, square_and_add, wilson
from methods.intervals.exact_shares import ENOUGH_EVENTS, exact_share, share_beyond_expected
from methods.intervals.influence import normal_interval, standard_error

COUNTS = [(0, 1), (0, 127), (1, 127), (3, 11), (126, 127), (127, 127), (40, 90)]


@pytest.mark.parametrize(("successes", "n"), COUNTS)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_strict_interval_is_that_of_scipy_and_statsmodels(successes, n, level):
    ours = exact_share(successes, n, mid_p=False, level=level)
    theirs = binomtest(successes, n).proportion_ci(level, method="exact")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    other = proportion_confint(successes, n, alpha=1 - level, method="beta")
    assert (ours.low, ours.high) == pytest.approx(np.nan_to_num(other, nan=ours.low), abs=1e-9)


@pytest.mark.parametrize(("successes", "n"), COUNTS)
def test_mid_p_halves_the_chance_of_what_was_seen(successes, n):
    """Oracle: the binomial law at the ends."""
    found = exact_share(successes, n)
    seen = 0.5 * binom.pmf(successes, n, [found.low, found.high])
    if successes > 0:
        assert binom.sf(successes, n, found.low) + seen[0] == pytest.approx(0.025, abs=1e-8)
    if successes < n:
        assert binom.cdf(successes - 1, n, found.high) + seen[1] == pytest.approx(0.025, abs=1e-8)
    strict = exact_share(successes, n, mid_p=False)
    assert strict.low <= found.low <= found.estimate <= found.high <= strict.high


def coverage(n: int, share: float, **options) -> float:
    """Over every count that may come, by its chance."""
    counts = np.arange(n + 1)
    ends = [exact_share(count, n, **options) for count in counts]
    held = np.array([one.low <= share <= one.high for one in ends])
    return float(binom.pmf(counts, n, share) @ held)


@pytest.mark.parametrize("n", [8, 30])
def test_the_strict_interval_always_covers_and_mid_p_on_average(n):
    shares = np.linspace(0.01, 0.5, 25)
    assert min(coverage(n, share, mid_p=False) for share in shares) >= 0.95
    of_mid_p = [coverage(n, share) for share in shares]
    assert np.mean(of_mid_p) >= 0.95
    assert min(of_mid_p) > 0.9


def test_fractions_lie_between_whole_numbers():
    low, middle, high = (exact_share(count, 40).high for count in (2, 2.5, 3))
    assert low < middle < high
    assert exact_share(1, 40).high < exact_share(0.5, 20).high, "fewer cases, the same share"


@pytest.mark.parametrize(
    ("successes", "n", "said"), [(1, 0, "none"), (3, 2, "impossible"), (-1, 2, "impossible")]
)
def test_impossible_counts_are_refused(successes, n, said):
    with pytest.raises(ValueError, match=said):
        exact_share(successes, n)


def test_two_shares_joined_are_newcombes():
    """Newcombe 1998, table II: 56/70 and 48/80 by method 10; 9/10 and 3/10."""
    for counts, ends in (((56, 70, 48, 80), (0.0524, 0.3339)), ((9, 10, 3, 10), (0.1705, 0.8090))):
        found = share_difference(*counts)
        assert (found.low, found.high) == pytest.approx(ends, abs=5e-5)
        assert found == square_and_add(wilson(*counts[:2]), wilson(*counts[2:]))


def test_estimates_that_move_together_leave_less_open():
    one, two = normal_interval(3.0, 1.0, 10), normal_interval(1.0, 1.0, 10)
    apart, alike = square_and_add(one, two), square_and_add(one, two, correlation=1.0)
    assert apart.high - apart.estimate == pytest.approx(np.sqrt(2) * (one.high - one.estimate))
    assert alike.low == alike.estimate == alike.high == 2.0


def sample(rng, *, treated: int, others: int, share: float, beyond: float):
    """A share of few treated beside that of many others, with the influence of each row."""
    t = np.arange(treated + others) < treated
    y = (rng.random(len(t)) < np.where(t, share + beyond, share)).astype(float)
    means = y[t].mean(), y[~t].mean()
    moves = np.where(t, (y - means[0]) / t.mean(), -(y - means[1]) / (~t).mean())
    return means[0] - means[1], moves, y, t


@pytest.mark.parametrize(("share", "beyond"), [(0.01, 0.0), (0.03, 0.0), (0.02, 0.04)])
def test_the_difference_holds_where_the_normal_one_does_not(share, beyond):
    rng = np.random.default_rng(11)
    held, plain = 0, 0
    for _ in range(600):
        gap, moves, y, t = sample(rng, treated=100, others=2_000, share=share, beyond=beyond)
        found = share_beyond_expected(gap, moves, y, t)
        usual = normal_interval(gap, standard_error(moves), len(y))
        held += found.low <= beyond <= found.high
        plain += usual.low <= beyond <= usual.high
        assert found.low <= found.estimate <= found.high
    assert held / 600 >= 0.935
    assert share > 0.02 or beyond or plain / 600 < 0.9


def test_with_events_enough_it_is_the_normal_interval():
    gap, moves, y, t = sample(np.random.default_rng(2), treated=400, others=900, share=0.3, beyond=0.1)
    assert min(y[t].sum(), (1 - y[t]).sum()) >= ENOUGH_EVENTS
    assert share_beyond_expected(gap, moves, y, t) == normal_interval(gap, standard_error(moves), len(y))


def test_repeated_rows_of_a_customer_count_once():
    """Each row twice, of one customer: what is known is what single rows know."""
    gap, moves, y, t = sample(np.random.default_rng(5), treated=100, others=1_000, share=0.04, beyond=0.0)
    once = share_beyond_expected(gap, moves, y, t)
    customer = np.repeat(np.arange(len(y)), 2)
    twice = share_beyond_expected(
        gap, np.repeat(moves, 2), np.repeat(y, 2), np.repeat(t, 2), cluster=customer
    )
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), rel=0.02)


@pytest.mark.parametrize("nobody", [True, False])
def test_where_none_or_all_of_the_treated_had_it_the_interval_has_width(nobody):
    rng = np.random.default_rng(3)
    t = np.arange(560) < 60
    y = np.where(t, 0.0 if nobody else 1.0, (rng.random(560) < 0.1) * 1.0)
    moves = np.where(t, 0.0, -(y - y[~t].mean()) / (~t).mean())
    found = share_beyond_expected(y[t].mean() - y[~t].mean(), moves, y, t, cluster=np.arange(560) // 2)
    assert found.low < found.estimate or not nobody
    assert found.high - found.low > 0.04
    assert isinstance(found, Interval)
