"""Customers: what the shop sees of them, and the latent traits that drive them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.settings import CATEGORIES, DAYS, LIPSTICK, pick, stream

TYPES = ("loyal regular", "lipstick sharer", "bargain hunter", "occasional buyer", "one-time visitor")
AGE_BANDS = ("under 18", "18-24", "25-34", "35-44", "45-54", "55 and over")
GENDERS = ("female", "male", "other")
CHANNELS = ("search", "friend", "live", "advert", "offline")
CHANNEL_COST_CENTS = np.array([1800, 600, 2400, 3500, 2900])

_SHARE = np.array([0.14, 0.16, 0.25, 0.29, 0.16])
_RATE = np.array([0.200, 0.125, 0.051, 0.032, 0.024])  # orders a week
_RATE_SHAPE = np.array([6.0, 5.0, 4.0, 4.0, 4.0])
_DROPOUT = np.array([[1.0, 40.0], [1.0, 24.0], [1.2, 13.0], [1.2, 9.0], [2.5, 2.5]])
_SOCIABILITY = np.array([1.2, 1.7, 0.8, 0.7, 0.7])
_PRICE = np.array([1.15, 1.0, 0.72, 1.0, 0.95])  # how dear the items bought are, against the list
_AGE = np.array(
    [
        [0.01, 0.12, 0.37, 0.30, 0.14, 0.06],
        [0.05, 0.42, 0.38, 0.11, 0.03, 0.01],
        [0.02, 0.16, 0.30, 0.28, 0.16, 0.08],
        [0.03, 0.18, 0.32, 0.25, 0.14, 0.08],
        [0.06, 0.28, 0.30, 0.18, 0.12, 0.06],
    ]
)
_FEMALE = np.array([0.55, 0.88, 0.52, 0.47, 0.50])
_TASTE = np.array(
    [
        [1, 1, 3, 1, 3, 2, 2, 1, 2, 1, 1, 1],
        [8, 0.5, 0.6, 1, 0.4, 0.3, 3, 0.2, 4, 0.4, 0.3, 0.6],
        [0.6, 0.7, 2, 7, 2, 0.8, 1.5, 1, 0.8, 0.6, 0.5, 1],
        [0.7, 2, 1, 1, 0.7, 2.5, 1, 2, 0.7, 2, 2, 0.8],
        [1, 1.5, 1, 1.5, 0.7, 1.5, 1.5, 1, 1, 1, 1, 0.7],
    ]
)
_PEAK_HOUR = np.array([[20, 12], [22, 13], [10, 21], [19, 8], [14, 23]])


@dataclass(frozen=True, kw_only=True)
class People:
    """Arrays of one entry a customer. Days count from the market's start; rates are orders a week.

    type: number in TYPES. joined_day: on the habit clock (see `habit_to_clock`). dropout: chance to leave
    for good after a purchase. charm: log likes beyond friends. influence: weight of own shares on friends.
    """

    type: np.ndarray
    joined_day: np.ndarray
    log_rate: np.ndarray
    dropout: np.ndarray
    sociability: np.ndarray
    charm: np.ndarray
    influence: np.ndarray
    price_level: np.ndarray
    age: np.ndarray
    gender: np.ndarray
    city_tier: np.ndarray
    channel: np.ndarray
    acquisition_cost_cents: np.ndarray
    buys_likes: np.ndarray
    brushing: np.ndarray

    @property
    def joined_week(self) -> np.ndarray:
        """Week number of joining."""
        return (self.joined_day // 7).astype(np.int16)

    def __len__(self) -> int:
        return len(self.type)


def make_people(customers: int, seed: int) -> People:
    """Draw the customers."""
    rng = stream(seed, "people")
    kind = pick(rng.random(customers), _SHARE)
    female = rng.random(customers) < _FEMALE[kind]
    other = rng.random(customers) < 0.01
    age_edges = np.cumsum(_AGE, axis=1)[kind]
    rate = _RATE[kind] * rng.gamma(_RATE_SHAPE[kind]) / _RATE_SHAPE[kind]
    channel = pick(rng.random(customers), [0.28, 0.26, 0.18, 0.20, 0.08])
    cost = CHANNEL_COST_CENTS[channel] * np.exp(0.35 * rng.standard_normal(customers))
    influence = np.exp(0.8 * rng.standard_normal(customers))
    return People(
        type=kind.astype(np.int8),
        joined_day=_joining(rng, customers),
        log_rate=np.log(rate + 1e-4),
        dropout=rng.beta(_DROPOUT[kind, 0], _DROPOUT[kind, 1]),
        sociability=_SOCIABILITY[kind] * rng.gamma(3.0, 1 / 3.0, customers),
        charm=0.45 * rng.standard_normal(customers),
        influence=influence / np.exp(0.5 * 0.8**2),
        price_level=_PRICE[kind],
        age=np.minimum((rng.random(customers)[:, None] > age_edges).sum(axis=1), 5).astype(np.int8),
        gender=np.where(other, 2, np.where(female, 0, 1)).astype(np.int8),
        city_tier=(1 + pick(rng.random(customers), [0.22, 0.30, 0.24, 0.15, 0.09])).astype(np.int8),
        channel=channel.astype(np.int8),
        acquisition_cost_cents=np.round(cost).astype(np.int64),
        buys_likes=rng.random(customers) < 0.010,
        brushing=rng.random(customers) < 0.006,
    )


def _joining(rng: np.random.Generator, customers: int) -> np.ndarray:
    """A heavy start of twelve weeks, then a thinning stream of newcomers."""
    early = rng.random(customers) < 0.30
    late = (DAYS - 7.0) * rng.random(customers) ** 1.4
    return np.where(early, 84.0 * rng.random(customers) ** 1.3, late)


def make_taste(people: People, circle: np.ndarray, circle_taste: np.ndarray, seed: int) -> np.ndarray:
    """Return each customer's chance of each category (float32, rows add to 1): type, circle and own whim."""
    rng = stream(seed, "taste")
    own = rng.standard_gamma(1.5, size=(len(people), len(CATEGORIES)), dtype=np.float32)
    taste = _TASTE[people.type].astype(np.float32) * own
    taste *= circle_taste[circle].astype(np.float32)
    man = people.gender == 1
    taste[man, LIPSTICK] *= 0.3
    return taste / taste.sum(axis=1, keepdims=True)


def _hour_edges() -> np.ndarray:
    """Share of a day's activity before each full hour, by type: shape (5, 25)."""
    hours = np.arange(24)
    weight = np.full((len(TYPES), 24), 0.06)
    for column, height in ((0, 1.0), (1, 0.6)):
        gap = np.abs(hours[None, :] - _PEAK_HOUR[:, column, None])
        weight += height * np.exp(-0.5 * (np.minimum(gap, 24 - gap) / 2.0) ** 2)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.concatenate([np.zeros((len(TYPES), 1)), np.cumsum(weight, axis=1)], axis=1)


HOUR_EDGES = _hour_edges()


def habit_to_clock(day: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Turn days on the habit clock into days on the wall clock.

    On the habit clock a customer is equally active at every moment; the wall clock stretches it by the
    type's daily rhythm. Whole days agree, so 48 hours or 90 days are as long on one clock as on the other.
    """
    whole = np.floor(day)
    part = day - whole
    clock = np.empty_like(part)
    for number in range(len(TYPES)):
        chosen = kind == number
        clock[chosen] = np.interp(part[chosen], HOUR_EDGES[number], np.arange(25) / 24.0)
    return whole + clock
