"""Encouragement designs: a random nudge moves some customers; what does the deed do to those it moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.regression.codes import codes_of
from methods.regression.covariates import Covariates, covariate_matrix
from methods.regression.least_squares import residualise
from methods.result import Result

WEAK_F = 10.0
FEWEST_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class ComplierEffect(Result):
    """The effect of the treatment on those whom the instrument moved.

    effect: Wald (two-stage least squares) estimate with its usual normal interval.
    low, high: the Anderson–Rubin interval, right however weak the instrument is; infinite where the data
    set no bound. first_stage: how far the instrument moved the treatment. first_stage_f: its F statistic,
    weak below 10. reduced_form: how far the instrument moved the outcome.
    """

    effect: Interval
    low: float
    high: float
    first_stage: Interval
    first_stage_f: float
    reduced_form: Interval

    @property
    def is_weak(self) -> bool:
        """Whether the instrument moves too few for the usual interval to be trusted."""
        return self.first_stage_f < WEAK_F

    @property
    def is_bounded(self) -> bool:
        """Whether the data bound the effect on both sides."""
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True)
class Moments:
    """Instrument's covariance with outcome and treatment (sums over rows), and the variances of the two.

    scale: what turns a sum into an effect of the instrument. variance: (2, 2), outcome first.
    """

    with_outcome: float
    with_treatment: float
    scale: float
    variance: np.ndarray

    def variance_at(self, effect: float) -> float:
        """Return the variance of the first sum less `effect` times the second."""
        contrast = np.array([1.0, -effect])
        return float(contrast @ self.variance @ contrast)


def complier_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    instrument: str,
    covariates: Sequence[str] | Covariates = (),
    cluster: str | None = None,
    robust: bool = True,
    level: float = 0.95,
) -> ComplierEffect:
    """Return the effect of a treatment through an instrument that moves it.

    instrument: a drawn arm or another cause of the treatment that touches the outcome in no other way.
    covariates: columns to hold fixed, or their finished matrix.
    robust: allow unequal variances (HC1, or CR1 with `cluster`); False assumes equal ones, as published
        tables often do. Rows with a gap are refused.
    outcome, treatment: columns of numbers.
    Raises CannotAnswer below 50 rows, when instrument or treatment never varies, or where the instrument
    moved nobody. Angrist, Imbens and Rubin 1996; interval: Anderson and Rubin 1949, solved as a quadratic.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 200)})
    >>> rows["shared"] = rows["offer"] * (rng.random(400) < 0.5)
    >>> rows["spent"] = 2.0 * rows["shared"] + rng.normal(size=400)
    >>> found = complier_effect(rows, outcome="spent", treatment="shared", instrument="offer")
    >>> round(found.first_stage.estimate, 1), found.low < 2 < found.high
    (0.5, True)
    """
    y, t, z = (_numbers(frame, name) for name in (outcome, treatment, instrument))
    if len(frame) < FEWEST_ROWS:
        raise CannotAnswer(
            f"only {count(len(frame), 'customer')} took part; at least {FEWEST_ROWS} are needed"
        )
    for name, values in zip((treatment, instrument), (t, z), strict=True):
        if np.ptp(values) == 0:
            raise CannotAnswer(f"{name} is the same for everyone, so nothing can be learned from it")
    x = covariates if isinstance(covariates, Covariates) else covariate_matrix(frame, covariates)
    groups = None if cluster is None else frame[cluster].to_numpy()
    moments = _moments(y, t, z, x.matrix, groups, robust=robust)
    return effect_from_moments(moments, rows=len(frame), level=level)


def effect_from_moments(moments: Moments, *, rows: int, level: float) -> ComplierEffect:
    """Return the effect of the treatment from what the instrument does to outcome and treatment.

    Raises CannotAnswer where the instrument moved the treatment by nothing at all.
    """
    if abs(moments.with_treatment) <= 1e-12 * math.sqrt(moments.scale * rows):
        raise CannotAnswer("as many took it up with the instrument as without, so it moved nobody")
    value, n = moments.with_outcome / moments.with_treatment, rows
    low, high = _anderson_rubin(moments, level=level)
    by_outcome, by_treatment = moments.with_outcome / moments.scale, moments.with_treatment / moments.scale
    return ComplierEffect(
        effect=_interval(value, moments.variance_at(value), moments.with_treatment, n, level),
        low=low,
        high=high,
        first_stage=_interval(by_treatment, moments.variance[1, 1], moments.scale, n, level),
        first_stage_f=float(moments.with_treatment**2 / moments.variance[1, 1]),
        reduced_form=_interval(by_outcome, moments.variance[0, 0], moments.scale, n, level),
    )


def complier_profile(
    frame: pd.DataFrame, *, treatment: str, instrument: str, covariates: Sequence[str], level: float = 0.95
) -> pd.DataFrame:
    """Return who the moved are: covariate means among compliers beside those of everyone.

    treatment, instrument: columns of 0 and 1.
    covariates: columns known before. Columns: covariate, everyone, compliers, low, high (float, in the
        covariate's own unit; levels as shares). A complier mean is the instrumented mean of covariate ×
        treatment (Abadie 2003).

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 500), "age": rng.uniform(20, 60, 1_000)})
    >>> rows["shared"] = rows["offer"] * (rows["age"] < 40)
    >>> found = complier_profile(rows, treatment="shared", instrument="offer", covariates=["age"])
    >>> found[["everyone", "compliers"]].round(-1).to_numpy().tolist()
    [[40.0, 30.0]]
    """
    x = covariate_matrix(frame, covariates, log_skewed=False)
    t, z = _numbers(frame, treatment), _numbers(frame, instrument)
    rows = []
    for name, values in zip(x.names, x.matrix.T, strict=True):
        moments = _moments(values * t, t, z, np.empty((len(t), 0)), None, robust=True)
        value = moments.with_outcome / moments.with_treatment
        mean = _interval(value, moments.variance_at(value), moments.with_treatment, len(t), level)
        rows.append((name, values.mean(), mean.estimate, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["covariate", "everyone", "compliers", "low", "high"])


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        raise KeyError(f"no column {name!r}; the frame has {list(frame.columns)}")
    if not pd.api.types.is_numeric_dtype(frame[name]):
        raise ValueError(f"column {name!r} holds {frame[name].dtype}; numbers are needed, such as 0 and 1")
    values = frame[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).all():
        raise ValueError(
            f"column {name!r} has {count((~np.isfinite(values)).sum(), 'gap')}; drop or fill them first"
        )
    return values


def _moments(
    y: np.ndarray,
    t: np.ndarray,
    z: np.ndarray,
    matrix: np.ndarray,
    cluster: np.ndarray | None,
    *,
    robust: bool,
) -> Moments:
    """Scores use residuals after the instrument, so the variances hold whatever the effect is."""
    y, t, z = residualise(np.column_stack([y, t, z]), matrix).T
    scale = z @ z
    if scale < 1e-9:
        raise CannotAnswer("the instrument is fully explained by the covariates")
    errors = np.column_stack([y - z * (z @ y) / scale, t - z * (z @ t) / scale])
    freedom = len(y) - matrix.shape[1] - 2
    if not robust:
        variance = errors.T @ errors / freedom * scale
    else:
        scores, factor = z[:, None] * errors, len(y) / freedom
        if cluster is not None:
            code, _ = codes_of(cluster)
            groups = code.max() + 1
            sums = np.zeros((groups, 2))
            np.add.at(sums, code, scores)
            scores, factor = sums, groups / (groups - 1) * (len(y) - 1) / freedom
        variance = scores.T @ scores * factor
    return Moments(float(z @ y), float(z @ t), float(scale), variance)


def _interval(value: float, variance: float, scale: float, n: int, level: float) -> Interval:
    return normal_interval(value, math.sqrt(variance) / abs(scale), n, level=level)


def _anderson_rubin(moments: Moments, *, level: float) -> tuple[float, float]:
    """Keep every effect b with (Σzy − b Σzt)² ≤ critical × variance at b: a quadratic in b."""
    critical = norm.ppf(0.5 + level / 2) ** 2
    v = critical * moments.variance
    square = moments.with_treatment**2 - v[1, 1]
    linear = -2 * (moments.with_outcome * moments.with_treatment - v[0, 1])
    constant = moments.with_outcome**2 - v[0, 0]
    discriminant = linear**2 - 4 * square * constant
    if square <= 0 or discriminant < 0:
        return -math.inf, math.inf
    root = math.sqrt(discriminant)
    return float((-linear - root) / (2 * square)), float((-linear + root) / (2 * square))
