"""Row weights: as if the population that rows stand for had been seen."""

import numpy as np
import pandas as pd
import pytest

from methods.adjust.adjusted_effect import adjusted_effect
from tests.methods.uplift_designs import chosen_treatment

OPTIONS = {"outcome": "y", "treatment": "t", "covariates": ("age", "orders", "kind"), "repeats": 1}
NUMBERS = ("raw", "ate", "att", "ato", "self_selection", "untreated_mean_of_treated")


def test_equal_weights_change_nothing():
    frame, _ = chosen_treatment(900, seed=2)
    plain, weighted = (
        adjusted_effect(frame.assign(stands_for=3.0), weights=name, **OPTIONS)
        for name in (None, "stands_for")
    )
    for name in NUMBERS:
        one, other = getattr(plain, name), getattr(weighted, name)
        assert (one.estimate, one.low) == pytest.approx((other.estimate, other.low), rel=1e-9)


def test_a_sample_that_takes_some_more_often_answers_for_the_population():
    """The effect grows with age, and the old are three times as likely to be sampled: weights undo it."""
    rng = np.random.default_rng(3)
    age = rng.normal(size=40_000)
    t = rng.random(40_000) < 1 / (1 + np.exp(-age))
    y = age + t * (1 + age) + rng.normal(size=40_000)
    kept = rng.random(40_000) < np.where(age > 0, 0.15, 0.05)
    frame = pd.DataFrame({"age": age, "t": t * 1, "y": y, "stands_for": np.where(age > 0, 1, 3)})[kept]
    options = {"outcome": "y", "treatment": "t", "covariates": ["age"], "repeats": 1}
    plain = adjusted_effect(frame, **options)
    weighted = adjusted_effect(frame, weights="stands_for", **options)
    assert weighted.ate.low < 1.0 < weighted.ate.high
    assert weighted.att.low < 1.0 + age[t].mean() < weighted.att.high
    assert plain.ate.low > 1.0


def test_the_interval_is_that_of_the_weighted_mean_by_hand():
    """Randomised, and no covariate that says anything: the difference of weighted means, sandwich error."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"t": np.tile([0, 1], 750), "y": rng.normal(size=1_500), "age": rng.normal(size=1_500)}
    )
    frame["stands_for"] = rng.exponential(size=1_500)
    found = adjusted_effect(
        frame, outcome="y", treatment="t", covariates=["age"], weights="stands_for", repeats=1
    )
    by_arm = {arm: rows for arm, rows in frame.groupby("t")}
    means = {arm: np.average(rows["y"], weights=rows["stands_for"]) for arm, rows in by_arm.items()}
    errors = [
        ((rows["stands_for"] * (rows["y"] - means[arm])) ** 2).sum() / rows["stands_for"].sum() ** 2
        for arm, rows in by_arm.items()
    ]
    assert found.raw.estimate == pytest.approx(means[1] - means[0])
    assert found.raw.standard_error == pytest.approx(np.sqrt(sum(errors)), rel=1e-3)
    assert found.ate.standard_error == pytest.approx(found.raw.standard_error, rel=0.05)


def test_rows_that_stand_for_nobody_count_for_nothing_but_learning():
    frame, _ = chosen_treatment(900, seed=2)
    frame = frame.assign(stands_for=np.tile([0.0, 1.0, 1.0], 300))
    found = adjusted_effect(frame, weights="stands_for", **OPTIONS)
    means = frame[frame["stands_for"] > 0].groupby("t")["y"].mean()
    assert found.raw.estimate == pytest.approx(means[1] - means[0])


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("stands_for", np.nan, "has 1 gap"),
        ("stands_for", -1.0, "weights of 0 or more"),
        ("town", None, "1 gap"),
    ],
)
def test_gaps_in_weights_and_labels_are_refused(column, value, said):
    frame, _ = chosen_treatment(300, seed=2)
    frame = frame.assign(stands_for=1.0, town=[f"town {number % 30}" for number in range(300)])
    frame.loc[7, column] = value
    with pytest.raises(ValueError, match=said):
        adjusted_effect(frame, weights="stands_for", cluster="town", **OPTIONS)


def test_weights_beside_a_category_of_many_levels_are_refused():
    frame, _ = chosen_treatment(300, seed=2)
    frame = frame.assign(stands_for=1.0, seller=[f"seller {number % 60}" for number in range(300)])
    with pytest.raises(ValueError, match="'seller' has more than 30 levels"):
        adjusted_effect(frame, outcome="y", treatment="t", covariates=["age", "seller"], weights="stands_for")
