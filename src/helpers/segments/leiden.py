"""Circles by Leiden over a scan of resolutions, kept only where they are beyond chance and stable.

Traag, Waltman & van Eck (2019), "From Louvain to Leiden: guaranteeing well-connected communities", in
igraph's own implementation. At one fixed resolution circles are merged or split at will, and any sparse graph
has a high modularity; so the resolution is the one whose circles change least when a tenth of the ties is
left out, compared with rewired graphs, and modularity is always stated beside theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from helpers.segments.graph import FriendGraph, as_igraph, seeded
from helpers.segments.rewire import Beside, nulls

RESOLUTIONS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
LEFT_OUT = 0.1
BEYOND_CHANCE_Z = 3.0
STEADY_BEYOND_CHANCE = 0.4
AS_GOOD = 0.02
SEEDS = 4
_SWEEPS = 3


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Circles of the chosen resolution and how they were judged.

    membership: int per vertex, 0 for the largest circle. resolution: the chosen one. modularity, stability:
    of the graph beside its rewirings; stability is the mean adjusted Rand index with the circles of thinned
    graphs. agreement: the same between seeds at the chosen resolution. by_resolution: one row a resolution
    tried: stability observed, of a rewiring (null), and beyond chance, (observed - null) / (1 - null).
    perturbed: the circles of the thinned graphs. as_good: those of other resolutions tried whose stability
    beyond chance is within 0.02 of the best.
    """

    membership: np.ndarray
    resolution: float
    modularity: Beside
    stability: Beside
    agreement: float
    by_resolution: pd.DataFrame
    perturbed: tuple[np.ndarray, ...]
    as_good: tuple[np.ndarray, ...]

    @property
    def beyond_chance(self) -> bool:
        """Whether the circles may be shown: more modular, and clearly more stable, than those of rewirings.

        Modularity at least 3 standard deviations above theirs, and at least 0.4 of the possible stability
        beyond chance.
        """
        return self.modularity.z >= BEYOND_CHANCE_Z and self.stability.beyond_chance >= STEADY_BEYOND_CHANCE

    def large(self, *, minimum: int) -> int:
        """Return the number of circles with at least `minimum` customers."""
        return large(self.membership, minimum=minimum)


def large(membership: np.ndarray, *, minimum: int) -> int:
    """Return the number of circles with at least `minimum` customers."""
    return int((np.bincount(membership) >= minimum).sum())


def leiden(ties: FriendGraph, *, resolution: float, seed: int) -> np.ndarray:
    """Return circles by Leiden on modularity at a resolution; int per vertex, 0 for the largest circle.

    Ties count by their strength where all have one. Equal seeds give equal memberships.
    """
    seeded(seed)
    found = ties.graph.community_leiden(
        "modularity", weights=ties.weights, resolution=resolution, n_iterations=_SWEEPS
    )
    return by_size(np.array(found.membership))


def consensus(
    ties: FriendGraph, *, resolution: float, seed: int, runs: int = SEEDS
) -> tuple[np.ndarray, float]:
    """Return the circles that agree most with those of the other seeds, and how well all agree.

    The agreement is the mean adjusted Rand index over pairs. One of the runs is taken whole (the medoid): a
    vote of ties could give circles that fall apart.
    """
    found = [leiden(ties, resolution=resolution, seed=seed + run) for run in range(runs)]
    alike = np.eye(runs)
    for one, other in combinations(range(runs), 2):
        alike[one, other] = alike[other, one] = adjusted_rand_score(found[one], found[other])
    apart = ~np.eye(runs, dtype=bool)
    return found[int(alike.sum(axis=1).argmax())], float(alike[apart].mean())


def by_size(membership: np.ndarray) -> np.ndarray:
    """Number circles from the largest down; of equal sizes the one with the first vertex first."""
    labels, first, place, counts = np.unique(
        membership, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(labels))
    return rank[place]


def check_connected(ties: FriendGraph, membership: np.ndarray) -> None:
    """Raise RuntimeError if any circle is not connected within itself."""
    ends = ties.ends
    inside = ends[membership[ends[:, 0]] == membership[ends[:, 1]]]
    parts = as_igraph(inside, len(ties)).connected_components()
    if len(parts) != len(np.unique(membership)):
        raise RuntimeError(f"{len(np.unique(membership))} circles fall into {len(parts)} unconnected parts")


