"""Inference for few units: what the same analysis finds when the starts are dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.report import CannotAnswer
from helpers.statistics.intervals import Interval
from helpers.uplift.panel_grid import PanelGrid
from helpers.uplift.staged import StagedEffects, group_time_cells

FARTHEST, STEPS = 20.0, 4_001  # how far from the estimate effects are tried, in the widest dealt-out move


@dataclass(frozen=True, kw_only=True)
class PlaceboStarts:
    """Effects with intervals from the spread of effects under dealt-out starts.

    overall, p_value: averaged over all treated units and periods, and how often chance alone gives as much.
    before, before_p: the same before the start (None, nan without any). events: since_start, estimate,
    standard_error, low, high (simultaneous).
    """

    overall: Interval
    p_value: float
    before: Interval | None
    before_p: float
    events: pd.DataFrame


def placebo_starts(
    effects: StagedEffects, *, controls: str = "not_yet", draws: int = 199, seed: int = 1
) -> PlaceboStarts:
    """Judge staged effects by dealing the units' starts out at random `draws` times.

    For programmes that reach a few categories or sellers, where errors from so few clusters come out too
    small. Assumes that any unit could have been in any stage, and an effect that is about the same for all.
    The interval holds every effect which, taken out of the outcome, leaves an estimate that dealt-out starts
    match in more than 1 − level of draws: taking out the estimate instead would fit the noise of few units.
    Source: permutation inference for differences in differences, Conley
    and Taber (2011), Review of Economics and Statistics 93; MacKinnon and Webb (2020), J. Econometrics 218.
    """
    rng = np.random.default_rng(seed)
    events = effects.by("since_start", draws=99)
    found, spread, lent = _numbers(effects.grid, controls), [], []
    # The estimate is taken out of the outcome first, else it would count as noise wherever it is dealt to.
    treated = (effects.grid.periods[None, :] >= effects.grid.start[:, None]).astype(float)
    cleared = replace(effects.grid, outcome=effects.grid.outcome - found[0] * treated)
    for _ in range(draws):
        start = rng.permutation(cleared.start)
        spread.append(_numbers(replace(cleared, start=start), controls))
        lent.append(_numbers(replace(cleared, start=start, outcome=treated), controls)[0])
    spread, lent = np.array(spread), np.array(lent)
    error = spread[:, 2:].std(axis=0)
    moves = np.abs(spread - spread.mean(axis=0))
    scaled = moves[:, 2:] / np.where(error > 0, error, np.inf)
    critical = np.quantile(scaled.max(axis=1), effects.level)
    before, before_p = _judged(found[1], moves[:, 1], effects)
    has_before = effects.before() is not None
    overall, p_value = _inverted(found[0], spread[:, 0], lent, effects)
    return PlaceboStarts(
        overall=overall,
        p_value=p_value,
        before=before if has_before else None,
        before_p=before_p if has_before else float("nan"),
        events=events.assign(
            standard_error=error,
            low=events["estimate"] - critical * error,
            high=events["estimate"] + critical * error,
        ),
    )


def _numbers(grid: PanelGrid, controls: str) -> np.ndarray:
    """Overall effect, mean effect before the start (0 without any), one effect for each time since it.

    The same averages as `StagedEffects` gives, without its errors, since they are drawn hundreds of times.
    """
    cells, _ = group_time_cells(grid, controls=controls)
    stage, since, estimate = np.array([(c["stage"], c["since_start"], c["estimate"]) for c in cells]).T
    size = (grid.start[None, :] == stage[:, None]) @ grid.weight
    times, place = np.unique(since, return_inverse=True)
    events = np.bincount(place, size * estimate) / np.bincount(place, size)
    after = since >= 0
    effect = estimate[after] @ size[after] / size[after].sum()
    before = events[times < 0].mean() if (times < 0).any() else 0.0
    return np.r_[effect, before, events]


def _judged(estimate: float, moves: np.ndarray, effects: StagedEffects) -> tuple[Interval, float]:
    reach = float(np.quantile(moves, effects.level))
    interval = Interval(
        estimate=float(estimate),
        low=float(estimate - reach),
        high=float(estimate + reach),
        n=effects.units,
        level=effects.level,
        standard_error=float(moves.std()),
    )
    return interval, float((1 + (moves >= abs(estimate)).sum()) / (1 + len(moves)))


def _inverted(
    estimate: float, spread: np.ndarray, lent: np.ndarray, effects: StagedEffects
) -> tuple[Interval, float]:
    """Invert the test by dealing out. lent: what each draw makes of an effect of one where it really is.

    With another effect taken out than the estimate, each draw moves in proportion, so nothing is fitted anew.
    """

    def matched(off: np.ndarray) -> np.ndarray:
        """How often a draw is as far out as the truth would be, if it lay `off` beside the estimate."""
        dealt = np.abs(spread[None, :] - off[:, None] * lent[None, :])
        return (1 + (dealt >= np.abs(off)[:, None]).sum(axis=1)) / (1 + len(spread))

    side = np.linspace(0.0, FARTHEST * max(np.abs(spread).max(), 1e-12), STEPS)
    ends = [sign * _last(side, matched(sign * side) > 1 - effects.level) for sign in (-1, 1)]
    interval = Interval(
        estimate=float(estimate),
        low=float(estimate + ends[0]),
        high=float(estimate + ends[1]),
        n=effects.units,
        level=effects.level,
        standard_error=float(spread.std()),
    )
    return interval, float(matched(np.array([-estimate]))[0])


def _last(side: np.ndarray, kept: np.ndarray) -> float:
    """The farthest value that is kept; raises where even the farthest looked at is."""
    if kept[-1]:
        raise CannotAnswer("there are so few ways to deal the starts out that no effect can be ruled out")
    return float(side[np.flatnonzero(kept)[-1]])
