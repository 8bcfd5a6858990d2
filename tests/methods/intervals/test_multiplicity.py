"""Adjusted p-values against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from methods.intervals.multiplicity import benjamini_hochberg, holm, holm_level


@pytest.mark.parametrize(("adjust", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
@pytest.mark.parametrize("values", [[0.2], [0.01, 0.01, 0.5, 0.03], [0, 1, 0.05], [0.04] * 6])
def test_agrees_with_statsmodels(adjust, method, values):
    assert adjust(values) == pytest.approx(multipletests(values, method=method)[1])
    shuffled = values[::-1]
    assert adjust(shuffled) == pytest.approx(adjust(values)[::-1])


def test_holm_keeps_the_family_wise_error():
    rng = np.random.default_rng(1)
    alarms = np.mean([(holm(rng.random(8)) < 0.05).any() for _ in range(2000)])
    assert alarms < 0.065


def test_false_discoveries_are_fewer_than_the_plain_ones_and_more_than_holms():
    values = np.r_[np.full(5, 0.004), np.random.default_rng(2).random(15)]
    assert (values <= benjamini_hochberg(values)).all()
    assert (benjamini_hochberg(values) <= holm(values) + 1e-12).all()


def test_an_empty_family_is_empty():
    assert holm([]).size == 0


@pytest.mark.parametrize("values", [[0.1, np.nan], [-0.1], [1.2]])
def test_what_is_no_probability_is_refused(values):
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(values)


@pytest.mark.parametrize(
    "values", [[0.2], [0.001, 0.04, 0.3], [0.0, 1.0, 0.05], [0.012] * 5, [0.001, 0.012, 0.02, 0.9]]
)
def test_the_level_of_a_test_is_the_largest_p_value_that_holm_would_reject(values):
    """Oracle: each p-value moved to just below and just above its level, the others as they are."""
    for place, level in enumerate(holm_level(values)):
        for moved, rejected in ((level * 0.999, True), (level * 1.001, False)):
            changed = [moved if number == place else value for number, value in enumerate(values)]
            assert (holm(changed)[place] <= 0.05) == rejected


def test_an_empty_family_has_no_levels():
    assert holm_level([]).size == 0
