"""The family of chapter 03: which findings are judged together, and which follow them, and no others."""

from __future__ import annotations

from helpers.paths import project_folder
from helpers.report.registry import read_registry

DECLARED = {
    "A1.adjusted_uplift_sharers", "A1.raw_gap_relative", "A1.relative_uplift_sharers",
    "A2.intention_to_treat", "A2.recorded_effect", "A3.ten_likes_uplift", "A4.coupon_at_threshold",
    "A5.cashback_uplift", "A6.reply_uplift",
    "A7.customer_orders", "A7.orders", "A7.returns", "A7.response_time", "A8.spillover_week",
    "A8.friend_prompted", "A8.community_purchases", "A9.offer_uplift", "A9.offer_uplift_named",
    "A9.segment_difference", "A9.relative_uplift_named", "A9.targeting_gain", "A10.friend_over_stranger",
    "A10.friend_over_shop", "A10.close_over_loose", "A10.stranger_over_shop", "A11.halo", "A11.coupon_issued",
}  # fmt: skip
FOLLOWERS = {
    "A1.adjusted_uplift": "A1.adjusted_uplift_sharers",
    "A2.complier_effect": "A2.intention_to_treat",
    "A2.decision": "A2.intention_to_treat",
    "A2.global_lift": "A2.intention_to_treat",
    "A3.points_through_likes": "A3.ten_likes_uplift",
    "A3.percent_through_likes": ("A3.ten_likes_uplift", "A1.adjusted_uplift_sharers"),
    "A5.added_orders": "A5.cashback_uplift",
    "A5.decision": "A5.cashback_uplift",
    "A8.friends_orders_per_100_shares": "A8.spillover_week",
    "A9.decision": "A9.offer_uplift",
    "A9.orders_kept": "A9.offer_uplift",
    "A9.offer_uplift_others": "A9.offer_uplift",
    "A9.segment_net_value": "A9.offer_uplift_named",
    "A9.calibration": "A9.targeting_gain",
    "A9.ranking_gain": "A9.targeting_gain",
}


def test_the_registries_of_the_chapter_declare_this_family_and_its_followers():
    found = {}
    for path in sorted((project_folder() / "src" / "helpers" / "uplift").rglob("*.toml")):
        found |= read_registry(path)
    assert {name for name, spec in found.items() if spec.role == "test"} == DECLARED
    assert {name: spec.follows for name, spec in found.items() if spec.follows} == {
        name: (tests,) if isinstance(tests, str) else tests for name, tests in FOLLOWERS.items()
    }
