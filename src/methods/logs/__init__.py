"""What one policy would have earned by the log of another, and what showing a list adds by a hold-out."""

from methods.logs.hold_out import arm_means, check_coin, uplift_weights
from methods.logs.off_policy_evaluation import OffPolicy, off_policy_evaluation
from methods.logs.weight_checks import weight_checks, weight_fault
from methods.logs.weight_overlap import WeightOverlap

__all__ = [
    "OffPolicy",
    "WeightOverlap",
    "arm_means",
    "check_coin",
    "off_policy_evaluation",
    "uplift_weights",
    "weight_checks",
    "weight_fault",
]
