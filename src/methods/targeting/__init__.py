"""For whom an effect is largest, and what choosing by it is worth."""

from methods.targeting.cross_fitted_cate import CrossFittedCate, cross_fitted_cate, doubly_robust_scores
from methods.targeting.policy_values import targeting_rules
from methods.targeting.projection import best_linear_projection
from methods.targeting.qini import Qini, qini, uplift_at
from methods.targeting.ranking import (
    calibration_groups,
    calibration_slope,
    gain_curve,
    policy_value,
    ranked_area,
)
from methods.targeting.winners_curse import WinnersCurse, winners_curse

__all__ = [
    "CrossFittedCate",
    "Qini",
    "WinnersCurse",
    "best_linear_projection",
    "calibration_groups",
    "calibration_slope",
    "cross_fitted_cate",
    "doubly_robust_scores",
    "gain_curve",
    "policy_value",
    "qini",
    "ranked_area",
    "targeting_rules",
    "uplift_at",
    "winners_curse",
]
