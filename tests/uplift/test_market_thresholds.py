"""A4 and A7 over many small demo markets: do their intervals cover the known effects?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.uplift.coupon_threshold import coupon_threshold
from helpers.uplift.programme_effect import programme_effect
from tests.market_runs import alarms, over_seeds, summary

PROGRAMMES = (("membership", "orders"), ("quality_control", "returns"), ("fast_desk", "response_hours"))
SEEDS = range(1, 61)


def ask(shop) -> SimpleNamespace:
    """Both questions, as one answer."""
    answers = [coupon_threshold(shop)]
    answers += [programme_effect(shop, programme=name, outcome=outcome) for name, outcome in PROGRAMMES]
    return SimpleNamespace(findings=[finding for answer in answers for finding in answer.findings])


@pytest.mark.slow
def test_intervals_cover_the_known_effects(tmp_path):
    found = summary(over_seeds(ask, tmp_path, customers=4_000, seeds=SEEDS))
    print(f"\n{found.round(2).to_string()}")
    assert set(found.index) == {
        "A4.coupon_at_threshold", "A7.membership_weekly", "A7.quality_control_returns",
        "A7.fast_desk_response_percent",
    }  # fmt: skip
    assert found["coverage"].between(0.86, 1.0).all()


@pytest.mark.slow
def test_where_nothing_moves_purchases_few_false_alarms_are_raised(tmp_path):
    rows = over_seeds(ask, tmp_path, customers=4_000, seeds=SEEDS, effects=0)
    share = alarms(rows)
    print(f"\n{share.round(3).to_string()}")
    quiet = [name for name in share.index if name != "A4.bunching"]
    assert (share[quiet] <= 0.15).all()  # likes are begged in this market too, whatever they move
