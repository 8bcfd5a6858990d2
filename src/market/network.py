"""Friends: planted circles with strong ties inside, weak ties across, and customers who change circle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from market.people import People
from market.settings import CATEGORIES, WEEKS, stream

NEVER = WEEKS + 1
DRIFT_WEEKS = (22, 66)


@dataclass(frozen=True, kw_only=True)
class Network:
    """Ties as arrays (a < b, whole weeks from and until) and as adjacency lists; circles before and after.

    tie_until_unasked: the same without the ties that requests to share ended. moved_week: week in which a
    customer changed circle, NEVER for the others.
    start, friend, since, until, strength: adjacency; the ties of customer i are start[i]:start[i + 1].
    """

    a: np.ndarray
    b: np.ndarray
    tie_since: np.ndarray
    tie_until: np.ndarray
    tie_until_unasked: np.ndarray
    tie_strength: np.ndarray
    circle: np.ndarray
    circle_after: np.ndarray
    moved_week: np.ndarray
    start: np.ndarray
    friend: np.ndarray
    since: np.ndarray
    until: np.ndarray
    strength: np.ndarray

    def degree_changes(self, week: int, customers: int) -> np.ndarray:
        """Return by how many the number of friends changes at the start of this week."""
        begun, ended = self.tie_since == week, self.tie_until == week
        plus = np.concatenate([self.a[begun], self.b[begun]])
        minus = np.concatenate([self.a[ended], self.b[ended]])
        return np.bincount(plus, minlength=customers) - np.bincount(minus, minlength=customers)

    def ended(self, until: np.ndarray) -> Network:
        """Return the network with other last weeks of its ties (ties,)."""
        order = np.argsort(np.concatenate([self.a, self.b]), kind="stable")
        until = until.astype(np.int16)
        return replace(self, tie_until=until, until=np.concatenate([until, until])[order])

    def reach(self, people: np.ndarray, week: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (position in `people`, friend) for every tie of these customers that holds in this week."""
        owner, slot = spread(self.start[people], self.start[people + 1])
        holds = (self.since[slot] <= week) & (self.until[slot] > week)
        return owner[holds], self.friend[slot[holds]]

    def one_friend(self, people: np.ndarray, uniform: np.ndarray, week: int) -> np.ndarray:
        """Return one random friend of each customer, -1 where the drawn tie does not hold this week."""
        return self.one_tie(people, uniform, week)[0]

    def one_tie(self, people: np.ndarray, uniform: np.ndarray, week: int) -> tuple[np.ndarray, np.ndarray]:
        """Return one random friend of each customer, and the strength of the tie (see `one_friend`)."""
        count = self.start[people + 1] - self.start[people]
        slot = self.start[people] + np.minimum((uniform * count).astype(np.int64), np.maximum(count - 1, 0))
        slot = np.minimum(slot, max(len(self.friend) - 1, 0))
        holds = (count > 0) & (self.since[slot] <= week) & (self.until[slot] > week)
        return np.where(holds, self.friend[slot], -1), np.where(holds, self.strength[slot], 0.0)


