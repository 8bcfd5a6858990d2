"""Do predicted chances come true? Reliability, Brier score and ranking of chances against what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from methods.intervals.estimates import wilson
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Calibration(Result):
    """How predicted chances compare with what happened.

    buckets: one row a tenth of the cases by chance: cases, predicted, happened, low, high (shares; Wilson's
    interval of what happened). brier: mean squared miss (0 is perfect); base_brier: that of giving everybody
    the mean; average_gap: mean distance of predicted and happened over the tenths, weighted by cases.
    ranking: chance that one to whom it happened had the higher chance than one to whom it did not (AUC);
    nan when it happened to all or none.
    """

    buckets: pd.DataFrame
    brier: float
    base_brier: float
    average_gap: float
    ranking: float

    @property
    def happened_over_predicted(self) -> tuple[float, float]:
        """By how much all chances together must be multiplied to come true, and its standard error."""
        cases = self.buckets["cases"]
        predicted = float((self.buckets["predicted"] * cases).sum())
        happened = float((self.buckets["happened"] * cases).sum())
        share = happened / cases.sum()
        return happened / predicted, float(np.sqrt(happened * (1 - share))) / predicted


def calibration(chance: ArrayLike, happened: ArrayLike, *, buckets: int = 10) -> Calibration:
    """Compare chances (0 to 1) with what happened (true or false), one entry a case.

    Raises ValueError without cases or with a value that is no chance.
    Score: Brier 1950 (Monthly Weather Review 78).

    >>> calibration([0.1, 0.9], [False, True], buckets=2).ranking
    1.0
    """
    predicted, did = np.asarray(chance, dtype=float), np.asarray(happened, dtype=float)
    if len(predicted) == 0 or not ((predicted >= 0) & (predicted <= 1)).all():
        raise ValueError("chances must be one or more numbers between 0 and 1")
    place = np.minimum((rankdata(predicted, method="ordinal") - 1) * buckets // len(predicted), buckets - 1)
    groups = pd.DataFrame({"predicted": predicted, "happened": did}).groupby(place)
    frame = groups.mean().assign(cases=groups.size())
    spans = [wilson(row.happened * row.cases, row.cases) for row in frame.itertuples()]
    frame = frame.assign(low=[one.low for one in spans], high=[one.high for one in spans])
    gap = (frame["predicted"] - frame["happened"]).abs()
    return Calibration(
        buckets=frame.reset_index(drop=True),
        brier=float(np.mean((predicted - did) ** 2)),
        base_brier=float(did.mean() * (1 - did.mean())),
        average_gap=float((gap * frame["cases"]).sum() / len(predicted)),
        ranking=ranking(predicted, did),
    )


def ranking(score: ArrayLike, happened: ArrayLike) -> float:
    """Return the chance that a case to which it happened has the higher score (AUC); ties count half.

    Hanley and McNeil 1982 (Radiology 143).

    >>> ranking([0.9, 0.4, 0.4, 0.1], [True, True, False, False])
    0.875
    """
    did = np.asarray(happened, dtype=bool)
    yes, no = int(did.sum()), int((~did).sum())
    if not yes or not no:
        return float("nan")
    ranks = rankdata(np.asarray(score, dtype=float))
    return float((ranks[did].sum() - yes * (yes + 1) / 2) / (yes * no))
