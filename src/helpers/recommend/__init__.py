"""Recommendation: are lists right for the customers they are shown to? (D1–D7)"""

from helpers.recommend.breadth import Catalogue, breadth, gini
from helpers.recommend.caused import CausedPurchases, purchases_caused
from helpers.recommend.circle_search import CircleSearch, circle_search
from helpers.recommend.cold_start import ColdStart, cold_start
from helpers.recommend.comparison import compare
from helpers.recommend.contest import Contest, Entry, hold_contest, judge, rivals, split_shop
from helpers.recommend.decision import Decision, decide
from helpers.recommend.every_pair import EveryPair, every_pair
from helpers.recommend.friends import FriendsBought, like_minded, random_strangers, read_ties
from helpers.recommend.given import split_given
from helpers.recommend.go_together import GoTogether, go_together
from helpers.recommend.hindsight import Hindsight, policies_in_hindsight
from helpers.recommend.hold_out import arm_means, read_holdouts, uplift
from helpers.recommend.judged import Judged, judged_purchases
from helpers.recommend.personal import AccuracyOfLists, accuracy_of_lists
from helpers.recommend.potential import read_cells
from helpers.recommend.purchase_potential import PurchasePotential, purchase_potential
from helpers.recommend.purchases import Purchases, read_purchases
from helpers.recommend.served_groups import ServedGroups, served_groups
from helpers.recommend.shelf import Shelf, read_shelf
from helpers.recommend.shopping_circle import ShoppingCircle, shopping_circle
from helpers.recommend.split import LeakageError, Split, audit, split_at, split_at_random
from helpers.recommend.spread import SpreadOfLists, spread_of_lists
from helpers.recommend.steadiness import Steadiness, steadiness_of_lists
from helpers.recommend.value_of_ties import ValueOfTies, value_of_ties

__all__ = [
    "AccuracyOfLists",
    "Catalogue",
    "CausedPurchases",
    "CircleSearch",
    "ColdStart",
    "Contest",
    "Decision",
    "Entry",
    "EveryPair",
    "FriendsBought",
    "GoTogether",
    "Hindsight",
    "Judged",
    "LeakageError",
    "PurchasePotential",
    "Purchases",
    "ServedGroups",
    "Shelf",
    "ShoppingCircle",
    "Split",
    "SpreadOfLists",
    "Steadiness",
    "ValueOfTies",
    "accuracy_of_lists",
    "arm_means",
    "audit",
    "breadth",
    "circle_search",
    "cold_start",
    "compare",
    "decide",
    "every_pair",
    "gini",
    "go_together",
    "hold_contest",
    "judge",
    "judged_purchases",
    "like_minded",
    "policies_in_hindsight",
    "purchase_potential",
    "purchases_caused",
    "random_strangers",
    "read_cells",
    "read_holdouts",
    "read_purchases",
    "read_shelf",
    "read_ties",
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
]
