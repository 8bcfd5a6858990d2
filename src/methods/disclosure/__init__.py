"""Statistical disclosure control: cells of linked tables that tell of too few, and what goes with them."""

from methods.disclosure.attack import Reach, attack
from methods.disclosure.linked import linked, table_relations
from methods.disclosure.rounding import rounded_to_error, step_of
from methods.disclosure.rules import is_dominated, is_few
from methods.disclosure.suppression import Suppression, complementary

__all__ = [
    "Reach",
    "Suppression",
    "attack",
    "complementary",
    "is_dominated",
    "is_few",
    "linked",
    "rounded_to_error",
    "step_of",
    "table_relations",
]
