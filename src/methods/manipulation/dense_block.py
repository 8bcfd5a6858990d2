"""Groups that like each other far more than chance would: FRAUDAR's dense block, found exactly and judged.

Hooi et al. 2016: the block of rows and columns with the largest sum of weights over its number of nodes, a
pair counting 1 / log(5 + pairs of its column), so that camouflage on popular columns earns little. Greedy
peeling is cut short without changing its result: a bound by vectorised passes, then all that no block of that
density can hold is stripped, then a heap on the rest. A densest block always exists; it is evidence only
beyond rewired tables.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from scipy.stats import gumbel_r

from methods.errors import CannotAnswer
from methods.result import Result

_SLACK = 0.1
_REPAIRS = 8
_MANY_PAIRS, _FEW_DRAWS = 300_000, 8
_FEW_DOUBLES = 1e-4  # of the pairs: they no longer move a density


@dataclass(frozen=True, kw_only=True)
class Block(Result):
    """A dense block. rows, columns: int, its members, ascending. density: its weights over its nodes."""

    rows: np.ndarray
    columns: np.ndarray
    density: float


@dataclass(frozen=True, kw_only=True)
class JudgedBlocks(Result):
    """Blocks denser than rewired tables, densest first, each found without the pairs of those before.

    blocks: of Block. p: chance of so dense a block in a rewired table, one a block (Gumbel curve through the
    rewirings, so beyond them it is an extrapolation). bound: the lower bound of the density first found.
    null: the same bound in each rewiring.
    """

    blocks: tuple[Block, ...]
    p: tuple[float, ...]
    bound: float
    null: np.ndarray


def dense_block(row: np.ndarray, column: np.ndarray) -> Block:
    """Return the block that FRAUDAR's greedy peeling finds, in time nearly linear in the pairs.

    row, column: int (pairs,), from 0; a pair that stands twice counts once.
    Source: Hooi, Song, Beutel, Shah, Shin, Faloutsos, KDD 2016 (column weights 1 / log(degree + 5)).
    Raises CannotAnswer without a pair.

    >>> many = np.arange(2_000)
    >>> row, column = np.divmod(np.arange(100), 10)
    >>> found = dense_block(np.append(row, 20 + many % 100), np.append(column, 20 + many % 93))
    >>> found.rows.tolist() == list(range(10))
    False
    >>> dense_block(row, column).columns.tolist() == list(range(10))
    True
    """
    row, column, weight = _distinct(row, column)
    bound, nodes = _bound(row, column, weight)
    return _exact(row, column, weight, bound, nodes)


def blocks_beyond_chance(
    row: np.ndarray,
    column: np.ndarray,
    *,
    stratum: np.ndarray | None = None,
    rewirings: int = 20,
    chance: float = 0.01,
    most_blocks: int = 10,
    seed: int,
) -> JudgedBlocks:
    """Return the dense blocks that tables rewired within strata do not show.

    row, column: int (pairs,), from 0. stratum: (pairs,), ends are swapped within it only, such as a week.
    rewirings: tables compared with, 5 or more (8 at most beyond 300,000 pairs). chance: of so dense a block
    by chance, above which none is kept. most_blocks: after which the search ends. The bounds are compared
    first, and the exact search is made only
    where the bound lies beyond chance: on a uniform table it would be slow and show nothing.
    Raises ValueError on fewer than 5 rewirings, CannotAnswer without a pair.

    >>> rng = np.random.default_rng(1)
    >>> row, column = rng.integers(0, 300, (2, 3_000))
    >>> blocks_beyond_chance(row, column, seed=1).blocks
    ()
    """
    if rewirings < 5:
        raise ValueError(f"rewirings {rewirings}: 5 or more are needed to judge a block")
    row, column, weight, stratum = _distinct_in_strata(row, column, stratum)
    rng = np.random.default_rng(seed)
    draws = min(rewirings, _FEW_DRAWS) if len(row) > _MANY_PAIRS else rewirings
    null = np.array([_rewired_bound(row, column, stratum, rng) for _ in range(draws)])
    spread = max(float(null.std(ddof=1)), 1e-3 * float(null.mean()))
    scale = spread * np.sqrt(6) / np.pi
    place = float(null.mean()) - np.euler_gamma * scale
    blocks: list[Block] = []
    chances: list[float] = []
    first = np.nan
    left = np.ones(len(row), bool)
    while left.any() and len(blocks) < most_blocks:
        here = np.flatnonzero(left)
        bound, nodes = _bound(row[here], column[here], weight[here])
        first = bound if np.isnan(first) else first
        if bound <= null.max() or gumbel_r.sf(bound, place, scale) > chance:
            break
        found = _exact(row[here], column[here], weight[here], bound, nodes)
        blocks.append(found)
        chances.append(float(gumbel_r.sf(bound, place, scale)))
        left[here[np.isin(row[here], found.rows) & np.isin(column[here], found.columns)]] = False
    return JudgedBlocks(blocks=tuple(blocks), p=tuple(chances), bound=float(first), null=null)


def _distinct(row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column, weight, _ = _distinct_in_strata(row, column, None)
    return row, column, weight


def _distinct_in_strata(
    row: np.ndarray, column: np.ndarray, stratum: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    row, column = np.asarray(row, np.int64), np.asarray(column, np.int64)
    if not len(row):
        raise CannotAnswer("there is no pair of a liker and an author to look for groups in")
    width = int(column.max()) + 1
    key, place = np.unique(row * width + column, return_index=True)
    row, column = np.divmod(key, width)
    strata = np.zeros(len(key), np.int64) if stratum is None else np.asarray(stratum)[place]
    return row, column, _weights(column), strata


def _weights(column: np.ndarray) -> np.ndarray:
    return 1.0 / np.log(np.bincount(column) + 5.0)[column]


def _nodes(row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Both ends of each pair in one numbering of nodes: rows first."""
    rows = int(row.max()) + 1
    return row, column + rows, rows + int(column.max()) + 1


