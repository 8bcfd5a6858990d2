"""The shop's clock against Python's own zones: days and months by the zone's real rules."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pytest

from helpers.data.clock import Clock, changes, repeat_minutes

ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
ZONES += ("America/Sao_Paulo", "Africa/Casablanca", "UTC")


def moments(first: dt.datetime, last: dt.datetime, number: int = 400) -> list[dt.datetime]:
    seconds = np.random.default_rng(1).integers(0, (last - first).total_seconds(), number)
    return [first, *(first + dt.timedelta(seconds=int(second)) for second in seconds), last]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("first", [dt.datetime(2016, 5, 1), dt.datetime(2024, 12, 1)])
def test_what_the_clock_shows_is_what_python_says(one_connection, zone, first):
    last = first + dt.timedelta(days=900)
    stored = moments(first, last)
    stored += [change.at for change in changes(zone) if first <= change.at <= last]
    wanted = [at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in stored]
    clock = Clock(zone=zone, first=first, last=last)
    shown = clock.shown(ibis.memtable({"at": stored}, schema={"at": "timestamp(6)"})["at"])
    assert one_connection.to_pyarrow(shown).to_pylist() == wanted
    assert [clock.local(at) for at in stored] == wanted


@pytest.mark.parametrize("zone", ZONES)
def test_local_midnights_come_back(one_connection, zone):
    first, last = dt.datetime(2024, 12, 1), dt.datetime(2026, 12, 1)
    clock = Clock(zone=zone, first=first, last=last)
    noons = [first + dt.timedelta(days=day, hours=12) for day in range(2, 700)]
    back = clock.stored(ibis.memtable({"at": noons}, schema={"at": "timestamp(6)"})["at"])
    assert one_connection.to_pyarrow(back).to_pylist() == [clock.moment(noon) for noon in noons]


def test_a_zone_without_changes_in_the_span_is_one_offset():
    column = ibis.table({"at": "timestamp"}, name="t")["at"]
    plain = Clock(zone="UTC").shown(column)
    shanghai = Clock(zone="Asia/Shanghai", first=dt.datetime(1995, 1, 1), last=dt.datetime(2030, 1, 1))
    winter = Clock(zone="Europe/Paris", first=dt.datetime(2025, 1, 1), last=dt.datetime(2025, 3, 1))
    assert "CASE" not in "".join(
        ibis.to_sql(one, dialect="duckdb") for one in (plain, shanghai.shown(column))
    )
    assert "CASE" not in ibis.to_sql(winter.shown(column), dialect="duckdb")


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("UTC", ()), ("Europe/Paris", (60,)), ("Australia/Lord_Howe", (30, 60)), ("Asia/Kolkata", ())],
)
def test_hours_shown_twice(zone, minutes):
    assert repeat_minutes(zone) == minutes
