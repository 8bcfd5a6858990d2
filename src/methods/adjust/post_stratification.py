"""A difference at equal values of one score: post-stratification, standardised to the treated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, standard_error


def post_stratified_difference(
    frame: pd.DataFrame, *, outcome: str, treatment: str, score: str, cluster: str | None = None
) -> Interval:
    """Return the treated's mean outcome less that of untreated rows with the same value of `score`.

    outcome, score: columns of numbers.
    treatment: column of 0 and 1.
    cluster: column of groups whose rows may depend on each other; None treats rows as independent. Each
        value counts as often as the treated have it; values without an untreated row are left out.
    Raises CannotAnswer where no value has both. Subclassification: Cochran 1968 (Biometrics 24).

    >>> rows = pd.DataFrame({"likes": [0, 0, 0, 1, 1, 1], "answered": [0, 0, 1, 0, 1, 1],
    ...                      "bought": [0, 1, 1, 0, 1, 1]})
    >>> post_stratified_difference(rows, outcome="bought", treatment="answered", score="likes").estimate
    0.8333333333333334
    """
    both = frame.groupby(score)[treatment].transform(lambda column: 0 < column.mean() < 1)
    rows = frame[both]
    if rows.empty:
        raise CannotAnswer(f"no value of {score} has both treated and untreated rows")
    y, t = rows[outcome].to_numpy(dtype=float), rows[treatment].to_numpy(dtype=float)
    share = rows.groupby(score)[treatment].transform("mean").to_numpy()
    usual = (
        rows.assign(value=np.where(t == 0, y, np.nan)).groupby(score)["value"].transform("mean").to_numpy()
    )
    weight = np.where(t == 1, 1.0, -share / (1 - share)) / t.mean()
    estimate = np.mean(weight * (y - usual))
    influence = weight * (y - usual) - t / t.mean() * estimate
    groups = None if cluster is None else rows[cluster].to_numpy()
    return normal_interval(estimate, standard_error(influence, groups), len(rows))
