"""Scores and tests on arrays of ties."""

from methods.graphs.centrality import both_ways, h_index, k_shell, links, pagerank
from methods.graphs.demand_cells import Counts, chance_of_as_many, count_buyers, shrunken_log_odds, shuffled

__all__ = [
    "Counts",
    "both_ways",
    "chance_of_as_many",
    "count_buyers",
    "h_index",
    "k_shell",
    "links",
    "pagerank",
    "shrunken_log_odds",
    "shuffled",
]
