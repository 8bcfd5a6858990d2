"""How far few clusters make the error of an adjusted difference too small, and how few they come to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from methods.errors import CannotAnswer
from methods.regression.clustered import clustered_fit
from methods.regression.codes import codes_of


def check_clusters(t: np.ndarray, cluster: np.ndarray) -> None:
    """Raise CannotAnswer where one arm lives in fewer than two clusters, or there are fewer than three."""
    for arm, name in ((1, "treated"), (0, "untreated")):
        if len(pd.unique(cluster[t == arm])) < 2:
            raise CannotAnswer(f"all {name} belong to one group, whose luck cannot be told from the effect")
    if len(pd.unique(cluster)) < 3:
        raise CannotAnswer("two groups carry no interval; at least 3 are needed")


def few_clusters_factor(
    residual: np.ndarray, t: np.ndarray, weight: np.ndarray, cluster: np.ndarray, *, level: float
) -> float:
    """Return the factor on a cluster-robust normal interval that CR2 and Student's t ask for; at least 1.

    residual: (rows,), outcome less what the models expect;
    weight: (rows,), of the weighted difference of its means by arm, to which the doubly robust estimate
        comes down. Degrees of freedom: Satterthwaite (Bell and McCaffrey 2002). Near 1 with many
        clusters.
    """
    fit = clustered_fit(np.column_stack([np.ones_like(t), t]), residual, cluster, weight)
    slope = np.array([0.0, 1.0])
    freedom = fit.degrees_of_freedom(slope)
    corrected = np.sqrt(slope @ fit.covariance @ slope)
    rest = weight * (residual - fit.coefficients[0] - fit.coefficients[1] * t)
    share = t / (weight * t).sum() - (1 - t) / (weight * (1 - t)).sum()
    code, _ = codes_of(cluster)
    sums = np.bincount(code, rest * share)
    plain = np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum())
    quantiles = student.ppf(0.5 + level / 2, freedom) / norm.ppf(0.5 + level / 2)
    return float(max(1.0, corrected / plain) * quantiles)
