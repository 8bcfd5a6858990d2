"""Two tests on the same customers: whether one changes what the other does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.regression.arms import FEWEST_IN_GROUP, cluster_labels, outcome_and_treatment
from methods.regression.clustered import clustered_fit
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class OverlappingTests(Result):
    """Effects of the first test without and with the second, and their difference, the interaction.

    together_p: of the arms of both having been drawn apart from each other; small: one draw depended on the
    other, or either lost customers to it.
    """

    without: Interval
    within: Interval
    interaction: Interval
    together_p: float


def overlapping_tests(
    frame: pd.DataFrame,
    *,
    outcome: str,
    first: str,
    second: str,
    cluster: str | None = None,
    level: float = 0.95,
) -> OverlappingTests:
    """Return whether the effect of one test depends on the arm of another.

    frame: customers who took part in both; outcome: 0/1 or numbers; first, second: 0/1, their arms as drawn.
    cluster: column of groups drawn together in either test.
    Least squares on both arms and their product with HC2 (or CR2) errors: four cell means and their
    differences. The interaction is on the scale of the outcome: two effects that multiply have one.
    Raises CannotAnswer below 25 rows in a cell, ValueError on gaps.
    Source: Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 4.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"a": rng.integers(0, 2, 4_000), "b": rng.integers(0, 2, 4_000)})
    >>> rows["bought"] = (rng.random(4_000) < 0.2 + 0.1 * rows["a"] * rows["b"]).astype(int)
    >>> found = overlapping_tests(rows, outcome="bought", first="a", second="b")
    >>> found.interaction.low < 0.1 < found.interaction.high, found.together_p > 0.01
    (True, True)
    """
    y, a = outcome_and_treatment(frame, outcome=outcome, treatment=first)
    _, b = outcome_and_treatment(frame, outcome=outcome, treatment=second)
    cells = np.array([[((a == i) & (b == j)).sum() for j in (0, 1)] for i in (0, 1)])
    if cells.min() < FEWEST_IN_GROUP:
        raise CannotAnswer(
            f"only {count(int(cells.min()), 'customer')} are in one pair of arms of both tests; at least "
            f"{FEWEST_IN_GROUP} are needed"
        )
    groups = cluster_labels(frame, cluster)
    design = np.column_stack([np.ones_like(a), a, b, a * b])
    fit = clustered_fit(design, y, np.arange(len(y)) if groups is None else groups)

    def effect(*contrast: float) -> Interval:
        weight = np.array(contrast)
        error = float(np.sqrt(weight @ fit.covariance @ weight))
        freedom = np.inf if groups is None else fit.degrees_of_freedom(weight)
        return normal_interval(float(weight @ fit.coefficients), error, len(y), level=level, freedom=freedom)

    return OverlappingTests(
        without=effect(0, 1, 0, 0),
        within=effect(0, 1, 0, 1),
        interaction=effect(0, 0, 0, 1),
        together_p=float(chi2_contingency(cells, correction=False).pvalue),
    )
