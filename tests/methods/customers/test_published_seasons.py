"""An apparel retailer's six years (Bachmann, Meierer & Näf 2021): fourth quarters that steady models miss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.paths import project_folder
from methods.customers.calendar import fit_calendar
from methods.customers.hidden_windows import plan_windows
from methods.customers.value_check import quantities
from methods.customers.value_model import forecast
from tests.methods.customers.cohorts import known_by, trial_of

# First day hidden, days, purchases that came, and the miss in % of the steady model as others publish it.
QUARTERS = [
    ("2007-10-01", 125, -28),
    ("2008-10-01", 124, -34),
    ("2009-10-01", 94, -17),
    ("2008-01-01", 76, 24),
]
DAYS = 91


@pytest.fixture(scope="module")
def bought():
    path = project_folder().parent / "shared" / "data" / "apparel" / "transactions.csv"
    if not path.exists():
        pytest.skip("../shared/data/apparel is not here")
    rows = pd.read_csv(path, parse_dates=["Date"])
    day = (rows["Date"] - pd.Timestamp(0)).dt.days
    return pd.DataFrame({"customer": rows["Id"], "day": day}).drop_duplicates()


def calendar_of(bought, until):
    new = ~bought.sort_values("day").duplicated("customer")
    daily = (
        bought.assign(new=new).groupby("day").agg(purchases=("customer", "size"), newcomers=("new", "sum"))
    )
    return fit_calendar(known_by(bought, until=until), daily.reset_index(), until=until)


def asked(bought, start, *, level=0.9):
    """What is foretold of the quarter from `start` on, with and without the calendar, and what came."""
    until = (pd.Timestamp(start) - pd.Timestamp(0)).days - 1
    first = int(bought["day"].min())
    plan = plan_windows(first=first, last=until, horizon_days=DAYS, known_days=730)
    calendars = {day: calendar_of(bought, day) for day in (*plan.untils, until)}
    now = known_by(bought, until=until, days=DAYS)
    options = {"until": until, "horizon_days": DAYS, "repeat_spend": None}
    ahead = forecast(now, calendar=calendars[until], **options)
    both = quantities(ahead, now, until=until, calendar=calendars[until])["purchases"]
    spread = trial_of(bought, plan, calendars=calendars, level=level).spread("purchases")
    error = ahead.purchases_total[1] / ahead.purchases_total[0]
    interval = spread.around(both, error=error, customers=len(now), level=level)
    return interval, both.actual, forecast(now, **options).purchases.sum()


def test_quarters_of_a_seasonal_trade_come_true_on_the_calendar(bought):
    """Counts of 76 to 125 scatter by 9 to 11 % around a mean that is known: who knew it would miss by 8 % on
    average, and have all four within 10 % in one history of five: that, and not 10 %, is what is asked.
    """
    found = [asked(bought, start) for start, *_ in QUARTERS]
    for (_, came, steady_miss), (_, actual, steady) in zip(QUARTERS, found, strict=True):
        assert actual == came
        assert 100 * (steady / came - 1) == pytest.approx(steady_miss, abs=1)
    misses = np.array([100 * (interval.estimate / came - 1) for interval, came, _ in found])
    print(f"\nmisses of the quarters, %: {misses.round(1)}")
    assert np.abs(misses).mean() < 8
    assert np.abs(misses).max() < 15
    assert sum(interval.low <= came <= interval.high for interval, came, _ in found) >= 3


@pytest.mark.parametrize(
    ("start", "came", "mean_miss"), [("2007-01-01", 389, 0.69), ("2008-01-01", 371, 0.6)]
)
def test_years_are_foretold_as_well_as_others_do(bought, start, came, mean_miss):
    until = (pd.Timestamp(start) - pd.Timestamp(0)).days - 1
    days = 364
    now = known_by(bought, until=until, days=days)
    ahead = forecast(now, until=until, horizon_days=days, repeat_spend=None)
    found = np.abs(ahead.purchases - now["purchases_later"]).mean()
    print(f"\n{start}: mean miss {found:.3f}, {ahead.purchases.sum():.0f} of {now['purchases_later'].sum()}")
    assert now["purchases_later"].sum() == pytest.approx(came, abs=2)
    assert found < mean_miss
