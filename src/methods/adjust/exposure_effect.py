"""What exposure at several levels adds to a chance, for those exposed, with whole circles as units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.regression.codes import codes_of
from methods.regression.loglinear import LogLinearFit, loglinear_fit
from methods.result import Result

FEWEST_CIRCLES = 10


@dataclass(frozen=True, kw_only=True)
class ExposureEffect(Result):
    """levels: effect on the rows of each level 1, 2, …, in units of the outcome, nan where no outcome
    tells. exposed: on all of them.

    total: expected outcomes that the exposure added. clusters: independent units behind the intervals.
    """

    levels: tuple[Interval, ...]
    exposed: Interval
    total: float
    clusters: int


def exposure_effects(
    exposures: tuple[np.ndarray, ...],
    outcome: np.ndarray,
    controls: np.ndarray,
    *,
    group: np.ndarray,
    cluster: np.ndarray,
    level: float = 0.95,
) -> tuple[ExposureEffect, ...]:
    """Return the effect of each exposure, held beside the others.

    exposures: each (rows,) of whole numbers, 0 for none and 1, 2, … for more.
    controls: rows x columns.
    group: (rows,) labels, each with a free level.
    cluster: (rows,) labels of dependent rows. The exposed rows' outcomes are compared with what the fit
        leaves them without exposure, 1 / relative chance of them, so the effect is that on the exposed.
        Intervals: influence values summed by cluster, t with one less than the effective number of
        clusters, which is lower than their number where large ones decide (Carter, Schnepel and
        Steigerwald 2017, Review of Economics and Statistics 99).
    Returns one effect an exposure.
    Raises CannotAnswer where no group has outcomes that vary between the exposed and others, such as where
    all fall on one day; ValueError where the log-linear fit does not settle.

    >>> rng = np.random.default_rng(1)
    >>> friends = rng.integers(0, 3, 2_000)
    >>> bought = (rng.random(2_000) < 0.2 + 0.1 * friends).astype(float)
    >>> circle, week = np.arange(2_000) // 20, np.arange(2_000) % 4
    >>> (found,) = exposure_effects((friends,), bought, np.empty((2_000, 0)), group=week, cluster=circle)
    >>> [round(one.estimate, 1) for one in found.levels]
    [0.1, 0.2]
    """
    for exposure in exposures:
        _demand_both(exposure > 0, outcome, group)
    dummies = [[exposure == value for value in _values(exposure)] for exposure in exposures]
    columns = np.column_stack([column for part in dummies for column in part]).astype(float)
    fit = _fit(np.column_stack([columns, controls]), outcome, group, leading=columns.shape[1])
    circle, _ = codes_of(cluster)
    found, first = [], 0
    for part in dummies:
        places = np.arange(first, first + len(part))
        found.append(_effect(part, places, outcome, fit, circle, level))
        first += len(part)
    return tuple(found)


def _demand_both(exposed: np.ndarray, outcome: np.ndarray, group: np.ndarray) -> None:
    """Refuse an exposure that all rows of each group share: nothing then tells it from the group."""
    code, _ = codes_of(group)
    share = np.bincount(code, exposed) / np.bincount(code)
    if exposed.any() and not ((share > 0) & (share < 1) & (np.bincount(code, outcome) > 0)).any():
        raise CannotAnswer(
            f"outcomes do not vary between {count(int(exposed.sum()), 'exposed row')} and others of the same "
            "group, so nothing tells an effect from chance"
        )


def _fit(matrix: np.ndarray, outcome: np.ndarray, group: np.ndarray, *, leading: int) -> LogLinearFit:
    """Rows of groups without any outcome have no part in the fit, though exposure added nothing there."""
    code, _ = codes_of(group)
    told = np.bincount(code, outcome)[code] > 0
    if told.all():
        return loglinear_fit(matrix, outcome, group, leading=leading)
    fit = loglinear_fit(matrix[told], outcome[told], group[told], leading=leading)
    influence = np.zeros((len(matrix), leading))
    influence[told] = fit.influence
    return LogLinearFit(coefficients=fit.coefficients, influence=influence)


def _values(exposure: np.ndarray) -> np.ndarray:
    values = np.unique(exposure)
    return values[values > 0]


def _effect(
    part: list[np.ndarray],
    places: np.ndarray,
    outcome: np.ndarray,
    fit: LogLinearFit,
    circle: np.ndarray,
    level: float,
) -> ExposureEffect:
    kept = np.exp(-fit.coefficients[places])
    added = [rows * outcome * (1 - share) for rows, share in zip(part, kept, strict=True)]
    moves = [
        gain + fit.influence[:, place] * (rows * outcome).sum() * share
        for rows, gain, place, share in zip(part, added, places, kept, strict=True)
    ]
    levels = tuple(
        _interval(gain, move, rows, circle, level)
        for rows, gain, move in zip(part, added, moves, strict=True)
    )
    anyone = np.any(part, axis=0)
    exposed = _interval(np.sum(added, axis=0), np.sum(moves, axis=0), anyone, circle, level)
    if np.isnan(exposed.estimate):
        raise CannotAnswer(
            f"outcomes do not vary between {count(exposed.n, 'exposed row')} and others of the same group, "
            "so nothing tells an effect from chance"
        )
    return ExposureEffect(
        levels=levels,
        exposed=exposed,
        total=float(np.sum(added)),
        clusters=int(circle.max()) + 1,
    )


def _interval(
    gain: np.ndarray, move: np.ndarray, rows: np.ndarray, circle: np.ndarray, level: float
) -> Interval:
    """A mean over `rows`; move: each row's part in the sum, its own noise and the coefficients' together."""
    size = int(rows.sum())
    estimate = float(gain.sum() / size)
    own = move - estimate * rows
    sums, squares = np.bincount(circle, own), np.bincount(circle, own**2)
    if not squares.any():  # no outcome here, or nobody without exposure beside it
        return Interval(estimate=np.nan, low=np.nan, high=np.nan, n=size, level=level, standard_error=np.nan)
    error = float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)) / size)
    effective = squares.sum() ** 2 / (squares @ squares)
    reach = float(student.ppf(0.5 + level / 2, max(effective - 1, 1))) * error
    low, high = estimate - reach, estimate + reach
    return Interval(estimate=estimate, low=low, high=high, n=size, level=level, standard_error=error)
