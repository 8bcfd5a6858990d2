"""Circles over a scan of resolutions, kept only where they are beyond chance and stable.

At one fixed resolution circles are merged or split at will, and any sparse graph has a high modularity; so
the resolution is the one whose circles change least when a tenth of the ties is left out, compared with
rewired graphs, and modularity is always stated beside theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.graph_sample import whole_groups
from methods.graphs.leiden import (
    MANY_TIES,
    SEEDS,
    check_connected,
    consensus,
    large,
    leiden,
    modularity,
    stability,
)
from methods.graphs.rewire import Beside, rewired
from methods.result import Result

RESOLUTIONS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
BEYOND_CHANCE_Z = 3.0
STEADY_BEYOND_CHANCE = 0.4
AS_GOOD = 0.02
# Beyond MANY_TIES the sixty partitions of a scan take many minutes: the resolution is then chosen on whole
# groups of so many customers, and the whole graph is partitioned fewer times.
SCANNED_CUSTOMERS = 20_000
_FEW = 2  # seeds, and thinned graphs, of a very large graph
_FEWEST_REWIRINGS = 3


@dataclass(frozen=True, kw_only=True)
class Scan(Result):
    """Circles of the chosen resolution and how they were judged.

    membership: int per vertex, 0 for the largest circle. resolution: the chosen one. modularity, stability:
    of the graph beside its rewirings; stability is the mean adjusted Rand index with the circles of thinned
    graphs. agreement: the same between seeds at the chosen resolution. by_resolution: one row a resolution
    tried: stability observed, of a rewiring (null), and beyond chance, (observed - null) / (1 - null).
    perturbed: the circles of the thinned graphs. as_good: those of other resolutions tried whose stability
    beyond chance is within 0.02 of the best. scanned: customers on whom the resolution was chosen, all of
    them but in very large graphs.
    """

    membership: np.ndarray
    resolution: float
    modularity: Beside
    stability: Beside
    agreement: float
    by_resolution: pd.DataFrame
    perturbed: tuple[np.ndarray, ...]
    as_good: tuple[np.ndarray, ...]
    scanned: int

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


def scan(
    ties: FriendGraph,
    *,
    resolutions: Sequence[float] = RESOLUTIONS,
    draws: int = 2,
    rewirings: int = 5,
    many_ties: int = MANY_TIES,
    scanned_customers: int = SCANNED_CUSTOMERS,
    seed: int,
) -> Scan:
    """Find the circles at the resolution where they are most stable beyond chance, and judge them.

    resolutions: tried in this order until stability beyond chance has fallen twice in a row.
    draws: thinned graphs for each of them; the chosen one gets three times as many.
    rewirings: draws of the degree-preserving null, at least 3.
    many_ties, scanned_customers: in a graph of more ties the resolution is chosen on whole groups of so
        many customers (`whole_groups`; circles larger than such a group are not sought), with 2 seeds, 2
        thinned graphs and 3 rewirings of the whole graph, of which one is thinned.
    Raises ValueError on a graph without ties.

    >>> pairs = [(i, j) for c in range(4) for i in range(6 * c, 6 * c + 6) for j in range(i + 1, 6 * c + 6)]
    >>> ends = np.array(sorted([*pairs, (5, 6), (11, 12), (17, 18)]), dtype=np.int32)
    >>> ties = FriendGraph(names=np.arange(24).astype(str), ends=ends, strength=np.full(len(ends), np.nan))
    >>> found = scan(ties, resolutions=(1.0,), rewirings=3, seed=1)
    >>> np.bincount(found.membership).tolist()
    [6, 6, 6, 6]
    """
    if len(ties.ends) == 0 or rewirings < _FEWEST_REWIRINGS:
        raise ValueError(
            f"{count(len(ties.ends), 'tie')} and {count(rewirings, 'rewiring')}: ties and at least 3 are "
            "needed"
        )
    part, worth, runs, thin, steadied = ties, 1.0, SEEDS, 3 * draws, rewirings
    if len(ties.ends) > many_ties:
        part, worth = whole_groups(ties, customers=scanned_customers, seed=seed)
        runs, thin, rewirings, steadied = _FEW, _FEW, _FEWEST_REWIRINGS, 1
    tried = _try(part, rewired(part, seed=seed), resolutions, draws=draws, seed=seed)
    tried.index = tried.index * worth
    best = float(tried["beyond_chance"].idxmax())
    circles, agreement = consensus(ties, resolution=best, seed=seed, runs=runs)
    check_connected(ties, circles)
    steady, others = stability(ties, circles, resolution=best, draws=thin, seed=seed + 100)
    null_modular, null_steady = _by_chance(ties, best, rewirings=rewirings, steadied=steadied, seed=seed)
    return Scan(
        membership=circles,
        resolution=best,
        modularity=Beside(observed=modularity(ties, circles), null=null_modular),
        stability=Beside(observed=float(steady.mean()), null=null_steady),
        agreement=agreement,
        by_resolution=tried,
        perturbed=others,
        as_good=_as_good(ties, tried["beyond_chance"], seed=seed),
        scanned=len(part),
    )


def _by_chance(
    ties: FriendGraph, resolution: float, *, rewirings: int, steadied: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Modularity and stability of the circles of rewired graphs, of which one at a time is in memory.

    steadied: of so many of them the stability is found too.
    """
    modular, steady = [], []
    for draw in range(rewirings):
        one = rewired(ties, seed=seed + draw)
        circles = leiden(one, resolution=resolution, seed=seed)
        modular.append(modularity(one, circles))
        if draw < steadied:
            steady.append(stability(one, circles, resolution=resolution, draws=1, seed=seed)[0].mean())
    return np.array(modular), np.array(steady)


def _as_good(ties: FriendGraph, beyond: pd.Series, *, seed: int) -> tuple[np.ndarray, ...]:
    """Circles of the resolutions that are nearly as stable as the best: the choice between them is luck."""
    close = beyond.index[(beyond >= beyond.max() - AS_GOOD) & (beyond < beyond.max())]
    return tuple(leiden(ties, resolution=value, seed=seed) for value in close)


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
