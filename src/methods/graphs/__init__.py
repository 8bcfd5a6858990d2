"""Graphs of friends as arrays: their shape, circles and leaders, and what circles share beyond chance."""

from methods.graphs.author_influence import author_influence
from methods.graphs.centrality import h_index, k_shell, pagerank
from methods.graphs.circle_scan import Scan, scan
from methods.graphs.demand_cells import Counts, chance_of_as_many, count_buyers, shrunken_log_odds
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.homophily import items_in_common
from methods.graphs.leader_scores import JudgedScore, answer_scores, friend_scores, judge_scores, top_list
from methods.graphs.leiden import leiden, modularity
from methods.graphs.rewire import Beside, rewired, ring
from methods.graphs.shape import clustering, largest_part, path_lengths

__all__ = [
    "Beside",
    "Counts",
    "FriendGraph",
    "JudgedScore",
    "Scan",
    "answer_scores",
    "author_influence",
    "chance_of_as_many",
    "clustering",
    "count_buyers",
    "friend_scores",
    "h_index",
    "items_in_common",
    "judge_scores",
    "k_shell",
    "largest_part",
    "leiden",
    "modularity",
    "pagerank",
    "path_lengths",
    "rewired",
    "ring",
    "scan",
    "shrunken_log_odds",
    "top_list",
]
