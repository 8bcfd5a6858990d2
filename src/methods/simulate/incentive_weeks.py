"""Weeks of a shop under several incentives at once: share, see, ask, buy, tire, turn away, end a tie.

All incentives of a draw meet the same luck (common random numbers), so that what differs is theirs.
Every state is float or bool, incentives × customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import nbinom

from methods.result import Result
from methods.simulate.levers import Levers, ShopNumbers
from methods.simulate.population import Population

SHARE_WEEKS, SIGHT_WEEKS, EARNED_WEEKS, ASKED_WEEKS, RETURN_WEEKS = 13, 4, 8, 2, 8
MOST_SEEN = 3.0
MEASURES = (
    "orders",
    "shares",
    "likes",
    "joins",
    "coupon_orders",
    "returnable",
    "returned",
    "asks",
    "unwelcome",
    "customers_lost",
    "ties_lost",
    "paid",
    "reached",
    "gini",
)


@dataclass(frozen=True, kw_only=True)
class Weeks(Result):
    """What happened in so many weeks, each measure float (draws, incentives).

    orders: expected by the chances met. shares, likes, joins, coupon_orders: as named. returnable: orders
    early enough to be followed for 8 weeks; returned: those followed by another in them. asks, unwelcome:
    of friends by name. customers_lost, ties_lost: by unwelcome asks. paid: in order values. reached:
    customers who got anything. gini: of what was paid, over customers; 0 where nothing was.
    by_circle: orders by circle, float (draws, incentives, circles).
    """

    measures: dict[str, NDArray[np.float64]]
    customers: int
    ties: int
    weeks: int
    by_circle: NDArray[np.float64] = field(repr=False)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.measures[name]


def simulate_weeks(
    population: Population,
    shop: ShopNumbers,
    levers: Levers,
    *,
    incentives: int,
    weeks: int = 13,
    seed: int = 1,
) -> Weeks:
    """Return what happens under each incentive, draw by draw.

    population: customers and ties at the start. shop, levers: numbers of each draw. incentives: how many
    there are side by side. weeks: how long. The same seed gives the same weeks. A draw costs about
    incentives × weeks × (customers + ends of ties) steps of numpy.

    >>> from methods.simulate import as_ties, levers_of
    >>> ties = as_ties([[0, 1]], 2)
    >>> one = np.ones(2)
    >>> pair = Population(shape=one, pace=9 * one, here=one, leaving=0 * one, share_chance=0.2 * one,
    ...                   likes=3 * one, circle=np.zeros(2, int), ties=ties)
    >>> found = simulate_weeks(pair, ShopNumbers(), levers_of({"none": {}, "double": {"orders": np.log(2)}}),
    ...                        incentives=2)
    >>> bool(found["orders"][0, 1] > found["orders"][0, 0])
    True
    """
    draws = max(shop.draws(), len(np.atleast_2d(levers.orders)))
    circles = int(population.circle.max()) + 1
    measures = {name: np.zeros((draws, incentives)) for name in MEASURES}
    by_circle = np.zeros((draws, incentives, circles))
    for draw in range(draws):
        run = _Run(population, shop.of(draw), levers, draw, incentives, np.random.default_rng([seed, draw]))
        for week in range(weeks):
            run.live(week, weeks)
        for name, value in run.finish().items():
            measures[name][draw] = value
        for row, orders in enumerate(run.bought):
            by_circle[draw, row] = np.bincount(population.circle, weights=orders, minlength=circles)
    return Weeks(
        measures=measures,
        customers=len(population),
        ties=population.ties.count,
        weeks=weeks,
        by_circle=by_circle,
    )


class _Run:
    """The state of one draw under every incentive."""

    def __init__(
        self,
        population: Population,
        shop: dict[str, float],
        levers: Levers,
        draw: int,
        incentives: int,
        rng: np.random.Generator,
    ) -> None:
        self.people, self.shop, self.rng = population, shop, rng
        self.lever = levers.of(draw, incentives)
        self.odds, self.steps = levers.odds_of(draw), levers.steps
        n, shape = len(population), (incentives, len(population))
        rate = rng.standard_gamma(population.shape) / population.pace
        self.log_rate = (np.log(rate + 1e-12) + shop["orders"]).astype(np.float32)
        self.leaving = (population.leaving * np.exp(shop["leaving"])).clip(0, 1).astype(np.float32)
        chance = population.share_chance.clip(1e-6, 1 - 1e-6)
        self.share_logit = (logit(chance) + shop["shares"]).astype(np.float32)
        self.mean_likes = population.likes * np.exp(shop["likes"])
        self.earns = self._likes_reached()
        self.here = np.broadcast_to(rng.random(n) < population.here, shape).copy()
        self.tired, self.experience, self.benefit = (np.zeros(shape, np.float32) for _ in range(3))
        self.seen = np.zeros((SIGHT_WEEKS, *shape), np.float32)
        self.until = {name: np.full(shape, -1, np.int16) for name in ("share", "earned", "asked")}
        self.unpaid = np.zeros(shape, bool)
        self.last_bought, self.asker = (np.full(shape, -99, np.int32) for _ in range(2))
        self.tie_holds = np.ones((incentives, population.ties.count), bool)
        self.bought = np.zeros(shape)
        self.total = {name: np.zeros(incentives) for name in MEASURES}

    def _likes_reached(self) -> NDArray[np.float32]:
        """The chance that a share of each customer gets the likes that earn the reward."""
        rows = []
        grid, shape = np.linspace(-6, 8, 200), self.people.likes_shape
        for at in self.lever["at_likes"][:, 0]:
            if at <= 0:
                rows.append(np.zeros(len(self.people)))
                continue
            tail = nbinom.sf(at - 1, shape, shape / (shape + np.exp(grid)))
            rows.append(np.interp(np.log(self.mean_likes + 1e-9), grid, tail))
        return np.array(rows, dtype=np.float32)

    def live(self, week: int, weeks: int) -> None:
        """One week: who buys, who shares, who sees and is asked, what is earned."""
        luck = self.rng.random((5, len(self.people)), dtype=np.float32)
        chance = self._chance(week)
        buys = luck[0] < chance
        self._count_orders(chance, buys, week, weeks)
        share = expit(self.share_logit + self._share_lift())
        shares = buys & (luck[1] < share)
        self.here &= ~(buys & (luck[2] < self.leaving))
        self.until["share"][shares] = week + SHARE_WEEKS
        helpers = self._spread_word(shares, week)
        self._earn(shares, helpers, luck[3], luck[4], week)

    def _chance(self, week: int) -> NDArray[np.float32]:
        lever, shop = self.lever, self.shop
        log_rate = self.log_rate + lever["orders"]
        log_rate = log_rate + np.float32(shop["share_effect"]) * (self.until["share"] >= week)
        log_rate += np.float32(shop["sight_effect"]) * np.minimum(self.seen.sum(axis=0), MOST_SEEN)
        log_rate += lever["earned"] * (self.until["earned"] >= week)
        log_rate += lever["asked"] * (self.until["asked"] >= week)
        log_rate -= np.float32(shop["tiredness"]) * self.tired
        return -np.expm1(-np.exp(log_rate)) * self.here

    def _share_lift(self) -> NDArray[np.float32]:
        if self.odds is None:
            return self.lever["shares"]
        return self.lever["shares"] + self.lever["level_shares"] * self._level()

    def _level(self) -> NDArray[np.int64]:
        """Each customer's level, from 0, by the steps of the incentive."""
        assert self.steps is not None
        return (self.experience[:, :, None] >= self.steps[:, None, :]).sum(axis=2)

    def _count_orders(
        self, chance: NDArray[np.float32], buys: NDArray[np.bool_], week: int, weeks: int
    ) -> None:
        total, lever = self.total, self.lever
        total["orders"] += chance.sum(axis=1)
        self.bought += chance
        total["coupon_orders"] += chance.sum(axis=1) * expit(self.shop["coupons"])
        followed = weeks - RETURN_WEEKS
        if week < followed:
            total["returnable"] += buys.sum(axis=1)
        again = buys & (week - self.last_bought <= RETURN_WEEKS) & (self.last_bought < followed)
        total["returned"] += (again & (self.last_bought >= 0)).sum(axis=1)
        self.last_bought[buys] = week
        paid_back = lever["pay_order"] * chance
        used = buys & self.unpaid & (self.until["earned"] >= week)
        self.unpaid &= ~used
        self.benefit += paid_back + lever["pay_earned"] * used
        self._credit_askers(buys & (self.until["asked"] >= week))

    def _credit_askers(self, buys: NDArray[np.bool_]) -> None:
        """Whoever asked last gets the commission on the order, and experience."""
        row, friend = np.nonzero(buys)
        if not len(row):
            return
        asker = self.asker[row, friend]
        share, counts = self.lever["pay_asker"][row, 0], self.lever["friend_counts"][row, 0]
        place = row * len(self.people) + asker
        size = self.benefit.size
        self.benefit += np.bincount(place, weights=share, minlength=size).reshape(self.benefit.shape)
        self.experience += np.bincount(place, weights=counts, minlength=size).reshape(self.benefit.shape)

    def _spread_word(self, shares: NDArray[np.bool_], week: int) -> NDArray[np.float64]:
        """Friends see the shares, some are asked by name; return the helpers of each sharer."""
        ties, n = self.people.ties, len(self.people)
        row, sharer = np.nonzero(shares)
        self.total["shares"] += np.bincount(row, minlength=len(shares))
        self.total["likes"] += np.bincount(row, weights=self.mean_likes[sharer], minlength=len(shares))
        owner, end = _spread(ties.start[sharer], ties.start[sharer + 1])
        holds = self.tie_holds[row[owner], ties.tie[end]]
        owner, end = owner[holds], end[holds]
        lane, friend = row[owner], ties.friend[end]
        sight = np.bincount(lane * n + friend, minlength=shares.size).reshape(shares.shape)
        self.seen[week % SIGHT_WEEKS] = sight
        self.total["joins"] += sight.sum(axis=1) * self.shop["joins"]
        self.tired *= np.float32(0.5 ** (1 / self.shop["half_life"]))
        if not self.lever["asks"].any():
            return np.zeros(shares.shape)
        return self._ask(lane, sharer[owner], friend, end, week)

    def _ask(
        self,
        lane: NDArray[np.int64],
        sharer: NDArray[np.int64],
        friend: NDArray[np.int32],
        end: NDArray[np.int64],
        week: int,
    ) -> NDArray[np.float64]:
        ties, shape = self.people.ties, self.here.shape
        luck = self.rng.random((2, len(ties.friend)), dtype=np.float32)
        chance = np.minimum(self.lever["asks"][lane, 0] / ties.degrees[sharer], 1.0)
        asked = (luck[0, end] < chance) & self.here[lane, friend]
        lane, sharer, friend, end = lane[asked], sharer[asked], friend[asked], end[asked]
        # Given that somebody is asked, the first number is uniform below the chance: it serves once more.
        first, second = luck[0, end] / chance[asked], luck[1, end]
        self.until["asked"][lane, friend] = week + ASKED_WEEKS
        self.asker[lane, friend] = sharer
        np.add.at(self.tired, (lane, friend), np.float32(1))
        unwelcome = second < self.shop["unwelcome"]
        lost = second < self.shop["unwelcome"] * self.shop["turns_away"]
        ended = unwelcome & (first < self.shop["ends_tie"])
        before = self.here.sum(axis=1), self.tie_holds.sum(axis=1)
        self.here[lane[lost], friend[lost]] = False
        self.tie_holds[lane[ended], ties.tie[end[ended]]] = False
        for name, which in (("asks", slice(None)), ("unwelcome", unwelcome)):
            self.total[name] += np.bincount(lane[which], minlength=len(self.here))
        self.total["customers_lost"] += before[0] - self.here.sum(axis=1)
        self.total["ties_lost"] += before[1] - self.tie_holds.sum(axis=1)
        helps = second > 1 - self.lever["helps"][lane, 0]
        place = lane[helps] * shape[1] + sharer[helps]
        return np.bincount(place, minlength=self.here.size).reshape(shape).astype(float)

    def _earn(
        self,
        shares: NDArray[np.bool_],
        helpers: NDArray[np.float64],
        likes: NDArray[np.float32],
        lot: NDArray[np.float32],
        week: int,
    ) -> None:
        """Rewards: at so many likes, with so many helpers, or by lot."""
        lever = self.lever
        earned = shares & (likes < self.earns)
        earned |= shares & (lever["at_helpers"] > 0) & (helpers >= lever["at_helpers"])
        self.until["earned"][earned] = week + EARNED_WEEKS
        self.unpaid |= earned
        if self.odds is not None:
            odds = np.take_along_axis(self.odds, self._level(), axis=1)
            self.benefit += lever["pay_earned"] * (shares & (lot < odds))
            self.experience += shares

    def finish(self) -> dict[str, NDArray[np.float64]]:
        """The measures of the draw."""
        self.total["paid"] = self.benefit.sum(axis=1, dtype=float)
        self.total["reached"] = (self.benefit > 0).sum(axis=1).astype(float)
        self.total["gini"] = gini_by_row(self.benefit)
        return self.total


def gini_by_row(amounts: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the Gini coefficient of each row of amounts of at least 0; 0 where a row holds nothing.

    amounts: rows × people.

    >>> gini_by_row(np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])).tolist()
    [0.0, 0.5, 0.0]
    """
    ordered = np.sort(amounts, axis=1).astype(float)
    n, total = ordered.shape[1], ordered.sum(axis=1)
    with np.errstate(invalid="ignore"):
        found = (2 * (ordered @ np.arange(1, n + 1))) / (n * total) - (n + 1) / n
    return np.where(total > 0, found, 0.0)


def _spread(low: NDArray[np.int64], high: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (row, value) for every integer in [low, high) of each row."""
    count = high - low
    row = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, np.repeat(low, count) + offset
