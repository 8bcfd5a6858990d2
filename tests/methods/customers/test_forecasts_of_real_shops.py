"""Over many days and horizons of real tables the intervals of what is to come hold it as they say."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.paths import project_folder
from methods.customers.bg_nbd import NotEstimable
from methods.customers.hidden_windows import plan_windows
from methods.customers.value_check import quantities
from methods.customers.value_model import forecast
from tests.methods.customers.cohorts import known_by, trial_of
from tests.methods.customers.test_published_seasons import calendar_of

DATA = project_folder().parent / "shared" / "data"
HORIZONS, KNOWN_DAYS = (30, 91, 182, 365), 730


def apparel():
    rows = pd.read_csv(DATA / "apparel" / "transactions.csv", parse_dates=["Date"])
    return rows["Id"], rows["Date"]


def cdnow(name):
    rows = pd.read_csv(DATA / "cdnow" / name, sep=r"\s+", header=None, dtype=str, skiprows=1)
    return rows.iloc[:, -5 if rows.shape[1] > 4 else 0], pd.to_datetime(rows.iloc[:, -3], format="%Y%m%d")


SHOPS = {
    "apparel": apparel,
    "cdnow sample": lambda: cdnow("CDNOW_sample.txt"),
    "cdnow": lambda: cdnow("CDNOW_master.txt"),
}


def purchases(name):
    customer, date = SHOPS[name]()
    day = (date - pd.Timestamp(0)).dt.days
    return pd.DataFrame({"customer": customer, "day": day}).drop_duplicates()


def held(bought, *, until, horizon):
    """Whether the 90 % intervals hold purchases and buyers to come; None where nothing is foretold."""
    first = int(bought["day"].min())
    options = {"first": first, "last": until, "horizon_days": horizon}
    seasonal = plan_windows(**options, known_days=KNOWN_DAYS)
    use = seasonal is not None and seasonal.days >= min(horizon, 61)
    plan = seasonal if use else plan_windows(**options)
    if plan is None or plan.horizon_days < horizon:
        return None
    days = [*plan.untils, until, *([plan.farthest] if plan.farthest is not None else [])]
    known = [day for day in days if use and day - first + 1 >= KNOWN_DAYS]
    now = known_by(bought, until=until, days=horizon)
    try:
        calendars = {day: calendar_of(bought, day) for day in known}
        calendar = calendars.get(until)
        ahead = forecast(now, until=until, horizon_days=horizon, repeat_spend=None, calendar=calendar)
        trial = trial_of(bought, plan, calendars=calendars, level=0.9)
    except NotEstimable:
        return None
    if not (trial.enough and ahead.tells_leaving):
        return None
    error = {"purchases": ahead.purchases_total[1] / ahead.purchases_total[0], "buyers": 0.0}
    both = quantities(ahead, now, until=until, calendar=calendar)
    told = {}
    for name, less in error.items():
        found = trial.spread(name).around(both[name], error=less, customers=len(now), level=0.9)
        told[name] = found.low <= both[name].actual <= found.high
    return told


@pytest.mark.slow
def test_intervals_of_90_percent_hold_85_to_97_of_real_pairs():
    if not (DATA / "apparel").is_dir():
        pytest.skip("../shared/data is not here")
    told = []
    for name in SHOPS:
        bought = purchases(name)
        first, last = int(bought["day"].min()), int(bought["day"].max())
        pairs = [
            (last - back, horizon)
            for back in range(30, (last - first) // 2, max(30, (last - first) // 24))
            for horizon in HORIZONS
            if horizon <= back
        ]
        found = [held(bought, until=until, horizon=horizon) for until, horizon in pairs]
        here = pd.DataFrame([one for one in found if one is not None])
        print(f"\n{name}: of {len(here)} held {here.sum().to_dict()}, {found.count(None)} withheld")
        told.append(here)
    every = pd.concat(told)
    assert len(every) >= 60
    assert every.mean().between(0.85, 0.97).all()
