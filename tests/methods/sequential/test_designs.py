"""What each way to look costs, beside published inflation factors and the plain sample size."""

import pytest
from statsmodels.stats.power import NormalIndPower

from methods.intervals.sample_size import sample_per_arm
from methods.sequential.designs import DESIGNS, design_price
from methods.sequential.spending import classic_limits


@pytest.mark.parametrize(
    ("shape", "looks", "factor"),
    [  # Jennison and Turnbull 2000, tables 2.2 and 2.4: 5 % two-sided, power .8
        ("pocock", 2, 1.110), ("pocock", 5, 1.229), ("pocock", 10, 1.301),
        ("obrien_fleming", 2, 1.008), ("obrien_fleming", 5, 1.028), ("obrien_fleming", 10, 1.040),
    ],
)  # fmt: skip
def test_published_inflation_of_the_classic_limits(shape, looks, factor):
    drift = NormalIndPower().solve_power(effect_size=None, nobs1=2.0, alpha=0.05, power=0.8)
    assert classic_limits(looks, shape=shape).power(drift * factor**0.5) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize(
    ("design", "looks", "sample", "without"),
    [("fixed", 1, 1.0, 0.80), ("obrien_fleming", 5, 1.025, 0.79), ("pocock", 5, 1.212, 0.715),
     ("always_valid", 52, 1.70, 0.51)],
)  # fmt: skip
def test_prices(design, looks, sample, without):
    found = design_price(design, looks=looks)
    assert found.sample == pytest.approx(sample, abs=0.005)
    assert found.power_without == pytest.approx(without, abs=0.005)


@pytest.mark.parametrize("design", DESIGNS)
def test_no_design_raises_more_false_alarms_than_agreed(design):
    found = design_price(design, looks=12, level=0.9)
    assert found.false_alarms <= 0.1 + 1e-4
    assert found.mean_sample <= found.sample + 1e-9


def test_stopping_early_saves_rows_where_the_effect_is_as_planned():
    assert design_price("obrien_fleming", looks=12).mean_sample < 1
    assert design_price("fixed", looks=12).mean_sample == pytest.approx(1, abs=1e-4)


def test_the_price_multiplies_the_plain_sample_size():
    assert sample_per_arm(0.10, 0.01) * design_price("fixed", looks=9).sample == pytest.approx(
        14_750.79, rel=1e-5
    )


@pytest.mark.parametrize("options", [{"looks": 0}, {"looks": 5, "power": 1.0}, {"looks": 5, "power": 0.01}])
def test_impossible_plans_are_refused(options):
    with pytest.raises(ValueError, match="power"):
        design_price("pocock", **options)
    with pytest.raises(ValueError, match="always_valid"):
        design_price("daily", looks=5)
