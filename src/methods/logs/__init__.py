"""What one policy would have earned, judged from the log of another."""

from methods.logs.off_policy_evaluation import OffPolicy, Overlap, off_policy_evaluation, overlap, weights_of
from methods.logs.outcome_model import RateModel, cross_fitted, fit_rates

__all__ = [
    "OffPolicy",
    "Overlap",
    "RateModel",
    "cross_fitted",
    "fit_rates",
    "off_policy_evaluation",
    "overlap",
    "weights_of",
]
