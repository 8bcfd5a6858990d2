"""The graph by networkx, on the tenth of the customers that it can bear."""

from __future__ import annotations

import time
from pathlib import Path

LIBRARIES = ("networkx", "pyarrow.parquet")


def graph_tenth(folder: Path, customers: int) -> None:
    """Build, PageRank, k-core and one Louvain (it has no Leiden of its own)."""
    import networkx
    import pyarrow.parquet as pq

    clock = time.process_time()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.process_time()
        print(f"{step}: {now - clock:.1f} CPU s")
        clock = now

    table = pq.read_table(folder / "ties_tenth.parquet")
    pairs = zip(table["customer_a"].to_pylist(), table["customer_b"].to_pylist(), strict=True)
    ties = networkx.Graph(pair for pair in pairs if pair[0] != pair[1])
    lap(f"read and build {ties.number_of_edges():,} ties")
    networkx.pagerank(ties, tol=1e-10, max_iter=200)
    lap("PageRank")
    networkx.core_number(ties)
    lap("k-core")
    found = networkx.community.louvain_communities(ties, seed=1, resolution=10.0)
    lap(f"Louvain, {len(found):,} circles of modularity {networkx.community.modularity(ties, found):.3f}")


STAGES = (graph_tenth,)
