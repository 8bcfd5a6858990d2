"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.circles import Circles, circles
from helpers.segments.lifecycle import Lifecycle, lifecycle
from helpers.segments.social import SocialGraph, social_graph
from helpers.segments.tiers import TIERS, TierRules
from helpers.segments.value import ValueSegments, value_segments

__all__ = [
    "TIERS",
    "Circles",
    "Lifecycle",
    "SocialGraph",
    "TierRules",
    "ValueSegments",
    "circles",
    "lifecycle",
    "social_graph",
    "value_segments",
]
