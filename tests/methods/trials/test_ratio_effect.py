"""Ratios of sums beside tea-tasting's recorded numbers, statsmodels, and simulated customers."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from methods.errors import CannotAnswer
from methods.trials.ratio_effect import ratio_effect
from tests.methods.trials.drawn_frames import shop_test

RATIO = {"numerator": "orders", "denominator": "visits", "treatment": "arm"}


@pytest.mark.parametrize(
    ("covariates", "ratios", "effect", "relative"),
    [  # tea-tasting 1.14.0, RatioOfMeans("orders", "visits"[, "before"], use_t=False) on the same frame
        ([], (0.243785, 0.275530), (0.031745, 0.010831, 0.052659), (0.130217, 0.042276, 0.225579)),
        (["before"], (0.243809, 0.275507), (0.031698, 0.010799, 0.052597), (0.130011, 0.042148, 0.225281)),
    ],
)
def test_recorded_numbers_of_tea_tasting(covariates, ratios, effect, relative):
    found = ratio_effect(shop_test(), covariates=covariates, **RATIO)
    assert (found.control_ratio, found.treated_ratio) == pytest.approx(ratios, abs=2e-6)
    ends = (found.effect.estimate, found.effect.low, found.effect.high)
    assert ends == pytest.approx(effect, abs=2e-5)
    ends = (found.relative.estimate, found.relative.low, found.relative.high)
    assert ends == pytest.approx(relative, abs=2e-4)


def test_visits_as_rows_clustered_by_customer_say_the_same():
    # A ratio of sums is a mean over visits; statsmodels clusters the visits by customer.
    customers = shop_test().iloc[:600]
    rows = customers.loc[customers.index.repeat(customers["visits"].astype(int))]
    nth = rows.groupby(level=0).cumcount()
    ordered = (nth < rows["orders"]).astype(float)
    fit = sm.OLS(ordered, sm.add_constant(rows["arm"])).fit()
    robust = fit.get_robustcov_results("cluster", groups=rows.index, use_correction=False)
    found = ratio_effect(customers, **RATIO)
    assert found.effect.estimate == pytest.approx(robust.params[1])
    assert found.effect.standard_error == pytest.approx(robust.bse[1], rel=2e-3)


def test_intervals_cover_the_change_as_often_as_they_say():
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        arm, visits = rng.integers(0, 2, 400), 1 + rng.poisson(3, 400)
        taste = rng.beta(2, 6, 400) + 0.05 * arm
        frame = pd.DataFrame({"arm": arm, "visits": visits, "orders": rng.binomial(visits, taste)})
        found = ratio_effect(frame, **RATIO).effect
        covered.append(found.low < 0.05 < found.high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_groups_drawn_together_widen_the_interval():
    frame = shop_test()
    paired = pd.concat([frame, frame], ignore_index=True).assign(circle=np.tile(np.arange(2_000), 2))
    once, alone, together = (
        ratio_effect(rows, cluster=name, **RATIO).effect.standard_error
        for rows, name in ((frame, None), (paired, None), (paired, "circle"))
    )
    assert alone == pytest.approx(once / 2**0.5, rel=1e-2)
    assert together == pytest.approx(once, rel=1e-2)


def test_nothing_to_divide_by():
    frame = shop_test()
    with pytest.raises(CannotAnswer, match="add up to 0"):
        ratio_effect(frame.assign(visits=frame["visits"] * frame["arm"]), **RATIO)
    with pytest.raises(ValueError, match="gaps"):
        ratio_effect(frame.assign(visits=frame["visits"].where(frame.index > 3)), **RATIO)
    nobody = ratio_effect(frame.assign(orders=frame["orders"] * frame["arm"]), **RATIO)
    assert nobody.relative is None


def test_a_small_arm_without_a_numerator_shows_no_effect():
    """By its own variance, nil, an arm of 50 without an order lay surely below 1 in 100 visits of 900."""
    rows = pd.DataFrame({"arm": np.repeat([0, 1], [900, 50]), "visits": 2, "orders": 0})
    rows.loc[range(18), "orders"] = 1
    found = ratio_effect(rows, numerator="orders", denominator="visits", treatment="arm")
    assert found.effect.estimate == pytest.approx(-0.01)
    assert found.effect.low < 0 < found.effect.high
