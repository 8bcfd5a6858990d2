"""How sticky are the customers? Retention, repurchase, interaction, money, recommendation, one verdict."""

from helpers.stickiness.levels import interaction, order_value, recommendation
from helpers.stickiness.repurchase import repurchase
from helpers.stickiness.retention import retention
from helpers.stickiness.verdict import verdict

__all__ = ["interaction", "order_value", "recommendation", "repurchase", "retention", "verdict"]
