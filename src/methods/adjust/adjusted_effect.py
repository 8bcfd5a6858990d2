"""The doubly robust comparison of those who did with those who did not, and what self-selection adds."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.adjust.overlap import Overlap, overlap_of
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, relative_lift, standard_error
from methods.learners.nuisances import MOST_LEARNED, Nuisances, fit_nuisances
from methods.regression.arms import outcome_and_treatment
from methods.regression.covariates import Covariates, covariate_matrix
from methods.result import Result

FEWEST_COMPARABLE = 10
MOST_OUTSIDE = 0.5
ROWS_FOR_ONE_REPEAT = 10_000
ROWS_IN_SINGLE = 200_000


@dataclass(frozen=True, kw_only=True)
class AdjustedEffect(Result):
    """A raw difference taken apart, in units of the outcome.

    raw: treated minus untreated. ate: effect on everyone (None where too few have a counterpart).
    att: effect on the treated. self_selection: raw minus att, what the treated would have shown anyway.
    untreated_mean_of_treated: the outcome to expect of the treated without treatment.
    relative_raw, relative_att: raw and att as a share of the mean without treatment (None unless positive).
    covariates, overlap, nuisances (of the last repeat): for balance and checks.
    """

    rows: int
    treated_rows: int
    raw: Interval
    relative_raw: Interval | None
    ate: Interval | None
    att: Interval
    relative_att: Interval | None
    self_selection: Interval
    untreated_mean_of_treated: Interval
    overlap: Overlap
    covariates: Covariates
    nuisances: Nuisances
    repeats: int

    @property
    def method(self) -> str:
        """One phrase that names the estimator."""
        learners = " and ".join(self.nuisances.learners)
        return f"cross-fitted doubly robust estimate (AIPW; {learners}; {self.repeats} repeats)"

    @property
    def warning(self) -> str:
        """What is thin about the comparison, or nothing."""
        return "; ".join(filter(None, [self.overlap.warning, self.nuisances.warning]))


@dataclass(frozen=True)
class _Scores:
    """Row values whose means are the potential means of everyone, and of the treated with a counterpart.

    of_treated: 1 / share of the treated with a counterpart, on their rows; 0 elsewhere.
    """

    treated_all: np.ndarray
    control_all: np.ndarray
    control_of_treated: np.ndarray
    of_treated: np.ndarray


def adjusted_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] | Covariates,
    cluster: str | None = None,
    folds: int = 0,
    repeats: int = 0,
    learners: Sequence[str] = (),
    most_learned: int = MOST_LEARNED,
    trim: float = 0.01,
    seed: int = 1,
    level: float = 0.95,
) -> AdjustedEffect:
    """Return the effect of a treatment that customers chose themselves, adjusted for covariates.

    frame: one row a unit. outcome: 0/1 or numbers. treatment: 0/1 or false/true. covariates: columns known
    before the treatment, or their finished matrix. cluster: column of groups for the intervals. repeats: of
    the random folds, averaged; 0 lets the sample size choose (5 to 1). Beyond 200,000 rows covariates are
    kept with seven digits, which halves their memory. trim: rows whose propensity lies outside
    [trim, 1 − trim] have no counterpart and are left out; the overlap states how many.
    Raises CannotAnswer when a group has fewer than 25 rows or the treated lack comparable untreated.
    Augmented inverse propensity weighting: Robins, Rotnitzky and Zhao 1994; cross-fitting: Chernozhukov
    and others 2018 (Econometrics Journal); weights are normalised to sum to one in each group.
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    x = covariates if isinstance(covariates, Covariates) else _numbers(frame, covariates)
    repeats = repeats or max(1, min(5, ROWS_FOR_ONE_REPEAT // len(t)))
    fits = [
        fit_nuisances(
            x.matrix,
            t,
            y,
            folds=folds,
            learners=learners,
            most_learned=most_learned,
            seed=seed + 1000 * repeat,
            names=x.names,
        )
        for repeat in range(repeats)
    ]
    overlap = overlap_of(np.mean([fit.propensity for fit in fits], axis=0), t, trim=trim)
    _check_overlap(overlap)
    scores = [_scores(y, t, fit, trim=trim) for fit in fits]
    groups = None if cluster is None else frame[cluster].to_numpy()
    return _effect(y, t, scores, overlap, groups, level=level, covariates=x, nuisances=fits[-1])


def _numbers(frame: pd.DataFrame, covariates: Sequence[str]) -> Covariates:
    return covariate_matrix(
        frame, covariates, dtype=np.float32 if len(frame) > ROWS_IN_SINGLE else np.float64
    )


def _check_overlap(overlap: Overlap) -> None:
    lost = max(overlap.trimmed_treated_share, overlap.beyond_treated_share)
    if lost > MOST_OUTSIDE:
        raise CannotAnswer(f"{lost:.0%} of the treated have no counterpart among the untreated")
    if overlap.effective_control_for_treated < FEWEST_COMPARABLE:
        raise CannotAnswer(
            "the treated have next to no counterpart: the comparison would rest on about "
            f"{overlap.effective_control_for_treated:.0f} untreated customers"
        )


def _weight_bound(rows: int) -> float:
    """The smallest propensity a weight may use: 5 / (√n ln n), so that no one row rules a small sample.

    Gruber, Phillips, Lee and van der Laan 2022 (American Journal of Epidemiology).
    """
    return min(0.1, 5 / (np.sqrt(rows) * np.log(rows)))


def _scores(y, t, fit: Nuisances, *, trim: float) -> _Scores:
    """Rows without counterpart carry no weight."""
    n = len(t)
    e, m0, m1 = fit.propensity, fit.outcome_control, fit.outcome_treated
    inside = (e >= trim) & (e <= 1 - trim)
    reachable = e <= 1 - trim
    bound = _weight_bound(n)
    e = np.clip(e, bound, 1 - bound)
    share = inside.mean()

    def _over_everyone(expected, weight):
        weight = np.where(inside, weight, 0.0)
        return (inside * expected + weight * (y - expected) / (weight.sum() / n) * share) / share

    odds = np.where(reachable, (1 - t) * e / (1 - e), 0.0)
    taken = reachable * t
    p = taken.mean()
    without = (taken * m0 + odds / (odds.sum() / n) * p * (y - m0)) / p
    return _Scores(_over_everyone(m1, t / e), _over_everyone(m0, (1 - t) / (1 - e)), without, taken / p)


def _effect(y, t, scores, overlap, cluster, *, level, covariates, nuisances) -> AdjustedEffect:
    """Average the repeats and turn row values into estimates that share one set of influence values."""
    treated_all, control_all, without, of_treated = (
        np.mean([getattr(score, name) for score in scores], axis=0) for name in _Scores.__annotations__
    )
    treated = _Mean.of_rows(y, t / t.mean())
    untreated = _Mean.of_rows(y, (1 - t) / (1 - t.mean()))
    comparable = _Mean.of_rows(y, of_treated)
    # Models with many columns fit small samples too well; the factor is that of HC1.
    slack = np.sqrt(len(t) / max(len(t) - covariates.matrix.shape[1], len(t) / 2))
    counterfactual = _Mean(without.mean(), slack * (without - without.mean() * of_treated))
    att = comparable - counterfactual
    raw = treated - untreated
    gain = treated_all - control_all
    everyone = _Mean(gain.mean(), slack * (gain - gain.mean()))
    estimate = functools.partial(_Mean.estimate, cluster=cluster, level=level)
    return AdjustedEffect(
        rows=len(t),
        treated_rows=int(t.sum()),
        raw=estimate(raw),
        relative_raw=treated.over(untreated, cluster=cluster, level=level),
        ate=None if overlap.trimmed_share > MOST_OUTSIDE else estimate(everyone),
        att=estimate(att),
        relative_att=comparable.over(counterfactual, cluster=cluster, level=level),
        self_selection=estimate(raw - att),
        untreated_mean_of_treated=estimate(counterfactual),
        overlap=overlap,
        covariates=covariates,
        nuisances=nuisances,
        repeats=len(scores),
    )


@dataclass(frozen=True)
class _Mean:
    """A mean and the influence of each row on it, so that differences and ratios keep their covariance."""

    value: float
    influence: np.ndarray

    @staticmethod
    def of_rows(y: np.ndarray, weight: np.ndarray) -> _Mean:
        """Return the weighted mean; weights average to 1."""
        value = np.mean(weight * y)
        return _Mean(value, weight * (y - value))

    def __sub__(self, other: _Mean) -> _Mean:
        return _Mean(self.value - other.value, self.influence - other.influence)

    def estimate(self, *, cluster: np.ndarray | None, level: float) -> Interval:
        """Return the mean with its interval."""
        error = standard_error(self.influence, cluster)
        return normal_interval(self.value, error, len(self.influence), level=level)

    def over(self, base: _Mean, *, cluster: np.ndarray | None, level: float) -> Interval | None:
        """Return this mean over another, less 1; None where that says nothing."""
        if min(self.value, base.value) <= 0:
            return None
        error = standard_error(self.influence / self.value - base.influence / base.value, cluster)
        return relative_lift(self.value, base.value, len(self.influence), log_error=error, level=level)
