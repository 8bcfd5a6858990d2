"""Chapter C, segmentation: lifecycle, value and habit segments, the social graph and its circles."""

from helpers.segments.c01_flows.lifecycle_flows import Flows, lifecycle_flows
from helpers.segments.c01_lifecycle.lifecycle import Lifecycle, lifecycle
from helpers.segments.c02_value_segments.value_segments import ValueSegments, value_segments
from helpers.segments.c03_circles.circles import Circles, circles
from helpers.segments.c03_social_graph.social_graph import SocialGraph, social_graph
from helpers.segments.c04_leaders.opinion_leaders import OpinionLeaders, opinion_leaders
from helpers.segments.c05_circle_demand.circle_demand import CircleDemand, circle_demand
from helpers.segments.c06_formats.format_preference import FormatPreference, format_preference
from helpers.segments.c06_roles.roles import Roles, roles
from helpers.segments.c07_look_alikes.look_alikes import LookAlikes, look_alikes
from helpers.segments.c08_actions.segment_actions import ActionPlan, segment_actions
from helpers.segments.c08_leaving.leaving_reasons import LeavingReasons, leaving_reasons
from helpers.segments.c09_circle_drift.circle_drift import CircleDrift, circle_drift
from helpers.segments.c09_population_drift.population_drift import PopulationDrift, population_drift

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
