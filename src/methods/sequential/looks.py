"""Looks at a running test, week by week: each with its plain effect and how much was known by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.few_in_an_arm import FEWEST_EVENTS, fewest_events, steadied_variance
from methods.result import Result

WEEK_DAYS = 7
NEXT_TO_NOTHING = 1e-3  # of the information
Effect = Callable[[pd.DataFrame], Interval]


@dataclass(frozen=True, kw_only=True)
class Look(Result):
    """What was known at one look: week of the test, rows, plain effect, and part of the information.

    fraction: information known over that at the planned end.
    """

    week: int
    rows: int
    effect: Interval
    fraction: float


def looks_as_known(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    known_at: str,
    effect: Effect,
    planned_n: float | None = None,
) -> tuple[Look, ...]:
    """Return the weekly looks at a test whose rows come in one after the other.

    outcome: numeric column; treated: 0/1 column.
    known_at: column of the moment at which a row's outcome is known (naive UTC). Rows with a gap in one of
        these are left out.
    effect: returns the plain effect with its interval from the rows known so far; it may adjust, or know
        groups drawn together. A look at which it raises CannotAnswer is left out.
    planned_n: rows at the planned end (None: all there are). Looks after the first that reaches it are left
        out.
    Looks begin when each arm has 10 events (rows whose outcome is not the commonest one). The standard error
    is smoothed: each arm's variance is mixed with that of all rows, which count as 40 events' worth of rows.
    Returns looks in order. Raises CannotAnswer where there is none.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"arm": rng.integers(0, 2, 600), "bought": rng.integers(0, 2, 600),
    ...                      "at": pd.date_range("2026-01-01", periods=600, freq="h")})
    >>> def gap(known):
    ...     means = known.groupby("arm")["bought"].agg(["mean", "sem"])
    ...     estimate, error = float(means["mean"].diff().iloc[1]), float(np.hypot(*means["sem"]))
    ...     return Interval(estimate=estimate, low=estimate - 1.96 * error, high=estimate + 1.96 * error,
    ...                     n=len(known))
    >>> found = looks_as_known(rows, outcome="bought", treated="arm", known_at="at", effect=gap)
    >>> [(look.week, look.rows, round(look.fraction, 2)) for look in found]
    [(1, 168, 0.28), (2, 336, 0.56), (3, 504, 0.84), (4, 600, 1.0)]
    """
    rows = frame[frame[[outcome, treated, known_at]].notna().all(axis=1)].sort_values(known_at, kind="stable")
    week = ((rows[known_at] - rows[known_at].min()) // pd.Timedelta(days=WEEK_DAYS)).to_numpy() + 1
    ends = np.flatnonzero(np.r_[week[1:] != week[:-1], True][: len(week)])
    planned = len(rows) if planned_n is None else planned_n
    ends = ends[: np.searchsorted(ends + 1, planned) + 1]
    known = ((int(week[end]), rows.iloc[: end + 1], min(float(end + 1) / planned, 1.0)) for end in ends)
    return _looks(known, outcome, treated, effect)


def looks_since_draw(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    days_to_event: str,
    effect: Effect,
    outcome_days: int,
    planned_days: int | None = None,
) -> tuple[Look, ...]:
    """Return the weekly looks at a test whose rows were all drawn at once, as their events come in.

    treated: 0/1 column.
    days_to_event: column of days from the draw to a row's first event, missing where none came.
    outcome: name under which `effect` finds who has had the event by then (0.0 or 1.0).
    effect: as of `looks_as_known`, whose start and smoothing hold here too.
    outcome_days: days from the draw that are known of every row.
    planned_days: days from the draw at the planned end, where the test still runs (None: it has ended). What
        is known of its information is then taken to be the same part as of its days.
    The effect at a look is that on events so far, so it grows with the weeks. Information is the odds of an
    event so far: the standardised difference then moves as that of rows that come in (the Brownian bridge
    of an empirical distribution; Doob 1949, Annals of Mathematical Statistics 20).
    Returns looks in order. Raises CannotAnswer where there is none.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"arm": rng.integers(0, 2, 400), "days": rng.exponential(20, 400)})
    >>> def gap(known):
    ...     means = known.groupby("arm")["bought"].agg(["mean", "sem"])
    ...     estimate, error = float(means["mean"].diff().iloc[1]), float(np.hypot(*means["sem"]))
    ...     return Interval(estimate=estimate, low=estimate - 1.96 * error, high=estimate + 1.96 * error,
    ...                     n=len(known))
    >>> found = looks_since_draw(rows, outcome="bought", treated="arm", days_to_event="days", effect=gap,
    ...                          outcome_days=28)
    >>> [look.week for look in found], found[-1].fraction
    ([1, 2, 3, 4], 1.0)
    """
    days = frame[days_to_event].to_numpy(float, na_value=np.nan)
    last = [*range(WEEK_DAYS, outcome_days, WEEK_DAYS), outcome_days]
    share = {day: float(np.mean(days <= day)) for day in last}
    whole = share[outcome_days]
    if not 0 < whole < 1:
        raise CannotAnswer("all of the rows had the event, or none: no difference can be looked at")
    part = min(outcome_days / (planned_days or outcome_days), 1.0)
    odds = {day: part * share[day] / (1 - share[day]) * (1 - whole) / whole for day in last}
    known = (
        (-(-day // WEEK_DAYS), frame.assign(**{outcome: (days <= day).astype(float)}), odds[day])
        for day in last
    )
    return _looks(known, outcome, treated, effect)


def _looks(
    known: Iterator[tuple[int, pd.DataFrame, float]], outcome: str, treated: str, effect: Effect
) -> tuple[Look, ...]:
    found: list[Look] = []
    for week, rows, fraction in known:
        y, arm = rows[outcome].to_numpy(float), rows[treated].to_numpy(float) > 0
        if not _enough(y, arm):
            continue
        try:
            plain = effect(rows)
        except CannotAnswer:
            continue
        if found and fraction - found[-1].fraction < NEXT_TO_NOTHING:
            found.pop()  # the later look knows all that the earlier one did
        found.append(Look(week=week, rows=len(rows), effect=_smoothed(plain, y, arm), fraction=fraction))
    if not found:
        raise CannotAnswer(
            f"no week of the test has {FEWEST_EVENTS} outcomes in each arm that differ from the commonest one"
        )
    return tuple(found)


def _enough(y: np.ndarray, arm: np.ndarray) -> bool:
    return len(y) > 0 and fewest_events(y, arm) >= FEWEST_EVENTS


def _smoothed(plain: Interval, y: np.ndarray, arm: np.ndarray) -> Interval:
    """The effect with a standard error that few events in an arm cannot make too small."""
    smooth, alone = steadied_variance(y, arm)
    reach = (plain.high - plain.low) / 2 * np.sqrt(smooth / alone)
    return replace(
        plain,
        low=float(plain.estimate - reach),
        high=float(plain.estimate + reach),
        # Read off the interval, so that few groups, whose interval is Student's, count for what they are.
        standard_error=float(reach / norm.ppf((1 + plain.level) / 2)),
    )
