"""Whether the treated of an adjusted comparison have counterparts enough, and are like them once weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.adjust.adjusted_effect import AdjustedEffect
from methods.adjust.overlap import balance
from methods.result import Result

BALANCED = 0.1
FEWEST_COMPARED, SURE = 30, 3.0


@dataclass(frozen=True, kw_only=True)
class Comparability(Result):
    """How alike the treated and the others are, in what was known before.

    before, after: largest difference of any covariate, in standard deviations, raw and once the others are
    weighted to look like the treated. worth: how many untreated the weighted ones amount to. allowed: largest
    difference that chance leaves beside the usual line of 0.1.
    """

    before: float
    after: float
    worth: float
    allowed: float

    @property
    def fails(self) -> bool:
        """Whether too few are left, or some trait still differs by more than chance allows."""
        return self.worth < FEWEST_COMPARED or self.after > self.allowed


def weighted_balance(effect: AdjustedEffect, treated: np.ndarray) -> pd.DataFrame:
    """Return the differences of each covariate before and after weighting (see `overlap.balance`).

    treated: (rows,) of 0 and 1, as analysed. The others are weighted by the odds of treatment.
    """
    overlap = effect.overlap
    bounded = np.clip(effect.nuisances.propensity, overlap.trim, 1 - overlap.trim)
    return balance(effect.covariates, treated, np.where(treated == 1, 1.0, bounded / (1 - bounded)))


def comparability(effect: AdjustedEffect, differences: pd.DataFrame) -> Comparability:
    """Return whether an adjusted effect compares like with like.

    differences: of `weighted_balance`. The line of 0.1 standard deviations is Austin's (2009, Statistics in
    Medicine 28); three standard errors of a difference come on top, so that small samples are not refused for
    what chance does.

    >>> from methods.adjust.adjusted_effect import adjusted_effect
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=1_500)})
    >>> rows["shared"] = (rng.random(1_500) < 1 / (1 + np.exp(-rows["age"]))).astype(int)
    >>> rows["orders"] = rows["age"] + rng.normal(size=1_500)
    >>> found = adjusted_effect(rows, outcome="orders", treatment="shared", covariates=["age"], repeats=1)
    >>> alike = comparability(found, weighted_balance(found, rows["shared"].to_numpy()))
    >>> alike.before > 0.5 > 0.2 > alike.after, alike.fails
    (True, False)
    """
    worth = float(effect.overlap.effective_control_for_treated)
    chance = float(np.sqrt(1 / effect.treated_rows + 1 / worth))
    return Comparability(
        before=float(differences["smd_before"].abs().max()),
        after=float(differences["smd_after"].abs().max()),
        worth=worth,
        allowed=BALANCED + SURE * chance,
    )
