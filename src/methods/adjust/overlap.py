"""Can the two groups be compared at all: common ground of propensities, and balance of covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count, percent
from methods.regression.covariates import Covariates
from methods.result import Result

FEWEST_EFFECTIVE = 30
MOST_TRIMMED = 0.20


@dataclass(frozen=True, kw_only=True)
class Overlap(Result):
    """How much common ground treated and untreated have.

    trim, lower: propensities below `lower` or above 1 − trim have no counterpart. trimmed_share: of all rows;
    trimmed_treated_share: of the treated (only propensities above 1 − trim count). beyond_treated_share: of
    the treated, those more likely to be treated than any untreated row.
    effective_treated, effective_control: sample sizes that weighting to everyone leaves;
    effective_control_for_treated: what weighting the untreated to look like the treated leaves.
    edges, treated, control: a histogram of the propensity, counts by bin.
    warning: empty, or one sentence that says what is thin.
    """

    trim: float
    lower: float
    trimmed_share: float
    trimmed_treated_share: float
    beyond_treated_share: float
    effective_treated: float
    effective_control: float
    effective_control_for_treated: float
    edges: np.ndarray
    treated: np.ndarray
    control: np.ndarray
    warning: str


def overlap_of(
    propensity: np.ndarray,
    treatment: np.ndarray,
    *,
    trim: float = 0.01,
    lower: float | None = None,
    weight: np.ndarray | None = None,
) -> Overlap:
    """Return the overlap of two groups from propensities (rows,) and treatment (rows,) of 0 and 1.

    lower: the bound at the lower end, where it is not `trim` too.
    weight: (rows,) of the rows, where they stand for unlike numbers of units. Effective sample size: (sum of
        weights)² / sum of squared weights (Kish 1965).
    """
    treated = treatment == 1
    lower = trim if lower is None else lower
    weight = np.ones(len(treatment)) if weight is None else weight
    bounded = np.clip(propensity, lower, 1 - trim)
    odds = bounded / (1 - bounded)
    edges = np.linspace(0, 1, 21)
    outside = (propensity < lower) | (propensity > 1 - trim)
    sizes = {
        "effective_treated": _effective(weight[treated] / bounded[treated]),
        "effective_control": _effective(weight[~treated] / (1 - bounded[~treated])),
        "effective_control_for_treated": _effective(weight[~treated] * odds[~treated]),
    }
    trimmed = float(outside.mean())
    return Overlap(
        trim=trim,
        lower=lower,
        trimmed_share=trimmed,
        trimmed_treated_share=float((propensity[treated] > 1 - trim).mean()),
        beyond_treated_share=float((propensity[treated] > propensity[~treated].max()).mean()),
        edges=edges,
        treated=np.histogram(propensity[treated], edges)[0],
        control=np.histogram(propensity[~treated], edges)[0],
        warning=_warning(trimmed, sizes),
        **sizes,
    )


def _effective(weights: np.ndarray) -> float:
    return float(weights.sum() ** 2 / np.sum(weights**2))


def _warning(trimmed: float, sizes: dict[str, float]) -> str:
    if trimmed > MOST_TRIMMED:
        return f"{percent(trimmed, 0)} of the customers have no counterpart in the other group"
    if min(sizes.values()) < FEWEST_EFFECTIVE:
        return f"after weighting the comparison rests on about {count(min(sizes.values()), 'customer')}"
    return ""


def balance(covariates: Covariates, treatment: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Return standardised mean differences before and after weighting, one row a column of the covariates.

    treatment: (rows,) of 0 and 1.
    weights: (rows,) applied to both groups. Columns: covariate, mean_treated, mean_control (unweighted),
        smd_before, smd_after (float, in standard deviations pooled over the unweighted groups, so that
        both are on one scale: Austin 2009, Statistics in Medicine). Below 0.1 counts as balanced.

    >>> from methods.regression.covariates import covariate_matrix
    >>> known = covariate_matrix(pd.DataFrame({"age": [20.0, 30.0, 30.0, 40.0, 20.0, 40.0]}), ["age"])
    >>> shared = np.array([0, 0, 1, 1, 0, 1])
    >>> found = balance(known, shared, np.where(shared == 1, 1.0, [1, 4, 1, 1, 1, 1]))
    >>> found[["smd_before", "smd_after"]].round(2).to_numpy().tolist()
    [[2.31, 1.73]]
    """
    treated = treatment == 1
    matrix = covariates.matrix
    spread = np.sqrt((matrix[treated].var(axis=0, ddof=1) + matrix[~treated].var(axis=0, ddof=1)) / 2)
    means = matrix[treated].mean(axis=0), matrix[~treated].mean(axis=0)
    weighted = [np.average(matrix[rows], axis=0, weights=weights[rows]) for rows in (treated, ~treated)]
    safe = np.where(spread > 0, spread, np.nan)
    return pd.DataFrame(
        {
            "covariate": covariates.names,
            "mean_treated": means[0],
            "mean_control": means[1],
            "smd_before": (means[0] - means[1]) / safe,
            "smd_after": (weighted[0] - weighted[1]) / safe,
        }
    )
