"""Lists of seeds judged by fresh simulation, and against a bound on what any list reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from methods.influence.cascade_graph import CascadeGraph
from methods.influence.greedy_cover import greedy_seeds
from methods.influence.reverse_sets import MOST_MEMBERS, draw_reverse_sets
from methods.influence.spread import Spread, mean_spread
from methods.result import Result

HARDLY_MATTERS = 0.9  # a random list that reaches so much of the best one's people


@dataclass(frozen=True, kw_only=True)
class SeedJudgement(Result):
    """What lists reach and what none can.

    spreads: of each list, people reached. seeds: the lists themselves, `greedy` among them. bound: people
    that no list of this budget reaches on average, but with a chance of 1 − level. bound_in_sample: the same
    without the margin for sampling. stopped_early: the sets outgrew their cap.
    """

    spreads: Mapping[str, Spread]
    seeds: Mapping[str, np.ndarray]
    bound: float
    bound_in_sample: float
    level: float
    stopped_early: bool
    warning: str

    @property
    def best(self) -> str:
        """Name of the list that reaches most."""
        return max(self.spreads, key=lambda name: self.spreads[name].estimate)

    def share_of_bound(self, name: str) -> float:
        """What the list reaches of what any list could reach at most, 0 to 1."""
        return self.spreads[name].estimate / self.bound

    @property
    def choice_matters(self) -> bool:
        """Whether a list by lot reaches less than nine tenths of what the best reaches."""
        return self.spreads["random"].estimate < HARDLY_MATTERS * self.spreads[self.best].estimate


def judge_seeds(
    graph: CascadeGraph,
    lists: Mapping[str, np.ndarray],
    *,
    budget: float,
    costs: np.ndarray | None = None,
    sets: int,
    runs: int,
    seed: int,
    most_members: int = MOST_MEMBERS,
    level: float = 0.95,
) -> SeedJudgement:
    """Judge lists, a greedy list and a random list of the same budget.

    lists: name to persons (int). budget, costs: as in `greedy_seeds`. sets: reverse-reachable sets to draw.
    runs: fresh simulations a list. most_members: cap on the size of all sets together. The bound is that of
    Tang, Tang, Xiao & Yuan (2018, OPIM-C) for the optimum; it holds for lists chosen in any way. Raises
    ValueError on lists named `greedy` or `random`.

    >>> from methods.influence import cascade_graph
    >>> graph = cascade_graph(np.array([0, 0, 1]), np.array([1, 2, 2]), 0.5, people=3)
    >>> judged = judge_seeds(graph, {"last": np.array([2])}, budget=1, sets=2000, runs=500, seed=1)
    >>> judged.best, judged.spreads["last"].estimate
    ('greedy', 1.0)
    """
    if {"greedy", "random"} & set(lists):
        raise ValueError("lists are named 'greedy' or 'random'; these two are made here")
    drawn = draw_reverse_sets(graph, sets=sets, seed=seed, most_members=most_members)
    found = greedy_seeds(drawn, budget=budget, costs=costs)
    lot = _by_lot(graph.people, budget=budget, costs=costs, seed=seed)
    every = {**lists, "greedy": found.seeds, "random": lot}
    spreads = {name: mean_spread(graph, these, runs=runs, seed=seed + 1) for name, these in every.items()}
    scale = graph.people / len(drawn)
    judgement = SeedJudgement(
        spreads=spreads,
        seeds=every,
        bound=min(_upper(found.ceiling, 1 - level) * scale, float(graph.people)),
        bound_in_sample=found.ceiling * scale,
        level=level,
        stopped_early=drawn.stopped_early,
        warning="",
    )
    if judgement.choice_matters:
        return judgement
    return SeedJudgement(
        **{**judgement.__dict__, "warning": "Whom to seed hardly matters here: a list by lot does as well."}
    )


def _upper(hits: float, miss: float) -> float:
    """Upper limit of the expected hits of the optimum, from the ceiling in the sample."""
    margin = np.log(1 / miss) / 2
    return float((np.sqrt(hits + margin) + np.sqrt(margin)) ** 2)


def _by_lot(people: int, *, budget: float, costs: np.ndarray | None, seed: int) -> np.ndarray:
    """People by lot, of those who can be seeded, until the next one drawn would pass the budget."""
    price = np.ones(people) if costs is None else np.asarray(costs, dtype=float)
    order = np.random.default_rng([seed, 1]).permutation(np.flatnonzero(np.isfinite(price)))
    spent = np.cumsum(price[order])
    return order[: max(int(np.searchsorted(spent, budget, side="right")), 1)]
