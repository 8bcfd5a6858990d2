"""A counter of its own that recommends, shows or withholds by a coin, and sells through its own till.

What it sells stands in no order, so nothing else in the market moves with it. Both chances of every place in
a list are known: to be bought when shown, and when withheld.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.goods import choose_items
from market.people import habit_to_clock
from market.settings import CATEGORIES, DAYS, WEEKS, stream
from market.world import History, World

LISTS = ("familiar", "discovery")
# Customers by their purchases before the list: from how many on, and in words.
GROUPS_FROM = (1, 2, 5)
GROUPS = ("one purchase before", "2 to 4 purchases before", "5 or more purchases before")
FIRST_WEEK, PLACES, SHOWN_PROBABILITY = 52, 5, 0.5
_CHOSEN_PROBABILITY = 0.06  # a week, of a customer who bought within the last 182 days
_RECENT_DAYS = 182.0
# By list and group: the chance to buy a place's product that is withheld, and what showing it adds.
_WITHHELD = np.array([[0.045, 0.060, 0.075], [0.012, 0.010, 0.008]])
_GAIN = np.array([[0.030, 0.010, 0.003], [0.008, 0.020, 0.032]])


@dataclass(frozen=True, kw_only=True)
class Holdouts:
    """One entry a place in a list. day: when the list was drawn up, on the wall clock.

    slate, customer, policy, group, position, item: whole numbers. shown, bought: what happened.
    withheld_chance, shown_chance: of buying the product within 7 days at the counter.
    """

    slate: np.ndarray
    customer: np.ndarray
    policy: np.ndarray
    group: np.ndarray
    position: np.ndarray
    item: np.ndarray
    day: np.ndarray
    shown: np.ndarray
    bought: np.ndarray
    withheld_chance: np.ndarray
    shown_chance: np.ndarray


def draw_holdouts(world: World, history: History) -> Holdouts:
    """Draw the lists of the last weeks: `familiar` from the category of the last purchase, or `discovery`."""
    rng, goods = stream(world.seed, "holdouts"), world.goods
    customer, day, orders_before, favourite = _drawn(world, history, rng)
    rows = len(customer)
    policy, shown = rng.integers(0, len(LISTS), rows), rng.random(rows) < SHOWN_PROBABILITY
    group = np.searchsorted(GROUPS_FROM, orders_before, side="right") - 1
    away = 1 + rng.integers(0, len(CATEGORIES) - 1, (rows, PLACES))
    category = np.where(
        policy[:, None] == 0, favourite[:, None], (favourite[:, None] + away) % len(CATEGORIES)
    )
    item = choose_items(goods.shelf_edges(FIRST_WEEK), category, rng.random((rows, PLACES)))
    slate, place = np.nonzero(_first_of_its_kind(item))
    item = item[slate, place]
    keen = np.exp(0.5 * goods.appeal[item])
    cell = policy[slate], group[slate]
    withheld = _WITHHELD[cell] * keen
    if_shown = withheld + world.effects.shown * _GAIN[cell] * keen
    chance = np.where(shown[slate], if_shown, withheld)
    return Holdouts(
        slate=slate,
        customer=customer[slate],
        policy=policy[slate],
        group=group[slate],
        position=place + 1,
        item=item,
        day=day[slate],
        shown=shown[slate],
        bought=rng.random(len(item)) < chance,
        withheld_chance=withheld,
        shown_chance=if_shown,
    )


def _drawn(world: World, history: History, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return who gets a list and when, their purchases before it, and the category of the last one."""
    orders, lines, people = history.log["orders"], history.log["lines"], world.people
    dearest = np.full(len(orders["customer"]), -1)
    main = lines["line"] == 1
    dearest[lines["order"][main]] = lines["item"][main]
    kept = np.flatnonzero(~orders["cancelled"])
    placed = habit_to_clock(orders["day"][kept], people.type[orders["customer"][kept]])
    sort = np.argsort(orders["customer"][kept] * (4.0 * DAYS) + placed, kind="stable")
    who, placed, dearest = orders["customer"][kept][sort], placed[sort], dearest[kept][sort]
    weeks = np.arange(FIRST_WEEK, WEEKS - 2)
    chosen = rng.random((len(weeks), len(people)), dtype=np.float32) < _CHOSEN_PROBABILITY
    at, customer = np.nonzero(chosen)
    day = 7.0 * (weeks[at] + rng.random(len(at)))
    end = np.searchsorted(who * (4.0 * DAYS) + placed, customer * (4.0 * DAYS) + day)
    count = end - np.searchsorted(who, customer)
    last = np.maximum(end - 1, 0)
    recent = (count > 0) & (placed[last] > day - _RECENT_DAYS)
    last = last[recent]
    return customer[recent], day[recent], count[recent], world.goods.category[dearest[last]].astype(np.int64)


def _first_of_its_kind(item: np.ndarray) -> np.ndarray:
    """Say which places of each row hold a product that no earlier place holds."""
    again = np.zeros(item.shape, bool)
    for place in range(1, item.shape[1]):
        again[:, place] = (item[:, :place] == item[:, place, None]).any(axis=1)
    return ~again


def holdout_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return what the lists are worth: both kinds of chances over all places, exact, by list (and group)."""
    these = draw_holdouts(world, history)
    gain, price = these.shown_chance - these.withheld_chance, world.goods.price_cents[these.item] / 100.0
    bought: dict[str, float] = {}
    uplift: dict[str, float] = {}
    purchases: dict[str, float] = {}
    money: dict[str, float] = {}
    net: dict[str, float] = {}
    for number, name in enumerate(LISTS):
        own = these.policy == number
        if not own.any():
            continue
        bought[name] = 100.0 * these.shown_chance[own].mean()
        uplift[name] = 100.0 * gain[own].mean()
        # Nothing that stands in the orders moves with the lists, so in all there is what they add.
        net[name] = 1000.0 * gain[own].sum() / len(np.unique(these.slate[own]))
        for place, group in enumerate(GROUPS):
            here = own & (these.group == place)
            slates = max(len(np.unique(these.slate[here])), 1)
            purchases[f"{name}, {group}"] = 1000.0 * gain[here].sum() / slates
            money[f"{name}, {group}"] = 1000.0 * (gain * price)[here].sum() / slates
    if not bought:
        return {}
    truth: dict[str, float | dict[str, float]] = {
        "D5.bought_when_shown": bought,
        "D5.uplift": uplift,
        "D5.extra_purchases": purchases,
        "D5.extra_money": money,
        "D5.net_purchases": net,
    }
    if len(bought) == len(LISTS):
        first, other = LISTS
        truth["D5.uplift_difference"] = uplift[other] - uplift[first]
        truth["D5.bought_when_shown_difference"] = bought[other] - bought[first]
    return truth
