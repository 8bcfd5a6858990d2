"""Coupons: earned at 20 likes, or by campaign, shop, circle and level; who redeems them where."""

from __future__ import annotations

import numpy as np

from market.people import People, habit_to_clock
from market.settings import DAYS, stream

SOURCES = ("threshold", "campaign", "shop", "circle", "level")
_WORTH_CENTS = np.array([2000, 1500, 1000, 800, 500])
_VALID_DAYS = np.array([56.0, 14.0, 30.0, 21.0, 60.0])
_REDEEMED = np.array([0.65, 0.30, 0.25, 0.35, 0.30])
_CAMPAIGN_DAYS = (161.0, 308.0, 343.0, 525.0)  # the June sales, double eleven, double twelve


def make_coupons(people: People, orders: dict, shares: dict, seed: int) -> dict[str, np.ndarray]:
    """Return coupons as columns: customer, source, issued, expires, share, worth, order (-1: none).

    A threshold coupon is issued 48 hours after the post. A coupon may be redeemed on the holder's next order;
    an order takes one coupon. Only the threshold coupon moves the order rate.
    """
    rng = stream(seed, "coupons")
    parts = [_earned(shares), _campaigns(rng, people), _shops(rng, people), _after_orders(rng, orders)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((columns["customer"], columns["issued"]))
    columns = {name: values[order] for name, values in columns.items()}
    kept = columns["issued"] < DAYS
    columns = {name: values[kept] for name, values in columns.items()}
    source = columns["source"]
    columns["expires"] = columns["issued"] + _VALID_DAYS[source]
    columns["worth"] = _WORTH_CENTS[source] * (1 + (rng.random(len(source)) < 0.2))
    columns["order"] = _redeem(rng, columns, orders)
    return columns


def _part(customer: np.ndarray, source: int, issued: np.ndarray, share: np.ndarray | None = None) -> dict:
    none = np.full(len(customer), -1)
    return {
        "customer": customer,
        "source": np.full(len(customer), source, np.int8),
        "issued": issued,
        "share": none if share is None else share,
    }


def _earned(shares: dict) -> dict:
    rows = np.flatnonzero(shares["coupon"] & (shares["posted"] < DAYS))
    return _part(shares["customer"][rows], 0, shares["posted"][rows] + 2.0, rows)


def _campaigns(rng: np.random.Generator, people: People) -> dict:
    joined = habit_to_clock(people.joined_day, people.type)
    who, day = [], []
    for start in _CAMPAIGN_DAYS:
        lucky = np.flatnonzero((joined < start) & (rng.random(len(people)) < 0.12))
        who.append(lucky)
        day.append(start + 0.5 + rng.random(len(lucky)))
    return _part(np.concatenate(who), 1, np.concatenate(day))


def _shops(rng: np.random.Generator, people: People) -> dict:
    joined = habit_to_clock(people.joined_day, people.type)
    who = np.flatnonzero(rng.random(len(people)) < 0.45)
    return _part(who, 2, joined[who] + (DAYS - joined[who]) * rng.random(len(who)))


def _after_orders(rng: np.random.Generator, orders: dict) -> dict:
    """A completed purchase may earn a circle coupon, rarely one of the customer's level."""
    draw = rng.random(len(orders["customer"]))
    level = ~orders["cancelled"] & (draw > 0.98)
    rows = np.flatnonzero((~orders["cancelled"] & (draw < 0.06)) | level)
    part = _part(orders["customer"][rows], 3, orders["placed"][rows] + 5.0)
    part["source"][level[rows]] = 4
    return part


def _redeem(rng: np.random.Generator, columns: dict, orders: dict) -> np.ndarray:
    """Return the order on which each coupon is redeemed: the first purchase after its issue, or -1."""
    rows = np.flatnonzero(~orders["cancelled"])
    sort = rows[np.lexsort((orders["placed"][rows], orders["customer"][rows]))]
    key = orders["customer"][sort] * 1_000.0 + orders["placed"][sort]
    spot = np.searchsorted(key, columns["customer"] * 1_000.0 + columns["issued"], side="right")
    found = sort[np.minimum(spot, len(sort) - 1)]
    fits = (spot < len(sort)) & (orders["customer"][found] == columns["customer"])
    fits &= orders["placed"][found] < columns["expires"]
    fits &= rng.random(len(found)) < _REDEEMED[columns["source"]]
    used = np.full(len(found), -1)
    first_order, first_coupon = np.unique(found[fits], return_index=True)
    used[np.flatnonzero(fits)[first_coupon]] = first_order
    return used
