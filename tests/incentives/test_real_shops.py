"""Tables beside the project: who has friends gets a scenario, everything else is skipped with its reason."""

from __future__ import annotations

import pytest

from helpers import incentives
from tests.conftest import assert_skipped

LACKING = (
    (incentives.content_rewards, "activities.arm"),
    (incentives.invitations, "customers.invited_by"),
    (incentives.activities, "activities.arm"),
)


def test_orders_alone_answer_nothing_of_friends_or_lots(real_shop):
    assert_skipped(real_shop("cdnow"), (*LACKING, (incentives.seeds, "ties, or shares and reactions")))


@pytest.mark.parametrize("name", ["lastfm", "beibei"])
def test_friends_alone_are_a_scenario_with_an_assumed_chance(real_shop, name):
    shop = real_shop(name)
    assert_skipped(shop, LACKING)
    answer = incentives.seeds(shop, sets=20_000, runs=20)
    assert {finding.verdict for finding in answer.findings} == {"scenario"}
    assert answer.reached[answer.best].estimate <= answer.most
    if not answer.chances.kind:
        assert "is assumed" in answer.findings[0].reading