def thinned(ties: FriendGraph, *, seed: int, left_out: float = LEFT_OUT) -> FriendGraph:
    """Return the graph with a random share of its ties left out; all customers stay."""
    kept = np.random.default_rng(seed).random(len(ties.ends)) >= left_out
    return ties.with_ties(ties.ends[kept], ties.strength[kept])


def stability(
    ties: FriendGraph, membership: np.ndarray, *, resolution: float, draws: int, seed: int
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the adjusted Rand index of each thinned graph's circles with `membership`, and those circles."""
    others = tuple(
        leiden(thinned(ties, seed=seed + draw), resolution=resolution, seed=seed + draw)
        for draw in range(1, draws + 1)
    )
    return np.array([adjusted_rand_score(membership, other) for other in others]), others


def scan(
    ties: FriendGraph,
    *,
    resolutions: Sequence[float] = RESOLUTIONS,
    draws: int = 2,
    rewirings: int = 5,
    seed: int,
) -> Scan:
    """Find the circles at the resolution where they are most stable beyond chance, and judge them.

    resolutions: tried in this order until stability beyond chance has fallen twice in a row. draws: thinned
    graphs for each of them; the chosen one gets three times as many. rewirings: draws of the
    degree-preserving null, at least 3. Raises ValueError on a graph without ties.
    """
    if len(ties.ends) == 0 or rewirings < 3:
        raise ValueError(f"{len(ties.ends)} ties and {rewirings} rewirings: ties and at least 3 are needed")
    chance = nulls(ties, draws=rewirings, seed=seed)
    tried = _try(ties, chance[0], resolutions, draws=draws, seed=seed)
    best = float(tried["beyond_chance"].idxmax())
    circles, agreement = consensus(ties, resolution=best, seed=seed)
    check_connected(ties, circles)
    steady, others = stability(ties, circles, resolution=best, draws=3 * draws, seed=seed + 100)
    by_chance = [leiden(one, resolution=best, seed=seed) for one in chance]
    null_steady = [
        stability(one, found, resolution=best, draws=1, seed=seed)[0].mean()
        for one, found in zip(chance, by_chance, strict=True)
    ]
    null_modular = [modularity(one, found) for one, found in zip(chance, by_chance, strict=True)]
    return Scan(
        membership=circles,
        resolution=best,
        modularity=Beside(observed=modularity(ties, circles), null=np.array(null_modular)),
        stability=Beside(observed=float(steady.mean()), null=np.array(null_steady)),
        agreement=agreement,
        by_resolution=tried,
        perturbed=others,
        as_good=_as_good(ties, tried["beyond_chance"], seed=seed),
    )


def _as_good(ties: FriendGraph, beyond: pd.Series, *, seed: int) -> tuple[np.ndarray, ...]:
    """Circles of the resolutions that are nearly as stable as the best: the choice between them is luck."""
    close = beyond.index[(beyond >= beyond.max() - AS_GOOD) & (beyond < beyond.max())]
    return tuple(leiden(ties, resolution=value, seed=seed) for value in close)


def modularity(ties: FriendGraph, membership: np.ndarray) -> float:
    """Return the modularity at resolution 1, ties counted by strength where all have one."""
    return float(ties.graph.modularity(membership, weights=ties.weights))


def _try(
    ties: FriendGraph, chance: FriendGraph, resolutions: Sequence[float], *, draws: int, seed: int
) -> pd.DataFrame:
    """Stability by resolution, of the graph and of one rewiring: the finest circles are always stable."""
    rows: dict[float, tuple[float, float, float]] = {}
    for value in resolutions:
        observed, null = (
            stability(
                one, leiden(one, resolution=value, seed=seed), resolution=value, draws=count, seed=seed
            )[0].mean()
            for one, count in ((ties, draws), (chance, 1))
        )
        rows[value] = (observed, null, Beside(observed=observed, null=np.array([null])).beyond_chance)
        last = [row[2] for row in rows.values()][-3:]
        if len(last) == 3 and last[0] > last[1] > last[2]:
            break
    names = ["observed", "null", "beyond_chance"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("resolution")
