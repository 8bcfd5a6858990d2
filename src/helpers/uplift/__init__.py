"""Does sharing bring customers back: estimators for chosen and for drawn treatments, and their answers."""

from helpers.uplift.adjusted import AdjustedEffect, adjusted_effect
from helpers.uplift.comparability import comparability
from helpers.uplift.covariates import Covariates, covariate_matrix
from helpers.uplift.doubts import doubts
from helpers.uplift.encouragement import ComplierEffect, complier_effect, complier_profile
from helpers.uplift.held_out_gains import HeldOutGains, held_out_gains
from helpers.uplift.nuisances import Nuisances, fit_nuisances
from helpers.uplift.overlap import Overlap, balance, overlap_of
from helpers.uplift.picked_segment import PickedSegment, picked_segment
from helpers.uplift.prompt_test import prompt_test
from helpers.uplift.qini import Qini, qini
from helpers.uplift.randomised import intention_to_treat, sample_ratio
from helpers.uplift.ranking import calibration_slope, gain_curve, policy_value, ranked_area
from helpers.uplift.sensitivity import e_value, robustness_value, strongest_benchmark
from helpers.uplift.share_gap import share_gap
from helpers.uplift.targeting import targeting_rules
from helpers.uplift.who_gains import who_gains

__all__ = [
    "AdjustedEffect",
    "ComplierEffect",
    "Covariates",
    "HeldOutGains",
    "Nuisances",
    "Overlap",
    "PickedSegment",
    "Qini",
    "adjusted_effect",
    "balance",
    "calibration_slope",
    "comparability",
    "complier_effect",
    "complier_profile",
    "covariate_matrix",
    "doubts",
    "e_value",
    "fit_nuisances",
    "gain_curve",
    "held_out_gains",
    "intention_to_treat",
    "overlap_of",
    "picked_segment",
    "policy_value",
    "prompt_test",
    "qini",
    "ranked_area",
    "robustness_value",
    "sample_ratio",
    "share_gap",
    "strongest_benchmark",
    "targeting_rules",
    "who_gains",
]
