"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.actions import ActionPlan, segment_actions
from helpers.segments.circle_demand import CircleDemand, circle_demand
from helpers.segments.circle_drift import CircleDrift, circle_drift
from helpers.segments.circles import Circles, circles
from helpers.segments.flows import Flows, lifecycle_flows
from helpers.segments.formats import FormatPreference, format_preference
from helpers.segments.leaders import OpinionLeaders, opinion_leaders
from helpers.segments.leaving import LeavingReasons, leaving_reasons
from helpers.segments.lifecycle import Lifecycle, lifecycle
from helpers.segments.look_alike import LookAlikes, look_alikes
from helpers.segments.population_drift import PopulationDrift, population_drift
from helpers.segments.roles import Roles, roles
from helpers.segments.social import SocialGraph, social_graph
from helpers.segments.value import ValueSegments, value_segments

__all__ = [
    "ActionPlan",
    "CircleDemand",
    "CircleDrift",
    "Circles",
    "Flows",
    "FormatPreference",
    "LeavingReasons",
    "Lifecycle",
    "LookAlikes",
    "OpinionLeaders",
    "PopulationDrift",
    "Roles",
    "SocialGraph",
    "ValueSegments",
    "circle_demand",
    "circle_drift",
    "circles",
    "format_preference",
    "leaving_reasons",
    "lifecycle",
    "lifecycle_flows",
    "look_alikes",
    "opinion_leaders",
    "population_drift",
    "roles",
    "segment_actions",
    "social_graph",
    "value_segments",
]
