"""The adjusted comparison put to outcomes that the treatment cannot move: what it finds there is error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from methods.adjust.adjusted_effect import lowest_propensity
from methods.adjust.empirical_calibration import (
    FEWEST_CONTROLS,
    Calibrated,
    calibrated_interval,
    systematic_error,
)
from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.learners.additive_model import AdditiveModel
from methods.learners.block_ridge import solve
from methods.learners.curves import Curves
from methods.learners.folds import Split, stratified_folds
from methods.learners.nuisances import SMALL_SAMPLE, default_folds
from methods.learners.penalised_regression import penalised_regression
from methods.regression.covariates import Covariates
from methods.result import Result

RIDGE = 20.0
SURE = 0.01
FEWEST_CASES = 30


@dataclass(frozen=True, kw_only=True)
class KnownZeros(Result):
    """The effect on the treated of outcomes on which it is nil, each over its p (1 − p): as log odds.

    names: of the controls. raw, adjusted: one interval a control, before and after adjustment.
    covariance: (controls, controls) of the adjusted. shared: (controls,) correlation of each with the error
    of the outcome asked for. felt, related, erring: p-values that no control differs between treated and
    untreated before adjustment; that none goes with the outcome among the untreated once covariates are
    equal; that no adjusted effect is off zero. scale: p (1 − p) of the outcome asked for.
    """

    names: tuple[str, ...]
    raw: tuple[Interval, ...]
    adjusted: tuple[Interval, ...]
    covariance: np.ndarray
    shared: np.ndarray
    felt: float
    related: float
    erring: float
    scale: float

    @property
    def is_felt(self) -> bool:
        """Whether the controls feel who is treated."""
        return self.felt < SURE

    @property
    def mean_error(self) -> Interval:
        """How far the comparison is off on average, in shares of the outcome asked for."""
        law = systematic_error(*self.in_shares)
        return normal_interval(law.mean, law.mean_error, self.adjusted[0].n, freedom=law.controls - 1)

    @property
    def in_shares(self) -> tuple[np.ndarray, np.ndarray]:
        """The adjusted effects (controls,) and their covariance, in shares of the outcome asked for."""
        return (
            self.scale * np.array([one.estimate for one in self.adjusted]),
            self.scale**2 * self.covariance,
        )

    @property
    def refused(self) -> str:
        """Why these controls say nothing of the outcome's error, or nothing."""
        if not self.is_felt:
            return (
                "before any adjustment treated and untreated do not differ in the controls, "
                "so these do not feel who is treated"
            )
        if min(self.related, self.erring) >= SURE:
            return (
                "once the covariates are equal, the controls neither go with the outcome nor differ between "
                "treated and untreated: a hidden cause of the outcome would not show in them"
            )
        return ""


def known_zeros(
    outcome: np.ndarray,
    treatment: np.ndarray,
    controls: np.ndarray,
    covariates: Covariates,
    *,
    names: tuple[str, ...],
    folds: int = 0,
    seed: int = 1,
    level: float = 0.95,
) -> KnownZeros:
    """Return what the adjusted comparison finds on outcomes that the treatment cannot have moved.

    outcome, treatment: (rows,) of 0 and 1.
    controls: (rows, controls) of 0 and 1: outcomes settled before the treatment, or beyond its reach.
    covariates: without the twins of the controls, columns that count the same thing.
    names: of the controls, one each.
    folds: of the cross-fitting; 0 lets the sample size choose.
    One model of treatment serves all controls, and one factorisation their outcome models (ridge on curves),
    so that many controls cost little more than one. The effect on the treated, doubly robust, in log odds to
    first order: the same hidden cause moves frequent and rare outcomes alike. Negative controls: Lipsitch,
    Tchetgen Tchetgen and Cohen 2010 (Epidemiology).
    Raises CannotAnswer below five controls that 30 rows of each arm have and 30 have not, ValueError on gaps.

    >>> rng = np.random.default_rng(1)
    >>> age, hidden = rng.normal(size=(2, 2_000))
    >>> def drawn(): return (rng.random(2_000) < 1 / (1 + np.exp(-age - hidden))).astype(float)
    >>> known = Covariates(matrix=age[:, None], names=("age",), sources=("age",), dropped=())
    >>> found = known_zeros(drawn(), drawn(), np.column_stack([drawn() for _ in range(6)]), known,
    ...                     names=tuple("abcdef"))
    >>> found.refused, bool(found.erring < 0.01)
    ('', True)
    """
    kept = _usable(outcome, treatment, controls)
    names, controls = tuple(np.array(names)[kept]), controls[:, kept]
    targets = np.column_stack([outcome, controls]).astype(float)
    folds = folds or default_folds(len(treatment))
    splits = stratified_folds(treatment * 2 + outcome, folds=folds, seed=seed)
    propensity, expected = _cross_fitted(covariates.matrix, treatment, targets, splits)
    adjusted, influence = _on_treated(targets, treatment, propensity, expected)
    raw, raw_influence = _differences(targets, treatment)
    middle = targets.mean(axis=0)
    scale = middle * (1 - middle)
    adjusted, influence, raw, raw_influence = (
        each / scale for each in (adjusted, influence, raw, raw_influence)
    )
    both = np.cov(influence.T) / len(treatment)
    errors = np.sqrt(np.diag(both))
    raw_covariance = np.cov(raw_influence.T) / len(treatment)
    return KnownZeros(
        names=names,
        raw=_intervals(raw[1:], np.sqrt(np.diag(raw_covariance))[1:], len(treatment), level),
        adjusted=_intervals(adjusted[1:], errors[1:], len(treatment), level),
        covariance=both[1:, 1:],
        shared=both[0, 1:] / errors[0] / errors[1:],
        felt=_wald(raw[1:], raw_covariance[1:, 1:]),
        related=_related((targets - expected)[treatment == 0]),
        erring=_wald(adjusted[1:], both[1:, 1:]),
        scale=float(scale[0]),
    )


