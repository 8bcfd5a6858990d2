"""Recommendation: are lists right for the customers they are shown to? (D1–D7)"""

from helpers.recommend.als import ImplicitAls
from helpers.recommend.basket_pairs import BasketPairs, basket_pairs
from helpers.recommend.blend import Blend
from helpers.recommend.breadth import Catalogue, breadth, gini
from helpers.recommend.caused import CausedPurchases, purchases_caused
from helpers.recommend.circle_search import CircleSearch, circle_search
from helpers.recommend.cold_start import ColdStart, cold_start
from helpers.recommend.comparison import compare
from helpers.recommend.contest import Contest, Entry, hold_contest, judge, rivals, split_shop
from helpers.recommend.decision import Decision, decide
from helpers.recommend.ease import Ease
from helpers.recommend.every_pair import EveryPair, every_pair
from helpers.recommend.friends import FriendsBought, like_minded, random_strangers, read_ties
from helpers.recommend.given import split_given
from helpers.recommend.go_together import GoTogether, go_together
from helpers.recommend.hindsight import Hindsight, policies_in_hindsight
from helpers.recommend.hold_out import arm_means, read_holdouts, uplift
from helpers.recommend.judged import Judged, judged_purchases
from helpers.recommend.lists_for_all import BuyAgain, Popular, PopularInGroup, RecentlyPopular
from helpers.recommend.neighbours import ItemNeighbours
from helpers.recommend.off_policy import OffPolicy, Overlap, evaluate_policy, overlap
from helpers.recommend.personal import AccuracyOfLists, accuracy_of_lists
from helpers.recommend.pooling import pooled_shares
from helpers.recommend.potential import read_cells
from helpers.recommend.purchase_potential import PurchasePotential, purchase_potential
from helpers.recommend.purchases import Purchases, read_purchases
from helpers.recommend.ranking import accuracy, best, hits, recommend
from helpers.recommend.search_text import TitleIndex, index_titles, words
from helpers.recommend.served_groups import ServedGroups, served_groups
from helpers.recommend.shelf import Shelf, read_shelf
from helpers.recommend.shopping_circle import ShoppingCircle, shopping_circle
from helpers.recommend.split import LeakageError, Split, audit, split_at, split_at_random
from helpers.recommend.spread import SpreadOfLists, spread_of_lists
from helpers.recommend.steadiness import Steadiness, steadiness_of_lists
from helpers.recommend.uncertainty import (
    bootstrap_means,
    flip_test,
    leave_out_groups,
    percentile_interval,
)
from helpers.recommend.value_of_ties import ValueOfTies, value_of_ties

__all__ = [
    "AccuracyOfLists",
    "BasketPairs",
    "Blend",
    "BuyAgain",
    "Catalogue",
    "CausedPurchases",
    "CircleSearch",
    "ColdStart",
    "Contest",
    "Decision",
    "Ease",
    "Entry",
    "EveryPair",
    "FriendsBought",
    "GoTogether",
    "Hindsight",
    "ImplicitAls",
    "ItemNeighbours",
    "Judged",
    "LeakageError",
    "OffPolicy",
    "Overlap",
    "Popular",
    "PopularInGroup",
    "PurchasePotential",
    "Purchases",
    "RecentlyPopular",
    "ServedGroups",
    "Shelf",
    "ShoppingCircle",
    "Split",
    "SpreadOfLists",
    "Steadiness",
    "TitleIndex",
    "ValueOfTies",
    "accuracy",
    "accuracy_of_lists",
    "arm_means",
    "audit",
    "basket_pairs",
    "best",
    "bootstrap_means",
    "breadth",
    "circle_search",
    "cold_start",
    "compare",
    "decide",
    "evaluate_policy",
    "every_pair",
    "flip_test",
    "gini",
    "go_together",
    "hits",
    "hold_contest",
    "index_titles",
    "judge",
    "judged_purchases",
    "leave_out_groups",
    "like_minded",
    "overlap",
    "percentile_interval",
    "policies_in_hindsight",
    "pooled_shares",
    "purchase_potential",
    "purchases_caused",
    "random_strangers",
    "read_cells",
    "read_holdouts",
    "read_purchases",
    "read_shelf",
    "read_ties",
    "recommend",
    "rivals",
    "served_groups",
    "shopping_circle",
    "split_at",
    "split_at_random",
    "split_given",
    "split_shop",
    "spread_of_lists",
    "steadiness_of_lists",
    "uplift",
    "value_of_ties",
    "words",
]
