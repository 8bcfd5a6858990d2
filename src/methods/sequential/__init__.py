"""Looking while a test runs: what repeated looks cost, and intervals that stay valid."""

from methods.sequential.looks import PeekingRates, peeking_false_alarms, sequence_reach, weekly_looks

__all__ = [
    "PeekingRates",
    "peeking_false_alarms",
    "sequence_reach",
    "weekly_looks",
]
