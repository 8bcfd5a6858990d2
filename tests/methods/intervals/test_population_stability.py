"""The population stability index and tables of moves."""

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import SquareTable

from methods.intervals.population_stability import moves_balance, stability_index


def test_the_index_is_its_textbook_sum():
    """Two bins, half and half, then 80 to 20: 0.3 ln 1.6 + 0.3 ln 2.5."""
    earlier = np.repeat([0.0, 1.0], 100_000)
    later = np.repeat([0.0, 1.0], [160_000, 40_000])
    found = stability_index(earlier, later, bins=2)
    assert found.estimate == pytest.approx(0.3 * np.log(1.6) + 0.3 * np.log(2.5), abs=1e-3)
    assert found.low < found.estimate < found.high


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.6])
def test_its_interval_covers_what_very_large_samples_give(shift):
    rng = np.random.default_rng(1)
    edges = np.quantile(rng.standard_normal(400_000), np.arange(1, 10) / 10)
    big = np.histogram(rng.standard_normal(400_000) + shift, bins=[-np.inf, *edges, np.inf])[0] / 400_000
    truth = float(((big - 0.1) * np.log(big / 0.1)).sum())
    covered = [
        found.low <= truth + 1e-4 and truth <= found.high
        for found in (
            stability_index(rng.standard_normal(3000), rng.standard_normal(3000) + shift) for _ in range(200)
        )
    ]
    assert np.mean(covered) > 0.9


def test_few_values_are_refused():
    with pytest.raises(ValueError, match="needs 10"):
        stability_index(np.arange(5), np.arange(100))


def test_moves_agree_with_published_formulas():
    """For two groups Stuart-Maxwell and Bowker are both McNemar's test."""
    sizes, ways = moves_balance([[40, 25], [10, 30]])
    expected = chi2.sf((25 - 10) ** 2 / 35, 1)
    assert sizes == pytest.approx(expected)
    assert ways == pytest.approx(expected)


def test_a_round_of_moves_keeps_sizes_but_is_not_symmetric():
    """Everybody moves one on: no group changes its size, yet nobody goes back."""
    sizes, ways = moves_balance([[50, 30, 0], [0, 50, 30], [30, 0, 50]])
    assert sizes == pytest.approx(1.0)
    assert ways < 1e-6


def test_nothing_moved_and_empty_groups():
    assert moves_balance([[5, 0, 0], [0, 7, 0], [0, 0, 0]]) == (1.0, 1.0)
    with pytest.raises(ValueError, match="two groups"):
        moves_balance([[5, 0], [0, 0]])


def test_groups_tied_to_each_other_still_have_a_p_value():
    """All of one pair of groups moved to another pair: statsmodels' covariance cannot be inverted."""
    tied = np.array([[0, 0, 20, 0], [0, 0, 0, 10], [0, 0, 0, 0], [0, 0, 0, 0]])
    sizes, ways = moves_balance(tied)
    assert 0 <= sizes < 0.001
    assert 0 <= ways < 0.001
    plain = np.array([[10, 20, 3], [5, 30, 4], [6, 1, 9]])
    oracle = SquareTable(plain, shift_zeros=False).homogeneity("stuart_maxwell").pvalue
    assert moves_balance(plain)[0] == pytest.approx(oracle)
