"""Encouragement that depends on traits: the effect on those it moved, doubly robust."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from methods.counts import percent
from methods.errors import CannotAnswer
from methods.learners.nuisances import fit_nuisances
from methods.regression.arms import outcome_and_treatment
from methods.regression.codes import codes_of
from methods.regression.covariates import Covariates, covariate_matrix
from methods.trials.encouragement import ComplierEffect, Moments, effect_from_moments

MOST_OUTSIDE = 0.5
ROWS_FOR_ONE_REPEAT = 10_000


def adjusted_complier_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    instrument: str,
    covariates: Sequence[str] | Covariates,
    cluster: str | None = None,
    folds: int = 5,
    repeats: int = 0,
    learners: Sequence[str] = (),
    trim: float = 0.01,
    seed: int = 1,
    level: float = 0.95,
) -> ComplierEffect:
    """Return the effect of a treatment on those whom an offer moved, where who got the offer goes by traits.

    folds, learners, seed: as `fit_nuisances`.
    outcome: 0/1 or numbers.
    treatment, instrument: 0/1.
    covariates: columns known before the offer, given which it is as good as drawn, or their finished
        matrix; they may act in any way.
    cluster: column of groups for the intervals.
    repeats: of the random folds, averaged; 0 lets the sample size choose (5 to 1).
    trim: rows whose chance of the offer lies outside [trim, 1 − trim] are left out.
    Raises CannotAnswer below 25 rows on a side, where most rows have no counterpart, or where the offer
    moves nobody. Two doubly robust effects of the offer, one over the other: Frölich 2007 (Journal of
    Econometrics 139); cross-fitting: Chernozhukov and others 2018, section 5.2; interval: Anderson and
    Rubin 1949. Where the offer was drawn alike for all, `complier_effect` needs no models.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=600)})
    >>> rows["offer"] = (rng.random(600) < 1 / (1 + np.exp(-rows["age"]))).astype(int)
    >>> rows["shared"] = rows["offer"] * (rng.random(600) < 0.6)
    >>> rows["spent"] = rows["age"] + 2 * rows["shared"] + rng.normal(size=600)
    >>> found = adjusted_complier_effect(rows, outcome="spent", treatment="shared", instrument="offer",
    ...                                  covariates=["age"], repeats=1)
    >>> found.low < 2 < found.high
    True
    """
    y, z = outcome_and_treatment(frame, outcome=outcome, treatment=instrument)
    t, _ = outcome_and_treatment(frame, outcome=treatment, treatment=instrument)
    if not np.isin(t, (0, 1)).all():
        raise ValueError(f"column {treatment!r} must be 0 or 1 (or false, true); it holds {np.unique(t)[:5]}")
    x = covariates if isinstance(covariates, Covariates) else covariate_matrix(frame, covariates)
    repeats = repeats or max(1, min(5, ROWS_FOR_ONE_REPEAT // len(z)))
    scores = [
        _scores(x.matrix, z, y, t, folds=folds, learners=learners, trim=trim, seed=seed + 1000 * repeat)
        for repeat in range(repeats)
    ]
    by_outcome, by_treatment = np.mean(scores, axis=0)
    if abs(by_treatment.mean()) < 1e-9:
        raise CannotAnswer(f"{instrument} moves nobody to {treatment}, so nothing can be learned from it")
    groups = None if cluster is None else frame[cluster].to_numpy()
    return effect_from_moments(_moments(by_outcome, by_treatment, groups), rows=len(z), level=level)


def _scores(
    matrix: np.ndarray,
    z: np.ndarray,
    y: np.ndarray,
    t: np.ndarray,
    *,
    folds: int,
    learners: Sequence[str],
    trim: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Row values whose means are the offer's effects on the outcome and on the treatment."""
    fits = [fit_nuisances(matrix, z, target, folds=folds, learners=learners, seed=seed) for target in (y, t)]
    chance = fits[0].propensity
    inside = (chance >= trim) & (chance <= 1 - trim)
    if inside.mean() < 1 - MOST_OUTSIDE:
        raise CannotAnswer(
            f"{percent(1 - inside.mean(), 0)} of the rows have no counterpart under the other offer"
        )
    found = []
    for target, fit in zip((y, t), fits, strict=True):
        gain = fit.outcome_treated - fit.outcome_control
        offered, not_offered = inside * z / chance, inside * (1 - z) / (1 - chance)
        gain = inside * gain + inside.mean() * (
            offered / offered.mean() * (target - fit.outcome_treated)
            - not_offered / not_offered.mean() * (target - fit.outcome_control)
        )
        found.append(gain / inside.mean())
    return found[0], found[1]


def _moments(by_outcome: np.ndarray, by_treatment: np.ndarray, cluster: np.ndarray | None) -> Moments:
    rows = len(by_outcome)
    spread = np.column_stack([by_outcome - by_outcome.mean(), by_treatment - by_treatment.mean()])
    factor = rows / (rows - 1)
    if cluster is not None:
        code, _ = codes_of(cluster)
        groups = code.max() + 1
        if groups < 2:
            raise ValueError("a cluster-robust interval needs at least two clusters")
        sums = np.zeros((groups, 2))
        np.add.at(sums, code, spread)
        spread, factor = sums, groups / (groups - 1)
    return Moments(
        with_outcome=float(by_outcome.sum()),
        with_treatment=float(by_treatment.sum()),
        scale=float(rows),
        variance=factor * spread.T @ spread,
    )
