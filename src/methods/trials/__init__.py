"""Effects of what chance dealt out: on all, on those moved, on ratios and quantiles, and that of none."""

from methods.trials.adjusted_encouragement import adjusted_complier_effect
from methods.trials.centred_least_squares import PromptEffect, centred_least_squares
from methods.trials.cluster_trial import ClusterTrial
from methods.trials.dose_arms import DoseArms, dose_arms
from methods.trials.encouragement import ComplierEffect, complier_effect, complier_profile
from methods.trials.equivalence import Equivalence, equivalence, equivalence_sample_per_arm
from methods.trials.global_lift import GlobalLift, global_lift
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat
from methods.trials.overlapping_tests import OverlappingTests, overlapping_tests
from methods.trials.planner import (
    GroupLikeness,
    design_effect,
    encouragement_inflation,
    group_likeness,
    weeks_to_enrol,
)
from methods.trials.predicted_covariate import PredictedCovariate, predicted_covariate
from methods.trials.randomisation_test import RandomisationTest, randomisation_test
from methods.trials.ratio_effect import RatioEffect, ratio_effect
from methods.trials.robust_effects import CappedEffect, QuantileEffect, capped_effect, quantile_effect
from methods.trials.sample_ratio import SampleRatio, sample_ratio
from methods.trials.total_of_wins import TotalOfWins, total_of_wins

__all__ = [
    "CappedEffect",
    "ClusterTrial",
    "ComplierEffect",
    "DoseArms",
    "Equivalence",
    "GlobalLift",
    "GroupLikeness",
    "OfferEffect",
    "OverlappingTests",
    "PredictedCovariate",
    "PromptEffect",
    "QuantileEffect",
    "RandomisationTest",
    "RatioEffect",
    "SampleRatio",
    "TotalOfWins",
    "adjusted_complier_effect",
    "capped_effect",
    "centred_least_squares",
    "complier_effect",
    "complier_profile",
    "design_effect",
    "dose_arms",
    "encouragement_inflation",
    "equivalence",
    "equivalence_sample_per_arm",
    "global_lift",
    "group_likeness",
    "intention_to_treat",
    "overlapping_tests",
    "predicted_covariate",
    "quantile_effect",
    "randomisation_test",
    "ratio_effect",
    "sample_ratio",
    "total_of_wins",
    "weeks_to_enrol",
]
