"""How sticky are the customers? Retention, repurchase, interaction, money, recommendation, one verdict.

And why: what goes with retention, where customers drop out, what they are worth, what rests on sharing.
"""

from helpers.stickiness.dependence import dependence
from helpers.stickiness.drivers import drivers
from helpers.stickiness.funnel import funnel
from helpers.stickiness.levels import interaction, order_value, recommendation
from helpers.stickiness.lifetime_value import lifetime_value
from helpers.stickiness.repurchase import repurchase
from helpers.stickiness.retention import retention
from helpers.stickiness.verdict import verdict

__all__ = [
    "dependence",
    "drivers",
    "funnel",
    "interaction",
    "lifetime_value",
    "order_value",
    "recommendation",
    "repurchase",
    "retention",
    "verdict",
]
