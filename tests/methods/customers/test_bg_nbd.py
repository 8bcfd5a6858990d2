"""The BG/NBD model: published figures of the CDNOW sample, known truths, and what it must refuse."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_law

from methods.customers.bg_nbd import alive, expected, fit_purchases, histories
from methods.customers.likelihood_search import NotEstimable
from tests.methods.customers.cdnow_sample import calibration_frame

PUBLISHED = np.array([0.243, 4.414, 0.793, 2.426])


@pytest.fixture(scope="module")
def calibration():
    return calibration_frame()


@pytest.fixture(scope="module")
def known(calibration):
    return histories(calibration["repeats"], calibration["last"], calibration["age"])


def simulate(parameters, *, customers, seed, age=78.0, horizon=26.0):
    """Draw histories and later orders from the model itself, one customer after the other."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rows = []
    for rate, leaving in zip(rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers), strict=True):
        own_age, moment, repeats, last, later = age * rng.uniform(0.5, 1), 0.0, 0, 0.0, 0
        while True:
            moment += rng.exponential(1 / max(rate, 1e-12))
            if moment > own_age + horizon:
                break
            if moment <= own_age:
                repeats, last = repeats + 1, moment
            else:
                later += 1
            if rng.random() < leaving:
                break
        rows.append((repeats, last, own_age, later))
    return np.array(rows).T


class TestPublished:
    def test_parameters_to_three_decimals(self, known):
        np.testing.assert_array_equal(fit_purchases(known).parameters.round(3), PUBLISHED)

    def test_log_likelihood(self, known):
        assert fit_purchases(known).log_likelihood == pytest.approx(-9582.4, abs=0.05)

    def test_hold_out_weeks(self, known, calibration):
        predicted = fit_purchases(known).expected(known, horizon=39)
        assert calibration["held_out"].sum() == 1882
        assert np.corrcoef(predicted, calibration["held_out"])[0, 1] == pytest.approx(0.626, abs=0.001)
        assert predicted.sum() == pytest.approx(1653, abs=1)

    def test_hold_out_by_number_of_repeats(self, known, calibration):
        predicted = fit_purchases(known).expected(known, horizon=39)
        by_repeats = pd.Series(predicted).groupby(calibration["repeats"].clip(upper=7).to_numpy()).mean()
        published = [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157]
        np.testing.assert_allclose(by_repeats, published, atol=0.001)

    def test_actual_orders_by_number_of_repeats(self, calibration):
        held = calibration.groupby(calibration["repeats"].clip(upper=7))["held_out"]
        assert held.count().tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
        actual = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359]
        np.testing.assert_allclose(held.mean(), actual, atol=0.0006)


