"""Likes that come together: a scan over windows of time, judged against posts of as many likes.

Kulldorff's (1997) scan statistic on one post's likes. A window that begins at a like holds that like for
certain, so the other c − 1 of m − 1 are tested: counting it as well makes honest posts look bursty. How often
live events draw strangers together is learned from friends (`live_events`), and a window must be beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from methods.errors import CannotAnswer
from methods.manipulation.live_events import FEWEST_FRIENDS, LiveEvents, learn_live_events
from methods.result import Result

WINDOWS_DAYS = (5 / 1440, 40 / 1440, 6 / 24)
FEWEST_LIKES = 3
_STEP = 1.25  # between the sizes of post that are simulated
_LARGEST = 400
_CURVE_WORTH = 3.0  # likes above suspicion that the curve is worth
_KNOTS = 2_000
_TAIL_DRAWS = 40  # simulated posts beyond the point from which the bound takes over
_LEARN_FROM = 20_000
_DOUBTFUL = 0.05  # p below which a live event is looked at as the reason


@dataclass(frozen=True, kw_only=True)
class Bursts(Result):
    """The tightest window of each post, an entry a post.

    p: chance that an honest post of as many likes shows so tight a window (0 to 1); 1 with fewer than 3
    likes. likes: int, in the window. expected: float, likes that the pooled curve puts there. window_days,
    begins_days: float, length of the window and when it begins after the post; nan where there is none.
    """

    p: np.ndarray
    likes: np.ndarray
    expected: np.ndarray
    window_days: np.ndarray
    begins_days: np.ndarray


def burst_scan(
    post: np.ndarray,
    age_days: np.ndarray,
    *,
    posts: int,
    beside_post: np.ndarray | None = None,
    beside_age_days: np.ndarray | None = None,
    windows_days: Sequence[float] = WINDOWS_DAYS,
    draws: int = 2_000,
    seed: int,
) -> Bursts:
    """Scan each post's likes for windows that hold more than the pooled arrival curve foretells.

    post: int (likes,), 0 to posts − 1. age_days: float (likes,), time since the post, 0 or more.
    posts: how many there are. beside_post, beside_age_days: likes that are above suspicion, such as those of
    friends. Where these come together in the same window, the audience was there (a live event) and the
    window is expected to hold as large a part of the others. They also teach how often a post has a live
    event and how many others it draws: p is at least the chance of an event on this post, given its friends'
    likes in the window, times the chance that an event draws as many. windows_days: lengths tried. draws:
    honest posts simulated for each size. The curve gives every post the same weight, so that a few large ones
    do not bend it. p is simulated; where it is smaller than the draws can show, the union bound
    3·m·exp(−statistic) takes over, scaled to meet the simulation. Returns a `Bursts`. Raises ValueError on
    ages that are negative or no number, CannotAnswer on fewer than 50 likes.

    >>> rng = np.random.default_rng(1)
    >>> post, age = np.repeat(np.arange(200), 12), rng.random(2_400)
    >>> age[:12] = 0.5 + 0.01 * rng.random(12)
    >>> found = burst_scan(post, age, posts=200, seed=1)
    >>> bool(found.p[0] < 1e-6), bool((found.p[1:] < 0.05).mean() < 0.1)
    (True, True)
    """
    post, age = np.asarray(post, np.int64), np.asarray(age_days, float)
    if not np.isfinite(age).all() or (age < 0).any():
        raise ValueError("age_days: every like needs a time of 0 or more after its post")
    if len(age) < 50:
        raise CannotAnswer(
            f"{len(age):,} likes with a time are too few to learn when likes come, 50 are needed"
        )
    order = np.lexsort((age, post))
    post, age = post[order], age[order]
    size = np.bincount(post, minlength=posts)
    curve = _Curve.of(age, 1.0 / size[post])
    beside = None
    if beside_post is not None and beside_age_days is not None and len(beside_post):
        beside = _Beside.of(np.asarray(beside_post, np.int64), np.asarray(beside_age_days, float), posts)
    best = _scan(post, age, size, curve, windows_days, beside)
    p = _judge(best.statistic, size, curve, windows_days, draws=draws, seed=seed)
    some = best.place >= 0
    begins = np.full(posts, np.nan)
    begins[some] = age[best.place[some]]
    found = Bursts(
        p=p,
        likes=best.count,
        expected=best.expected,
        window_days=np.where(some, np.asarray(windows_days)[best.window], np.nan),
        begins_days=begins,
    )
    if beside is None:
        return found
    friends = np.asarray(beside_post, np.int64), np.asarray(beside_age_days, float)
    events = _events(friends, (post, age), posts, windows_days, draws=draws, seed=seed)
    if events is None:
        return found
    scan = _EventScan(events, curve, beside, windows_days)
    return replace(found, p=scan.at_least(found, post, age, draws=draws, seed=seed))


def _events(
    friends: tuple[np.ndarray, np.ndarray],
    strangers: tuple[np.ndarray, np.ndarray],
    posts: int,
    windows_days: Sequence[float],
    *,
    draws: int,
    seed: int,
) -> LiveEvents | None:
    """Scan the friends' likes themselves for windows, and learn from them; None where they are too few.

    Of more than 20,000 posts with friends enough, as many are drawn.
    """
    tells = np.flatnonzero(np.bincount(friends[0], minlength=posts) >= FEWEST_FRIENDS)
    if len(tells) > _LEARN_FROM:
        tells = np.random.default_rng(seed).choice(tells, _LEARN_FROM, replace=False)
    place = np.full(posts, -1)
    place[tells] = np.arange(len(tells))
    friends, strangers = (_of_posts(place, *likes) for likes in (friends, strangers))
    try:
        found = burst_scan(*friends, posts=len(tells), windows_days=windows_days, draws=draws, seed=seed)
    except CannotAnswer:
        return None
    return learn_live_events(
        friends,
        strangers,
        together=found.p,
        begins_days=found.begins_days,
        window_days=found.window_days,
    )


def _of_posts(place: np.ndarray, post: np.ndarray, age: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likes of the posts that have a place, by it."""
    mine = place[post] >= 0
    return place[post[mine]], age[mine]


