"""Customers of the purchase model itself, on a clock of their own: purchases a day, and what a day knew."""

from __future__ import annotations

import numpy as np
import pandas as pd


def cohort(seed, *, customers, days, first, busy=None, growth=0.0, leaving=(0.8, 4.0), pace=(0.8, 1 / 45)):
    """Return customer and day of each purchase; they join evenly in the first half.

    busy: twelve factors of the pace by month. growth: % a month by which everybody's pace rises.
    leaving: Beta parameters of the own chance of leaving after a purchase but the first; None: nobody leaves.
    """
    rng = np.random.default_rng(seed)
    every = first + np.arange(days)
    factor = np.ones(days) if busy is None else np.asarray(busy)[pd.to_datetime(every, unit="D").month - 1]
    ran = np.cumsum(factor * (1 + growth / 100) ** (np.arange(days) / 30.4))
    rate = rng.gamma(pace[0], pace[1], customers)
    gone = np.zeros(customers) if leaving is None else rng.beta(*leaving, customers)
    rows = []
    for customer in range(customers):
        day = int(rng.integers(0, days // 2))
        rows.append((customer, day))
        moment = ran[day]
        while True:
            moment += rng.exponential(1 / max(rate[customer], 1e-9))
            day = int(np.searchsorted(ran, moment))
            if day >= days:
                break
            rows.append((customer, day))
            if rng.random() < gone[customer]:
                break
    bought = pd.DataFrame(rows, columns=["customer", "day"]).drop_duplicates()
    return bought.assign(day=bought["day"] + first)


def known_by(bought, *, until, days=0):
    """Return one row a customer known by the day `until`, as `check_forecast` wants it."""
    seen, later = bought[bought["day"] <= until], bought[bought["day"].between(until + 1, until + days)]
    known = seen.groupby("customer")["day"].agg(["min", "max", "size"])
    known.columns = ["first_day", "last_day", "purchases"]
    recent = seen[seen["day"] > until - days].groupby("customer").size()
    return known.assign(
        purchases_recent=recent.reindex(known.index, fill_value=0),
        purchases_later=later.groupby("customer").size().reindex(known.index, fill_value=0),
    ).reset_index(drop=True)


def trial_of(bought, plan, *, calendars=None, level=0.95):
    """Return the hidden stretches of a plan, tried."""
    from methods.customers.hidden_windows import try_windows

    stretches = [(until, plan.days) for until in plan.untils]
    if plan.farthest is not None:
        stretches.append((plan.farthest, plan.horizon_days))
    known = {(until, days): known_by(bought, until=until, days=days) for until, days in stretches}
    return try_windows(known, plan=plan, calendars=calendars, level=level)
