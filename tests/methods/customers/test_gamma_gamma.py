"""The Gamma-Gamma model: published figures of the CDNOW sample, known truths, and what it must refuse."""

import numpy as np
import pandas as pd
import pytest

from helpers.paths import project_folder
from methods.customers.gamma_gamma import SpendModel, fit_spend
from methods.customers.likelihood_search import NotEstimable


@pytest.fixture(scope="module")
def repeaters():
    path = project_folder() / ".." / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
    if not path.exists():
        pytest.skip("the CDNOW sample is not beside the project")
    names = ["master_id", "customer_id", "day", "pieces", "dollars"]
    lines = pd.read_csv(path, sep=r"\s+", names=names, dtype={"customer_id": str, "day": str})
    lines = lines[lines["day"] <= "19970930"]
    days = lines.groupby(["customer_id", "day"], as_index=False)["dollars"].sum()
    later = days[days.groupby("customer_id").cumcount() > 0].groupby("customer_id")["dollars"]
    return pd.DataFrame({"repeats": later.count(), "mean_spend": later.mean()})


def test_published_parameters(repeaters):
    fitted = fit_spend(repeaters["repeats"], repeaters["mean_spend"])
    assert fitted.customers == 946
    assert fitted.p == pytest.approx(6.25, abs=0.01)
    assert fitted.q == pytest.approx(3.74, abs=0.01)
    assert fitted.v == pytest.approx(15.44, abs=0.02)
    assert fitted.log_likelihood == pytest.approx(-4055.92, abs=0.05)


def test_published_expected_spend(repeaters):
    """The first ten customers of the spreadsheet that comes with the published note."""
    fitted = fit_spend(repeaters["repeats"], repeaters["mean_spend"])
    first = [f"{number:04d}" for number in range(1, 11)]
    ten = repeaters.reindex(first).fillna(0)
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    np.testing.assert_allclose(fitted.expected(ten["repeats"], ten["mean_spend"]), published, atol=0.1)


def test_recovers_the_truth_in_any_unit():
    rng = np.random.default_rng(5)
    rate = rng.gamma(3.74, 1 / 15.44, 6000)
    repeats = rng.poisson(2, 6000)
    used = repeats > 0
    mean = rng.gamma(6.25 * repeats[used], 1 / (rate[used] * repeats[used]))
    yuan, fen = fit_spend(repeats[used], mean), fit_spend(repeats[used], mean * 100)
    assert yuan.p == pytest.approx(6.25, rel=0.15)
    assert yuan.q == pytest.approx(3.74, rel=0.1)
    assert fen.v == pytest.approx(100 * yuan.v, rel=1e-3)
    assert abs(yuan.correlation) < 0.05


def test_refuses_what_it_cannot_know():
    with pytest.raises(NotEstimable, match="3 customers"):
        fit_spend(np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0]))
    wild = SpendModel(
        p=1.0, q=0.9, v=1.0, log_likelihood=0.0, correlation=0.0, relative_error=0.1, customers=20
    )
    with pytest.raises(NotEstimable, match="does not exist"):
        wild.expected(np.array([0]), np.array([0.0]))
