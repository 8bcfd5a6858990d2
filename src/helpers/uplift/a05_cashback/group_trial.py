"""Customers of a test whose arm was drawn by whole groups of friends, followed from their draw."""

from __future__ import annotations

import pandas as pd

from helpers.data.panel import customer_panel
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.formats import count
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
    shop: Shop,
    *,
    experiment: str,
    control: str,
    treatment: str = "",
    cluster: str = "cluster",
    outcome_days: int,
) -> tuple[pd.DataFrame, ClusterTrial]:
    """Return the customers of a test drawn by group, followed for `outcome_days` from their draw.

    treatment: the arm to compare; empty means the only one beside control. cluster: the column that names the
    group drawn, of experiments or else of customers. The frame is the customer panel with `arm` (text),
    `group` and `treated` (0.0 or 1.0), by customer; the trial has the same rows. Raises CannotAnswer when
    there is no such test or column, its arms were not drawn by group, or an arm has fewer than 3 groups.
    """
    rows = _drawn(shop, experiment=experiment, cluster=cluster)
    arms = _arms(rows, experiment=experiment, control=control, treatment=treatment)
    table = shop["experiments"]
    index = table.filter(table.experiment == experiment).select("customer_id", index_at=table.assigned_at)
    panel = customer_panel(shop, index, outcome_days=outcome_days).order_by("customer_id").execute()
    frame = panel.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    groups = frame.groupby("group")["treated"].first()
    smaller = int(min(groups.sum(), (1 - groups).sum())) if len(groups) else 0
    if smaller < FEWEST_GROUPS:
        raise CannotAnswer(
            f"an arm of {experiment!r} has {count(smaller, 'group')} followed for "
            f"{count(outcome_days, 'day')}; "
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


def _drawn(shop: Shop, *, experiment: str, cluster: str) -> pd.DataFrame:
    """Customers of the test with arm, moment and group of their draw."""
    table = shop["experiments"]
    rows = table.filter(table.experiment == experiment)
    where = next((name for name in ("experiments", "customers") if cluster in shop[name].columns), None)
    if where is None or shop.missing(f"{where}.{cluster}"):
        raise CannotAnswer(f"this needs {where or 'experiments'}.{cluster}, which the data do not have")
    if where == "customers":
        rows = rows.join(shop["customers"].select("customer_id", group=cluster), "customer_id")
    else:
        rows = rows.mutate(group=rows[cluster])
    found = rows.select("customer_id", "arm", "assigned_at", "group").execute()
    if found.empty:
        raise CannotAnswer(f"no customer took part in a test named {experiment!r}")
    return found


def _arms(rows: pd.DataFrame, *, experiment: str, control: str, treatment: str) -> pd.DataFrame:
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
        both = int((mixed > 1).sum())
        raise CannotAnswer(
            f"{count(both, 'group')} of {experiment!r} {'has' if both == 1 else 'have'} customers in both "
            "arms, so whole groups were not drawn"
        )
    return rows.assign(treated=(rows["arm"] != control).astype(float)).drop(columns="assigned_at")
