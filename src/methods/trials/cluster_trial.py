"""A cluster-randomised trial: effects by drawn group with intervals that hold with few groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval
from methods.regression.clustered import ClusteredFit, clustered_fit
from methods.regression.least_squares import residualise

DRAWS = 2_000


@dataclass(frozen=True, kw_only=True)
class ClusterTrial:
    """Rows of a test whose arm was drawn by whole groups.

    group: (rows,) labels. arm: (rows,) 0.0 or 1.0, the same within a group. covariates: rows x columns,
    centred and known before the draw; as many as the groups can carry. names: of its columns.

    >>> arm = np.repeat([0.0, 1.0], 40)
    >>> trial = ClusterTrial(group=np.arange(80) // 10, arm=arm, covariates=np.empty((80, 0)), names=())
    >>> outcome = arm + np.tile([0.0, 0.5], 40)
    >>> round(trial.effect(outcome).estimate, 3), trial.groups.tolist()
    (1.0, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    """

    group: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    names: tuple[str, ...]

    @property
    def groups(self) -> pd.Series:
        """The arm of each group, 0.0 or 1.0."""
        return pd.Series(self.arm).groupby(self.group).first()

    def fit(self, outcome: np.ndarray, *, adjusted: bool = True) -> ClusteredFit:
        """Fit outcome (rows,) on constant, arm and covariates; the arm is the second coefficient."""
        columns = self.covariates if adjusted else self.covariates[:, :0]
        design = np.column_stack([np.ones_like(self.arm), self.arm, columns])
        return clustered_fit(design, outcome, self.group)

    def effect(self, outcome: np.ndarray, *, adjusted: bool = True) -> Interval:
        """Return the arm's effect on an outcome (rows,), in the outcome's unit."""
        fit = self.fit(outcome, adjusted=adjusted)
        return fit.interval(np.eye(len(fit.coefficients))[1])

    def p_value(self, outcome: np.ndarray) -> float:
        """Return the p-value of no effect on an outcome (rows,), from the adjusted fit."""
        fit = self.fit(outcome)
        return fit.p_value(np.eye(len(fit.coefficients))[1])

    def randomisation_p(self, outcome: np.ndarray, *, draws: int = DRAWS, seed: int = 1) -> float:
        """Return how often arms dealt to the groups anew part the outcome as far as the real ones did.

        The test needs no assumption but the draw itself (Fisher 1935); arms keep their numbers of groups.
        It cannot go below 1 / (draws + 1).
        """
        rest = residualise(outcome, self.covariates)
        codes, names = pd.factorize(self.group)
        sums, sizes = np.bincount(codes, rest), np.bincount(codes)
        arm = self.groups.reindex(names).to_numpy()
        rng = np.random.default_rng(seed)
        dealt = rng.permuted(np.tile(arm, (draws, 1)), axis=1)

        def gaps(arms: np.ndarray) -> np.ndarray:
            return arms @ sums / (arms @ sizes) - (1 - arms) @ sums / ((1 - arms) @ sizes)

        real = abs(gaps(arm[None, :])[0])
        return float((1 + (np.abs(gaps(dealt)) >= real - 1e-12).sum()) / (1 + draws))

    def without_groups(self) -> ClusterTrial:
        """Return the same rows as if each had been drawn on its own, to show what groups matter."""
        return replace(self, group=np.arange(len(self.arm)))
