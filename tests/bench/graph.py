"""Stages of the graph: ten ties a customer in planted circles; build, rank, Leiden once and as C3 does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.bench.laps import laps

LIBRARIES = ("helpers.segments", "ibis.backends.duckdb")
TIES_A_CUSTOMER, INSIDE = 11, 0.7  # some are drawn twice, about 10.2 are left
RESOLUTION = 10.0


def draw_ties(folder: Path, customers: int) -> None:
    """Write ties of all customers, and of a tenth of them for libraries that cannot bear more."""
    for name, count in (("ties", customers), ("ties_tenth", customers // 10)):
        if not (folder / f"{name}.parquet").exists():
            pq.write_table(_ties(count), folder / f"{name}.parquet")


def _ties(customers: int) -> pa.Table:
    rng = np.random.default_rng(1)
    circle = np.sort(rng.integers(0, customers // 75 + 1, customers))
    count = np.bincount(circle)
    first = np.cumsum(count) - count
    one = rng.integers(0, customers, TIES_A_CUSTOMER * customers)
    mine = circle[one]
    near = first[mine] + (rng.random(len(one)) * count[mine]).astype(np.int64)
    far = rng.integers(0, customers, len(one))
    other = np.where(rng.random(len(one)) < INSIDE, near, far)
    digits = pc.utf8_lpad(pc.cast(pa.array(np.arange(customers)), pa.string()), 8, "0")
    names = pc.binary_join_element_wise("c", digits, "")
    return pa.table({"customer_a": names.take(pa.array(one)), "customer_b": names.take(pa.array(other))})


def graph(folder: Path, customers: int) -> None:
    """Build the graph of all customers, rank them, find k-shells and circles once."""
    _all_steps(folder / "ties.parquet")


def graph_tenth(folder: Path, customers: int) -> None:
    """Do the same for a tenth of the customers."""
    _all_steps(folder / "ties_tenth.parquet")


def _all_steps(path: Path) -> None:
    from helpers.data import connect
    from helpers.data.friend_graph import friend_graph
    from methods.graphs.centrality import k_shell
    from methods.graphs.leiden import leiden, modularity

    lap = laps()
    ties = friend_graph(connect(threads=1).read_parquet(str(path)))
    lap(f"read {len(ties.ends):,} ties of {len(ties):,} customers")
    ties.graph.pagerank()
    lap("PageRank")
    ties.graph  # noqa: B018  built on first use
    lap("build")
    k_shell(ties.graph)
    lap("k-core")
    found = leiden(ties, resolution=RESOLUTION, seed=1)
    lap(f"Leiden, {found.max() + 1:,} circles of modularity {modularity(ties, found):.3f}")


def circles_tenth(folder: Path, customers: int) -> None:
    """Search the circles of a tenth of the customers as C3 does, and count the runs of Leiden in it."""
    import igraph

    from helpers.data import connect
    from helpers.data.friend_graph import friend_graph
    from methods.graphs.circle_scan import scan

    ties = friend_graph(connect(threads=1).read_parquet(str(folder / "ties_tenth.parquet")))
    once, runs = igraph.Graph.community_leiden, 0

    def counted(*given, **named):
        nonlocal runs
        runs += 1
        return once(*given, **named)

    igraph.Graph.community_leiden = counted
    found = scan(ties, seed=1)
    print(f"{runs} runs of Leiden over {len(ties.ends):,} ties at resolution {found.resolution:g}")


STAGES = (draw_ties, graph, graph_tenth, circles_tenth)
