"""Looking every week: Armitage's table, the sequence's promise, and what each report says."""

import numpy as np
import pandas as pd
import pytest

from methods.sequential.looks import peeking_false_alarms, sequence_reach, weekly_looks


@pytest.mark.parametrize(("looks", "published"), [(1, 5.0), (2, 8.3), (5, 14.2), (10, 19.3), (20, 24.8)])
def test_armitages_table(looks, published):
    rates = peeking_false_alarms(looks, simulations=100_000)
    assert 100 * rates.plain.estimate == pytest.approx(published, abs=0.4)
    assert rates.sequence.estimate < 0.05


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_sequence_holds_at_hundreds_of_looks(level):
    rates = peeking_false_alarms(300, level=level, simulations=4000, per_look=20)
    assert rates.sequence.estimate <= 1 - level
    assert rates.plain.estimate > 1.5 * (1 - level)


def test_the_reach_follows_the_paper():
    # Equation of the paper, written with rho and t as there.
    alpha, t, planned = 0.05, np.array([100.0, 1000.0, 5000.0]), 1000.0
    rho = np.sqrt((-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / planned)
    boundary = np.sqrt(2 * (t * rho**2 + 1) / (t**2 * rho**2) * np.log(np.sqrt(t * rho**2 + 1) / alpha))
    assert sequence_reach(1 / np.sqrt(t), t, planned_n=planned) == pytest.approx(boundary)


def test_the_plan_is_where_it_is_narrowest():
    steps = np.arange(100, 5000, 100)
    ratio = sequence_reach(1.0, steps, planned_n=1000)
    assert abs(steps[ratio.argmin()] - 1000) <= 200


def trial(seed: int, *, effect: float = 0.0, rows: int = 4000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = rng.random(rows) < 0.5
    at = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.sort(rng.integers(0, 24 * 7 * 12, rows)), unit="h")
    return pd.DataFrame({"arm": arm, "again": 1.0 * (rng.random(rows) < 0.4 + effect * arm), "at": at})


NAMES = {"outcome": "again", "treated": "arm", "at": "at"}


def test_the_last_look_is_the_plain_comparison():
    frame = trial(1, effect=0.05)
    looks = weekly_looks(frame.sample(frac=1, random_state=1), **NAMES)
    means = frame.groupby("arm")["again"].agg(["mean", "var", "size"])
    error = np.sqrt((means["var"] / means["size"]).sum())
    last = looks.iloc[-1]
    assert looks["week"].tolist() == list(range(1, 13))
    assert last["estimate"] == pytest.approx(means.loc[True, "mean"] - means.loc[False, "mean"])
    assert last["high"] - last["low"] == pytest.approx(2 * 1.959964 * error, rel=1e-5)
    assert (looks["always_low"] < looks["low"]).all()


def test_weekly_reports_rarely_cry_wolf_with_the_sequence():
    plain, always = [], []
    for seed in range(200):
        looks = weekly_looks(trial(seed, rows=1200), **NAMES)
        plain.append(((looks["low"] > 0) | (looks["high"] < 0)).any())
        always.append(((looks["always_low"] > 0) | (looks["always_high"] < 0)).any())
    assert np.mean(always) <= 0.05
    assert np.mean(plain) >= 0.12


def test_a_real_effect_is_found_by_both():
    last = weekly_looks(trial(3, effect=0.15), **NAMES).iloc[-1]
    assert last["low"] > 0
    assert last["always_low"] > 0


def test_missing_values_and_one_arm():
    frame = trial(4)
    holed = frame.assign(again=frame["again"].where(frame.index % 5 > 0))
    assert weekly_looks(holed, **NAMES)["n"].iloc[-1] == holed["again"].notna().sum()
    with pytest.raises(ValueError, match="one arm"):
        weekly_looks(frame.assign(arm=True), **NAMES)
    with pytest.raises(ValueError, match="planned_n"):
        sequence_reach(1.0, 10, planned_n=0)
    with pytest.raises(ValueError, match="looks"):
        peeking_false_alarms(0)


def test_the_seed_decides():
    first, second = (peeking_false_alarms(5, simulations=2000, seed=seed) for seed in (1, 1))
    assert first == second
    assert peeking_false_alarms(5, simulations=2000, seed=2).plain != first.plain
