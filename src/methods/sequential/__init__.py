"""Looking while a test runs: what repeated looks cost, and intervals that stay valid."""

from methods.sequential.confidence_sequence import sequence_p, sequence_reach
from methods.sequential.decision_rule import Guardrail, LaunchDecision, decide_launch
from methods.sequential.designs import DesignPrice, design_price
from methods.sequential.looks import Look, looks_as_known, looks_since_draw
from methods.sequential.peeking import PeekingRates, peeking_false_alarms
from methods.sequential.sequential_test import SequentialTest, sequential_test
from methods.sequential.spending import Limits, classic_limits, spending_limits, spent

__all__ = [
    "DesignPrice",
    "Guardrail",
    "LaunchDecision",
    "Limits",
    "Look",
    "PeekingRates",
    "SequentialTest",
    "classic_limits",
    "decide_launch",
    "design_price",
    "looks_as_known",
    "looks_since_draw",
    "peeking_false_alarms",
    "sequence_p",
    "sequence_reach",
    "sequential_test",
    "spending_limits",
    "spent",
]
