"""The viral coefficient: recovery where plain counting fails, coverage, families as units, hostile input."""

import numpy as np
import pytest

from methods.errors import CannotAnswer
from methods.invitations import viral_coefficient

END, WAIT, TRUE = 120.0, 21.0, 0.60


def invited_customers(seed, *, coefficient=TRUE, first=400, shape=1.0, spread=0.0):
    """Customers who bring Poisson many others after a random wait, up to day 120: joined_day, invited_by.

    spread: standard deviation of the log coefficient between families.
    """
    rng = np.random.default_rng(seed)
    joined, by, rate = END * rng.random(first), np.full(first, -1), coefficient * np.ones(first)
    if spread:
        rate = rate * np.exp(spread * rng.standard_normal(first) - spread**2 / 2)
    all_joined, all_by, known = [joined], [by], 0
    while len(joined):
        inviter = np.repeat(np.arange(len(joined)), rng.poisson(rate))
        when = joined[inviter] + WAIT * rng.weibull(shape, len(inviter))
        inviter, when = inviter[when < END], when[when < END]
        known, by, joined, rate = known + len(joined), known + inviter, when, rate[inviter]
        all_joined.append(joined)
        all_by.append(by)
    return np.concatenate(all_joined), np.concatenate(all_by)


@pytest.fixture(scope="module")
def found():
    return [viral_coefficient(*invited_customers(seed), end_day=END) for seed in range(200)]


def test_the_young_are_not_counted_as_done(found):
    assert np.mean([one.naive for one in found]) == pytest.approx(0.474, abs=0.004)
    assert np.mean([one.coefficient.estimate for one in found]) == pytest.approx(TRUE, abs=0.006)


def test_generation_time(found):
    assert np.mean([one.generation_days.estimate for one in found]) == pytest.approx(WAIT, abs=0.5)


@pytest.mark.parametrize(
    ("part", "true"), [("coefficient", TRUE), ("generation_days", WAIT), ("multiplier", 2.5)]
)
def test_intervals_hold_the_truth_at_their_rate(found, part, true):
    held = [getattr(one, part).low <= true <= getattr(one, part).high for one in found]
    assert 0.915 <= np.mean(held) <= 0.99


def standard_error(seed, spread):
    joined, by = invited_customers(seed, first=800, spread=spread)
    return viral_coefficient(joined, by, end_day=END).coefficient.standard_error


def test_families_that_differ_are_felt_by_the_interval():
    """Two numbers of the same mean: with unlike families it is less certain."""
    alike, unlike = (np.mean([standard_error(seed, spread) for seed in range(10)]) for spread in (0.0, 0.5))
    assert unlike > 1.15 * alike


def test_a_wait_that_peaks_is_fitted_too():
    joined, by = invited_customers(1, shape=2.0, first=3_000)
    found = viral_coefficient(joined, by, end_day=END)
    assert found.coefficient.low < TRUE < found.coefficient.high


def test_no_multiplier_where_growth_may_feed_itself():
    joined, by = invited_customers(1, coefficient=1.1, first=200)
    assert viral_coefficient(joined, by, end_day=END).multiplier is None


def test_withholds_where_nobody_is_old_enough():
    joined, by = invited_customers(3, first=4_000)
    young = joined < 12
    who = np.flatnonzero(young)
    place = np.full(len(joined), -1)
    place[who] = np.arange(len(who))
    kept = np.where(by[who] >= 0, place[by[who]], -1)
    with pytest.raises(CannotAnswer, match="lived through"):
        viral_coefficient(joined[who], kept, end_day=12.0)


@pytest.mark.parametrize(
    ("joined", "by", "error", "said"),
    [
        ([5.0, 1.0], [-1, 0], ValueError, "before the one who invited"),
        ([5.0, 400.0], [-1, 0], ValueError, "after the end"),
        ([5.0, np.nan], [-1, -1], ValueError, "or never"),
        ([5.0, 5.0], [1, 0], ValueError, "in a circle"),
        ([5.0, 5.0, 5.0], [1, 2, 0], ValueError, "in a circle"),
        ([5.0, 6.0], [-1, 0], CannotAnswer, "at least 30 in 20"),
        ([5.0, 6.0], [-1, -1], CannotAnswer, "brought 0 others"),
    ],
)
def test_says_what_is_wrong(joined, by, error, said):
    with pytest.raises(error, match=said):
        viral_coefficient(np.array(joined), np.array(by), end_day=END)
