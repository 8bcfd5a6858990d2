"""CUPAC: sharper where lines are not straight, honest where there is nothing to learn."""

import numpy as np
import pandas as pd
import pytest

from methods.trials.intention_to_treat import intention_to_treat
from methods.trials.predicted_covariate import predicted_covariate

NAMES = {"outcome": "spent", "treatment": "offer"}
PAST = ["past", "noise"]


def drawn(seed: int, *, rows: int = 600, bend: float = 2.0, effect: float = 0.3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"offer": np.tile([0, 1], rows // 2), "past": rng.normal(size=rows), "noise": rng.normal(size=rows)}
    )
    frame["spent"] = bend * np.cos(2 * frame["past"]) + effect * frame["offer"] + rng.normal(size=rows)
    return frame.assign(circle=np.arange(rows) // 2)


def test_curves_save_what_straight_lines_cannot():
    frame = drawn(1, rows=4_000)
    straight = intention_to_treat(frame, covariates=PAST, **NAMES)
    found = predicted_covariate(frame, covariates=PAST, **NAMES)
    assert straight.variance_saved < 0.05
    # At most bend² var(cos 2x) / (that + 1) of the variance can be explained: 4 × 0.482 / 2.93 = 0.66.
    assert 0.5 < found.offer.variance_saved < 0.69
    assert found.correlation**2 == pytest.approx(found.offer.variance_saved, abs=0.05)


@pytest.mark.parametrize("bend", [0.0, 2.0], ids=["nothing to learn", "a curve"])
def test_intervals_keep_their_level(bend):
    found = [
        predicted_covariate(drawn(seed, bend=bend), covariates=PAST, seed=seed, **NAMES).offer.effect
        for seed in range(60)
    ]
    covered = np.mean([one.low < 0.3 < one.high for one in found])
    assert covered >= 0.88
    assert np.mean([one.estimate for one in found]) == pytest.approx(0.3, abs=0.05)


def test_no_row_sees_its_own_outcome():
    # Outcomes that nothing explains: a guess that had seen them would correlate with them.
    found = [
        predicted_covariate(drawn(seed, bend=0.0), covariates=PAST, seed=seed, **NAMES).correlation
        for seed in range(20)
    ]
    assert np.mean(found) < 0.05


def test_groups_keep_to_one_fold_and_the_seed_decides():
    frame = drawn(2)
    frame["offer"] = (frame["circle"] % 2).astype(float)
    first, second = (predicted_covariate(frame, covariates=PAST, cluster="circle", **NAMES) for _ in range(2))
    assert (first.predicted == second.predicted).all()
    assert first.offer.clusters == 300


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="folds"):
        predicted_covariate(drawn(1), covariates=PAST, folds=1, **NAMES)
