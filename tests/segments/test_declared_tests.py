"""The family of chapter 04: which findings are judged together, and which follow them, and no others."""

from __future__ import annotations

from helpers.paths import project_folder
from helpers.report.registry import read_registry

DECLARED = {
    "C3.clustering_ratio", "C4.influence", "C4.influence_most_friends", "C4.bought_after_post",
    "C4.friends_alike", "C5.alike_in_circles", "C6.role_stays", "C6.ages_differ", "C7.gain_over_recency",
    "C7.gain_by_ties", "C7.gain_over_placebo", "C9.order_change", "C9.later_change",
}  # fmt: skip
FOLLOWERS = {"C3.small_world_omega": "C3.clustering_ratio", "C6.format_share": "C6.ages_differ"}


def test_the_registries_of_the_chapter_declare_this_family_and_its_followers():
    found = {}
    for path in sorted((project_folder() / "src" / "helpers" / "segments").rglob("*.toml")):
        found |= read_registry(path)
    assert {name for name, spec in found.items() if spec.role == "test"} == DECLARED
    assert {name: spec.follows for name, spec in found.items() if spec.follows} == {
        name: (test,) for name, test in FOLLOWERS.items()
    }
