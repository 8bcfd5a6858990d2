"""Recommendation: are lists right for the customers they are shown to? (D1, D4)"""

from helpers.recommend.als import ImplicitAls
from helpers.recommend.breadth import Catalogue, breadth, gini
from helpers.recommend.contest import Contest, Entry, hold_contest, rivals, split_shop
from helpers.recommend.ease import Ease
from helpers.recommend.hindsight import Hindsight, policies_in_hindsight
from helpers.recommend.judged import Judged, judged_purchases
from helpers.recommend.lists_for_all import BuyAgain, Popular, RecentlyPopular
from helpers.recommend.neighbours import ItemNeighbours
from helpers.recommend.off_policy import OffPolicy, Overlap, evaluate_policy, overlap
from helpers.recommend.personal import AccuracyOfLists, accuracy_of_lists
from helpers.recommend.purchases import Purchases, read_purchases
from helpers.recommend.ranking import accuracy, best, hits, recommend
from helpers.recommend.split import LeakageError, Split, audit, split_at, split_at_random
from helpers.recommend.spread import SpreadOfLists, spread_of_lists
from helpers.recommend.uncertainty import (
    bootstrap_means,
    flip_test,
    leave_out_groups,
    percentile_interval,
)

__all__ = [
    "AccuracyOfLists",
    "BuyAgain",
    "Catalogue",
    "Contest",
    "Ease",
    "Entry",
    "Hindsight",
    "ImplicitAls",
    "ItemNeighbours",
    "Judged",
    "LeakageError",
    "OffPolicy",
    "Overlap",
    "Popular",
    "Purchases",
    "RecentlyPopular",
    "Split",
    "SpreadOfLists",
    "accuracy",
    "accuracy_of_lists",
    "audit",
    "best",
    "bootstrap_means",
    "breadth",
    "evaluate_policy",
    "flip_test",
    "gini",
    "hits",
    "hold_contest",
    "judged_purchases",
    "leave_out_groups",
    "overlap",
    "percentile_interval",
    "policies_in_hindsight",
    "read_purchases",
    "recommend",
    "rivals",
    "split_at",
    "split_at_random",
    "split_shop",
    "spread_of_lists",
]