@dataclass(frozen=True)
class _EventScan:
    """Judges posts against simulated posts with a live event."""

    events: LiveEvents
    curve: _Curve
    beside: _Beside
    windows_days: Sequence[float]

    def at_least(
        self, found: Bursts, post: np.ndarray, age: np.ndarray, *, draws: int, seed: int
    ) -> np.ndarray:
        """Return p, no smaller than the chance of an event times that of so many likes in one."""
        doubtful = found.p < _DOUBTFUL
        place = np.cumsum(doubtful) - 1
        mine = doubtful[post]
        if not mine.any():
            return found.p
        where, when = place[post[mine]], age[mine]
        size = np.bincount(where, minlength=int(doubtful.sum()))
        drawn = self.events.drawn[0]
        best = _scan(where, when, size, self.curve, self.windows_days, drawn=drawn).statistic
        judged = _judge(
            best, size, self.curve, self.windows_days, draws=draws, seed=seed + 1, events=self.events
        )
        p = found.p.copy()
        p[doubtful] = np.maximum(p[doubtful], self._chance(found, np.flatnonzero(doubtful)) * judged)
        return p

    def _chance(self, found: Bursts, post: np.ndarray) -> np.ndarray:
        """Chance that the tightest window lies in an event: friends are counted where one could reach."""
        begin, length = found.begins_days[post], found.window_days[post]
        reach = np.maximum(self.events.wide_days - length, 0.0)
        first, last = (begin - reach).clip(0.0), begin + length + reach
        here = self.beside.between(post, first, last)
        usual = (self.curve.at(last) - self.curve.at(first)).clip(1e-9, 1 - 1e-9)
        return self.events.chance(here, self.beside.size[post], usual)


@dataclass(frozen=True)
class _Curve:
    """The pooled curve of arrival: days at equal steps of the share that has come."""

    knots: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, age: np.ndarray, weight: np.ndarray) -> _Curve:
        order = np.argsort(age)
        reached = np.cumsum(weight[order])
        reached /= reached[-1]
        place = np.unique(np.searchsorted(reached, np.linspace(0, 1, _KNOTS + 1)).clip(max=len(age) - 1))
        knots, share = age[order][place], reached[place]
        last = np.append(knots[1:] != knots[:-1], True)
        return cls(np.append(min(0.0, knots[0]), knots[last]), np.append(0.0, share[last]))

    def at(self, days: np.ndarray) -> np.ndarray:
        return np.interp(days, self.knots, self.share)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return np.interp(rng.random(rows), self.share, self.knots)