def calibrated_on(zeros: KnownZeros, effect: Interval) -> Calibrated:
    """Return the effect on the treated, in shares, calibrated on controls; raises CannotAnswer where refused.

    zeros: what the comparison finds on controls, as `known_zeros` returns it.
    effect: with a standard error. The controls' errors are brought to its unit by its own p (1 − p).

    >>> rng = np.random.default_rng(1)
    >>> age, hidden = rng.normal(size=(2, 2_000))
    >>> def drawn(): return (rng.random(2_000) < 1 / (1 + np.exp(-age - hidden))).astype(float)
    >>> known = Covariates(matrix=age[:, None], names=("age",), sources=("age",), dropped=())
    >>> found = known_zeros(drawn(), drawn(), np.column_stack([drawn() for _ in range(6)]), known,
    ...                     names=tuple("abcdef"))
    >>> calibrated_on(found, normal_interval(0.15, 0.02, 2_000)).error.mean > 0.1
    True
    """
    if zeros.refused:
        raise CannotAnswer(zeros.refused)
    estimates, covariance = zeros.in_shares
    shared = zeros.shared * effect.standard_error * np.sqrt(np.diag(covariance))
    return calibrated_interval(effect, estimates, covariance, shared=shared)


def _usable(outcome: np.ndarray, treatment: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Which controls have cases enough in either arm; refuses what is no 0 and 1."""
    for values in (outcome, treatment, controls):
        if not np.isin(values, (0, 1)).all():
            raise ValueError("outcome, treatment and controls must hold 0 and 1 without gaps")
    least = np.min(
        [[np.sum(controls[treatment == arm] == value, axis=0) for value in (0, 1)] for arm in (0, 1)],
        axis=(0, 1),
    )
    kept = np.flatnonzero(least >= FEWEST_CASES)
    if len(kept) < FEWEST_CONTROLS:
        raise CannotAnswer(
            f"only {count(len(kept), 'outcome')} of known nil effect came often enough: "
            f"at least {FEWEST_CONTROLS} are needed"
        )
    return kept


def _cross_fitted(
    matrix: np.ndarray, treatment: np.ndarray, targets: np.ndarray, splits: list[Split]
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of treatment (rows,), and every target to expect without it (rows, targets), out of fold."""
    propensity, expected = np.empty(len(treatment)), np.empty(targets.shape)
    for learn, new in splits:
        model = AdditiveModel() if len(treatment) >= SMALL_SAMPLE else penalised_regression(binary=True)
        propensity[new] = model.fit(matrix[learn], treatment[learn]).predict_proba(matrix[new])[:, 1]
        untreated = learn[treatment[learn] == 0]
        curves = Curves(matrix[untreated])
        own, others = (
            curves.columns(part, curves.ranks(part)).astype(float)
            for part in (matrix[untreated], matrix[new])
        )
        middle, mean = own.mean(axis=0), targets[untreated].mean(axis=0)
        own = own - middle
        slopes = solve(own.T @ own, np.full(own.shape[1], RIDGE), own.T @ (targets[untreated] - mean))
        expected[new] = mean + (others - middle) @ slopes
    return propensity, expected


def _on_treated(
    targets: np.ndarray, t: np.ndarray, propensity: np.ndarray, expected: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Effects on the treated with a counterpart, and each row's influence on them."""
    high = 1 - min(0.01, lowest_propensity(len(t), 1 - t.mean()))
    inside = propensity <= high
    e = np.clip(propensity, lowest_propensity(len(t), t.mean()), high)
    odds = inside * (1 - t) * e / (1 - e)
    taken = inside * t
    p = taken.mean()
    left = targets - expected
    rows = (taken[:, None] * left - (odds / (odds.sum() / len(t)) * p)[:, None] * left) / p
    found = rows.mean(axis=0)
    return found, rows - (taken / p)[:, None] * found


def _differences(targets: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    share = t.mean()
    means = [targets[t == arm].mean(axis=0) for arm in (0, 1)]
    influence = (t / share)[:, None] * (targets - means[1]) - ((1 - t) / (1 - share))[:, None] * (
        targets - means[0]
    )
    return means[1] - means[0], influence


def _intervals(values: np.ndarray, errors: np.ndarray, n: int, level: float) -> tuple[Interval, ...]:
    return tuple(
        normal_interval(value, error, n, level=level) for value, error in zip(values, errors, strict=True)
    )


def _wald(values: np.ndarray, covariance: np.ndarray) -> float:
    """The p-value that all of them are 0."""
    return float(chi2.sf(values @ np.linalg.pinv(covariance, hermitian=True) @ values, len(values)))


def _related(left: np.ndarray) -> float:
    """The p-value that what is left of the outcome (first column) goes with nothing left of the controls."""
    products = left[:, :1] * left[:, 1:]
    return _wald(products.mean(axis=0), np.cov(products.T) / len(products))
