import numpy as np
import pandas as pd
import pytest

from methods.adjust.overlap import balance, overlap_of
from methods.regression.covariates import covariate_matrix


def test_counts_are_tamed_gaps_marked_and_levels_spread():
    frame = pd.DataFrame(
        {
            "orders": pd.Series([0, 1, 2, 200] * 10, dtype="Int64"),
            "days": pd.Series([1.0, None, 2.0, 3.0] * 10),
            "city": ["a", "b", "c", None] * 10,
            "nothing": pd.Series([None] * 40, dtype="Float64"),
            "same": 7,
        }
    )
    x = covariate_matrix(frame, ["orders", "days", "city", "nothing", "same"])
    assert x.names == (
        "log(1 + orders)", "days", "days unknown", "city: a", "city: b", "city: c", "city: unknown",
    )  # fmt: skip
    assert x.dropped == ("nothing", "same")
    assert np.allclose(x.matrix[:4, 0], np.log1p([0, 1, 2, 200]))
    assert x.matrix[:4, 1].tolist() == [1, 0, 2, 3]
    assert x.matrix[:4, 2].tolist() == [0, 1, 0, 0]
    assert x.without("city").names == ("log(1 + orders)", "days", "days unknown")


def test_single_precision_holds_the_same_numbers_in_half_the_memory():
    frame = pd.DataFrame({"spend": np.random.default_rng(1).lognormal(3, 1, 500), "kind": ["a", "b"] * 250})
    double, single = (covariate_matrix(frame, ["spend", "kind"], dtype=kind) for kind in (float, np.float32))
    assert single.matrix.nbytes == double.matrix.nbytes / 2
    assert np.allclose(single.matrix, double.matrix, rtol=1e-6)


def test_rare_levels_go_together():
    x = covariate_matrix(pd.DataFrame({"kind": ["a"] * 20 + ["b"] * 20 + list("cdefg")}), ["kind"])
    assert x.names == ("kind: a", "kind: b", "kind: other levels")


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (pd.to_datetime(["2025-01-01"] * 4), TypeError, "holds times"),
        ([1.0, np.inf, 2.0, 3.0], ValueError, "infinite"),
    ],
)
def test_hostile_columns_are_named(values, error, words):
    with pytest.raises(error, match=words):
        covariate_matrix(pd.DataFrame({"x": values}), ["x"])


def test_true_propensities_balance_what_drives_them():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.standard_normal(8_000), "kind": rng.choice(["a", "b"], 8_000)})
    e = 1 / (1 + np.exp(-frame["x"].to_numpy() - (frame["kind"] == "a")))
    t = (rng.random(8_000) < e) * 1.0
    weights = np.where(t == 1, 1 / e, 1 / (1 - e))
    found = balance(covariate_matrix(frame, ["x", "kind"]), t, weights)
    assert (found["smd_before"].abs() > 0.3).all()
    assert (found["smd_after"].abs() < 0.1).all()


def test_effective_sizes_are_the_counts_when_everyone_is_alike():
    t = np.repeat([0.0, 1.0], [600, 200])
    overlap = overlap_of(np.full(800, 0.25), t)
    assert overlap.effective_treated == pytest.approx(200)
    assert overlap.effective_control_for_treated == pytest.approx(600)
    assert overlap.trimmed_share == 0
    assert overlap.warning == ""


def test_thin_overlap_is_said():
    e = np.r_[np.full(500, 0.001), np.full(500, 0.5)]
    overlap = overlap_of(e, np.tile([0.0, 1.0], 500))
    assert overlap.trimmed_share == 0.5
    assert "no counterpart" in overlap.warning