@dataclass(frozen=True)
class _Beside:
    """Likes above suspicion, by post and age. wide: days from one post's start to the next in `key`."""

    key: np.ndarray
    size: np.ndarray
    wide: float

    @classmethod
    def of(cls, post: np.ndarray, age: np.ndarray, posts: int) -> _Beside:
        wide = float(age.max()) + 1_000.0
        return cls(np.sort(post * wide + age), np.bincount(post, minlength=posts), wide)

    def chance(self, post: np.ndarray, age: np.ndarray, length: float, chance: np.ndarray) -> np.ndarray:
        """Return the part of the window by the curve or, if larger, by curve and likes together."""
        here = self.between(post, age, age + length)
        return np.maximum(chance, (_CURVE_WORTH * chance + here) / (_CURVE_WORTH + self.size[post]))

    def between(self, post: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Count the likes of each post from its first to its last moment."""
        start = post * self.wide
        return np.searchsorted(self.key, start + last, "right") - np.searchsorted(
            self.key, start + first, "left"
        )


@dataclass(frozen=True)
class _Best:
    statistic: np.ndarray
    place: np.ndarray
    window: np.ndarray
    count: np.ndarray
    expected: np.ndarray


def _scan(
    post: np.ndarray,
    age: np.ndarray,
    size: np.ndarray,
    curve: _Curve,
    windows_days: Sequence[float],
    beside: _Beside | None = None,
    drawn: float = 0.0,
) -> _Best:
    """Return the window of largest likelihood ratio of each post; likes are sorted by post and age.

    drawn: share of the likes that a live event is taken to put into whichever window is looked at.
    """
    posts, rows = len(size), np.arange(len(age))
    best = _Best(
        np.zeros(posts), np.full(posts, -1), np.zeros(posts, int), np.zeros(posts, int), np.zeros(posts)
    )
    if not len(age):
        return best
    wide = float(age.max()) + max(windows_days) + 1.0
    key, start = post * wide + age, curve.at(age)
    others = (size[post] - 1).astype(float)
    first = np.flatnonzero(np.append(True, post[1:] != post[:-1]))
    for number, length in enumerate(windows_days):
        seen = np.searchsorted(key, key + length, side="right") - rows - 1.0
        chance = (curve.at(age + length) - start).clip(1e-9, 1 - 1e-9)
        chance = drawn + (1 - drawn) * chance
        if beside is not None:
            chance = beside.chance(post, age, length, chance).clip(1e-9, 1 - 1e-9)
        ratio = _likelihood_ratio(seen, others, chance)
        top = np.maximum.reduceat(ratio, first)
        where = np.flatnonzero(ratio == top[np.searchsorted(first, rows, "right") - 1])
        where = where[np.append(True, post[where][1:] != post[where][:-1])]
        mine = post[where]
        won = (ratio[where] > best.statistic[mine]) & (size[mine] >= FEWEST_LIKES)
        where, mine = where[won], mine[won]
        best.statistic[mine], best.place[mine], best.window[mine] = ratio[where], where, number
        best.count[mine], best.expected[mine] = seen[where] + 1, others[where] * chance[where] + 1
    return best


def _likelihood_ratio(seen: np.ndarray, others: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the log likelihood ratio of a window with more than its share, 0 where it has no more."""
    ratio = np.zeros(len(seen))
    more = np.flatnonzero((seen > others * chance) & (seen >= 1))
    c, n, q = seen[more], others[more], chance[more]
    rest = n - c
    ratio[more] = c * np.log(c / (n * q))
    part = rest > 0
    ratio[more[part]] += rest[part] * np.log(rest[part] / (n[part] * (1 - q[part])))
    return ratio


def _judge(
    statistic: np.ndarray,
    size: np.ndarray,
    curve: _Curve,
    windows_days: Sequence[float],
    *,
    draws: int,
    seed: int,
    events: LiveEvents | None = None,
) -> np.ndarray:
    """Return p by simulated posts of nearly the same size, each with a live event where events are given."""
    rng = np.random.default_rng(seed)
    drawn = 0.0 if events is None else events.drawn[0]
    p = np.ones(len(size))
    judged = np.flatnonzero((size >= FEWEST_LIKES) & (statistic > 0))
    rung = np.round(np.log(size[judged].clip(max=_LARGEST) / FEWEST_LIKES) / np.log(_STEP)).astype(int)
    for step in np.unique(rung):
        likes = round(FEWEST_LIKES * _STEP**step)
        post = np.repeat(np.arange(draws), likes)
        age = curve.draw(rng, len(post))
        if events is not None:
            age = events.draw(rng, age, draws)
        age = np.sort(age.reshape(draws, likes), axis=1).ravel()
        null = _scan(post, age, np.full(draws, likes), curve, windows_days, drawn=drawn).statistic
        mine = judged[rung == step]
        p[mine] = beyond_simulation(statistic[mine], null)
    return p


def beyond_simulation(statistic: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Return simulated p-values; beyond the last 40 draws they fall as exp(−statistic), as the bound does."""
    null = np.sort(null)
    draws = len(null)
    p = (1.0 + draws - np.searchsorted(null, statistic, "left")) / (1.0 + draws)
    turn = null[max(draws - _TAIL_DRAWS, 0)]
    tail = (1.0 + min(_TAIL_DRAWS, draws)) / (1.0 + draws) * np.exp(turn - statistic)
    return np.where(statistic > turn, tail, p)
