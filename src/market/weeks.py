"""The weekly loop: who orders, who shares, and what that does to the weeks after."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np

from market import recommendations, settings
from market.manipulation import plan_fakes
from market.posting import buy_and_share
from market.programmes import ASKS, DRIFT_FALL
from market.settings import stream
from market.state import Log, State
from market.wanted import find_wanted
from market.world import History, World, brushing_now, order_probability

_COUNTED = (
    "spill",
    "exposed",
    "member_orders",
    "member_weeks",
    "moved_orders",
    "moved_orders_without",
    "orders_to_come",
)
SNAPSHOTS = (settings.CASHBACK_WEEK, settings.TRY_FIRST_WEEK)
_FIRST_ORDER_PROBABILITY = 0.85


def live(world: World, *, weeks: int = settings.WEEKS, after: History | None = None) -> History:
    """Run all weeks, or so many: the first of a longer life are those of a shorter one, bit for bit.

    after: what happened in the weeks before; only those that follow are lived and told, to week `weeks`.
    """
    state = copy.deepcopy(after.state) if after else State.empty(len(world.people))
    log, since = Log(), after.weeks if after else 0
    outside: dict[int, np.ndarray] = {}
    exposures: dict[int, np.ndarray] = {}
    snapshots: dict[int, dict[str, np.ndarray]] = {}
    tally = dict.fromkeys(_COUNTED, 0.0)
    taste_edges = np.cumsum(world.taste, axis=1, dtype=np.float32)
    shelves = recommendations.make_shelves(world.goods)
    for week in range(since, weeks):
        state.friends += world.network.degree_changes(week, len(world.people)).astype(np.int32)
        if week in SNAPSHOTS:
            snapshots[week] = state.snapshot()
        if week == settings.TRY_FIRST_WEEK:
            _offer_try_first(world, state)
        base, exposure = _outside(world, state, week)
        outside[week] = base
        if settings.STUDY_START < 7 * (week + 1) <= settings.DAYS:
            exposures[week] = exposure
        chance, opens = _chances(world, state, tally, week=week, base=base, exposure=exposure)
        if week >= settings.WEEKS:
            kept = (1.0 - settings.CANCEL_PROBABILITY) * state.alive * (state.orders > 0)
            tally["orders_to_come"] += float((kept * chance).sum())
        who, day = _orders(world, state, week=week, chance=chance, opens=opens)
        wanted, source = find_wanted(
            world, state, shelves, log, week=week, who=who, day=day, chance=chance, opens=opens
        )
        buy_and_share(
            world, state, log, week=week, who=who, day=day, wanted=wanted, source=source, edges=taste_edges
        )
    snapshots[weeks] = state.snapshot()
    whole = log.finish()
    plan_fakes(world, whole["shares"])
    return History(
        log=whole,
        outside=outside,
        exposure=exposures,
        snapshots=snapshots,
        alive=state.alive,
        tally=tally,
        state=state,
        weeks=weeks,
    )


def live_again(
    world: World, state: State, outside: Mapping[int, np.ndarray], shift: Mapping[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Live some weeks again from a state, which is changed, while what others do is held as it happened.

    outside: of the history. shift: week to what is added to the log rate, in order of weeks. Returns expected
    purchases and shares made of each customer.
    """
    kept = 1.0 - settings.CANCEL_PROBABILITY
    purchases, log = np.zeros(len(world.people)), Log()
    edges = np.cumsum(world.taste, axis=1, dtype=np.float32)
    for week, more in shift.items():
        state.friends += world.network.degree_changes(week, len(world.people)).astype(np.int32)
        tally = dict.fromkeys(_COUNTED, 0.0)
        base = outside[week] + more.astype(np.float32)
        chance, opens = _chances(world, state, tally, week=week, base=base, exposure=np.zeros_like(base))
        who, day = _orders(world, state, week=week, chance=chance, opens=opens)
        purchases += kept * chance * state.alive * (world.people.joined_week <= week)
        none = np.full(len(who), -1)
        buy_and_share(world, state, log, week=week, who=who, day=day, wanted=none, source=none, edges=edges)
    made = log.finish().get("shares", {"customer": np.zeros(0, int)})
    return purchases, np.bincount(made["customer"], minlength=len(world.people))


