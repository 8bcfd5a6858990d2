"""How strong would something unseen have to be, to explain an effect away?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from methods.regression.covariates import Covariates
from methods.regression.least_squares import least_squares
from methods.result import Result

NOTHING_LEFT = 1e-10


def e_value(risk_ratio: float) -> float:
    """Return the E-value of a risk ratio: 1 means nothing is needed to explain it away.

    risk_ratio: above 0; below 1 its inverse is taken. An unseen trait would have to be tied to both
        treatment and outcome by risk ratios of this size, beyond the measured covariates. VanderWeele and
        Ding 2017 (Annals of Internal Medicine).
    Raises ValueError unless the ratio is positive.

    >>> round(e_value(3.9), 2)
    7.26
    """
    if not risk_ratio > 0:
        raise ValueError(f"risk ratio {risk_ratio} must be positive")
    ratio = max(risk_ratio, 1 / risk_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def robustness_value(t_value: float, degrees_of_freedom: float, *, level: float = 0.0) -> float:
    """Return the share of leftover variance that an unseen trait must explain to bring an estimate to zero.

    It explains so much of the treatment and of the outcome alike.
    t_value, degrees_of_freedom: of the coefficient of a regression.
    level: 0 asks for the estimate at zero, else for its interval to touch zero. Cinelli and Hazlett 2020
        (Journal of the Royal Statistical Society B).

    >>> round(robustness_value(4.184, 783), 3)
    0.139
    """
    strength = abs(t_value) / math.sqrt(degrees_of_freedom)
    if level:
        critical = student.ppf(0.5 + level / 2, degrees_of_freedom - 1)
        strength -= critical / math.sqrt(degrees_of_freedom - 1)
    if strength <= 0 or math.isinf(strength):
        return float(strength > 0)
    return (math.sqrt(strength**4 + 4 * strength**2) - strength**2) / 2


@dataclass(frozen=True, kw_only=True)
class Benchmark(Result):
    """What an unseen trait as strong as the strongest seen covariate would leave of an estimate.

    covariate: the seen one. treatment_share, outcome_share: the shares of leftover variance such a trait
    would explain. estimate: of the plain regression; remaining: what the trait would leave of it.
    robustness, robustness_of_interval: robustness values of the estimate and of its 95 % interval.
    """

    covariate: str
    treatment_share: float
    outcome_share: float
    estimate: float
    remaining: float
    robustness: float
    robustness_of_interval: float


def benchmarks(
    covariates: Covariates,
    treatment: np.ndarray,
    outcome: np.ndarray,
    *,
    of: Sequence[str] = (),
    times: float = 1.0,
) -> tuple[Benchmark, ...]:
    """Return the benchmark of each covariate, the one whose unseen twin would move the estimate most first.

    treatment, outcome: (rows,) float.
    of: the covariates to take; empty takes all.
    times: how many times as strong as the seen one the unseen trait is. The bound is that of Cinelli and
        Hazlett 2020, section 4.4, for a least-squares fit with equal variances. Where covariates and
        treatment explain the outcome exactly, nothing is left for an unseen trait and the estimate stays.
    Raises ValueError without covariates or on an unknown one.

    >>> from methods.regression.covariates import covariate_matrix
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> known = covariate_matrix(pd.DataFrame({"age": rng.normal(size=300), "tenure": rng.normal(size=300)}),
    ...                          ["age", "tenure"])
    >>> shared = (rng.normal(size=300) < known.matrix[:, 0]).astype(float)
    >>> found = benchmarks(known, shared, 2 * shared + known.matrix[:, 0] + rng.normal(size=300))
    >>> [one.covariate for one in found], round(found[0].estimate, 1)
    (['age', 'tenure'], 2.0)
    """
    sources = tuple(dict.fromkeys(of or covariates.sources))
    unknown = sorted(set(sources) - set(covariates.sources))
    if not sources or unknown:
        raise ValueError(f"a benchmark needs a covariate of the matrix; {unknown or 'none'} is given")
    design = np.column_stack([np.ones_like(treatment), treatment, covariates.matrix])
    fit = least_squares(design, outcome)
    estimate, error = fit.coefficients[1], math.sqrt(fit.classical[1, 1])
    freedom = fit.degrees_of_freedom
    left = np.linalg.norm(outcome - design @ fit.coefficients)
    exact = bool(left <= NOTHING_LEFT * np.linalg.norm(outcome))
    t_value = (math.inf if abs(estimate) > NOTHING_LEFT else 0.0) if exact else estimate / error
    # In the basis of all the columns only as many rows are left as there are columns, and every sum of
    # squares and products about the mean stays what it was.
    whole = np.column_stack([treatment, outcome, covariates.matrix])
    basis = np.asarray(np.linalg.qr(whole - whole.mean(axis=0), mode="r"))
    cutoff = len(outcome) * np.finfo(float).eps
    found = []
    for source in sources:
        own = np.array([name == source for name in covariates.sources])
        shares = (0.0, 0.0) if exact else _twin_shares(basis, own, times, cutoff)
        bias = math.sqrt(shares[1] * shares[0] / (1 - shares[0])) * error * math.sqrt(freedom)
        found.append(
            Benchmark(
                covariate=source,
                treatment_share=shares[0],
                outcome_share=shares[1],
                estimate=float(estimate),
                remaining=float(math.copysign(1, estimate) * (abs(estimate) - bias)),
                robustness=robustness_value(t_value, freedom),
                robustness_of_interval=robustness_value(t_value, freedom, level=0.95),
            )
        )
    return tuple(sorted(found, key=lambda one: one.remaining * math.copysign(1, estimate)))


def omitted_variable_benchmark(
    covariates: Covariates, treatment: np.ndarray, outcome: np.ndarray
) -> Benchmark:
    """Return the benchmark of the covariate whose unseen twin would move the estimate most.

    covariates, treatment, outcome: as `benchmarks`, which raises the same. Cinelli and Hazlett 2020.

    >>> from methods.regression.covariates import covariate_matrix
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> known = covariate_matrix(pd.DataFrame({"age": rng.normal(size=300)}), ["age"])
    >>> shared = (rng.normal(size=300) < known.matrix[:, 0]).astype(float)
    >>> found = omitted_variable_benchmark(known, shared, 2 * shared + rng.normal(size=300))
    >>> found.covariate
    'age'
    """
    return benchmarks(covariates, treatment, outcome)[0]


def _twin_shares(basis: np.ndarray, own: np.ndarray, times: float, cutoff: float) -> tuple[float, float]:
    """Shares of leftover variance, of treatment and outcome, that a twin of this covariate explains.

    basis: columns treatment, outcome, covariates. own: which covariates' columns are the twin's.
    """
    treatment, outcome, covariates = basis[:, 0], basis[:, 1], basis[:, 2:]
    rest = covariates[:, ~own]
    of_treatment = _partial_share(treatment, rest, covariates, cutoff)
    beside, full = (np.column_stack([treatment, columns]) for columns in (rest, covariates))
    of_outcome = _partial_share(outcome, beside, full, cutoff)
    # A twin of a stronger covariate cannot exist: both together would explain more than there is.
    of_treatment = min(of_treatment, 0.98 / (1 + times))
    shared = times * of_treatment**2 / ((1 - times * of_treatment) * (1 - of_treatment))
    twin_outcome = (math.sqrt(times) + math.sqrt(shared)) ** 2 / (1 - shared) * of_outcome / (1 - of_outcome)
    return times * of_treatment / (1 - of_treatment), min(twin_outcome, 1.0)


def _partial_share(target: np.ndarray, rest: np.ndarray, full: np.ndarray, cutoff: float) -> float:
    """Partial R²: how much of what `rest` leaves does `full` take away."""
    left, after = (
        np.sum((target - columns @ np.linalg.lstsq(columns, target, rcond=cutoff)[0]) ** 2)
        for columns in (rest, full)
    )
    return float(max(0.0, 1 - after / left))
