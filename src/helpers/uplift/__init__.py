"""Does sharing bring customers back: estimators for chosen and for drawn treatments, and their answers."""

from helpers.statistics.covariates import Covariates, covariate_matrix
from helpers.uplift.adjusted import AdjustedEffect, adjusted_effect
from helpers.uplift.adjusted_encouragement import adjusted_complier_effect
from helpers.uplift.applause import applause
from helpers.uplift.brand_reply import brand_reply
from helpers.uplift.cashback import cashback_test
from helpers.uplift.community import community_purchases
from helpers.uplift.comparability import comparability
from helpers.uplift.copies import CoverageCard, coverage_card
from helpers.uplift.coupon_halo import coupon_halo
from helpers.uplift.coupon_threshold import coupon_threshold
from helpers.uplift.coverage_card import simulated_trust
from helpers.uplift.density import bunching, cutoff_density
from helpers.uplift.discontinuity import donut_jump, sharp_jump
from helpers.uplift.discrete_threshold import honest_jump
from helpers.uplift.dose_response import DoseResponse, dose_response
from helpers.uplift.doubts import doubts
from helpers.uplift.encouragement import ComplierEffect, complier_effect, complier_profile
from helpers.uplift.every_programme import every_programme
from helpers.uplift.family import FAMILY, JudgedTogether, judged_together
from helpers.uplift.fixed_effects import two_way_fixed_effects
from helpers.uplift.gain_profile import gain_profile
from helpers.uplift.held_out_gains import HeldOutGains, held_out_gains
from helpers.uplift.ignored_network import ignored_network
from helpers.uplift.local_draw import local_draw
from helpers.uplift.next_test import next_test
from helpers.uplift.nuisances import Nuisances, fit_nuisances
from helpers.uplift.overlap import Overlap, balance, overlap_of
from helpers.uplift.panel_grid import PanelGrid, panel_grid
from helpers.uplift.picked_segment import PickedSegment, picked_segment
from helpers.uplift.planner import design_effect
from helpers.uplift.programme_effect import programme_effect
from helpers.uplift.projection import best_linear_projection
from helpers.uplift.prompt_test import prompt_test
from helpers.uplift.qini import Qini, qini
from helpers.uplift.randomised import intention_to_treat, sample_ratio
from helpers.uplift.ranking import calibration_slope, gain_curve, policy_value, ranked_area
from helpers.uplift.sensitivity import benchmarks, e_value, robustness_value, strongest_benchmark
from helpers.uplift.sequential import peeking_false_alarms, sequence_reach, weekly_looks
from helpers.uplift.share_gap import share_gap
from helpers.uplift.spill_over import spill_over
from helpers.uplift.staged import staged_effects
from helpers.uplift.targeting import targeting_rules
from helpers.uplift.who_gains import who_gains
from helpers.uplift.word_of_mouth import word_of_mouth

__all__ = [
    "FAMILY",
    "AdjustedEffect",
    "ComplierEffect",
    "Covariates",
    "CoverageCard",
    "DoseResponse",
    "HeldOutGains",
    "JudgedTogether",
    "Nuisances",
    "Overlap",
    "PanelGrid",
    "PickedSegment",
    "Qini",
    "adjusted_complier_effect",
    "adjusted_effect",
    "applause",
    "balance",
    "benchmarks",
    "best_linear_projection",
    "brand_reply",
    "bunching",
    "calibration_slope",
    "cashback_test",
    "community_purchases",
    "comparability",
    "complier_effect",
    "complier_profile",
    "coupon_halo",
    "coupon_threshold",
    "covariate_matrix",
    "coverage_card",
    "cutoff_density",
    "design_effect",
    "donut_jump",
    "dose_response",
    "doubts",
    "e_value",
    "every_programme",
    "fit_nuisances",
    "gain_curve",
    "gain_profile",
    "held_out_gains",
    "honest_jump",
    "ignored_network",
    "intention_to_treat",
    "judged_together",
    "local_draw",
    "next_test",
    "overlap_of",
    "panel_grid",
    "peeking_false_alarms",
    "picked_segment",
    "policy_value",
    "programme_effect",
    "prompt_test",
    "qini",
    "ranked_area",
    "robustness_value",
    "sample_ratio",
    "sequence_reach",
    "share_gap",
    "sharp_jump",
    "simulated_trust",
    "spill_over",
    "staged_effects",
    "strongest_benchmark",
    "targeting_rules",
    "two_way_fixed_effects",
    "weekly_looks",
    "who_gains",
    "word_of_mouth",
]
