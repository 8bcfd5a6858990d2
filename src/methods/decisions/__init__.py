"""Choosing between options: under which weights, under what is not known, and what knowing it is worth."""

from methods.decisions.frontier import efficient
from methods.decisions.rank_acceptability import RankAcceptability, rank_acceptability
from methods.decisions.value_of_knowing import Choice, ValueOfKnowing, choose_option, value_of_knowing
from methods.decisions.weight_switches import weight_switches

__all__ = [
    "Choice",
    "RankAcceptability",
    "ValueOfKnowing",
    "choose_option",
    "efficient",
    "rank_acceptability",
    "value_of_knowing",
    "weight_switches",
]