def spread(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (row, value) for every integer in [low, high) of each row."""
    count = (high - low).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, np.repeat(low, count) + offset


def make_circles(customers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each customer's circle (15 to 60 members) and the circles' tastes (circles, categories)."""
    rng = stream(seed, "circles")
    sizes = rng.integers(15, 61, size=max(customers // 30, 1))
    edges = np.cumsum(sizes)
    circles = int(np.searchsorted(edges, customers)) + 1
    if circles > 1 and customers - edges[circles - 2] < 15:
        circles -= 1  # a rest too small for a circle joins the last one
    member = np.minimum(np.searchsorted(edges, np.arange(customers), side="right"), circles - 1)
    taste = rng.gamma(1.2, 1 / 1.2, size=(circles, len(CATEGORIES))) + 0.15
    return rng.permutation(member).astype(np.int32), taste


def make_network(people: People, circle: np.ndarray, seed: int) -> Network:
    """Draw the ties; they hold in whole weeks, because the market reads friend lists on Monday at 00:00."""
    rng = stream(seed, "ties")
    customers, circles = len(people), int(circle.max()) + 1
    moved = rng.random(customers) < 0.06
    moved_week = np.where(moved, rng.integers(*DRIFT_WEEKS, size=customers), NEVER).astype(np.int16)
    after = np.where(moved, (circle + rng.integers(1, max(circles, 2), customers)) % circles, circle)
    moved &= after != circle
    inside = _inside_pairs(rng, people.sociability, circle, 3.4)
    across = _across_pairs(rng, people.sociability, 0.55)
    newer = _inside_pairs(rng, people.sociability, after, 3.4)
    newer = newer[moved[newer[:, 0]] | moved[newer[:, 1]]]
    pairs = np.concatenate([inside, across, newer])
    origin = np.repeat([0, 1, 2], [len(inside), len(across), len(newer)])
    pairs.sort(axis=1)
    key = pairs[:, 0].astype(np.int64) * customers + pairs[:, 1]
    first = np.unique(key, return_index=True)[1]
    pairs, origin = pairs[first], origin[first]
    since, until = _lifetimes(rng, people, pairs, origin, np.where(moved, moved_week, NEVER))
    strong, weak = rng.beta(5.0, 2.0, len(pairs)), rng.beta(1.5, 5.0, len(pairs))
    strength = np.round(np.where(origin == 1, weak, strong), 3).clip(0.01, 1.0)
    keep = (until > since) & (since < WEEKS)
    return _assemble(
        pairs[keep],
        since[keep],
        until[keep],
        strength[keep],
        circle,
        after,
        np.where(moved, moved_week, NEVER),
    )


def _inside_pairs(
    rng: np.random.Generator, sociability: np.ndarray, circle: np.ndarray, mean: float
) -> np.ndarray:
    """Each customer names friends in the circle; sociable members are named more often."""
    order = np.argsort(circle, kind="stable")
    weight = np.cumsum(0.3 + sociability[order])
    first = np.searchsorted(circle[order], np.arange(circle.max() + 1))
    last = np.searchsorted(circle[order], np.arange(circle.max() + 1), side="right") - 1
    floor = np.concatenate([[0.0], weight])[first]
    named = rng.poisson(mean * (0.35 + 0.65 * sociability))
    who = np.repeat(np.arange(len(circle)), named)
    mine = circle[who]
    target = floor[mine] + rng.random(len(who)) * (weight[last[mine]] - floor[mine])
    other = order[np.minimum(np.searchsorted(weight, target, side="right"), len(order) - 1)]
    return np.column_stack([who, other])[who != other]


def _across_pairs(rng: np.random.Generator, sociability: np.ndarray, mean: float) -> np.ndarray:
    who = np.repeat(np.arange(len(sociability)), rng.poisson(mean * sociability))
    other = rng.integers(0, len(sociability), len(who))
    return np.column_stack([who, other])[who != other]


def _lifetimes(
    rng: np.random.Generator,
    people: People,
    pairs: np.ndarray,
    origin: np.ndarray,
    moved_week: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """From the Monday after both have joined; old ties of those who leave a circle mostly end then."""
    a, b = pairs.T
    since = np.maximum(people.joined_week[a], people.joined_week[b]).astype(np.int64) + 1
    later = rng.random(len(pairs)) < 0.10
    since = np.where(later, since + rng.integers(0, 40, len(pairs)), since)
    moved = np.minimum(moved_week[a], moved_week[b]).astype(np.int64)
    until = np.where((origin == 0) & (rng.random(len(pairs)) < 0.8), moved, NEVER)
    since = np.where(origin == 2, np.maximum(since, moved + rng.integers(0, 4, len(pairs))), since)
    fading = rng.random(len(pairs)) < 0.04
    return since, np.where(fading, np.minimum(until, since + rng.integers(10, 60, len(pairs))), until)


def _assemble(
    pairs: np.ndarray,
    since: np.ndarray,
    until: np.ndarray,
    strength: np.ndarray,
    circle: np.ndarray,
    after: np.ndarray,
    moved_week: np.ndarray,
) -> Network:
    a, b = pairs.T
    customers = len(circle)
    owner, friend = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.argsort(owner, kind="stable")
    until = np.where(until >= WEEKS, NEVER, until)

    def both(values: np.ndarray, kind: type) -> np.ndarray:
        return np.concatenate([values, values])[order].astype(kind)

    return Network(
        a=a.astype(np.int32),
        b=b.astype(np.int32),
        tie_since=since.astype(np.int16),
        tie_until=until.astype(np.int16),
        tie_until_unasked=until.astype(np.int16),
        tie_strength=strength,
        circle=circle,
        circle_after=after.astype(np.int32),
        moved_week=moved_week.astype(np.int16),
        start=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=customers))]),
        friend=friend[order].astype(np.int32),
        since=both(since, np.int16),
        until=both(until, np.int16),
        strength=both(strength, np.float32),
    )
