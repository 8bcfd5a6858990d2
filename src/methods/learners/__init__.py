"""The models behind an adjusted comparison: additive curves and surfaces, trees, and cross-fitting."""

from methods.learners.additive_model import AdditiveModel
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.nuisances import Nuisances, fit_nuisances
from methods.learners.terms import SmoothTerms

__all__ = [
    "AdditiveModel",
    "AdditiveTrees",
    "Nuisances",
    "SmoothTerms",
    "fit_nuisances",
]
