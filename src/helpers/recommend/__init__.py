"""Recommendation: are lists right for the customers they are shown to? (D1–D7)

One folder a question, named by its requirement. Models and measures are in `methods.lists`, `methods.baskets`
and `methods.logs`; what is read of a shop in `helpers.data`.
"""

from helpers.recommend.d01_evaluation_population.evaluation_population import (
    EvaluationPopulation,
    evaluation_population,
)
from helpers.recommend.d01_every_pair.every_pair import EveryPair, every_pair
from helpers.recommend.d01_personal_lists.personal_lists import AccuracyOfLists, accuracy_of_lists
from helpers.recommend.d01_temporal_robustness.temporal_robustness import (
    TemporalRobustness,
    temporal_robustness,
)
from helpers.recommend.d02_cold_start.cold_start import ColdStart, cold_start
from helpers.recommend.d02_value_of_ties.value_of_ties import ValueOfTies, value_of_ties
from helpers.recommend.d03_served_groups.served_groups import ServedGroups, served_groups
from helpers.recommend.d04_spread_of_lists.spread_of_lists import SpreadOfLists, spread_of_lists
from helpers.recommend.d05_decision.decision import Decision, decide
from helpers.recommend.d05_incremental_purchases.incremental_purchases import (
    IncrementalPurchases,
    incremental_purchases,
)
from helpers.recommend.d05_off_policy_evaluation.off_policy_evaluation import (
    OffPolicyValues,
    off_policy_values,
)
from helpers.recommend.d06_circle_search.circle_search import CircleSearch, circle_search
from helpers.recommend.d06_shopping_circle.shopping_circle import ShoppingCircle, shopping_circle
from helpers.recommend.d07_go_together.go_together import GoTogether, go_together
from helpers.recommend.d07_purchase_potential.purchase_potential import PurchasePotential, purchase_potential

__all__ = [
    "AccuracyOfLists",
    "CircleSearch",
    "ColdStart",
    "Decision",
    "EvaluationPopulation",
    "EveryPair",
    "GoTogether",
    "IncrementalPurchases",
    "OffPolicyValues",
    "PurchasePotential",
    "ServedGroups",
    "ShoppingCircle",
    "SpreadOfLists",
    "TemporalRobustness",
    "ValueOfTies",
    "accuracy_of_lists",
    "circle_search",
    "cold_start",
    "decide",
    "evaluation_population",
    "every_pair",
    "go_together",
    "incremental_purchases",
    "off_policy_values",
    "purchase_potential",
    "served_groups",
    "shopping_circle",
    "spread_of_lists",
    "temporal_robustness",
    "value_of_ties",
]
