"""Birthday greetings, check-ins with streaks, and tutorials, each given or held back by a coin.

They bring visits of their own, which fill no cart and move no order: customers come to look, not to buy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.events import make_events, tracked
from market.people import habit_to_clock
from market.settings import DAYS, SIZES, stream
from market.world import History, World

GIVEN = 0.5  # planned share of every coin
GREETING_WEEKS = (18, 46)  # birthdays within these weeks
CHECK_IN_WEEK, CHECK_IN_WEEKS = 30, 8
TUTORIAL_WEEKS = (8, 46)  # newcomers of these weeks
GREETING_DAYS, GREETING_FOLLOWED = 14.0, 28.0
STREAK_FOLLOWED = 28.0
_BREAKS = 0.2  # chance a week that a streak is about to break


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One kind's coins. customer, day (when), given: one entry a draw. more: visits to expect beyond others
    in the time followed, if given; followed_days: how long that is."""

    customer: np.ndarray
    day: np.ndarray
    given: np.ndarray
    more: np.ndarray
    followed_days: float


@dataclass(frozen=True, kw_only=True)
class Activities:
    """All coins by kind, and the visits that greetings and check-ins brought: customer and day of each."""

    draws: dict[str, Draw]
    visits: dict[str, tuple[np.ndarray, np.ndarray]]


def draw_activities(world: World) -> Activities:
    """Toss the coins and draw the visits that what was given brings."""
    greeting, greeted = _greetings(world)
    check_in, streak, checked_in = _check_ins(world)
    draws = {"greeting": greeting, "check_in": check_in, "streak": streak, "tutorial": _tutorials(world)}
    return Activities(draws=draws, visits={"greeting": greeted, "check_in": checked_in})


def more_visits(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return (customer, day) of the visits that activities brought, of customers whose visits are kept."""
    visits = draw_activities(world).visits.values()
    who, day = (np.concatenate(parts) for parts in zip(*visits, strict=True))
    kept = tracked(world)[who]
    return who[kept], day[kept]


def _greetings(world: World) -> tuple[Draw, tuple[np.ndarray, np.ndarray]]:
    rng, people = stream(world.seed, "greetings"), world.people
    week = rng.integers(0, 52, len(people))
    within = (week >= GREETING_WEEKS[0]) & (week < GREETING_WEEKS[1])
    who = np.flatnonzero(within & (people.joined_week < week))
    given = rng.random(len(who)) < GIVEN
    more = np.full(len(who), world.effects.greeting_visits)
    visits = rng.poisson(more * given)
    day = 7.0 * week[who]
    visitor = np.repeat(who, visits)
    draw = Draw(customer=who, day=day, given=given, more=more, followed_days=GREETING_FOLLOWED)
    return draw, (visitor, np.repeat(day, visits) + GREETING_DAYS * rng.random(len(visitor)))


def _check_ins(world: World) -> tuple[Draw, Draw, tuple[np.ndarray, np.ndarray]]:
    """The game runs for eight weeks or until the streak breaks; half of those about to break are kept."""
    rng, rate = stream(world.seed, "check-ins"), world.effects.streak_visits
    who = np.flatnonzero(world.people.joined_week < CHECK_IN_WEEK)
    given, kept = rng.random(len(who)) < GIVEN, rng.random(len(who)) < GIVEN
    breaks = np.minimum(rng.geometric(_BREAKS, len(who)), CHECK_IN_WEEKS)
    broken = given & (breaks < CHECK_IN_WEEKS)
    runs = np.where(kept, CHECK_IN_WEEKS, breaks)
    start = np.full(len(who), 7.0 * CHECK_IN_WEEK)
    visits = rng.poisson(rate * runs * given)
    visitor = np.repeat(who, visits)
    day = np.repeat(start, visits) + 7.0 * np.repeat(runs, visits) * rng.random(len(visitor))
    offered = Draw(customer=who, day=start, given=given, more=rate * runs, followed_days=7.0 * CHECK_IN_WEEKS)
    ahead = np.minimum(7.0 * (CHECK_IN_WEEKS - breaks), STREAK_FOLLOWED)
    end = Draw(
        customer=who[broken],
        day=start[broken] + 7.0 * breaks[broken],
        given=kept[broken],
        more=(rate * ahead / 7.0)[broken],
        followed_days=STREAK_FOLLOWED,
    )
    return offered, end, (visitor, day)


def _tutorials(world: World) -> Draw:
    rng, people = stream(world.seed, "tutorials"), world.people
    who = np.flatnonzero((people.joined_week >= TUTORIAL_WEEKS[0]) & (people.joined_week < TUTORIAL_WEEKS[1]))
    day = habit_to_clock(people.joined_day[who], people.type[who])
    given = rng.random(len(who)) < GIVEN
    return Draw(customer=who, day=day, given=given, more=np.zeros(len(who)), followed_days=56.0)


def activity_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return what each kind does to visiting and to buying within the days followed, pp, by kind.

    Other visits are held as they happened. Buying is never moved. Not given above the demo's size.
    """
    if len(world.people) > SIZES["demo"]:
        return {}
    drawn, usual = draw_activities(world), _usual_visits(world, history)
    beside = {"greeting": "check_in", "check_in": "greeting", "streak": "greeting"}
    visits: dict[str, float] = {}
    for kind, draw in drawn.draws.items():
        if not len(draw.customer):
            continue
        others = [usual, drawn.visits[beside[kind]]] if kind in beside else [usual, *drawn.visits.values()]
        who, day = (np.concatenate(parts) for parts in zip(*others, strict=True))
        visits[kind] = 100.0 * float((~_visited(draw, who, day) * -np.expm1(-draw.more)).mean())
    ended = {name: -value for name, value in visits.items() if name == "streak"}
    gained = {name: value for name, value in visits.items() if name != "streak"}
    return {
        "F7.visit_uplift": gained,
        "F7.buy_uplift": dict.fromkeys(gained, 0.0),
        "F7.streak_end_visits": ended.get("streak", 0.0),
        "F7.streak_end_buying": 0.0,
    }


def _usual_visits(world: World, history: History) -> tuple[np.ndarray, np.ndarray]:
    orders, kind = history.log["orders"], world.people.type
    placed = orders | {"placed": habit_to_clock(orders["day"], kind[orders["customer"]])}
    joined = habit_to_clock(world.people.joined_day, kind)
    events = make_events(world, placed, history.log["lines"], joined)
    visit = events["kind"] == 0
    return events["customer"][visit], events["day"][visit]


def _visited(draw: Draw, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Say of each draw whether its customer visited within the days followed."""
    order = np.argsort(who * (4.0 * DAYS) + day, kind="stable")
    key = (who * (4.0 * DAYS) + day)[order]
    start = draw.customer * (4.0 * DAYS) + draw.day
    return np.searchsorted(key, start + draw.followed_days) > np.searchsorted(key, start)
