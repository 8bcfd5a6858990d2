"""On real tables without times the chapter answers what lists and ties can, and says why not the rest."""

from __future__ import annotations

import pytest

from helpers import recommend
from helpers.report import save_findings
from tests.by_key import by_id

FROM_THE_CONTEST = (
    recommend.every_pair,
    recommend.temporal_robustness,
    recommend.value_of_ties,
    recommend.cold_start,
    recommend.served_groups,
    recommend.spread_of_lists,
)
FROM_THE_SHOP = (
    recommend.off_policy_values,
    recommend.incremental_purchases,
    recommend.shopping_circle,
    recommend.circle_search,
    recommend.purchase_potential,
    recommend.go_together,
    recommend.decide,
)
NO_TIMES = {
    "temporal_robustness": "orders.placed_at",
    "off_policy_values": "impressions.propensity",
    "incremental_purchases": "holdouts.shown",
    "shopping_circle": "coupons",
    "circle_search": "events.query",
    "purchase_potential": "orders.placed_at",
    "go_together": "items.category",
    "decide": "orders.placed_at",
}
NO_TIES = {"value_of_ties": "ties", "cold_start": "ties"}


def ask_everything(shop) -> dict[str, object]:
    """Every question of the chapter in the notebook's order: function name -> answer."""
    answers = {"evaluation_population": recommend.evaluation_population(shop)}
    accuracy = answers["accuracy_of_lists"] = recommend.accuracy_of_lists(shop)
    answers |= {ask.__name__: ask(shop, accuracy=accuracy) for ask in FROM_THE_CONTEST}
    return answers | {ask.__name__: ask(shop) for ask in FROM_THE_SHOP}


def check(answers: dict, *, skipped: dict[str, str], out) -> dict:
    """Skipped are these for these reasons and no others; the rest draws; returns the answered findings."""
    found = {}
    for name, answer in answers.items():
        told = [finding for finding in answer.findings if finding.status == "answered"]
        assert bool(told) == (name not in skipped), name
        found |= by_id(answer) if told else {}
        if name in skipped:
            assert all(skipped[name] in finding.reason for finding in answer.findings)
        else:
            assert len(answer.draw().png()) > 5_000
            assert len(answer.table())
    save_findings("05_recommendation", *answers.values(), out=out)
    # Without times a random part is held back, and every figure of the lists has to say so.
    assert all("lattering" in f.reading for f in found.values() if f.id.startswith(("D1.gain", "D2", "D3")))
    return found


@pytest.mark.slow
def test_lastfm_answers_d1_to_d4(real_shop, tmp_path):
    found = check(ask_everything(real_shop("lastfm")), skipped=NO_TIMES, out=tmp_path)
    assert {finding.requirement for finding in found.values()} == {"D1", "D2", "D3", "D4"}
    assert found["D1.gain", "linear taste model (EASE)"].low > 20
    assert found["D2.friends_over_strangers"].low > 0
    # Published: friends add nothing on top of taste, and strangers in their place cost something.
    assert found["D2.friends_on_top_of_taste"].low < 1
    assert found["D2.placebo_on_top_of_taste"].estimate < found["D2.friends_on_top_of_taste"].estimate


@pytest.mark.slow
def test_beibei_answers_d1_and_d4(real_shop, tmp_path):
    """There are neither ties nor traits of customers, and personal lists do not beat the best sellers."""
    answers = ask_everything(real_shop("beibei"))
    no_groups = {"served_groups": "neither times of orders"}
    found = check(answers, skipped=NO_TIMES | NO_TIES | no_groups, out=tmp_path)
    assert {finding.requirement for finding in found.values()} == {"D1", "D4"}
