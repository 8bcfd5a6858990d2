"""The Pareto/NBD model: published figures of the CDNOW sample, known truths, and what it must refuse."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from methods.customers import pareto_nbd
from methods.customers.bg_nbd import fit_purchases, histories
from methods.customers.likelihood_search import NotEstimable
from methods.customers.pareto_nbd import ParetoModel, fit_pareto
from tests.methods.customers.cdnow_sample import calibration_frame


@pytest.fixture(scope="module")
def calibration():
    return calibration_frame()


@pytest.fixture(scope="module")
def known(calibration):
    return histories(calibration["repeats"], calibration["last"], calibration["age"])


@pytest.fixture(scope="module")
def fitted(known):
    return fit_pareto(known)


def test_published_parameters(fitted):
    assert fitted.r == pytest.approx(0.553, abs=0.002)
    assert fitted.alpha == pytest.approx(10.578, abs=0.02)
    assert fitted.s == pytest.approx(0.606, abs=0.002)
    assert fitted.beta == pytest.approx(11.669, abs=0.02)
    assert fitted.log_likelihood == pytest.approx(-9594.97, abs=0.05)


def test_published_hold_out_weeks(fitted, known, calibration):
    predicted = fitted.expected(known, horizon=39)
    assert calibration["held_out"].sum() == 1882
    assert np.corrcoef(predicted, calibration["held_out"])[0, 1] == pytest.approx(0.630, abs=0.001)


def test_answers_nearly_as_its_sister(fitted, known):
    sister = fit_purchases(known)
    came_back = known.repeats[known.place] > 0
    assert np.corrcoef(fitted.alive(known)[came_back], sister.alive(known)[came_back])[0, 1] > 0.9
    assert fitted.expected(known, horizon=39).sum() == pytest.approx(
        sister.expected(known, horizon=39).sum(), rel=0.05
    )


def simulated(seed, *, customers=4_000, age=78.0):
    rng = np.random.default_rng(seed)
    rate, leaving = rng.gamma(0.7, 1 / 9.0, customers), rng.gamma(0.8, 1 / 14.0, customers)
    ages = age * rng.uniform(0.5, 1, customers)
    stay = np.minimum(rng.exponential(1 / leaving), ages)
    repeats = rng.poisson(rate * stay)
    last = np.where(repeats > 0, stay * rng.beta(np.maximum(repeats, 1), 1), 0.0)
    return repeats, last, ages, stay >= ages


def test_recovers_known_parameters_and_who_is_still_there():
    repeats, last, age, stays = simulated(3)
    known = histories(repeats, last, age)
    fitted = fit_pareto(known)
    np.testing.assert_allclose(fitted.parameters, [0.7, 9.0, 0.8, 14.0], rtol=0.25)
    chance = fitted.alive(known)
    for low, high in ((0.0, 0.33), (0.33, 0.66), (0.66, 1.0)):
        inside = (chance >= low) & (chance <= high)
        assert stays[inside].mean() == pytest.approx(chance[inside].mean(), abs=0.05)


@pytest.mark.parametrize(
    "parameters", [(0.55, 10.6, 0.6, 11.7), (1.2, 14.0, 1.0, 6.0), (0.4, 3.0, 2.5, 30.0)]
)
@pytest.mark.parametrize("repeats", [0, 1, 6])
def test_agrees_with_the_integral(parameters, repeats):
    """Chance of being there by numerical integration over the moment and the rate of leaving."""
    r, alpha, s, beta = parameters
    last, age = (20.0 if repeats else 0.0), 39.0
    model = ParetoModel(r=r, alpha=alpha, s=s, beta=beta, log_likelihood=0.0, customers=1)
    known = histories([repeats], [last], [age])

    def orders(time):  # over the order rate, up to a factor that both parts share
        return (alpha + time) ** -(r + repeats)

    stays = orders(age) * quad(lambda m: gamma.pdf(m, s, scale=1 / beta) * np.exp(-m * age), 0, np.inf)[0]
    left = quad(lambda time: orders(time) * s * beta**s * (beta + time) ** -(s + 1), last, age)[0]
    assert model.alive(known)[0] == pytest.approx(stays / (stays + left), rel=1e-6)


def test_too_few_returns():
    with pytest.raises(NotEstimable, match="only 1 customer ordered"):
        fit_pareto(histories([0] * 50 + [1], [0] * 50 + [3], [9] * 51))


def stationary(rng, customers, *, rate):
    """Customers of whom nobody leaves."""
    age = rng.uniform(39, 78, customers)
    repeats = rng.poisson(rate * age)
    return repeats, np.where(repeats > 0, age * rng.beta(np.maximum(repeats, 1), 1), 0.0), age


@pytest.mark.parametrize("world", ["nobody leaves", "one pace", "clockwork", "all today"])
def test_data_that_do_not_follow_it_are_refused_within_the_search_bounds(world, monkeypatch):
    """A parameter runs away: before, such searches took up to 14 s and told what they had reached."""
    calls = []
    counted = pareto_nbd._log_terms
    monkeypatch.setattr(pareto_nbd, "_log_terms", lambda *data: calls.append(1) or counted(*data))
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.7, 1 / 9, 1_000) if world == "nobody leaves" else np.full(1_000, 0.2)
    repeats, last, age = stationary(rng, 1_000, rate=rate)
    if world == "clockwork":
        repeats = np.floor(age / 4).astype(int)
        last = 4.0 * repeats
    if world == "all today":
        last = np.where(repeats > 0, age, 0.0)
    with pytest.raises(NotEstimable, match="do not follow the Pareto/NBD model"):
        fit_pareto(histories(repeats, last, age))
    assert len(calls) < 400


@pytest.mark.parametrize("seed", range(5))
def test_data_of_the_model_are_not_refused(seed):
    repeats, last, age, _ = simulated(seed, customers=500)
    assert (fit_pareto(histories(repeats, last, age)).parameters > 0).all()
