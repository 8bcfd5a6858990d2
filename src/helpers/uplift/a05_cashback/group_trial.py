"""Customers of a test whose arm was drawn by whole groups of friends, followed from their draw."""

from __future__ import annotations

import pandas as pd

from helpers.data.panel import customer_panel
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from methods.regression.covariates import covariate_matrix
from methods.trials.cluster_trial import ClusterTrial

FEWEST_GROUPS = 3
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


def group_trial(
    shop: Shop, *, experiment: str, control: str, treatment: str = "", outcome_days: int
) -> tuple[pd.DataFrame, ClusterTrial]:
    """Return the customers of a test drawn by group, followed for `outcome_days` from their draw.

    treatment: the arm to compare; empty means the only one beside control. The frame is the customer panel
    with `arm` (text), `group` and `treated` (0.0 or 1.0), by customer; the trial has the same rows. Raises
    CannotAnswer when there is no such test, its arms were not drawn by group, or an arm has fewer than 3
    groups.
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
    trial = ClusterTrial(
        group=frame["group"].to_numpy(),
        arm=frame["treated"].to_numpy(),
        covariates=matrix - matrix.mean(axis=0),
        names=known.names[:columns],
    )
    return frame, trial


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
    return rows.assign(treated=(rows["arm"] != control).astype(float)).drop(columns="assigned_at")
