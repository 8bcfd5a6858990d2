"""Visits: the session that led to each order, and sessions that led to none."""

from __future__ import annotations

import numpy as np

from market.goods import choose_items
from market.people import CHANNELS
from market.settings import CATEGORIES, DAYS, SIZES, stream
from market.world import World

KINDS = ("visit", "view", "search", "cart")
_MINUTE = 1.0 / 1440.0
# The last visit falls one second before the end, so that a loader that dates the data by their last event
# finds the same end as the truth does.
_LAST_MOMENT = DAYS - 1.0 / 86_400.0
_LOOKS_A_YEAR = 0.6  # visits of those won by an advert that lead to no cart, beyond what everybody has
_CART_CHANCE = np.array([0.30, 0.28, 0.34, 0.16, 0.10])  # of a visit without order, by type


def make_events(world: World, orders: dict, lines: dict, joined: np.ndarray) -> dict[str, np.ndarray]:
    """Return events as columns: customer, kind, item (-1: none), session, query (-1: none), day.

    Customers won by an advert also look in without ever filling a cart (`_looks`). In a market of more than
    100,000 customers only every tenth customer's visits are kept. A faked order has no visit: the account
    goes straight to the till.
    """
    rng = stream(world.seed, "events")
    known = tracked(world)
    main = lines["item"][lines["line"] == 1]
    led = np.flatnonzero(known[orders["customer"]] & ~orders["faked"])
    idle = led[rng.random(len(led)) < 0.8]
    customer = np.concatenate([orders["customer"][led], orders["customer"][idle]])
    minutes = 4.0 + 30.0 * rng.random(len(led))
    away = orders["placed"][idle] + rng.normal(0.0, 12.0, len(idle))
    start = np.concatenate([orders["placed"][led] - minutes * _MINUTE, away])
    item = np.concatenate([main[led], _browsed(world, rng, customer[len(led) :])])
    cart = rng.random(len(idle)) < _CART_CHANCE[world.people.type[customer[len(led) :]]]
    puts = np.concatenate([np.ones(len(led), bool), cart])
    room = np.concatenate([minutes, np.full(len(idle), 20.0)])
    kept = start > joined[customer]
    sessions = {"customer": customer, "start": start, "item": item, "cart": puts, "room": room}
    usual = _expand(world, rng, {name: values[kept] for name, values in sessions.items()})
    usual["day"][np.argmax(usual["day"])] = _LAST_MOMENT
    looks = _looks(world, known, joined)
    looks["session"] += len(kept)
    return {name: np.concatenate([values, looks[name]]) for name, values in usual.items()}


def tracked(world: World) -> np.ndarray:
    """Say whose visits are kept: everybody's, above 100,000 customers every tenth's."""
    customers = len(world.people)
    return np.arange(customers) % (10 if customers > 5 * SIZES["demo"] else 1) == 0


def _looks(world: World, known: np.ndarray, joined: np.ndarray) -> dict[str, np.ndarray]:
    """Visits and views without a cart, at any time since joining, of customers won by an advert."""
    rng = stream(world.seed, "advert looks")
    won = np.flatnonzero(known & (world.people.channel == CHANNELS.index("advert")))
    time = (_LAST_MOMENT - joined[won]).clip(0.0)
    customer = np.repeat(won, rng.poisson(_LOOKS_A_YEAR * time / 365.0))
    rows = len(customer)
    start = joined[customer] + rng.random(rows) * (_LAST_MOMENT - joined[customer])
    sessions = {
        "customer": customer,
        "start": start,
        "item": _browsed(world, rng, customer),
        "cart": np.zeros(rows, bool),
        "room": np.full(rows, 20.0),
    }
    return _expand(world, rng, sessions)


def _browsed(world: World, rng: np.random.Generator, customer: np.ndarray) -> np.ndarray:
    edges = np.cumsum(world.taste[customer], axis=1)
    category = (rng.random(len(customer))[:, None] > edges).sum(axis=1).clip(max=len(CATEGORIES) - 1)
    return choose_items(world.goods.shelf_edges(0), category, rng.random(len(customer)))


def _expand(world: World, rng: np.random.Generator, sessions: dict) -> dict[str, np.ndarray]:
    """A session is a visit, perhaps a search, one to four views and perhaps a cart, in this order."""
    rows = len(sessions["start"])
    every = np.arange(rows)
    searching = np.flatnonzero(rng.random(rows) < 0.4)
    views = 1 + rng.poisson(1.2, rows).clip(max=3)
    viewing = np.repeat(every, views)
    carting = np.flatnonzero(sessions["cart"])
    session = np.concatenate([every, searching, viewing, carting])
    kind = np.repeat([0, 2, 1, 3], [rows, len(searching), len(viewing), len(carting)])
    last_view = np.concatenate([viewing[1:] != viewing[:-1], [True]]) if len(viewing) else np.zeros(0, bool)
    near = _browsed(world, rng, sessions["customer"][viewing])
    item = np.concatenate(
        [
            np.full(rows + len(searching), -1),
            np.where(last_view, sessions["item"][viewing], near),
            sessions["item"][carting],
        ]
    )
    part = np.where(kind == 0, 0.0, np.where(kind == 2, 0.1, 0.2 + 0.6 * rng.random(len(kind))))
    part = np.where(kind == 3, 0.9, part)
    query = np.where(kind == 2, world.goods.category[sessions["item"][session]], -1)
    day = sessions["start"][session] + part * sessions["room"][session] * _MINUTE
    order = np.lexsort((part, session))
    kept = order[(day[order] >= 0) & (day[order] < DAYS)]
    return {
        "customer": sessions["customer"][session[kept]],
        "kind": kind[kept],
        "item": item[kept],
        "session": session[kept],
        "query": query[kept],
        "day": day[kept],
    }
