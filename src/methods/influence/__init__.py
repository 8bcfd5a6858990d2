"""Who should be seeded in a network: how far lists spread, and a bound that no list can pass."""

from methods.influence.cascade_graph import CascadeGraph, cascade_graph
from methods.influence.degree_lists import by_degree, by_degree_discount
from methods.influence.greedy_cover import greedy_seeds
from methods.influence.reverse_sets import ReverseSets, draw_reverse_sets
from methods.influence.seed_judgement import SeedJudgement, judge_seeds
from methods.influence.spread import Spread, mean_spread

__all__ = [
    "CascadeGraph",
    "ReverseSets",
    "SeedJudgement",
    "Spread",
    "by_degree",
    "by_degree_discount",
    "cascade_graph",
    "draw_reverse_sets",
    "greedy_seeds",
    "judge_seeds",
    "mean_spread",
]
