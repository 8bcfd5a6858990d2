"""When customers come back, what they are worth, and which groups they form."""

from methods.customers.bg_nbd import Histories, PurchaseModel, fit_purchases, histories
from methods.customers.calendar import Calendar, fit_calendar
from methods.customers.choice_by_group import Choices, preference_by_group
from methods.customers.clustering import Grouping, Runs, group
from methods.customers.discrete_hazard import Hazard, fit_hazard
from methods.customers.funnel_gap import gap_by_step, two_proportions
from methods.customers.gamma_gamma import SpendModel, fit_spend
from methods.customers.hidden_windows import HiddenWindows, WindowPlan, plan_windows, try_windows
from methods.customers.likelihood_search import NotEstimable
from methods.customers.look_alike_scores import JudgedRankings, hidden_share, judge_rankings
from methods.customers.pareto_nbd import ParetoModel, fit_pareto
from methods.customers.prices import shrunken_means
from methods.customers.profile import Distinction, distinctions, standard_profile
from methods.customers.survival import Survival, kaplan_meier, kaplan_meier_band, repurchase_cycle
from methods.customers.tiers import TierRules, assign_tiers, tier_sensitivity
from methods.customers.value_check import ForecastCheck, check_forecast
from methods.customers.value_model import Forecast, forecast, spend_correlation

__all__ = [
    "Calendar",
    "Choices",
    "Distinction",
    "Forecast",
    "ForecastCheck",
    "Grouping",
    "Hazard",
    "HiddenWindows",
    "Histories",
    "JudgedRankings",
    "NotEstimable",
    "ParetoModel",
    "PurchaseModel",
    "Runs",
    "SpendModel",
    "Survival",
    "TierRules",
    "WindowPlan",
    "assign_tiers",
    "check_forecast",
    "distinctions",
    "fit_calendar",
    "fit_hazard",
    "fit_pareto",
    "fit_purchases",
    "fit_spend",
    "forecast",
    "gap_by_step",
    "group",
    "hidden_share",
    "histories",
    "judge_rankings",
    "kaplan_meier",
    "kaplan_meier_band",
    "plan_windows",
    "preference_by_group",
    "repurchase_cycle",
    "shrunken_means",
    "spend_correlation",
    "standard_profile",
    "tier_sensitivity",
    "try_windows",
    "two_proportions",
]
