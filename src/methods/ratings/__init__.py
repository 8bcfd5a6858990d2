"""Ratings: rates that allow for the mix of cases, how far they differ, bands of rank, points, scorecards."""

from methods.ratings.clustered_null import ClusteredNull, clustered_null
from methods.ratings.points import points
from methods.ratings.rank_bands import RankBands, rank_bands
from methods.ratings.ranking_within import ranking_within
from methods.ratings.spread_between import SpreadBetween, spread_between
from methods.ratings.standardised_rates import StandardisedRates, standardised_rates
from methods.ratings.weight_of_evidence import Scorecard, weight_of_evidence

__all__ = [
    "ClusteredNull",
    "RankBands",
    "Scorecard",
    "SpreadBetween",
    "StandardisedRates",
    "clustered_null",
    "points",
    "rank_bands",
    "ranking_within",
    "spread_between",
    "standardised_rates",
    "weight_of_evidence",
]