def _bound(row: np.ndarray, column: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """Drop all nodes below 2(1 + slack) times the density at once, repeatedly; return the densest seen."""
    a, b, nodes = _nodes(row, column)
    mass = np.bincount(a, weight, nodes) + np.bincount(b, weight, nodes)
    alive = mass > 0
    best, kept = 0.0, alive.copy()
    while alive.any():
        density = mass[alive].sum() / 2 / alive.sum()
        if density > best:
            best, kept = density, alive.copy()
        alive = alive & (mass > 2 * (1 + _SLACK) * density)
        stays = alive[a] & alive[b]
        a, b, weight = a[stays], b[stays], weight[stays]
        mass = np.bincount(a, weight, nodes) + np.bincount(b, weight, nodes)
        alive &= mass > 0
    return float(best), kept


def _exact(
    row: np.ndarray, column: np.ndarray, weight: np.ndarray, bound: float, nodes_of_bound: np.ndarray
) -> Block:
    a, b, nodes = _nodes(row, column)
    first_column = int(row.max()) + 1
    keep = np.ones(len(a), bool)
    while True:  # the greedy passes through this core whole: outside it a node below the bound is always left
        mass = np.bincount(a[keep], weight[keep], nodes) + np.bincount(b[keep], weight[keep], nodes)
        weak = keep & ((mass[a] < bound - 1e-9) | (mass[b] < bound - 1e-9))
        if not weak.any():
            break
        keep &= ~weak
    members, density = _peel(a[keep], b[keep], weight[keep])
    if density < bound - 1e-9:
        members, density = np.flatnonzero(nodes_of_bound), bound
    return Block(
        rows=members[members < first_column],
        columns=members[members >= first_column] - first_column,
        density=float(density),
    )


def _peel(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Take out the node of least weight until none is left; return the densest set on the way."""
    names, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
    if not len(names):
        return names, 0.0
    here, other = ends, np.concatenate([ends[len(a) :], ends[: len(a)]])
    order = np.argsort(here, kind="stable")
    start = np.searchsorted(here[order], np.arange(len(names) + 1)).tolist()
    other, each = other[order].tolist(), np.tile(weight, 2)[order].tolist()
    mass = np.bincount(here, np.tile(weight, 2), len(names)).tolist()
    total, left = float(weight.sum()), len(names)
    heap = [(value, node) for node, value in enumerate(mass)]
    heapq.heapify(heap)
    gone, out = [False] * len(names), []
    best, best_out = total / left, 0
    while heap and left > 1:
        value, node = heapq.heappop(heap)
        if gone[node] or value != mass[node]:
            continue
        gone[node] = True
        out.append(node)
        total, left = total - value, left - 1
        for place in range(start[node], start[node + 1]):
            friend = other[place]
            if not gone[friend]:
                mass[friend] -= each[place]
                heapq.heappush(heap, (mass[friend], friend))
        if total / left > best + 1e-12:
            best, best_out = total / left, len(out)
    kept = np.ones(len(names), bool)
    kept[out[:best_out]] = False
    return names[kept], best


def _rewired_bound(
    row: np.ndarray, column: np.ndarray, stratum: np.ndarray, rng: np.random.Generator
) -> float:
    """The bound in a table where every row and column keeps its pairs of each stratum."""
    new = _rewire(row, column, stratum, rng)
    key = np.sort(new * (int(column.max()) + 1) + column)  # faster than np.unique, which hashes
    key = key[np.append(True, key[1:] != key[:-1])]
    one, other = np.divmod(key, int(column.max()) + 1)
    return _bound(one, other, _weights(other))[0]


def _rewire(row: np.ndarray, column: np.ndarray, stratum: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal the rows anew within strata; pairs that then stand twice are dealt again a few times."""
    width = int(column.max()) + 1
    order = np.lexsort((rng.random(len(row)), stratum))
    back = np.argsort(stratum, kind="stable")
    new = np.empty_like(row)
    new[back] = row[order]
    for _ in range(_REPAIRS):
        key = new * width + column
        by = np.argsort(key, kind="stable")
        twice = np.zeros(len(key), bool)
        twice[by[1:]] = key[by][1:] == key[by][:-1]
        if twice.mean() < _FEW_DOUBLES:
            break
        again = twice | (rng.random(len(key)) < 2 * twice.mean())
        places = np.flatnonzero(again)
        within = places[np.argsort(stratum[places], kind="stable")]
        dealt = places[np.lexsort((rng.random(len(places)), stratum[places]))]
        new[within] = new[dealt]
    return new
