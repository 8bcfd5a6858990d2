"""The share study: who is enrolled, what counts as sharing, and which outcome is waited for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.customer_history import end_of
from helpers.data.panel import customer_panel, index_orders
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside

WORDS = words_beside(__file__, "reasons")

COVARIATES = (
    "tenure_days", "orders_before", "orders_90d_before", "spend_before_cents", "days_since_last_order",
    "categories_before", "coupons_used_before", "shares_before", "share_rate_before",
    "likes_received_before", "returns_before", "friends", "friends_orders_90d_before", "age_band", "gender",
    "city_tier", "channel", "acquisition_cost_cents", "index_value_cents", "index_category",
)  # fmt: skip
FEWEST_ENROLLED = 100


@dataclass(frozen=True, kw_only=True)
class Study:
    """Customers enrolled at an order, with what was known before it, and what followed the landmark.

    frame: one row a customer: the customer panel plus share_rate_before; shared and repurchased as 0/1.
    covariates: the columns known at the order. start, end: naive UTC, orders in [start, end) enrol.
    """

    frame: pd.DataFrame
    covariates: tuple[str, ...]
    start: dt.datetime
    end: dt.datetime
    landmark_hours: int
    outcome_days: int


def share_study(shop: Shop, *, enrol_days: int, landmark_hours: int, outcome_days: int) -> Study:
    """Return the study whose last outcome window ends where the data end, or whose last landmark shares do.

    A customer enters at the first order in the enrolment window. Sharing counts only up to the landmark and
    the outcome only after it, so that nobody is called a sharer for having stayed long enough to share
    (immortal time: Suissa 2008; landmark design: Anderson, Cain and Gelber 1983).
    Worked out once a shop, for several questions look at the same customers.
    Raises CannotAnswer below 100 customers.
    """
    windows = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    asked = ("share study", enrol_days, *windows.values())
    study = shop.once(asked, lambda: _share_study(shop, enrol_days=enrol_days, **windows))
    return replace(study, frame=study.frame.copy(deep=False))


def _share_study(shop: Shop, *, enrol_days: int, landmark_hours: int, outcome_days: int) -> Study:
    end = end_of(shop) - dt.timedelta(days=outcome_days)
    end = min(end, shop.known_until("shares")) - dt.timedelta(hours=landmark_hours)
    start = end - dt.timedelta(days=enrol_days)
    index = index_orders(shop, start=start, end=end)
    panel = customer_panel(shop, index, landmark_hours=landmark_hours, outcome_days=outcome_days)
    frame = panel.order_by("customer_id").execute()
    if len(frame) < FEWEST_ENROLLED:
        raise CannotAnswer(
            WORDS.text(
                "few ordered",
                found=len(frame),
                enrol_days=enrol_days,
                fewest_enrolled=FEWEST_ENROLLED,
            )
        )
    windows = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    return Study(frame=_prepared(frame), covariates=COVARIATES, start=start, end=end, **windows)


def drawn_study(shop: Shop, index: Table, *, outcome_days: int, landmark_hours: int = 0) -> Study:
    """Return the study of customers enrolled at a moment of their own, such as the draw of a test.

    index: customer_id (each once), index_at (naive UTC), and index_order_id where the moment is an order's.
    The outcome begins `landmark_hours` after that moment. Raises CannotAnswer where nobody can be followed
    for `outcome_days` from there.
    """
    windows = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    frame = customer_panel(shop, index, **windows).order_by("customer_id").execute()
    if frame.empty:
        raise CannotAnswer(WORDS.text("nobody followed", outcome_days=outcome_days))
    first, last = frame["index_at"].min(), frame["index_at"].max()
    return Study(
        frame=_prepared(frame),
        covariates=COVARIATES,
        start=first.to_pydatetime(),
        end=last.to_pydatetime() + dt.timedelta(microseconds=1),
        **windows,
    )


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    orders = frame["orders_before"].astype("Float64")
    rate = frame["shares_before"].astype("Float64") / orders.clip(lower=1)
    return frame.assign(
        share_rate_before=rate,
        city_tier=frame["city_tier"].astype("Int64").astype("string"),
        shared=frame["shared"].to_numpy(dtype=float),
        repurchased=frame["repurchased"].to_numpy(dtype=float),
        spend_to_landmark=_log_spend(frame),
    )


def _log_spend(frame: pd.DataFrame) -> np.ndarray:
    """Log of money spent up to and with the enrolling order: settled before anyone could share it."""
    known = frame[["spend_before_cents", "index_value_cents"]].astype("Float64")
    return np.log1p(known.sum(axis=1, min_count=1).to_numpy(dtype=float, na_value=np.nan) / 100)
