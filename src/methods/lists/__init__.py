"""Recommenders and how well their lists serve."""

from methods.lists.als import ImplicitAls, Tastes, half_step, loss
from methods.lists.blend import Blend, Blended
from methods.lists.ease import CustomerKernel, Ease, ItemWeights
from methods.lists.item_knn import ItemNeighbours, ItemSums
from methods.lists.lists_for_all import (
    BuyAgain,
    ListOfGroup,
    OneList,
    OwnPurchases,
    Popular,
    PopularInGroup,
    RecentlyPopular,
)
from methods.lists.ranking import Fitted, accuracy, best, hits, recommend
from methods.lists.search_text import TitleIndex, index_titles, words

__all__ = [
    "Blend",
    "Blended",
    "BuyAgain",
    "CustomerKernel",
    "Ease",
    "Fitted",
    "ImplicitAls",
    "ItemNeighbours",
    "ItemSums",
    "ItemWeights",
    "ListOfGroup",
    "OneList",
    "OwnPurchases",
    "Popular",
    "PopularInGroup",
    "RecentlyPopular",
    "Tastes",
    "TitleIndex",
    "accuracy",
    "best",
    "half_step",
    "hits",
    "index_titles",
    "loss",
    "recommend",
    "words",
]
