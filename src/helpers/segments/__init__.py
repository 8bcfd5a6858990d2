"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.lifecycle import Lifecycle, lifecycle
from helpers.segments.tiers import TIERS, TierRules

__all__ = ["TIERS", "Lifecycle", "TierRules", "lifecycle"]
