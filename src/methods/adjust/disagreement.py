"""What it costs that learners of unlike kinds do not agree: a wider interval, a warning, or no verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from methods.learners.nuisances import LINEAR, QUICK
from methods.learners.unlike import EARNED, AlternativeFit

TOLD, WITHHELD, APART = 0.1, 0.5, 0.75
# Quick trees alone see much that matters little. As much again as they moved the estimate may be unseen; of a
# bias of 0.3 standard errors 94 of 100 intervals of 95 % still hold.
TOLD_ALONE = 0.3


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """How far learners of other kinds move an estimate.

    moves: by learner, in standard errors of the estimate, beyond what chance moves it.
    evidence: how clearly trees see, in treatment and outcome alike, what curves do not, in standard errors.
    told_from: the move from which such a pattern is told.
    """

    moves: dict[str, float]
    evidence: float
    told_from: float = TOLD

    @property
    def farthest(self) -> float:
        """The largest move, in standard errors; 0 without alternatives."""
        return max(map(abs, self.moves.values()), default=0.0)

    @property
    def said(self) -> str:
        """What the learners do, in one sentence."""
        return (
            "learners of unlike kinds part: trees see a pattern that curves do not, and move the estimate by "
            f"{self.farthest:.1f} of its standard errors; more of the kind may be unseen"
            if self.evidence > EARNED
            else f"learners of unlike kinds part by {self.farthest:.1f} standard errors of the estimate"
        )

    @property
    def withheld(self) -> str:
        """Why no verdict can be given, or nothing."""
        return self.said if self.evidence > EARNED and self.farthest > WITHHELD else ""

    @property
    def warning(self) -> str:
        """What to beware of, or nothing."""
        told = self.told_from if self.evidence > EARNED else APART
        return self.said if self.farthest > told and not self.withheld else ""


def disagreement(alternatives: tuple[AlternativeFit, ...], moves: dict[str, float]) -> Disagreement:
    """Return what the alternatives' moves, in standard errors by learner, come to.

    A line that curves beat in treatment or outcome counts for nothing: its move is its error.
    """
    beaten = {one.learner for one in alternatives if one.learner == LINEAR and max(one.unseen) > EARNED}
    kept = {name: move for name, move in moves.items() if name not in beaten}
    evidence = max((one.evidence for one in alternatives if one.learner != LINEAR), default=0.0)
    alone = any(one.seen_by == QUICK for one in alternatives)
    return Disagreement(moves=kept, evidence=evidence, told_from=TOLD_ALONE if alone else TOLD)


def covering_factor(bias: float, *, level: float) -> float:
    """Return the factor on a normal interval that keeps its level under any bias up to `bias` errors.

    Armstrong and Kolesár 2018 (Econometrica).

    >>> round(covering_factor(0.0, level=0.95), 3), round(covering_factor(0.5, level=0.95), 3)
    (1.0, 1.113)
    """
    reach = norm.ppf(0.5 + level / 2)
    if bias < 1e-6:
        return 1.0

    def missing(critical: float) -> float:
        return norm.cdf(critical - bias) - norm.cdf(-critical - bias) - level

    return float(brentq(missing, reach, reach + abs(bias) + 1) / reach)


def move(difference: np.ndarray, error: float) -> float:
    """Return how far a learner moves an estimate beyond chance, in standard errors of it, with its sign.

    difference: (rows,) of the values whose means are the two estimates. One standard error of the
        difference itself is taken off.
    """
    mean, chance = float(difference.mean()), float(difference.std() / np.sqrt(len(difference)))
    return float(np.sign(mean) * max(abs(mean) - chance, 0.0) / error)
