"""The driver study: who enters, which drivers are known at the start of each period, and who came back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from helpers.data.customer_history import end_of
from helpers.data.driver_facts import (
    ANSWERS,
    DELIVERY,
    PERIOD_DAYS,
    PERIODS,
    RATINGS,
    facts_frame,
)
from helpers.data.panel import customer_panel, index_orders
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, registry
from helpers.report.phrases import said
from helpers.report.words import words_beside
from methods.regression.covariates import covariate_matrix

WORDS = words_beside(__file__, "reasons")

LANDMARK_HOURS, OUTCOME_DAYS = 48, PERIODS * PERIOD_DAYS
FEWEST, FEWEST_ALIKE = 200, 20
FEWEST_EACH_WAY = 5  # of those who met a driver, who came back and who did not: with none the error is nil
MOST_BEHIND_DAYS = 91  # by which a table may end before the shop: the study ends with it; else it is left out
_CONTROLS = (
    "tenure_days", "orders_before", "orders_90d_before", "days_since_last_order", "spend_before_cents",
    "categories_before", "coupons_used_before", "shares_before", "share_rate_before", "likes_received_before",
    "returns_before", "friends", "age_band", "gender", "city_tier", "channel", "index_value_cents",
    "index_category",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One driver of retention. id: of its finding. needs: tables or columns that record it."""

    id: str
    group: str
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its short name, such as late."""
        return self.id.partition(".")[2]

    @property
    def label(self) -> str:
        """What it is, in a few words; from its registry."""
        return registry()[self.id].about


_PRODUCT, _SOCIAL, _TRUST = "product and service", "social experience", "trust and safety"
_SHOWN = ("impressions.policy", "impressions.shown_at")
DRIVERS = (
    Driver(id="B7.late", group=_PRODUCT, needs=DELIVERY),
    Driver(id="B7.returned", group=_PRODUCT, needs=("returns.returned_at",)),
    Driver(id="B7.slow_answer", group=_PRODUCT, needs=ANSWERS),
    Driver(id="B7.shared", group=_SOCIAL, needs=("shares.posted_at",)),
    Driver(id="B7.friends_shared", group=_SOCIAL, needs=("ties", "shares.posted_at")),
    Driver(id="B7.complaint", group=_TRUST, needs=(*ANSWERS, "tickets.topic")),
    Driver(id="B7.low_rating", group=_TRUST, needs=RATINGS),
    Driver(id="B7.coupon", group="value", needs=("orders.coupon_id",)),
    Driver(id="B7.personal", group="personalisation", needs=_SHOWN),
)


@dataclass(frozen=True, kw_only=True)
class DriverStudy:
    """Customers followed for three periods of 30 days after an order.

    design: (customers, periods, columns); the first columns are the drivers, in their order. on: driver name
    to its value (a customer and period) when it is on. among: driver name to the customers it can reach.
    penalty: ridge a column. happened: number of the period of the next purchase; PERIODS where there was
    none. left_out: id of a driver that these data do not record, or that does not differ, to the reason.
    """

    drivers: tuple[Driver, ...]
    design: np.ndarray
    penalty: np.ndarray
    happened: np.ndarray
    on: dict[str, np.ndarray]
    among: dict[str, np.ndarray]
    left_out: dict[str, str]
    start: dt.datetime
    end: dt.datetime

    @property
    def repurchased(self) -> np.ndarray:
        """Whether each customer bought again within the periods."""
        return self.happened < PERIODS


def driver_study(shop: Shop, *, enrol_days: int, personal_policy: str) -> DriverStudy:
    """Enrol each customer at the first order of the enrolment window, which ends so that all are followed.

    It ends with the first of the drivers' tables that ended in the last 91 days; a driver whose table ended
    before is left out. Raises CannotAnswer when fewer than 200 customers enter, nobody or everybody buys
    again, or none of the drivers is recorded.
    """
    shop = shop.while_known(*_ended_lately(shop))
    end = end_of(shop) - dt.timedelta(days=OUTCOME_DAYS, hours=LANDMARK_HOURS)
    start = end - dt.timedelta(days=enrol_days)
    index = index_orders(shop, start=start, end=end)
    known, left_out = _known_drivers(shop)
    if not known:
        raise CannotAnswer(WORDS.text("no driver recorded", found=left_out.values()))
    panel = customer_panel(shop, index, landmark_hours=LANDMARK_HOURS, outcome_days=OUTCOME_DAYS).to_pandas()
    if len(panel) < FEWEST:
        raise CannotAnswer(WORDS.text("few followed", found=len(panel), fewest=FEWEST))
    base = index.mutate(landmark_at=index.index_at + dt.timedelta(hours=LANDMARK_HOURS))
    base = base.semi_join(ibis.memtable(panel[["customer_id"]]), "customer_id").cache()
    facts = facts_frame(shop, base, personal_policy=personal_policy)
    frame = panel.merge(facts, on="customer_id", how="left", validate="one_to_one")
    frame = frame.merge(_next_purchase(shop, base), on="customer_id", how="left").sort_values("customer_id")
    return _assemble(frame.reset_index(drop=True), known, left_out, start=start, end=end)


def _ended_lately(shop: Shop) -> tuple[str, ...]:
    """The tables that drivers need and whose end is near enough to look no further than it."""
    needs = sorted({need for driver in DRIVERS for need in driver.needs})
    nearest = end_of(shop) - dt.timedelta(days=MOST_BEHIND_DAYS)
    return tuple(need for need in needs if shop.known_until(need) >= nearest)


def _known_drivers(shop: Shop) -> tuple[list[Driver], dict[str, str]]:
    """Part the drivers into those recorded until the last period begins, and the others with the reason."""
    known, left_out = [], {}
    begins = end_of(shop) - dt.timedelta(days=PERIOD_DAYS)
    for driver in DRIVERS:
        until = shop.known_until(*driver.needs)
        if lacking := shop.missing(*driver.needs):
            left_out[driver.id] = WORDS.text("driver lacks", label=said(driver.label), needs=lacking)
        elif until < begins:
            day = f"{shop.clock.local(until - dt.timedelta(seconds=1)):%Y-%m-%d}"
            left_out[driver.id] = WORDS.text("driver ended", label=said(driver.label), day=day)
        else:
            known.append(driver)
    return known, left_out


def _next_purchase(shop: Shop, base) -> pd.DataFrame:
    orders = dated_purchases(shop).select("customer_id", "placed_at")
    rows = orders.join(base.select("customer_id", "landmark_at"), "customer_id")
    rows = rows.filter(rows.placed_at > rows.landmark_at)
    return rows.group_by("customer_id").agg(next_at=rows.placed_at.min()).to_pandas()


def _assemble(frame, known, left_out, *, start, end) -> DriverStudy:
    landmark = frame["landmark_at"].to_numpy()
    days = (frame["next_at"].to_numpy() - landmark) / np.timedelta64(1, "D")
    # (0, 30] days is period 0: an order at exactly 30 days lies in it, as in the panel's outcome.
    happened = np.where(np.isnan(days), PERIODS, np.minimum(np.ceil(days / PERIOD_DAYS) - 1, PERIODS))
    moments = landmark[:, None] + np.arange(PERIODS) * np.timedelta64(PERIOD_DAYS, "D")
    values, on, among, extra = _driver_values(frame, known, moments)
    kept = [driver for driver in known if _differs(values[driver.name], among[driver.name])]
    again_at_all = happened < PERIODS
    again = int(again_at_all.sum())
    if kept and again in (0, len(frame)):
        raise CannotAnswer(WORDS.text("all alike", again=again, found=len(frame), outcome_days=OUTCOME_DAYS))
    one_way = [d for d in kept if not _goes_both_ways(values[d.name], among[d.name], again_at_all)]
    kept = [driver for driver in kept if driver not in one_way]
    left_out = left_out | {d.id: WORDS.text("driver one way", label=said(d.label)) for d in one_way}
    left_out = left_out | {
        d.id: WORDS.text("driver alike", label=said(d.label), fewest=FEWEST_ALIKE)
        for d in known
        if d not in kept and d not in one_way
    }
    if not kept:
        barred = [left_out[driver.id] for driver in one_way]
        raise CannotAnswer(WORDS.text("drivers alike", one_way=barred))
    controls = _controls(frame)
    periods = np.broadcast_to(np.eye(PERIODS), (len(frame), PERIODS, PERIODS))
    wide = np.broadcast_to(controls[:, None, :], (len(frame), PERIODS, controls.shape[1]))
    columns = [values[driver.name][:, :, None] for driver in kept]
    columns += [one[:, :, None] for one in extra]
    design = np.concatenate([*columns, periods, _calendar(moments), wide], axis=2)
    free = len(columns) + PERIODS
    return DriverStudy(
        drivers=tuple(kept),
        design=design,
        penalty=np.r_[np.zeros(free), np.ones(design.shape[2] - free)],
        happened=happened.astype(int),
        on={driver.name: on[driver.name] for driver in kept},
        among={driver.name: among[driver.name] for driver in kept},
        left_out=left_out,
        start=start,
        end=end,
    )


def _differs(values: np.ndarray, among: np.ndarray) -> bool:
    """Whether enough of the customers whom a driver reaches had it, and enough had it not."""
    had = (values[among] > 0).any(axis=1)
    return min(had.sum(), (~had).sum()) >= FEWEST_ALIKE


def _goes_both_ways(values: np.ndarray, among: np.ndarray, again: np.ndarray) -> bool:
    """Whether enough of those who had it came back and enough did not: else nearly any effect looks sure."""
    came_back = again[among & (values > 0).any(axis=1)]
    return min(came_back.sum(), (~came_back).sum()) >= FEWEST_EACH_WAY


def _driver_values(frame: pd.DataFrame, known: list[Driver], moments: np.ndarray):
    """Return each driver by customer and period, its value when on, whom it can reach, and what goes with it.

    A slow answer is compared among those who asked and personal recommendations among those who were shown
    any, so having asked and having been shown some are controls.
    """
    shape = moments.shape
    values: dict[str, np.ndarray] = {}
    on: dict[str, np.ndarray] = {}
    extra: list[np.ndarray] = []
    everyone: np.ndarray = np.ones(shape[0], bool)
    among = {driver.name: everyone for driver in known}

    def since(column: str) -> np.ndarray:
        moment = pd.to_datetime(frame[column]).to_numpy().astype("datetime64[us]")
        return (moment[:, None] <= moments.astype("datetime64[us]")).astype(float)

    def by_period(name: str) -> np.ndarray:
        return frame[[f"{name}_{p}" for p in range(PERIODS)]].fillna(0).to_numpy(dtype=float)

    for name in (driver.name for driver in known):
        on[name] = np.ones(shape)
        if name in ("late", "returned", "complaint"):
            values[name] = since(f"{name}_at")
        elif name == "slow_answer":
            asked = since("asked_at")
            values[name], on[name], among[name] = since("slow_at"), asked, np.asarray(asked.any(axis=1))
            extra.append(asked)
        elif name == "personal":
            shown = by_period("shown")
            values[name] = by_period("personal") / np.maximum(shown, 1)
            on[name], among[name] = (shown > 0).astype(float), np.asarray((shown > 0).any(axis=1))
            extra += [on[name], np.log1p(shown)]
        elif name == "friends_shared":
            values[name] = by_period(name)
        else:
            values[name] = np.repeat(frame[name].fillna(0).to_numpy(dtype=float)[:, None], PERIODS, axis=1)
    return values, on, among, extra


def _calendar(moments: np.ndarray) -> np.ndarray:
    """One column a calendar month in which periods begin, but the first."""
    month = moments.astype("datetime64[M]")
    return np.stack([month == one for one in np.unique(month)[1:]], axis=2).astype(float)


def _controls(frame: pd.DataFrame) -> np.ndarray:
    """What was known of the customer at the order, standardised."""
    orders = frame["orders_before"].astype(float)
    frame = frame.assign(share_rate_before=frame["shares_before"].astype(float) / np.maximum(orders, 1))
    used = [name for name in _CONTROLS if frame[name].notna().any()]
    matrix = covariate_matrix(frame, used).matrix
    few = np.stack([orders == number for number in (0, 1, 2)], axis=1).astype(float)
    matrix = np.column_stack([matrix, few[:, np.ptp(few, axis=0) > 0]])
    return (matrix - matrix.mean(axis=0)) / np.maximum(matrix.std(axis=0), 1e-12)
