"""The graph by networkx (a tenth of the customers, all that it can bear), igraph (all) and leidenalg."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.laps import laps

LIBRARIES = ("networkx", "pyarrow.parquet")


def graph_tenth(folder: Path, customers: int) -> None:
    """Build, PageRank, k-core and one Louvain (it has no Leiden of its own)."""
    import networkx
    import pyarrow.parquet as pq

    lap = laps()
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


def leidenalg_tenth(folder: Path, customers: int) -> None:
    """One Leiden of three sweeps by its authors' own library."""
    import igraph
    import leidenalg
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "ties_tenth.parquet")
    pairs = zip(table["customer_a"].to_pylist(), table["customer_b"].to_pylist(), strict=True)
    ties = igraph.Graph.TupleList(pairs).simplify()
    clock = time.process_time()
    found = leidenalg.find_partition(
        ties, leidenalg.RBConfigurationVertexPartition, resolution_parameter=10.0, n_iterations=3, seed=1
    )
    spent = time.process_time() - clock
    print(f"Leiden, {len(found):,} circles of modularity {ties.modularity(found):.3f}: {spent:.1f} CPU s")


def igraph_alone(folder: Path, customers: int) -> None:
    """Build the graph of all customers, rank them, find k-shells and circles once, by igraph alone."""
    import igraph
    import numpy as np
    import pandas as pd
    import pyarrow.parquet as pq

    lap = laps()
    table = pq.read_table(folder / "ties.parquet").to_pandas()
    code, names = pd.factorize(pd.concat([table["customer_a"], table["customer_b"]]))
    ties = igraph.Graph(n=len(names), edges=np.column_stack(np.split(code, 2))).simplify()
    lap(f"read and build {ties.ecount():,} ties of {len(names):,} customers")
    ties.pagerank()
    lap("PageRank")
    ties.coreness()
    lap("k-core")
    found = ties.community_leiden("modularity", resolution=10.0, n_iterations=3)
    lap(f"Leiden, {len(found):,} circles of modularity {ties.modularity(found):.3f}")


STAGES = (graph_tenth, leidenalg_tenth, igraph_alone)
