"""Recommenders, how well their lists serve, and what they do to groups and to the range.

purchases, split: what was bought, and one audited cut in time (predefined_split takes somebody else's).
model_comparison: all lists tuned alike, judged on the same customers. other_splits: at other cuts.
als, ease, item_knn, lists_for_all, recency, friends, blend: the models. candidate_sources: what ties supply.
ranking, breadth, group_service, customer_groups: what lists do for customers, range and groups.
search_text, search_quality: a search box and how well it finds. category_chances, held_out_windows: who buys
which category next.
"""

from methods.lists.als import ImplicitAls
from methods.lists.blend import Blend
from methods.lists.breadth import Catalogue, breadth, gini
from methods.lists.ease import Ease
from methods.lists.friends import FriendsBought, like_minded, random_strangers, strong_and_weak
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import BuyAgain, Popular, PopularInGroup, RecentlyPopular
from methods.lists.model_comparison import Entry, ModelComparison, compare_models, judge
from methods.lists.paired_differences import compare
from methods.lists.predefined_split import predefined_split
from methods.lists.purchases import Purchases
from methods.lists.ranking import accuracy, recommend
from methods.lists.recency import Faded, TrendAndTaste
from methods.lists.search_text import TitleIndex, index_titles
from methods.lists.split import LeakageError, Split, audit, split_at, split_at_random

__all__ = [
    "Blend",
    "BuyAgain",
    "Catalogue",
    "Ease",
    "Entry",
    "Faded",
    "FriendsBought",
    "ImplicitAls",
    "ItemNeighbours",
    "LeakageError",
    "ModelComparison",
    "Popular",
    "PopularInGroup",
    "Purchases",
    "RecentlyPopular",
    "Split",
    "TitleIndex",
    "TrendAndTaste",
    "accuracy",
    "audit",
    "breadth",
    "compare",
    "compare_models",
    "gini",
    "index_titles",
    "judge",
    "like_minded",
    "predefined_split",
    "random_strangers",
    "recommend",
    "split_at",
    "split_at_random",
    "strong_and_weak",
]
