"""Does sharing bring customers back: estimators for chosen and for drawn treatments, and their answers."""

from helpers.uplift.adjusted import AdjustedEffect, adjusted_effect
from helpers.uplift.comparability import comparability
from helpers.uplift.covariates import Covariates, covariate_matrix
from helpers.uplift.doubts import doubts
from helpers.uplift.encouragement import ComplierEffect, complier_effect, complier_profile
from helpers.uplift.nuisances import Nuisances, fit_nuisances
from helpers.uplift.overlap import Overlap, balance, overlap_of
from helpers.uplift.prompt_test import prompt_test
from helpers.uplift.randomised import intention_to_treat, sample_ratio
from helpers.uplift.sensitivity import e_value, robustness_value, strongest_benchmark
from helpers.uplift.share_gap import share_gap

__all__ = [
    "AdjustedEffect",
    "ComplierEffect",
    "Covariates",
    "Nuisances",
    "Overlap",
    "adjusted_effect",
    "balance",
    "comparability",
    "complier_effect",
    "complier_profile",
    "covariate_matrix",
    "doubts",
    "e_value",
    "fit_nuisances",
    "intention_to_treat",
    "overlap_of",
    "prompt_test",
    "robustness_value",
    "sample_ratio",
    "share_gap",
    "strongest_benchmark",
]
