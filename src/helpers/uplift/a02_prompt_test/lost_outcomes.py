"""Units of a test whose outcome was never recorded: how many, and whether the arms lost different ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, norm

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.trials.intention_to_treat import intention_to_treat

# Below 5 % lost little can go wrong, above 20 % the comparison cannot be relied on (Schulz and Grimes 2002).
MOST_LOST = 0.20
# As rare by chance as an alarm over the arms' sizes; and so rare that the loss must not be able to do it all.
UNEQUAL, NEARLY = 0.001, 0.10


@dataclass(frozen=True, kw_only=True)
class LostOutcomes:
    """Units drawn to an arm or to its control, and those without a recorded outcome.

    lost: of both arms together. of_arm, of_control: share of each arm that was lost. p_value: that the arms
    lost as different shares by chance. lower, higher: how much less and more the arms would differ,
    had the one that lost less lost as much as the other, all at the top or at the bottom of its outcomes.
    """

    lost: int
    units: int
    of_arm: float
    of_control: float
    p_value: float
    lower: float
    higher: float

    @property
    def unequal(self) -> bool:
        """Whether the arms lost different shares, beyond chance."""
        return self.p_value < UNEQUAL

    @property
    def too_many(self) -> bool:
        """Whether so many are lost that the rest no longer stand for all who were drawn."""
        return max(self.of_arm, self.of_control) > MOST_LOST

    def could_make(self, effect: Interval) -> bool:
        """Whether the arms lost nearly unlike shares, enough to bring the effect's interval to 0.

        Bounds by trimming: Lee (2009), Review of Economic Studies 76.
        """
        if self.p_value >= NEARLY or effect.low <= 0 <= effect.high:
            return False
        left = effect.low - self.lower if effect.low > 0 else -effect.high - self.higher
        return left <= 0


def lost_outcomes(pair: pd.DataFrame) -> LostOutcomes:
    """Count what an arm and its control lost.

    pair: one row a unit drawn; `drawn` 0/1, `outcome` (missing where none was recorded), `cluster` (groups
    are compared instead of units where all are known).
    """
    missing = pair["outcome"].isna()
    counts = pd.crosstab(pair["drawn"], missing).reindex(columns=[False, True], fill_value=0)
    shares = missing.groupby(pair["drawn"]).mean()
    lower, higher = _trimmed(pair, kept=1 - shares)
    return LostOutcomes(
        lost=int(missing.sum()),
        units=len(pair),
        of_arm=float(shares[1.0]),
        of_control=float(shares[0.0]),
        p_value=_p_of_groups(pair.assign(outcome=missing.astype(float)))
        if pair["cluster"].notna().all()
        else float(fisher_exact(counts.to_numpy()).pvalue),
        lower=lower,
        higher=higher,
    )


def _trimmed(pair: pd.DataFrame, *, kept: pd.Series) -> tuple[float, float]:
    """How much less and more the arms differ without the surplus of one, cut off at its top or bottom."""
    fuller = kept.idxmax()
    own = np.sort(pair.loc[(pair["drawn"] == fuller) & pair["outcome"].notna(), "outcome"].to_numpy(float))
    cut = round(len(own) * float(1 - kept.min() / kept.max())) if kept.max() > 0 else 0
    if not 0 < cut < len(own):
        return 0.0, 0.0
    falls, rises = own.mean() - own[:-cut].mean(), own[cut:].mean() - own.mean()
    # What the control falls by, the effect rises by.
    return (float(falls), float(rises)) if fuller == 1.0 else (float(rises), float(falls))


def _p_of_groups(pair: pd.DataFrame) -> float:
    """The same by groups drawn together, whose units are lost together; 1 where they are too few."""
    try:
        found = intention_to_treat(pair, outcome="outcome", treatment="drawn", cluster="cluster")
    except CannotAnswer:
        return 1.0
    error = found.effect.standard_error
    return float(2 * norm.sf(abs(found.effect.estimate) / error)) if error > 0 else 1.0
