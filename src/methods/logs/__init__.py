"""What one policy would have earned by the log of another, and what showing a list adds by a hold-out."""

from methods.logs.hold_out import arm_means, check_coin, uplift
from methods.logs.off_policy_evaluation import OffPolicy, Overlap, off_policy_evaluation, overlap, weights_of
from methods.logs.outcome_model import RateModel, cross_fitted, fit_rates

__all__ = [
    "OffPolicy",
    "Overlap",
    "RateModel",
    "arm_means",
    "check_coin",
    "cross_fitted",
    "fit_rates",
    "off_policy_evaluation",
    "overlap",
    "uplift",
    "weights_of",
]
