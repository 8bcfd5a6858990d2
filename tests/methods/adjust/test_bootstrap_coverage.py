from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from helpers.uplift import interval_coverage
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.bootstrap_coverage import (
    _factor,
    _trust,
    copies_needed,
    power_of_copies,
    simulated_coverage,
    widened,
    with_coverage,
)
from methods.learners.nuisances import Nuisances
from tests.methods.uplift_designs import chosen_treatment, logistic

COVARIATES = ("age", "orders", "kind")


def easy(rows: int = 900, **options):
    frame, _ = chosen_treatment(rows, seed=8)
    options = {"outcome": "y", "treatment": "t", "covariates": COVARIATES, "repeats": 1, **options}
    return frame, adjusted_effect(frame, **options)


def test_an_easy_data_set_gives_no_reason_to_widen():
    frame, effect = easy()
    trust = simulated_coverage(effect, frame["y"].to_numpy(), frame["t"].to_numpy(), times=8)
    for found in trust.values():
        assert len(found.errors) == 16
        assert found.coverage.estimate >= 0.75
        assert found.widened == 1
        assert not found.withheld


def test_copies_of_a_part_of_the_rows_keep_the_promise_too():
    frame, effect = easy()
    arrays = frame["y"].to_numpy(), frame["t"].to_numpy()
    part = simulated_coverage(effect, *arrays, times=6, most_rows=450)
    assert {found.rows for found in part.values()} == {450}
    assert all(found.coverage.estimate >= 0.75 and found.widened == 1 for found in part.values())
    (whole, _) = simulated_coverage(effect, *arrays, times=3).values()
    assert whole.rows == 900


def test_copies_of_a_bent_world_show_that_a_straight_line_misses_it():
    rng = np.random.default_rng(2)
    x = rng.standard_normal(1_200)
    chance, returns = logistic(x**2 - 1), logistic(x**2 - 1.5)
    t, y = ((rng.random(1_200) < share).astype(float) for share in (chance, returns))
    frame = pd.DataFrame({"x": x, "t": t, "y": y})
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=["x"], repeats=1)
    true = Nuisances(
        propensity=chance,
        outcome_control=returns,
        outcome_treated=returns,
        learners=effect.nuisances.learners,
    )
    trust = simulated_coverage(replace(effect, nuisances=true), y, t, times=6)["ate"]
    assert trust.bias.low > 1
    assert trust.withheld
    assert "times as wide" in trust.withheld
    wider = with_coverage(effect, {"ate": trust}).ate
    assert wider.high - wider.low == pytest.approx(trust.widened * (effect.ate.high - effect.ate.low))


def test_the_same_seed_draws_the_same_copies_and_progress_is_told():
    frame, effect = easy(300)
    told = []
    arrays = frame["y"].to_numpy(), frame["t"].to_numpy()
    first = simulated_coverage(
        effect, *arrays, times=3, progress=lambda done, total: told.append((done, total))
    )
    again = simulated_coverage(effect, *arrays, times=3)
    assert np.array_equal(first["att"].errors, again["att"].errors)
    assert told == [(number, 6) for number in range(1, 7)]


def test_numbers_as_outcomes_have_their_noise_dealt_out_anew():
    frame, _ = easy()
    y = 5 + 2 * frame["age"] + frame["t"] + np.random.default_rng(1).standard_normal(len(frame))
    frame = frame.assign(y=y)
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=COVARIATES, repeats=1)
    found = simulated_coverage(effect, frame["y"].to_numpy(), frame["t"].to_numpy(), times=5)["ate"]
    assert np.abs(found.errors).max() < 5


def test_the_page_shows_the_copies_behind_its_intervals():
    frame, effect = easy(300)
    trust = simulated_coverage(effect, frame["y"].to_numpy(), frame["t"].to_numpy(), times=3)
    gap = SimpleNamespace(trust=trust, effect=effect)
    card = interval_coverage(gap)
    assert [finding.segment for finding in card.findings] == ["all customers", "sharers"]
    assert list(card.table()["copies"]) == [6, 6]
    assert "of 6 copies" in card.draw().alt
    assert "no copies" in interval_coverage(SimpleNamespace(trust={})).reason


@pytest.mark.parametrize(
    ("bias", "spread", "factor"), [(0, 1, 1.0), (0, 1.5, 1.5), (1, 1, 1.349), (0, 0.5, 1.0)]
)
def test_the_factor_makes_normal_errors_cover_at_their_level(bias, spread, factor):
    assert _factor(bias, spread, level=0.95) == pytest.approx(factor, abs=0.01)


def test_errors_far_off_withhold_the_verdict_and_chance_alone_does_not():
    rng = np.random.default_rng(3)
    bad = _trust(rng.normal(3, 1, 10), rng.normal(3, 1, 10), 0.95)
    assert bad.widened > 2
    assert "held the truth" in bad.withheld
    widths = [_trust(rng.normal(0, 1, 10), rng.normal(0, 1, 10), 0.95).widened for _ in range(200)]
    assert np.mean(np.array(widths) > 1) < 0.05


def test_too_few_copies_are_refused_and_a_factor_of_one_changes_nothing():
    frame, effect = easy(300)
    with pytest.raises(ValueError, match="at least 3"):
        simulated_coverage(effect, frame["y"].to_numpy(), frame["t"].to_numpy(), times=2)
    assert widened(effect.ate, 1) is effect.ate


def test_the_power_of_copies_is_how_often_they_find_what_covers_four_fifths():
    rng = np.random.default_rng(1)
    spread = 1.96 / 1.2816  # errors so wide that 80 % of intervals hold
    for copies in (20, 30):
        errors = spread * rng.standard_normal((2_000, copies))
        low = errors.std(axis=1, ddof=1) * np.sqrt((copies - 1) / chi2.ppf(0.995, copies - 1))
        assert np.mean(low > 1) == pytest.approx(power_of_copies(copies), abs=0.03)
    assert power_of_copies(copies_needed() - 1) < 0.8 <= power_of_copies(copies_needed())


def test_a_card_states_its_power():
    frame, effect = easy(300)
    trust = simulated_coverage(effect, frame["y"].to_numpy(), frame["t"].to_numpy(), times=3)["att"]
    assert trust.power == power_of_copies(len(trust.errors))
    assert trust.power < 0.5
