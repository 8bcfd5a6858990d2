"""Stages of the graph: ten ties a customer in planted circles; build, PageRank, k-core and one Leiden."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LIBRARIES = ("helpers.segments",)
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

    clock = time.process_time()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.process_time()
        print(f"{step}: {now - clock:.1f} CPU s")
        clock = now

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


STAGES = (draw_ties, graph, graph_tenth)
