"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.c1_flows.lifecycle_flows import Flows, lifecycle_flows
from helpers.segments.c1_lifecycle.lifecycle import Lifecycle, lifecycle
from helpers.segments.c2_value_segments.value_segments import ValueSegments, value_segments
from helpers.segments.c3_circles.circles import Circles, circles
from helpers.segments.c3_social_graph.social_graph import SocialGraph, social_graph
from helpers.segments.c4_leaders.opinion_leaders import OpinionLeaders, opinion_leaders
from helpers.segments.c5_circle_demand.circle_demand import CircleDemand, circle_demand
from helpers.segments.c6_formats.format_preference import FormatPreference, format_preference
from helpers.segments.c6_roles.roles import Roles, roles
from helpers.segments.c7_look_alikes.look_alikes import LookAlikes, look_alikes
from helpers.segments.c8_actions.segment_actions import ActionPlan, segment_actions
from helpers.segments.c8_leaving.leaving_reasons import LeavingReasons, leaving_reasons
from helpers.segments.c9_circle_drift.circle_drift import CircleDrift, circle_drift
from helpers.segments.c9_population_drift.population_drift import PopulationDrift, population_drift

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
