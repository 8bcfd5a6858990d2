"""Seeds in a network of five ties a customer, below the tipping point."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LIBRARIES = ("methods.influence",)
TIES_A_CUSTOMER, CHANCE, SEEDS = 5, 0.04, 50


def seeds(folder: Path, customers: int) -> float:
    """Judge degree, greedy and a list by lot; returns the CPU seconds without making the ties."""
    from methods.influence import by_degree, cascade_graph, judge_seeds

    rng = np.random.default_rng(1)
    # Popularity differs, so that a list can win.
    popular = rng.zipf(2.5, customers).clip(1, 300).astype(float)
    edges = np.cumsum(popular) / popular.sum()
    one = rng.integers(0, customers, TIES_A_CUSTOMER * customers)
    other = np.searchsorted(edges, rng.random(len(one)))
    apart = one != other
    one, other = one[apart], other[apart]
    started = time.process_time()
    graph = cascade_graph(
        np.concatenate([one, other]), np.concatenate([other, one]), CHANCE, people=customers
    )
    judged = judge_seeds(
        graph, {"degree": by_degree(graph, seeds=SEEDS)}, budget=SEEDS, sets=250_000, runs=200, seed=1
    )
    spent = time.process_time() - started
    reached = ", ".join(f"{name} {spread.estimate:,.0f}" for name, spread in judged.spreads.items())
    print(f"{len(one):,} ties: {reached}, no list more than {judged.bound:,.0f}")
    return spent


STAGES = (seeds,)
