"""Windows held out one after another: learned only from the one before, intervals that hold the seasons."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from methods.errors import CannotAnswer
from methods.intervals.estimates import ratio_of_sums
from methods.lists.category_chances import Cells
from methods.lists.held_out_windows import Window, hold_out_windows, level, range_of_next

AS_OF, DAYS = dt.datetime(2025, 1, 1), 10
RUNS = 600
BAND = (0.92, 0.98)  # three standard errors of 600 runs around 95 %


def draw_windows(rng, *, windows: int, season: float, customers: int = 300) -> list[Window]:
    """Windows whose buyers are foretold rightly but for a season of its own, of this standard deviation."""
    chance = rng.beta(1, 4, (customers, 3))
    found = []
    for number in range(windows):
        happened = rng.random(chance.shape) < chance * (1 + season * rng.uniform(-(3**0.5), 3**0.5))
        found.append(
            Window(
                begins_at=AS_OF + number * dt.timedelta(days=DAYS),
                customers=np.arange(customers),
                predicted=chance,
                base=np.full(chance.shape, 0.2),
                bought=happened.astype(float),
            )
        )
    return found


@pytest.mark.parametrize("season", [0.0, 0.15])
def test_the_level_covers_seasons_as_well_as_customers(season):
    rng, held, alone = np.random.default_rng(1), 0, 0
    for _ in range(RUNS):
        windows = draw_windows(rng, windows=5, season=season)
        # What a window's ratio is on average over seasons: the mean of 1 / (1 + season).
        reach = season * 3**0.5
        truth = np.log((1 + reach) / (1 - reach)) / (2 * reach) if season else 1.0
        interval = level(windows)
        held += interval.low <= truth <= interval.high
        whole = ratio_of_sums(
            sum(w.predicted.sum(axis=1) for w in windows), sum(w.bought.sum(axis=1) for w in windows)
        )
        alone += whole.low <= 1 <= whole.high
    # The wider of two intervals may hold more than 95 %.
    assert BAND[0] <= held / RUNS
    assert (alone / RUNS < 0.8) == (season > 0)


@pytest.mark.parametrize("season", [0.0, 0.15])
def test_the_next_window_lies_in_its_range(season):
    rng, inside = np.random.default_rng(2), []
    for _ in range(RUNS // 3):
        *seen, future = draw_windows(rng, windows=6, season=season)
        low, high = range_of_next(seen, future.predicted.sum(axis=0))
        happened = future.bought.sum(axis=0)
        inside += list((low <= happened) & (happened <= high))
    assert BAND[0] <= np.mean(inside) <= BAND[1]


def test_with_two_windows_the_interval_is_that_over_customers_and_there_is_no_range():
    windows = draw_windows(np.random.default_rng(3), windows=2, season=0.1)
    predicted, bought = (
        sum(getattr(w, name).sum(axis=1) for w in windows) for name in ("predicted", "bought")
    )
    assert level(windows) == ratio_of_sums(predicted, bought)
    assert np.isnan(range_of_next(windows, np.ones(3))).all()


def reader(*, customers: int = 400, few_before: int = 0, flip: int = 0):
    """Cells of a made-up shop; windows that begin over few_before days ago are thin, that at flip turned."""

    def read(*, at: dt.datetime, days: int) -> Cells:
        ago = (AS_OF - at).days
        rng = np.random.default_rng(ago)
        size = 20 if few_before and ago > few_before else customers
        traits = rng.normal(size=(2 * size, 2))
        bought = rng.random(2 * size) < 1 / (1 + np.exp(1 - traits[:, 0]))
        return Cells(
            customers=np.arange(size),
            categories=np.array(["a", "b"], object),
            traits=traits,
            bought=~bought if ago == flip else bought,
        )

    return read


def held_out(**options) -> list[Window]:
    return hold_out_windows(reader(**options), end=AS_OF, days=DAYS, most_windows=4)[0]


def test_a_window_is_foretold_by_the_one_before_and_by_nothing_later():
    plain, turned = held_out(), held_out(flip=2 * DAYS)
    assert [(AS_OF - window.begins_at).days for window in plain] == [40, 30, 20, 10]
    same = [np.allclose(a.predicted, b.predicted) for a, b in zip(plain, turned, strict=True)]
    assert same == [True, True, True, False]


def test_thin_windows_are_left_out():
    assert [(AS_OF - window.begins_at).days for window in held_out(few_before=30)] == [20, 10]


def test_two_thin_windows_at_the_end_cannot_answer():
    with pytest.raises(CannotAnswer, match="customers who had bought before: 20; it needs 100"):
        held_out(few_before=10)
