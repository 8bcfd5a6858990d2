"""Arms that are amounts of one thing: what each brings, the concave curve through them, which is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.few_in_an_arm import missing_variance
from methods.intervals.influence import normal_interval
from methods.regression.arms import FEWEST_IN_GROUP
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import least_squares
from methods.result import Result

_ROWS_A_COLUMN = 20


@dataclass(frozen=True, kw_only=True)
class DoseArms(Result):
    """doses: amounts drawn, rising (k). effects: mean outcome against the smallest dose, one a further dose.

    base: adjusted mean at the smallest dose. concave: effects on the concave curve that fits them best (k;
    the first is 0). best: dose at its top, the smallest of several. low, high:
    smallest and largest dose that cannot be ruled out as the best of those tried.
    """

    rows: int
    doses: tuple[float, ...]
    base: float
    effects: tuple[Interval, ...]
    concave: tuple[float, ...]
    best: float
    low: float
    high: float


def dose_arms(
    frame: pd.DataFrame,
    *,
    outcome: str,
    dose: str,
    covariates: Sequence[str] = (),
    level: float = 0.95,
    draws: int = 5_000,
    seed: int = 1,
) -> DoseArms:
    """Return what each amount brings against the smallest, and between which amounts most is brought.

    outcome, dose: columns of numbers, one row a unit, the dose as drawn at random.
    covariates: known before the draw; they sharpen the estimates (Lin 2013, fully interacted; HC2), and are
        left out where an arm has fewer than 20 rows a column.
    level: of the intervals, and of the doses not ruled out: a dose stays unless another is better by more
        than `level` of draws from the arms' joint distribution allow where all are alike (Gupta 1965's
        subset selection, studentised), so that the best dose stays in about as many of 100 trials.
    draws, seed: of that distribution. The best dose is read off the concave curve nearest to the effects
        in their own covariance; nothing between two doses is told.
    Raises CannotAnswer with one dose only or fewer than 25 rows at one, ValueError on gaps.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"asks": np.repeat([0, 1, 3, 6], 500)})
    >>> rows["value"] = 2 * np.minimum(rows["asks"], 3) - 2 * rows["asks"].gt(3) + rng.normal(size=2_000)
    >>> found = dose_arms(rows, outcome="value", dose="asks")
    >>> found.best, found.low, found.high
    (3.0, 3.0, 3.0)
    """
    y, amount = _numbers(frame, outcome), _numbers(frame, dose)
    doses, code, sizes = np.unique(amount, return_inverse=True, return_counts=True)
    if len(doses) < 2:
        raise CannotAnswer(f"all rows have {doses[0]:g}; at least two amounts are needed to compare")
    if sizes.min() < FEWEST_IN_GROUP:
        few = doses[sizes.argmin()]
        raise CannotAnswer(
            f"the arm of {few:g} has {count(int(sizes.min()), 'row')}; at least {FEWEST_IN_GROUP} are needed"
        )
    arms = np.eye(len(doses))[code][:, 1:]
    fit = least_squares(_design(arms, covariate_matrix(frame, covariates).matrix, sizes.min()), y)
    own = slice(1, len(doses))
    effect, covariance = fit.coefficients[own], _steadied(fit.robust[own, own], y, code)
    intervals = tuple(
        normal_interval(value, np.sqrt(max(covariance[place, place], 0.0)), len(y), level=level)
        for place, value in enumerate(effect)
    )
    concave = _concave(doses, effect, covariance)
    told = _not_ruled_out(effect, covariance, level=level, draws=draws, seed=seed)
    return DoseArms(
        rows=len(y),
        doses=tuple(map(float, doses)),
        base=float(fit.coefficients[0]),
        effects=intervals,
        concave=tuple(map(float, concave)),
        best=float(doses[np.flatnonzero(concave >= concave.max() - 1e-9)[0]]),
        low=float(doses[told].min()),
        high=float(doses[told].max()),
    )


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        raise KeyError(f"no column {name!r}; the frame has {list(frame.columns)}")
    values = frame[name].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        gaps = int((~np.isfinite(values)).sum())
        raise ValueError(f"column {name!r} has {count(gaps, 'gap')}; drop or fill them first")
    return values


def _design(arms: np.ndarray, x: np.ndarray, fewest: int) -> np.ndarray:
    """Constant, one column a further dose, and covariates with a slope of their own in each arm."""
    plain = np.column_stack([np.ones(len(arms)), arms])
    if not 0 < x.shape[1] <= fewest / _ROWS_A_COLUMN:
        return plain
    centred = x - x.mean(axis=0)
    return np.column_stack([plain, centred, *(centred * arm[:, None] for arm in arms.T)])


def _steadied(covariance: np.ndarray, y: np.ndarray, code: np.ndarray) -> np.ndarray:
    """With what an arm's own variance lacks that counts next to no event, such as no opt-out at all."""
    pairs = [(code == 0) | (code == place + 1) for place in range(len(covariance))]
    return covariance + np.diag([missing_variance(y[pair], code[pair] > 0) for pair in pairs])


def _concave(doses: np.ndarray, effect: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """The concave curve (k,), 0 at the smallest dose, nearest to the effects in their covariance."""
    values, vectors = np.linalg.eigh(covariance)
    whiten = (vectors / np.sqrt(np.maximum(values, values.max() * 1e-12 + 1e-300))).T
    rise = doses - doses[0]
    # A straight line up or down, less a further fall from each dose between the ends on.
    bends = [-np.maximum(doses - knot, 0.0) for knot in doses[1:-1]]
    basis = np.column_stack([rise, -rise, *bends])
    found, _ = nnls(whiten @ basis[1:], whiten @ effect)
    return basis @ found


def _not_ruled_out(
    effect: np.ndarray, covariance: np.ndarray, *, level: float, draws: int, seed: int
) -> np.ndarray:
    """Which doses (k,) no other beats by more than chance lets the best one be beaten."""
    value = np.concatenate([[0.0], effect])
    whole = np.zeros((len(value), len(value)))
    whole[1:, 1:] = covariance
    spread = np.diag(whole)[:, None] + np.diag(whole) - 2 * whole
    error = np.sqrt(np.maximum(spread, 0.0))
    noise = np.random.default_rng(seed).multivariate_normal(np.zeros(len(value)), whole, draws, method="eigh")
    kept = np.zeros(len(value), dtype=bool)
    for place in range(len(value)):
        others = error[place] > 0
        ahead = (noise[:, others] - noise[:, [place]]) / error[place, others]
        limit = np.quantile(ahead.max(axis=1), level) if others.any() else np.inf
        behind = (value[others] - value[place]) / error[place, others]
        kept[place] = not others.any() or behind.max() <= limit
    return kept
