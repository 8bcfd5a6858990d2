"""Effects of what chance dealt out: intention to treat, compliers, and the size of the next test."""

from methods.trials.adjusted_encouragement import adjusted_complier_effect
from methods.trials.cluster_trial import ClusterTrial
from methods.trials.dealt_arms import DealtArms, dealt_arms
from methods.trials.encouragement import ComplierEffect, complier_effect, complier_profile
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat
from methods.trials.planner import (
    GroupLikeness,
    design_effect,
    encouragement_inflation,
    group_likeness,
    weeks_to_enrol,
)
from methods.trials.sample_ratio import SampleRatio, sample_ratio

__all__ = [
    "ClusterTrial",
    "ComplierEffect",
    "DealtArms",
    "GroupLikeness",
    "OfferEffect",
    "SampleRatio",
    "adjusted_complier_effect",
    "complier_effect",
    "complier_profile",
    "dealt_arms",
    "design_effect",
    "encouragement_inflation",
    "group_likeness",
    "intention_to_treat",
    "sample_ratio",
    "weeks_to_enrol",
]
