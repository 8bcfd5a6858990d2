"""How sticky are the customers? Retention, repurchase, interaction, money, recommendation, one verdict.

And why: what goes with retention, where customers drop out, what they are worth, what rests on sharing, and
what changed since an earlier report.
"""

from helpers.stickiness.b01_retention.retention import Retention, retention
from helpers.stickiness.b02_groups.groups import ReturnByGroup, return_by_group
from helpers.stickiness.b02_repurchase.repurchase import Repurchase, repurchase
from helpers.stickiness.b03_interaction.interaction import interaction
from helpers.stickiness.b04_concentration.concentration import RevenueHands, revenue_hands
from helpers.stickiness.b04_order_value.order_value import order_value
from helpers.stickiness.b04_revenue.revenue import Revenue, revenue
from helpers.stickiness.b05_recommendation.recommendation import recommendation
from helpers.stickiness.b06_verdict.verdict import StickinessVerdict, verdict
from helpers.stickiness.b07_drivers.drivers import Drivers, drivers
from helpers.stickiness.b08_funnel.funnel import Funnel, funnel
from helpers.stickiness.b09_lifetime_value.lifetime_value import LifetimeValue, lifetime_value
from helpers.stickiness.b10_dependence.dependence import Dependence, dependence
from helpers.stickiness.g02_changes.changes import Changes, what_changed

__all__ = [
    "Changes",
    "Dependence",
    "Drivers",
    "Funnel",
    "LifetimeValue",
    "Repurchase",
    "Retention",
    "ReturnByGroup",
    "Revenue",
    "RevenueHands",
    "StickinessVerdict",
    "dependence",
    "drivers",
    "funnel",
    "interaction",
    "lifetime_value",
    "order_value",
    "recommendation",
    "repurchase",
    "retention",
    "return_by_group",
    "revenue",
    "revenue_hands",
    "verdict",
    "what_changed",
]
