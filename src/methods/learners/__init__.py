"""The models behind an adjusted comparison: additive curves and surfaces, trees, and cross-fitting."""

from methods.learners.additive_model import AdditiveModel, Design
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.block_ridge import block_penalties, solve
from methods.learners.curves import Curves
from methods.learners.nuisances import Nuisances, default_folds, default_learners, fit_nuisances
from methods.learners.surfaces import Surfaces
from methods.learners.terms import SmoothTerms

__all__ = [
    "AdditiveModel",
    "AdditiveTrees",
    "Curves",
    "Design",
    "Nuisances",
    "SmoothTerms",
    "Surfaces",
    "block_penalties",
    "default_folds",
    "default_learners",
    "fit_nuisances",
    "solve",
]
