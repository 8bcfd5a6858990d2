"""The population stability index."""

import numpy as np
import pytest

from methods.intervals.population_stability import stability_index


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
