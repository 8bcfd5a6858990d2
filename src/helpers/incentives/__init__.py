"""Incentives: what should be built, what would it cost, and what would it do to friendship? (F1–F7)

One folder a question, named by its requirement. What is chosen by is in `methods.decisions`; what is
read of a shop in `helpers.data`. What is simulated has the verdict "scenario".
"""

from helpers.incentives.earlier_findings import earlier_findings
from helpers.incentives.f01_levels.levels import Levels, levels
from helpers.incentives.f02_mechanisms.mechanisms import Mechanisms, mechanisms
from helpers.incentives.f03_seeds.seeds import Seeds, seeds
from helpers.incentives.f04_platforms.platforms import PlatformChoice, platform_choice
from helpers.incentives.f05_content.content_rewards import ContentRewards, content_rewards
from helpers.incentives.f05_content.staged_rewards import StagedRewards, staged_rewards
from helpers.incentives.f06_invitations.invitations import Invitations, invitations
from helpers.incentives.f07_activities.activities import Activities, activities

__all__ = [
    "Activities",
    "ContentRewards",
    "Invitations",
    "Levels",
    "Mechanisms",
    "PlatformChoice",
    "Seeds",
    "StagedRewards",
    "activities",
    "content_rewards",
    "earlier_findings",
    "invitations",
    "levels",
    "mechanisms",
    "platform_choice",
    "seeds",
    "staged_rewards",
]
