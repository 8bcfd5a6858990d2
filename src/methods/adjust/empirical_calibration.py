"""Intervals calibrated on effects known to be nil: what errs on these errs on the effect asked for too."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes, normal_interval
from methods.result import Result

FEWEST_CONTROLS = 5
TOO_FEW_HELD = 0.01


@dataclass(frozen=True, kw_only=True)
class SystematicError(Result):
    """How far estimates of nil effects lie off zero beyond chance: normal over controls.

    mean, deviation: of the normal law, by maximum likelihood. mean_error: standard error of the mean.
    weights: (controls,) of each control's estimate in the mean, which add to 1. controls: how many.
    """

    mean: float
    deviation: float
    mean_error: float
    weights: np.ndarray
    controls: int


@dataclass(frozen=True, kw_only=True)
class Calibrated(Result):
    """An effect before and after what the controls say of its systematic error is taken off.

    plain, calibrated: the interval given, and the calibrated one. error: the law of the systematic error.
    left_out: the calibrated interval of each control, from the others; each should hold 0. held: how many do.
    """

    plain: Interval
    calibrated: Interval
    error: SystematicError
    left_out: tuple[Interval, ...]

    @property
    def held(self) -> int:
        """How many controls hold 0 once calibrated by the others."""
        return sum(not excludes(one, 0.0) for one in self.left_out)

    @property
    def width_ratio(self) -> float:
        """How many times as wide as the plain interval the calibrated one is."""
        return (self.calibrated.high - self.calibrated.low) / (self.plain.high - self.plain.low)

    @property
    def withheld(self) -> str:
        """Why the calibrated interval should not be read, or nothing: controls do not foretell each other."""
        missed, all_of_them = len(self.left_out) - self.held, len(self.left_out)
        if binom.sf(missed - 1, all_of_them, 1 - self.calibrated.level) >= TOO_FEW_HELD:
            return ""
        return (
            f"calibrated by the others, only {self.held} of {all_of_them} controls hold 0: "
            "their errors are of unlike kinds"
        )


def systematic_error(estimates: np.ndarray, covariance: np.ndarray) -> SystematicError:
    """Return the normal law of the errors of effects that are nil, by maximum likelihood.

    estimates: (controls,), on one scale.
    covariance: (controls, controls), of their sampling errors, or (controls,) of variances.
    Raises CannotAnswer below five controls. Schuemie, Hripcsak, Ryan, Madigan and Suchard 2018 (PNAS 115),
    whose law this is where sampling errors do not go together; here controls share their rows, so they may.

    >>> found = systematic_error(np.array([0.3, 0.5, 0.4, 0.2, 0.6]), np.full(5, 0.01))
    >>> round(found.mean, 3), round(found.deviation, 3)
    (0.4, 0.1)
    """
    estimates, covariance = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    if len(estimates) < FEWEST_CONTROLS:
        raise CannotAnswer(
            f"only {count(len(estimates), 'control')} of known effect: at least {FEWEST_CONTROLS} are needed"
        )
    covariance = np.diag(covariance) if covariance.ndim == 1 else covariance

    spread, turn = np.linalg.eigh(covariance)
    turned, ones = turn.T @ estimates, turn.sum(axis=0)

    def weighed(deviation: float) -> tuple[np.ndarray, float]:
        """Weight of each turned control over its variance, and the mean that these give."""
        inverse = 1 / np.maximum(spread + deviation**2, 1e-12 * spread.max())
        return inverse, float((ones * inverse) @ turned / (ones**2 @ inverse))

    def lost(deviation: float) -> float:
        inverse, mean = weighed(deviation)
        return float((turned - mean * ones) ** 2 @ inverse - np.log(inverse).sum())

    most = 2 * float(np.ptp(estimates)) + 1e-9
    best = minimize_scalar(lost, bounds=(0.0, most), method="bounded", options={"xatol": 1e-6 * most}).x
    deviation = 0.0 if lost(0.0) <= lost(best) else float(best)
    inverse, mean = weighed(deviation)
    known = float(ones**2 @ inverse)
    return SystematicError(
        mean=mean,
        deviation=deviation,
        mean_error=float(1 / np.sqrt(known)),
        weights=turn @ (ones * inverse) / known,
        controls=len(estimates),
    )


def calibrated_interval(
    plain: Interval,
    estimates: np.ndarray,
    covariance: np.ndarray,
    *,
    shared: np.ndarray | None = None,
) -> Calibrated:
    """Return an effect calibrated on controls whose true effect is nil.

    plain: estimate of the effect, with its standard error, on the scale of the controls.
    estimates: (controls,).
    covariance: of their sampling errors, (controls, controls), or variances (controls,).
    shared: (controls,), covariance of each control's sampling error with the effect's; None for none.
    The effect is moved by the controls' mean error. Its variance takes in how errors differ from control to
    control and how few there are: a prediction interval, of Student's t with Satterthwaite's degrees of
    freedom (Higgins, Thompson and Spiegelhalter 2009), where Schuemie and others 2018 plug in what was
    found. It holds where the effect's own systematic error is one more draw of the controls' kind. Where
    errors differ about as much as chance lets them, few controls show it too seldom: with 6 of them 88 % of
    the intervals cover, with 12 90 %.
    Raises CannotAnswer below five controls, ValueError without a standard error.

    >>> plain = normal_interval(0.9, 0.1, 1_000)
    >>> found = calibrated_interval(plain, np.array([0.3, 0.5, 0.4, 0.3, 0.5, 0.4]), np.full(6, 0.01))
    >>> round(found.calibrated.estimate, 2), round(found.calibrated.low, 2), found.held
    (0.5, 0.29, 6)
    """
    if not plain.standard_error > 0:
        raise ValueError("an effect is calibrated by its standard error; this interval has none")
    estimates, covariance = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    covariance = np.diag(covariance) if covariance.ndim == 1 else covariance
    shared = np.zeros(len(estimates)) if shared is None else shared
    error = systematic_error(estimates, covariance)
    moved = functools.partial(_moved, n=plain.n, level=plain.level)
    left_out = []
    for one in range(len(estimates)):
        rest = np.delete(np.arange(len(estimates)), one)
        if len(rest) >= FEWEST_CONTROLS:
            others = covariance[np.ix_(rest, rest)]
            law = systematic_error(estimates[rest], others)
            left_out.append(moved(estimates[one], covariance[one, one], law, others, covariance[one, rest]))
    calibrated = moved(plain.estimate, plain.standard_error**2, error, covariance, shared)
    return Calibrated(plain=plain, calibrated=calibrated, error=error, left_out=tuple(left_out))


def _moved(
    estimate: float,
    variance: float,
    error: SystematicError,
    covariance: np.ndarray,
    shared: np.ndarray,
    *,
    n: int,
    level: float,
) -> Interval:
    """The estimate less the mean systematic error, with a prediction interval."""
    weights, k = error.weights, error.controls
    spread = error.deviation**2 * k / (k - 1)
    systematic = spread * (1 + weights @ weights)
    sampling = max(variance + weights @ covariance @ weights - 2 * weights @ shared, 0.1 * variance)
    freedom = (k - 1) * ((systematic + sampling) / systematic) ** 2 if systematic > 0 else np.inf
    return normal_interval(
        estimate - error.mean, float(np.sqrt(systematic + sampling)), n, level=level, freedom=freedom
    )
