"""Customers of a test whose arm was drawn by whole groups of friends, followed from their draw."""

from __future__ import annotations

import pandas as pd

from helpers.data.drawn_groups import names_groups, with_groups
from helpers.data.experiment import Experiment
from helpers.data.panel import customer_panel
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside
from methods.regression.codes import codes_of
from methods.regression.covariates import covariate_matrix
from methods.trials.cluster_trial import ClusterTrial

WORDS = words_beside(__file__, "cashback")

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


def group_trials(
    shop: Shop, test: Experiment, *, outcome_days: int
) -> list[tuple[str, pd.DataFrame, ClusterTrial]]:
    """Return each arm of a test drawn by group beside its control: name, customers followed, their draw.

    outcome_days: days followed from the draw. The frame is the customer panel with `arm` (text),
    `group` and `treated` (0.0 or 1.0), by customer; the trial has the same rows. Raises CannotAnswer when
    there is no such column, the arms were not drawn by group, or an arm has fewer than 3 groups.
    """
    rows = _drawn(shop, test)
    table = shop["experiments"]
    index = table.filter(table.experiment == test.name).select("customer_id", index_at=table.assigned_at)
    panel = customer_panel(shop, index, outcome_days=outcome_days).order_by("customer_id").execute()
    return [
        (arm, *_trial(panel, _beside_control(rows, arm, test), test, outcome_days))
        for arm in _arms(rows, test)
    ]


def _trial(
    panel: pd.DataFrame, arms: pd.DataFrame, test: Experiment, outcome_days: int
) -> tuple[pd.DataFrame, ClusterTrial]:
    frame = panel.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    groups = frame.groupby("group")["treated"].first()
    smaller = int(min(groups.sum(), (1 - groups).sum())) if len(groups) else 0
    if smaller < FEWEST_GROUPS:
        raise CannotAnswer(
            WORDS.text(
                "few groups followed",
                name=test.name,
                smaller=smaller,
                outcome_days=outcome_days,
                fewest_groups=FEWEST_GROUPS,
            )
        )
    known = covariate_matrix(frame, BEFORE)
    columns = min(known.matrix.shape[1], len(groups) // GROUPS_A_COLUMN)
    matrix = known.matrix[:, :columns]
    trial = ClusterTrial(
        group=codes_of(frame["group"].to_numpy())[0],
        arm=frame["treated"].to_numpy(),
        covariates=matrix - matrix.mean(axis=0),
        names=known.names[:columns],
    )
    return frame, trial


def _drawn(shop: Shop, test: Experiment) -> pd.DataFrame:
    """Customers of the test with arm, moment and group of their draw."""
    where = names_groups(shop, test)
    if not where or shop.missing(f"{where}.{test.cluster}"):
        raise CannotAnswer(WORDS.text("no groups named", where=where or "experiments", cluster=test.cluster))
    found = with_groups(shop, test).select("customer_id", "arm", "assigned_at", "group").execute()
    if found["group"].isna().any() or found["assigned_at"].isna().any():
        raise CannotAnswer(WORDS.text("draws unnamed", name=test.name))
    return found


def _arms(rows: pd.DataFrame, test: Experiment) -> list[str]:
    """The arms beside the control."""
    arms = sorted(set(rows["arm"]))
    others = [arm for arm in arms if arm != test.control]
    if test.control not in arms or not others:
        raise CannotAnswer(WORDS.text("arms missing", name=test.name, arms=arms, control=test.control))
    return others


def _beside_control(rows: pd.DataFrame, arm: str, test: Experiment) -> pd.DataFrame:
    rows = rows[rows["arm"].isin([test.control, arm])]
    mixed = rows.groupby("group")["arm"].nunique()
    if (mixed > 1).any():
        both = int((mixed > 1).sum())
        raise CannotAnswer(WORDS.text("groups in both arms", both=both, name=test.name))
    return rows.assign(treated=(rows["arm"] == arm).astype(float)).drop(columns="assigned_at")
