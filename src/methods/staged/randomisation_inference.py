"""Inference for few units: what the same analysis finds when the starts are dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.result import Result
from methods.staged.group_time_att import StagedEffects
from methods.staged.panel_grid import PanelGrid

CELLS_AT_ONCE = 2_000_000  # draws times units held in memory together
FARTHEST, STEPS = 20.0, 4_001  # how far from the estimate effects are tried, in the widest dealt-out move


@dataclass(frozen=True, kw_only=True)
class PlaceboStarts(Result):
    """Effects with intervals from the spread of effects under dealt-out starts.

    overall, p_value: averaged over all treated units and periods, and how often chance alone gives as much.
    before, before_p: the same before the start; just_before, just_before_p: in the last period before it
    (None, nan without any). without_drift: the overall effect less a drift as steady as before (None without
    any). events: since_start, estimate, standard_error, low, high (simultaneous).
    """

    overall: Interval
    p_value: float
    before: Interval | None
    before_p: float
    just_before: Interval | None
    just_before_p: float
    without_drift: Interval | None
    events: pd.DataFrame


def randomisation_inference(effects: StagedEffects, *, draws: int = 999, seed: int = 1) -> PlaceboStarts:
    """Judge staged effects by dealing the units' starts out at random `draws` times.

    For programmes that reach a few categories or sellers, where errors from so few clusters come out too
    small. Assumes that any unit could have been in any stage, and an effect that is about the same for
    all. The interval holds every effect which, taken out of the outcome, leaves an estimate that
    dealt-out starts match in more than 1 − level of draws: taking out the estimate instead would fit the
    noise of few units.
    effects: of `group_time_att`.
    Raises ValueError where the effects hold covariates. Source: permutation inference for differences in
    differences, Conley and Taber (2011), Review of Economics and Statistics 93; MacKinnon and Webb
    (2020), J. Econometrics 218.

    >>> from methods.staged.group_time_att import group_time_att
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"seller": np.repeat(np.arange(24), 3), "month": np.tile([1, 2, 3], 24)})
    >>> rows["start"] = np.where(rows["seller"] < 8, 3, 0)
    >>> rows["orders"] = 2 * (rows["start"] == rows["month"]) + rng.normal(0, 0.5, 72)
    >>> effects = group_time_att(rows, unit="seller", period="month", outcome="orders", start="start")
    >>> found = randomisation_inference(effects, draws=99)
    >>> found.p_value, found.overall.low > 0
    (0.01, True)
    """
    if effects.grid.covariates.shape[2]:
        raise ValueError("starts are dealt out anew for panels without covariates only")
    rng = np.random.default_rng(seed)
    events = effects.by("since_start", draws=99)
    grid = effects.grid
    found = _numbers(grid, grid.outcome, grid.start[None, :], effects.controls)[0]
    # The estimate is taken out of the outcome first, else it would count as noise wherever it is dealt to.
    treated = (grid.periods[None, :] >= grid.start[:, None]).astype(float)
    cleared = grid.outcome - found[0] * treated
    spread, lent = _dealt_out(grid, cleared, treated, effects.controls, draws=draws, rng=rng)
    error = spread[:, 2:].std(axis=0)
    moves = np.abs(spread - spread.mean(axis=0))
    scaled = moves[:, 2:] / np.where(error > 0, error, np.inf)
    critical = np.quantile(scaled.max(axis=1), effects.level)
    before, before_p = _judged(found[1], moves[:, 1], effects)
    has_before = effects.before() is not None
    just_before, just_before_p = None, float("nan")
    if effects.just_before() is not None:
        last = 2 + int(np.flatnonzero(events["since_start"] == -1)[0])
        just_before, just_before_p = _judged(found[last], moves[:, last], effects)
    overall, p_value = _inverted(found[0], spread[:, 0], lent, effects)
    reach = effects.periods_under_way()
    steady = spread[:, 0] - reach * spread[:, 1]
    drift_taken = _judged(found[0] - reach * found[1], np.abs(steady - steady.mean()), effects)[0]
    return PlaceboStarts(
        overall=overall,
        p_value=p_value,
        before=before if has_before else None,
        before_p=before_p if has_before else float("nan"),
        just_before=just_before,
        just_before_p=just_before_p,
        without_drift=drift_taken if has_before else None,
        events=events.assign(
            standard_error=error,
            low=events["estimate"] - critical * error,
            high=events["estimate"] + critical * error,
        ),
    )


def _dealt_out(
    grid: PanelGrid,
    cleared: np.ndarray,
    treated: np.ndarray,
    controls: str,
    *,
    draws: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what draws make of the outcome without the effect, and of the treatment itself; in blocks."""
    spread, lent = [], []
    block = max(1, CELLS_AT_ONCE // len(grid.start))
    for first in range(0, draws, block):
        rows = min(block, draws - first)
        dealt = rng.permuted(np.tile(grid.start, (rows, 1)), axis=1)
        spread.append(_numbers(grid, cleared, dealt, controls))
        lent.append(_numbers(grid, treated, dealt, controls)[:, 0])
    return np.concatenate(spread), np.concatenate(lent)


def _numbers(grid: PanelGrid, outcome: np.ndarray, starts: np.ndarray, controls: str) -> np.ndarray:
    """Overall effect, mean effect before the start (0 without any), one effect for each time since it.

    starts: draws x units, each row the same starts in another order, so that every draw has the same cells.
    The same averages as `StagedEffects` gives, without its errors, for all draws at once: draws x numbers.
    """
    cells = [
        (now - first, *_cell(grid, outcome, starts, stage, first, now, controls))
        for stage in np.unique(grid.start[np.isfinite(grid.start)])
        for first in [int(np.searchsorted(grid.periods, stage))]
        for now in range(1, len(grid.periods))
    ]
    since = np.array([time for time, estimate, _ in cells if estimate is not None])
    estimate, size = (
        np.stack([cell[place] for cell in cells if cell[1] is not None], axis=1) for place in (1, 2)
    )
    times = np.unique(since)
    events = np.stack(
        [np.average(estimate[:, since == time], axis=1, weights=size[:, since == time]) for time in times], 1
    )
    after = since >= 0
    effect = np.average(estimate[:, after], axis=1, weights=size[:, after])
    before = events[:, times < 0].mean(axis=1) if (times < 0).any() else np.zeros(len(starts))
    return np.column_stack([effect, before, events])


def _cell(
    grid: PanelGrid,
    outcome: np.ndarray,
    starts: np.ndarray,
    stage: float,
    first: int,
    now: int,
    controls: str,
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """Effect of one stage in one period, and the weight of its units, in each draw; None without controls."""
    base = first - 1 if now >= first else now - 1
    treated = starts == stage
    free = np.isinf(starts) if controls == "never" else starts > grid.periods[max(now, base)]
    free &= ~treated
    if base < 0 or not free[0].any():
        return None, None
    change = outcome[:, now] - outcome[:, base]
    means = [(members * grid.weight) @ change / (members @ grid.weight) for members in (treated, free)]
    return means[0] - means[1], treated @ grid.weight


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
