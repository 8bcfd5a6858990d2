"""A test whose arm was drawn by whole groups: the frame, the draw, and the effects with honest intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from helpers.data.panel import customer_panel
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from methods.intervals.estimates import Interval
from methods.regression.clustered import ClusteredFit, clustered_fit
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import residualise

FEWEST_GROUPS, FEW_GROUPS = 3, 10
GROUPS_A_COLUMN = 5
# Strongest first, since a test of few groups has room for few.
BEFORE = (
    "orders_90d_before",
    "days_since_last_order",
    "orders_before",
    "tenure_days",
    "friends",
    "shares_before",
)


@dataclass(frozen=True, kw_only=True)
class GroupTrial:
    """Customers of a test drawn by group. frame: customer panel with `group` and `treated` (0.0 or 1.0).

    covariates: rows x columns, centred; as many as the groups can carry. names: of its columns.
    """

    frame: pd.DataFrame
    covariates: np.ndarray
    names: tuple[str, ...]
    outcome_days: int

    @property
    def groups(self) -> pd.Series:
        """The arm of each group, 0.0 or 1.0."""
        return self.frame.groupby("group")["treated"].first()

    def fit(self, outcome: np.ndarray, *, adjusted: bool = True) -> ClusteredFit:
        """Fit outcome on constant, arm and what was known before; the arm is the second coefficient."""
        arm = self.frame["treated"].to_numpy()
        columns = self.covariates if adjusted else self.covariates[:, :0]
        design = np.column_stack([np.ones_like(arm), arm, columns])
        return clustered_fit(design, outcome, self.frame["group"].to_numpy())

    def effect(self, outcome: np.ndarray, *, adjusted: bool = True) -> Interval:
        """Return the arm's effect on an outcome (rows,), in the outcome's unit."""
        fit = self.fit(outcome, adjusted=adjusted)
        return fit.interval(np.eye(len(fit.coefficients))[1])

    def p_value(self, outcome: np.ndarray) -> float:
        """Return the p-value of no effect on an outcome (rows,), from the adjusted fit."""
        fit = self.fit(outcome)
        return fit.p_value(np.eye(len(fit.coefficients))[1])

    def dealt_p(self, outcome: np.ndarray, *, draws: int = 2_000, seed: int = 1) -> float:
        """Return how often arms dealt to the groups anew part the outcome as far as the real ones did.

        The test needs no assumption but the draw itself (Fisher 1935); arms keep their numbers of groups.
        """
        rest = residualise(outcome, self.covariates)
        codes, names = pd.factorize(self.frame["group"])
        sums, sizes = np.bincount(codes, rest), np.bincount(codes)
        arm = self.groups.reindex(names).to_numpy()
        rng = np.random.default_rng(seed)
        dealt = rng.permuted(np.tile(arm, (draws, 1)), axis=1)

        def gaps(arms: np.ndarray) -> np.ndarray:
            return arms @ sums / (arms @ sizes) - (1 - arms) @ sums / ((1 - arms) @ sizes)

        real = abs(gaps(arm[None, :])[0])
        return float((1 + (np.abs(gaps(dealt)) >= real - 1e-12).sum()) / (1 + draws))

    def draw_p(self, *, planned_share: float) -> float:
        """Return how likely a fair draw of the groups is to miss the planned share by as much."""
        return float(binomtest(int(self.groups.sum()), len(self.groups), planned_share).pvalue)


def group_trial(
    shop: Shop, *, experiment: str, control: str, treatment: str = "", outcome_days: int
) -> GroupTrial:
    """Return the customers of a test drawn by group, followed for `outcome_days` from their draw.

    treatment: the arm to compare; empty means the only one beside control. Raises CannotAnswer when there is
    no such test, its arms were not drawn by group, or an arm has fewer than 3 groups.
    """
    arms = _arms(shop, experiment=experiment, control=control, treatment=treatment)
    table = shop["experiments"]
    index = table.filter(table.experiment == experiment).select("customer_id", index_at=table.assigned_at)
    panel = customer_panel(shop, index, outcome_days=outcome_days).order_by("customer_id").execute()
    frame = panel.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    groups = frame.groupby("group")["treated"].first()
    smaller = int(min(groups.sum(), (1 - groups).sum())) if len(groups) else 0
    if smaller < FEWEST_GROUPS:
        raise CannotAnswer(
            f"an arm of {experiment!r} has {smaller} groups followed for {outcome_days} days; "
            f"at least {FEWEST_GROUPS} in each are needed"
        )
    known = covariate_matrix(frame, BEFORE)
    columns = min(known.matrix.shape[1], len(groups) // GROUPS_A_COLUMN)
    matrix = known.matrix[:, :columns]
    return GroupTrial(
        frame=frame,
        covariates=matrix - matrix.mean(axis=0),
        names=known.names[:columns],
        outcome_days=outcome_days,
    )


def _arms(shop: Shop, *, experiment: str, control: str, treatment: str) -> pd.DataFrame:
    table = shop["experiments"]
    rows = table.filter(table.experiment == experiment)
    rows = rows.select("customer_id", "arm", "assigned_at", group="cluster").execute()
    if rows.empty:
        raise CannotAnswer(f"no customer took part in a test named {experiment!r}")
    others = sorted(set(rows["arm"]) - {control})
    if control not in set(rows["arm"]) or not others:
        raise CannotAnswer(
            f"the test {experiment!r} has arms {sorted(set(rows['arm']))}; it needs {control!r} and another"
        )
    if treatment not in others and (treatment or len(others) > 1):
        raise CannotAnswer(
            f"say which arm of {experiment!r} to compare with {control!r}: one of {', '.join(others)}"
        )
    if rows["group"].isna().any() or rows["assigned_at"].isna().any():
        raise CannotAnswer(f"the test {experiment!r} does not name the group and time of every draw")
    rows = rows[rows["arm"].isin([control, treatment or others[0]])]
    mixed = rows.groupby("group")["arm"].nunique()
    if (mixed > 1).any():
        raise CannotAnswer(
            f"{int((mixed > 1).sum())} groups of {experiment!r} have customers in both arms, so whole groups "
            "were not drawn"
        )
    return rows.assign(treated=(rows["arm"] != control).astype(float))[["customer_id", "group", "treated"]]
