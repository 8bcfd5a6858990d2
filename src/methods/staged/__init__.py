"""Programmes that reach units in stages: group-time effects and inference for few units."""

from methods.staged.did_2x2 import TwoPeriodEffect, did_2x2
from methods.staged.fixed_effects import two_way_fixed_effects
from methods.staged.group_time_att import StagedEffects, group_time_att
from methods.staged.lead_placebo import LeadPlacebo, lead_placebo
from methods.staged.panel_grid import PanelGrid, panel_grid
from methods.staged.randomisation_inference import PlaceboStarts, randomisation_inference
from methods.staged.staged_summary import StagedSummary, staged_summary

__all__ = [
    "LeadPlacebo",
    "PanelGrid",
    "PlaceboStarts",
    "StagedEffects",
    "StagedSummary",
    "TwoPeriodEffect",
    "did_2x2",
    "group_time_att",
    "lead_placebo",
    "panel_grid",
    "randomisation_inference",
    "staged_summary",
    "two_way_fixed_effects",
]
