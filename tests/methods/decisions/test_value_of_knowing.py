"""What knowing a number is worth: closed form of a linear model, the decisive first, nothing from chance."""

from __future__ import annotations

import numpy as np
import pytest

from methods.decisions import choose_option, efficient, value_of_knowing
from methods.simulate import sobol

NAMES = ["decisive", "second", "third", "idle", "idle too", "fixed"]
SLOPES = np.array([1.0, 0.6, 0.2, 0.0, 0.0, 0.0])


def linear(draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two options whose difference is linear in independent normals: knowing one is worth |slope| / √(2π)."""
    rng = np.random.default_rng(seed)
    unknown = rng.standard_normal((draws, 6))
    unknown[:, 5] = 3.0
    common = rng.normal(100, 20, draws)
    return np.column_stack([common, common + unknown[:, :5] @ SLOPES[:5]]), unknown


def test_a_linear_model_gives_its_closed_form():
    values, unknown = linear(20_000, 1)
    found = value_of_knowing(values, unknown, names=NAMES)
    worth = found.numbers.set_index("number")["worth"]
    for name, slope in zip(NAMES, SLOPES, strict=True):
        assert worth[name] == pytest.approx(slope / np.sqrt(2 * np.pi), abs=0.025), name
    assert found.everything == pytest.approx(np.sqrt((SLOPES**2).sum()) / np.sqrt(2 * np.pi), abs=0.02)


def test_two_hundred_draws_put_the_two_decisive_first():
    right = 0
    for seed in range(50):
        found = value_of_knowing(*linear(200, seed), names=NAMES)
        right += found.numbers["number"].tolist()[:2] == ["decisive", "second"]
    assert right >= 48


def test_a_curved_worth_is_found_where_a_line_would_see_nothing():
    unknown = sobol([-1], [1], 256)
    values = np.column_stack([np.full(256, 1 / 3), unknown[:, 0] ** 2])
    found = value_of_knowing(values, unknown, names=["bent"])
    # Of max(x², 1/3) − 1/3 over [−1, 1].
    exact = (1 - 3**-1.5) / 3 - (1 - 3**-0.5) / 3
    assert found.numbers["worth"][0] == pytest.approx(exact, abs=0.02)


def test_what_has_no_bearing_is_worth_next_to_nothing():
    rng = np.random.default_rng(3)
    values = np.column_stack([np.zeros(200), rng.normal(0.3, 1, 200)])
    found = value_of_knowing(values, rng.random((200, 8)), names=list("abcdefgh"))
    assert found.numbers["worth"].median() < 0.05 * found.everything


def test_the_choice_its_chance_and_its_regret():
    values = np.tile([[3.0, 1.0], [0.0, 2.0], [3.0, 1.0]], (20, 1))
    found = choose_option(values)
    assert found.chosen == 0
    assert [one.estimate for one in found.best] == pytest.approx([2 / 3, 1 / 3])
    assert found.regret == pytest.approx((2 / 3, 4 / 3))


@pytest.mark.parametrize("values", [np.zeros((10, 2)), np.zeros((50, 1)), np.full((50, 2), np.nan)])
def test_too_few_or_missing_values_are_refused(values):
    with pytest.raises(ValueError, match="values"):
        choose_option(values)


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"needed: \(50, 1\)"):
        value_of_knowing(np.zeros((50, 2)), np.zeros((50, 3)), names=["one"])


def test_the_frontier_keeps_what_nothing_beats_and_equals():
    assert efficient([[1, 1], [1, 1], [0, 5], [0, 4]]).tolist() == [True, True, True, False]
    with pytest.raises(ValueError, match="options × aims"):
        efficient([1, 2])
