"""Choosing between options: who wins under which weights."""

from methods.decisions.rank_acceptability import RankAcceptability, rank_acceptability
from methods.decisions.weight_switches import weight_switches

__all__ = [
    "RankAcceptability",
    "rank_acceptability",
    "weight_switches",
]