def _offer_try_first(world: World, state: State) -> None:
    """The perk goes to half of those who bought in the last 26 weeks; it works best on lipstick sharers."""
    recent = state.last_day >= 7 * (settings.TRY_FIRST_WEEK - 26)
    keen = state.lipstick_bought & (state.shares > 0)
    gain = world.effects.try_first + world.effects.try_first_lipstick * keen
    state.try_first[:] = gain * (recent & world.programmes.try_first)


def _outside(world: World, state: State, week: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the log rate apart from the own share and coupon, and the exposure to friends' shares."""
    effects, people = world.effects, world.people
    exposure = np.minimum(state.shares_seen.sum(axis=0), 3.0)
    total = people.log_rate + world.programmes.shift(week, effects, world.taste)
    total += effects.spillover * exposure + effects.reply * (week <= state.reply_until)
    if settings.TRY_FIRST_WEEK <= week < settings.TRY_FIRST_WEEK + settings.TEST_WEEKS:
        total += state.try_first
    total += 1.5 * brushing_now(people, week)
    if world.changed("orders", week):
        total += settings.CHANGED_ORDERS
    if week >= settings.WEEKS:
        total += _built(world)
    return total.astype(np.float32), exposure


def _built(world: World) -> float:
    """What an incentive built at the end of the data adds to everybody's log rate."""
    built = {"group cashback": world.effects.cashback, "six asks": -world.effects.fatigue * (max(ASKS) - 3)}
    return built.get(world.from_now_on, 0.0)


def _chances(
    world: World, state: State, tally: dict[str, float], *, week: int, base: np.ndarray, exposure: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each customer's chance of an order this week, if still there, and the day it may begin."""
    people = world.people
    opens = np.maximum(state.last_day + settings.QUIET_DAYS, people.joined_day) - 7.0 * week
    opens = opens.clip(0.0, 7.0)
    rate = base + state.own_boost(week, world.effects.coupon)
    chance = order_probability(rate, 1.0 - opens / 7.0)
    _count(world, state, tally, week=week, rate=rate, chance=chance, opens=opens, exposure=exposure)
    return np.where(people.joined_week == week, _FIRST_ORDER_PROBABILITY, chance), opens


def _orders(
    world: World, state: State, *, week: int, chance: np.ndarray, opens: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return who orders this week and on which day (habit clock)."""
    joined = world.people.joined_week <= week
    draws = stream(world.seed, "week", week).random((2, len(world.people)))
    who = np.flatnonzero(joined & state.alive & (draws[0] < chance))
    return who, 7.0 * week + opens[who] + draws[1, who] * (7.0 - opens[who])


def _count(
    world: World,
    state: State,
    tally: dict[str, float],
    *,
    week: int,
    rate: np.ndarray,
    chance: np.ndarray,
    opens: np.ndarray,
    exposure: np.ndarray,
) -> None:
    """Add this week to the sums from which spill-over, membership and changes of circle have their truth."""
    kept = (1.0 - settings.CANCEL_PROBABILITY) * state.alive
    members = world.programmes.member_week <= week
    tally["member_orders"] += float((kept * chance)[members].sum())
    tally["member_weeks"] += float(members.sum())
    moved = world.programmes.fallen(week) & (world.people.joined_week < week)
    tally["moved_orders"] += float((kept * chance)[moved].sum())
    undisturbed = order_probability(rate[moved] - DRIFT_FALL, 1.0 - opens[moved] / 7.0)
    tally["moved_orders_without"] += float((kept[moved] * undisturbed).sum())
    if week >= settings.SPILL_FROM:
        exposed = (world.people.joined_week < week) & (exposure > 0)
        alone = (rate - world.effects.spillover * exposure)[exposed]
        without = order_probability(alone, 1.0 - opens[exposed] / 7.0)
        tally["spill"] += float((kept[exposed] * (chance[exposed] - without)).sum())
        tally["exposed"] += float(exposed.sum())
