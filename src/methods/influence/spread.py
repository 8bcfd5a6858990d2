"""How many people a list of seeds reaches, by fresh simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from methods.influence.cascade_graph import CascadeGraph, in_blocks, reached
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Spread(Result):
    """People reached, seeds included: mean over runs with the interval of the simulation. n: runs."""

    estimate: float
    low: float
    high: float
    level: float
    n: int


def mean_spread(
    graph: CascadeGraph, seeds: np.ndarray, *, runs: int, seed: int, level: float = 0.95
) -> Spread:
    """Simulate the cascade from these seeds.

    seeds: int, persons, all different. runs: 2 or more. Raises ValueError otherwise.

    >>> from methods.influence import cascade_graph
    >>> graph = cascade_graph(np.array([0]), np.array([1]), 0.5, people=2)
    >>> spread = mean_spread(graph, np.array([0]), runs=2000, seed=1)
    >>> spread.low < 1.5 < spread.high
    True
    """
    seeds = np.asarray(seeds, dtype=np.int64)
    if runs < 2 or len(np.unique(seeds)) < len(seeds):
        raise ValueError(f"runs is {runs}; allowed is 2 or more, and every seed once")
    rng, sizes = np.random.default_rng(seed), []
    blocks, known = in_blocks(runs, graph.people)
    for block in blocks:
        first = np.broadcast_to(seeds, (block, len(seeds)))
        run, _ = reached(graph.from_start, graph.head, graph.head_chance, first=first, known=known, rng=rng)
        sizes.append(np.bincount(run, minlength=block))
    size = np.concatenate(sizes)
    reach = float(norm.ppf(0.5 + level / 2) * size.std(ddof=1) / np.sqrt(runs))
    mean = float(size.mean())
    return Spread(estimate=mean, low=mean - reach, high=mean + reach, level=level, n=runs)
