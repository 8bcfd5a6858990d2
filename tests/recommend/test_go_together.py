"""D7 on the demo market, which has no bundles, and on a shop of too few baskets."""

from __future__ import annotations

from helpers.recommend import go_together
from helpers.report import Skipped, save_findings
from market.strange import draw_shop
from market.strange.habits import PAIRS
from market.strange.shop_world import named
from tests.by_key import by_id
from tests.market_runs import market_shop


def test_the_market_has_no_bundles_and_is_said_to_have_none(tmp_path):
    shop, truth = market_shop(tmp_path, customers=3_000, seed=1)
    answer = go_together(shop)
    findings = {finding.id: finding for finding in answer.findings}
    assert findings["D7.pairs_beyond_chance"].estimate > 5
    assert "is found where it stands in" in findings["D7.pairs_beyond_taste"].reading
    assert findings["D7.pairs_beyond_taste"].estimate == truth["D7.pairs_beyond_taste"] == 0
    assert answer.draw().png().startswith(b"\x89PNG")
    assert 0 < len(answer.table()) <= 10
    assert answer.table()["customers"].min() >= 11
    save_findings("05_recommendation", answer, out=tmp_path)


def test_too_few_baskets_are_told(make_shop, taste_tables):
    skipped = go_together(make_shop(taste_tables(seed=1, taste=0.5, customers=50)))
    assert isinstance(skipped, Skipped)
    assert "baskets of two products or more: 0" in skipped.reason


def test_habits_of_single_customers_are_no_bundles_and_true_pairs_are(make_shop, tmp_path):
    for world, wanted in (("independent_habits", set()), ("habits_of_pairs", set(PAIRS))):
        shop = draw_shop(world)
        answer = go_together(make_shop(shop.tables, folder=tmp_path / world))
        assert by_id(answer)["D7.pairs_beyond_taste"].estimate == len(wanted)
        found = answer.beyond.found()
        assert set(zip(found["first"], found["second"], strict=True)) == {
            tuple(named("i", pair)) for pair in wanted
        }
