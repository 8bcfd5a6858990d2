"""F1: designs by lot, what cheats them, the frontier, published trials, every sentence."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.incentives import levels
from helpers.incentives.f01_levels.levels import WORDS
from helpers.incentives.f01_levels.published_cases import CASES
from helpers.incentives.scenario import SCENARIO, read_scenario
from methods.errors import CannotAnswer
from tests.conftest import assert_skipped, draw_tables
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table


@pytest.fixture(scope="module")
def answered(market_shop):
    shop, _ = market_shop(1_500, 3)
    return levels(shop, draws=32)


def found(answer, id: str) -> dict:
    return {one.segment: one for one in answer.findings if one.id == id}


def test_every_design_is_told_as_a_scenario_and_nothing_else(answered):
    names = [one.name for one in read_scenario().designs]
    for id in ("F1.cheating", "F1.orders_added", "F1.worth_added", "F1.reached"):
        assert list(found(answered, id)) == names
    assert {one.verdict for one in answered.findings} == {"scenario"}
    assert len(answered.table()) == len(names)
    assert answered.draw().alt


def test_designs_meet_the_same_numbers_and_differ_by_their_own_rules_only(answered):
    drawn = [name for name in answered.lived.drawn if name.startswith("sharer levels: ")]
    assert len(drawn) == 4
    assert not [name for name in answered.lived.drawn if name.startswith(("one level", "steep"))]


def test_what_can_be_cheated_is_never_advised(answered):
    cheating = {name for name, one in found(answered, "F1.cheating").items() if one.estimate > 1}
    assert cheating == {"friends count threefold", "welcome prize"}
    assert answered.leader not in cheating
    best = answered.findings[0].reading
    assert all(f"“{name}”" in best for name in cheating)
    assert "counsel decides" in best


def test_dearer_odds_are_paid_more_and_reach_more(answered):
    paid = dict(zip(answered.lived.names, answered.lived.per_100("paid").mean(axis=0), strict=True))
    reached = {name: one.estimate for name, one in found(answered, "F1.reached").items()}
    assert paid["welcome prize"] > paid["one level"] > paid["steep levels"] > paid["none of these"] == 0
    assert reached["welcome prize"] > reached["one level"] > reached["steep levels"] > 0


def test_the_frontier_leaves_out_only_what_another_beats_in_everything(answered):
    lived, kept = answered.lived, answered.frontier()
    aims = np.column_stack([
        lived.per_100("orders").mean(axis=0)[1:],
        -lived.per_100("paid").mean(axis=0)[1:],
        -lived.weeks["gini"].mean(axis=0)[1:],
    ])  # fmt: skip
    for place, is_kept in enumerate(kept):
        beaten = [
            (aims[other] >= aims[place]).all() and (aims[other] > aims[place]).any()
            for other in range(len(aims))
        ]
        assert is_kept == (not any(beaten))


def test_set_as_published_trials_it_lands_where_they_did(answered):
    told = found(answered, "F1.published_case")
    assert set(told) == set(CASES)
    for name, one in told.items():
        published = CASES[name].percent
        assert one.low <= published <= one.high
        assert one.estimate == pytest.approx(published, abs=0.07 * (100 + published))
        assert "lies inside" in one.reading


def test_where_nearly_all_is_shared_already_published_trials_are_not_posed(make_shop, market_shop):
    shop, market = market_shop(800, 1)
    tables = {name: table.to_pandas() for name, table in market.tables.items() if name != "coupons"}
    orders = tables["orders"]
    shared = {"share_id": "s" + orders["order_id"].astype(str), "customer_id": orders["customer_id"]}
    shared |= {"order_id": orders["order_id"], "posted_at": orders["placed_at"], "audience": "timeline"}
    tables["shares"] = pd.DataFrame(shared)
    kept = {name: tables[name] for name in ("customers", "items", "orders", "order_lines", "ties", "shares")}
    answer = levels(make_shop(kept, as_of=shop.as_of), draws=32)
    told = found(answer, "F1.published_case")
    assert told["a lottery for the sender"].status == "skipped"
    assert "shared already" in told["a lottery for the sender"].reason


def changed(tmp_path, *pairs) -> str:
    text = SCENARIO.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_scenario_without_designs_or_of_unsafe_ones_only_is_skipped(market_shop, tmp_path):
    shop, _ = market_shop(1_500, 3)
    text = SCENARIO.read_text(encoding="utf-8").partition("# Designs of sharer levels")[0]
    path = tmp_path / "none.toml"
    path.write_text(text, encoding="utf-8")
    unsafe = tmp_path / "unsafe.toml"
    unsafe.write_text(text + '[levels."welcome"]\nodds = [0.2, 0.01]\nsteps = [1]\n', encoding="utf-8")
    for file, words in ((path, "no tables"), (unsafe, "false accounts would earn more")):
        (skipped,) = levels(shop, scenario=str(file), draws=32).findings
        assert skipped.status == "skipped"
        assert words in skipped.reason


def test_designs_need_a_mechanism_by_lot(tmp_path):
    path = changed(tmp_path, ("odds = [0.01, 0.03, 0.06]\nsteps = [3, 10]\n\n[mechanisms.", "\n[mechanisms."))
    with pytest.raises(CannotAnswer, match="no mechanism has odds"):
        read_scenario(path)


def test_tables_without_friends_are_skipped_with_the_reason(make_shop):
    drawn = draw_tables(seed=1)
    alone = {name: table for name, table in drawn.items() if name not in ("ties", "shares", "reactions")}
    assert_skipped(make_shop(alone), [(levels, "works through friends, and no ties are recorded")])


BEST = {
    "leader": [None, "steep"],
    "designs": [1, 5],
    "worth": ["CNY 4 (−1 to 9)"],
    "weeks": [1, 13],
    "cheated": [[], ["welcome"], ["welcome", "threefold"]],
    "allowed": ["yes", "with limits", "no", "not known"],
    "rule": ["A rule forbids it"],
    "dated": ["in force since 2019"],
    "open_number": ["", "how much more is shared for a lottery"],
}
CHEATING = {"accounts": [2, 20], "shares": [3, 20], "most": [20], "mend": [True, False], "safe": [0.0, 1.49]}
CASE = {
    "published": [20.9, -12.3],
    "source": ["Somebody 2024"],
    "begins": [1.0, 1 / 4.44],
    "lands": [True, False],
}
SHARES = {"some": (48.0, 40.0, 56.0), "all": (100.0, 97.0, 100.0)}
TIMES = {"one": (1.0, 1.0, 1.0), "more": (4.8, 4.8, 4.8)}
REACHED = {"none": (0.0, 0.0, 0.0), "some": (12.4, 6.0, 20.0)}
TOLD = {
    "F1.best_design": (BEST, SHARES),
    "F1.cheating": (CHEATING, TIMES),
    "F1.orders_added": ({"weeks": [1, 13]}, None),
    "F1.worth_added": ({"weeks": [1, 13]}, None),
    "F1.reached": ({"weeks": [1, 13]}, REACHED),
    "F1.published_case": (CASE, None),
}


@pytest.mark.parametrize("id", TOLD)
def test_every_sentence_reads_well(id):
    facts, intervals = TOLD[id]
    options = {"intervals": intervals} if intervals else {}
    unit = "CNY per 100 customers" if "currency" in WORDS.registry[id].unit else ""
    segments = ["a lottery for the sender"] if id != "F1.best_design" else [None]
    assert_truth_table(WORDS, id, verdicts=["scenario"], facts=facts, segments=segments, unit=unit, **options)


def test_titles_follow_the_choice():
    for leader, told in itertools.product([None, "steep"], [["one 1"], ["one 1", "two 2"]]):
        title, _ = WORDS.picture("levels", (), leader=leader, told=told)
        assert ("No design" in title) == (leader is None)


def test_registry_and_templates_name_the_same_findings():
    assert set(TOLD) == set(WORDS.registry)
    assert_every_block_is_declared(WORDS)
