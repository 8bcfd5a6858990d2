"""The truth of chapter 07: rewards for reviews, invitations, and what is done to keep customers coming."""

from __future__ import annotations

from market.activities import activity_truth
from market.invitations import invitation_truth
from market.review_rewards import reward_truth
from market.world import History, World


def incentive_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return finding id to true value, or to one an arm or kind of activity."""
    return {
        **reward_truth(world, history),
        **invitation_truth(world),
        **activity_truth(world, history),
    }
