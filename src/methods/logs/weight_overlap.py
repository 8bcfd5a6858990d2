"""How far one policy's log can stand for the choices of another: how much of the weight a few rows carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.counts import count
from methods.result import Result

FEWEST_EFFECTIVE_PERCENT = 10.0
MOST_TOP_PERCENT = 15.0


@dataclass(frozen=True, kw_only=True)
class WeightOverlap(Result):
    """How far the log's choices stand for the other policy's.

    effective_rows: (sum of weights) squared over the sum of squares (Kish 1965), the rows that a log of the
    policy itself would need to be as sure. mean_weight: 1 in the long run where the logged chances are right
    and the log's policy shows all that the other does. top_percent: share of all weight on the heaviest 1 %.
    """

    rows: int
    effective_rows: float
    mean_weight: float
    largest_weight: float
    top_percent: float

    @property
    def effective_percent(self) -> float:
        """Effective rows in % of the rows."""
        return 100.0 * self.effective_rows / self.rows

    def fault(
        self,
        *,
        fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
        most_top_percent: float = MOST_TOP_PERCENT,
    ) -> str:
        """Return why too few rows carry the estimate, in one clause; empty when they do not."""
        if self.effective_percent >= fewest_effective_percent and self.top_percent < most_top_percent:
            return ""
        return (
            f"the {count(self.rows, 'logged row is', 'logged rows are')} worth only "
            f"{self.effective_rows:,.0f} "
            f"({self.effective_percent:.2g} %), and the heaviest 1 % of them carry "
            f"{self.top_percent:.0f} % of the weight, one alone {self.largest_weight:,.0f} (at least "
            f"{fewest_effective_percent:g} % and less than {most_top_percent:g} % are needed); an estimate "
            "would lie too low more often than not"
        )


def overlap(weight: np.ndarray) -> WeightOverlap:
    """Judge weights (target's chance over logged chance, one a row); ValueError unless finite and >= 0."""
    weight = np.asarray(weight, float)
    if not len(weight) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum() > 0:
        raise ValueError("weights must be finite, 0 or more, and not all 0; is a logged chance 0 or missing?")
    heaviest = np.sort(weight)[-max(len(weight) // 100, 1) :]
    return WeightOverlap(
        rows=len(weight),
        effective_rows=float(weight.sum() ** 2 / (weight**2).sum()),
        mean_weight=float(weight.mean()),
        largest_weight=float(weight.max()),
        top_percent=float(100.0 * heaviest.sum() / weight.sum()),
    )
