"""Seeds chosen greedily on reverse-reachable sets, under a number or a budget, and what no list can pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from methods.influence.reverse_sets import ReverseSets
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class GreedySeeds(Result):
    """seeds: int, in the order chosen. covered: sets hit. ceiling: sets that no list of that budget can hit
    more of, in this sample."""

    seeds: np.ndarray
    covered: int
    ceiling: float


def greedy_seeds(sets: ReverseSets, *, budget: float, costs: np.ndarray | None = None) -> GreedySeeds:
    """Choose the seeds that hit most sets for their cost, until the budget is spent.

    budget: in the unit of `costs`; a number of seeds where costs are left out. costs: above 0, one a person;
    infinite for whoever cannot be seeded.
    Of the lists by gain per cost and by gain alone the better is returned: one of them is never far from the
    best (Khuller, Moss & Naor 1999). The ceiling adds to what is covered the best that the rest of the people
    could add for the whole budget; the lowest over the steps is taken (Tang, Tang, Xiao & Yuan 2018, SIGMOD).
    Raises ValueError where nobody can be paid or a cost is not above 0.

    >>> start, member = np.array([0, 2, 3]), np.array([0, 1, 1])
    >>> sets = ReverseSets(people=3, start=start, member=member, stopped_early=False)
    >>> greedy_seeds(sets, budget=1).seeds.tolist()
    [1]
    """
    price = np.ones(sets.people) if costs is None else np.asarray(costs, dtype=float)
    if price.shape != (sets.people,) or not (price > 0).all():
        raise ValueError(f"costs must be {sets.people} numbers above 0, one a person")
    if price.min() > budget:
        raise ValueError(f"the budget of {budget:g} pays for nobody; the cheapest costs {price.min():g}")
    by_person = csr_array(
        (np.ones(len(sets.member), dtype=np.int8), sets.member, sets.start), shape=(len(sets), sets.people)
    ).tocsc()
    found = _greedy(sets, by_person, price, budget, per_cost=True)
    if np.ptp(price) == 0:
        return found
    other = _greedy(sets, by_person, price, budget, per_cost=False)
    best = max(found, other, key=lambda one: one.covered)
    return GreedySeeds(seeds=best.seeds, covered=best.covered, ceiling=min(found.ceiling, other.ceiling))


def _greedy(
    sets: ReverseSets, by_person: csr_array, price: np.ndarray, budget: float, *, per_cost: bool
) -> GreedySeeds:
    gain = np.bincount(sets.member, minlength=sets.people)
    hit = np.zeros(len(sets), dtype=bool)
    chosen: list[int] = []
    covered, left, ceiling = 0, float(budget), np.inf
    while True:
        ceiling = min(ceiling, covered + _best_addition(gain, price, budget))
        worth = np.where(price <= left, gain / price if per_cost else gain, -1.0)
        worth[chosen] = -1.0
        seed = int(worth.argmax())
        if worth[seed] < 0:
            return GreedySeeds(seeds=np.array(chosen), covered=covered, ceiling=float(ceiling))
        mine = by_person.indices[by_person.indptr[seed] : by_person.indptr[seed + 1]]
        mine = mine[~hit[mine]]
        hit[mine] = True
        covered, left = covered + len(mine), left - price[seed]
        chosen.append(seed)
        gain = gain - np.bincount(_members(sets, mine), minlength=sets.people)


def _best_addition(gain: np.ndarray, price: np.ndarray, budget: float) -> float:
    """The most that a budget could add if gains did not overlap: a knapsack whose last piece may be cut."""
    if np.ptp(price) == 0:
        many = min(int(budget / price[0]), len(gain))
        return float(np.partition(gain, len(gain) - many)[len(gain) - many :].sum())
    order = np.argsort(-gain / price, kind="stable")
    spent = np.cumsum(price[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = float(gain[order[:whole]].sum())
    if whole == len(order):
        return total
    rest = budget - (spent[whole - 1] if whole else 0.0)
    return total + float(gain[order[whole]] * rest / price[order[whole]])


def _members(sets: ReverseSets, which: np.ndarray) -> np.ndarray:
    low, many = sets.start[which], sets.start[which + 1] - sets.start[which]
    return sets.member[np.arange(many.sum()) + np.repeat(low - np.cumsum(many) + many, many)]
