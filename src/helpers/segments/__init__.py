"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.actions import ActionPlan, segment_actions
from helpers.segments.circle_drift import CircleDrift, circle_drift
from helpers.segments.circles import Circles, circles
from helpers.segments.flows import Flows, lifecycle_flows
from helpers.segments.leaving import LeavingReasons, leaving_reasons
from helpers.segments.lifecycle import Lifecycle, lifecycle
from helpers.segments.look_alike import LookAlikes, look_alikes
from helpers.segments.population_drift import PopulationDrift, population_drift
from helpers.segments.social import SocialGraph, social_graph
from helpers.segments.tiers import TIERS, TierRules
from helpers.segments.value import ValueSegments, value_segments

__all__ = [
    "TIERS",
    "ActionPlan",
    "CircleDrift",
    "Circles",
    "Flows",
    "LeavingReasons",
    "Lifecycle",
    "LookAlikes",
    "PopulationDrift",
    "SocialGraph",
    "TierRules",
    "ValueSegments",
    "circle_drift",
    "circles",
    "leaving_reasons",
    "lifecycle",
    "lifecycle_flows",
    "look_alikes",
    "population_drift",
    "segment_actions",
    "social_graph",
    "value_segments",
]