class TestFit:
    def test_unit_of_time_does_not_matter(self, known):
        days = histories(known.repeats, known.last * 7, known.age * 7)
        weeks = fit_purchases(histories(known.repeats, known.last, known.age))
        fitted = fit_purchases(days)
        np.testing.assert_allclose(fitted.parameters, weeks.parameters * [1, 7, 1, 1], rtol=1e-4)
        np.testing.assert_allclose(fitted.covariance, weeks.covariance, rtol=1e-2, atol=1e-5)

    @pytest.mark.parametrize("truth", [(0.243, 4.414, 0.793, 2.426), (0.8, 9.0, 0.3, 3.0)])
    def test_recovers_the_truth_within_its_errors(self, truth):
        repeats, last, age, _ = simulate(truth, customers=4000, seed=3)
        fitted = fit_purchases(histories(repeats, last, age))
        away = (np.log(fitted.parameters) - np.log(truth)) / np.sqrt(np.diag(fitted.covariance))
        assert np.abs(away).max() < 3
        assert fitted.standard_errors[0] < 0.1 * truth[0]

    def test_total_covers_later_orders(self):
        inside = 0
        for seed in range(40):
            repeats, last, age, later = simulate((0.5, 5.0, 0.8, 2.4), customers=300, seed=seed)
            known = histories(repeats, last, age)
            total, error = fit_purchases(known).total(known, horizon=26)
            inside += abs(total - later.sum()) <= 1.96 * error
        assert 34 <= inside <= 40

    def test_chance_of_buying_is_calibrated(self):
        repeats, last, age, later = simulate((0.5, 5.0, 0.8, 2.4), customers=6000, seed=5)
        known = histories(repeats, last, age)
        chance = fit_purchases(known).buys(known, horizon=26)
        tenth = np.argsort(np.argsort(chance)) * 10 // len(chance)
        for number in range(10):
            of = tenth == number
            assert (later[of] > 0).mean() == pytest.approx(chance[of].mean(), abs=0.06)

    def test_customers_who_never_leave(self):
        rng = np.random.default_rng(2)
        repeats = rng.poisson(rng.gamma(2.0, 2.0, 3000))
        age = np.full(3000, 52.0)
        last = np.where(repeats > 0, age * rng.beta(np.maximum(repeats, 1), 1), 0.0)
        known = histories(repeats, last, age)
        fitted = fit_purchases(known)
        assert fitted.alive(known).mean() > 0.97
        assert fitted.total(known, horizon=26)[0] == pytest.approx(repeats.sum() / 2, rel=0.05)
        assert np.isfinite(fitted.covariance).all()

    def test_buyers_who_are_all_alike(self):
        """One rate for all and nobody leaves: r runs to its bound, where the closed formula gives NaN."""
        age = np.full(60, 52.0)
        known = histories(np.full(60, 12), np.linspace(48, 51.9, 60), age)
        fitted = fit_purchases(known)
        assert fitted.r > 1e4
        total, error = fitted.total(known, horizon=13)
        assert total == pytest.approx(60 * 12 / 4, rel=0.05)
        assert 0 < error < total

    def test_too_few_returns(self):
        with pytest.raises(NotEstimable, match="only 1 customer ordered"):
            fit_purchases(histories([0] * 50 + [1], [0] * 50 + [3], [9] * 51))


class TestHistories:
    def test_compression_is_exact(self, known, calibration):
        for name in ("repeats", "last", "age"):
            np.testing.assert_array_equal(getattr(known, name)[known.place], calibration[name])
        assert len(known.weight) < len(calibration) == known.customers

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ((-1, 0, 5), "negative"),
            ((1.5, 2, 5), "broken"),
            ((2, 6, 5), "after today"),
            ((0, 2, 5), "without time"),
            ((2, 0, 5), "without time"),
            ((2, np.nan, 5), "missing"),
        ],
    )
    def test_refuses(self, row, rule):
        with pytest.raises(ValueError, match=rule):
            histories(*np.array([row]).T)


@pytest.mark.parametrize("repeats", [0, 1, 4, 60, 400])
@pytest.mark.parametrize(
    "parameters",
    [
        (0.243, 4.4, 0.793, 2.426),
        (2.0, 9.0, 1.0, 3.0),
        (0.6, 3.0, 4.0, 900.0),
        (160_000.0, 650_000.0, 0.5, 8.0),
        (160_000.0, 650_000.0, 6e-6, 160_000.0),
        (2.0, 9.0, 4000.0, 160_000.0),
    ],
)
def test_expected_orders_agree_with_the_integral(parameters, repeats):
    """Given that a customer stays, expected orders are E[(1 - (reach / (reach + p h))^(r + x)) / p]."""
    r, alpha, a, b = parameters
    known = histories([repeats], [40.0 if repeats else 0.0], [52.0])
    law = beta_law(a, b + repeats)

    def orders(quantile):
        leaving = max(law.ppf(quantile), 1e-300)
        reach = alpha + 52.0
        return -np.expm1(-(r + repeats) * np.log1p(leaving * 13 / reach)) / leaving

    by_integral = quad(orders, 0, 1, limit=200)[0] * alive(np.array(parameters), known)[0]
    assert expected(np.array(parameters), known, horizon=13)[0] == pytest.approx(by_integral, rel=1e-4)


def test_without_a_finite_answer_it_is_not_estimable():
    known = histories([3], [40.0], [52.0])
    with pytest.raises(NotEstimable, match="no finite number"):
        expected(np.array([np.inf, np.inf, 0.5, 8.0]), known, horizon=13)
