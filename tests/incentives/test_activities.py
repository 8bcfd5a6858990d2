"""F7: planted visits are found and purchases that nobody planted are not; words follow numbers; odd lots."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from helpers.incentives.f07_activities.activities import WORDS, activities
from helpers.report import Skipped
from market import simulate
from market.settings import AS_OF_UTC
from tests.incentives.coins import END, found, lots, orders, people
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

READS = ("customers", "items", "orders", "order_lines", "events", "activities")


@pytest.fixture(scope="module")
def market():
    drawn = simulate(customers=4_000, seed=1)
    return {name: drawn.tables[name].to_pandas() for name in READS}, drawn.truth


def test_the_market_is_answered_and_covered(make_shop, market):
    tables, truth = market
    answer = activities(make_shop(tables, as_of=AS_OF_UTC))
    findings = found(answer)
    assert len(findings) == 8
    for (id, segment), finding in findings.items():
        known = truth[id] if segment is None else truth[id][segment]
        assert finding.low <= known <= finding.high, (id, segment)
    assert findings["F7.visit_uplift", "check_in"].verdict == "supported"
    assert findings["F7.streak_end_visits", None].verdict == "contradicted"
    assert "Losing a streak keeps customers away" in findings["F7.streak_end_visits", None].reading
    assert "check in, seen" in answer.draw().alt
    coins = tables["activities"].query("kind in ['greeting', 'check_in', 'streak', 'tutorial']")
    assert answer.table()["customers"].sum() == len(coins)


def coin_shop(make_shop, *, lift=0.0, size=2_000, seed=1, change=lambda rows: rows, **options):
    """Half are given a lucky draw at day 60; 20 % buy in the 56 days after, of the given `lift` more."""
    rng = np.random.default_rng(seed)
    customers = people(size)
    given = rng.random(size) < 0.5
    buys = rng.random(size) < 0.2 + lift * given
    rows = change(lots(customers, "lucky_draw", np.where(given, "given", "control"), **options))
    who = customers["customer_id"][buys]
    tables = {"customers": customers, "activities": rows, **orders(who, 61 + 50 * rng.random(len(who)))}
    return make_shop(tables, as_of=END)


def test_an_effect_on_buying_is_found_without_visits(make_shop):
    answer = activities(coin_shop(make_shop, lift=0.10))
    (finding,) = answer.findings
    assert finding.key == ("F7.buy_uplift", "lucky_draw")
    assert finding.verdict == "supported"
    assert finding.low <= 10 <= finding.high
    assert "The activity “lucky draw” sells" in finding.reading


def test_the_interval_covers_nothing_at_its_rate(make_shop, tmp_path):
    held = 0
    for seed in range(40):
        make = functools.partial(make_shop, folder=tmp_path / str(seed))
        (finding,) = activities(coin_shop(make, seed=seed)).findings
        held += finding.low <= 0 <= finding.high
    assert held >= 34


def test_orders_at_the_moment_of_the_lot_count_and_at_the_end_do_not(make_shop):
    customers = people(100)
    arms = np.where(np.arange(100) < 50, "given", "control")
    both = pd.concat([customers["customer_id"][:20], customers["customer_id"][30:45]])
    day = np.concatenate([np.full(20, 60.0), np.full(15, 60.0 + 56)])
    tables = {"customers": customers, "activities": lots(customers, "live", arms), **orders(both, day)}
    tables["orders"].loc[len(tables["orders"])] = ["o999999", "c00080", pd.Timestamp("2024-03-05")]
    tables["order_lines"].loc[len(tables["order_lines"])] = ["o999999", 1, "i1", 1, 1_000]
    table = activities(make_shop(tables, as_of=END)).table().set_index("arm")
    assert table.loc["given", "bought"] == pytest.approx(20 / 50)
    assert table.loc["control", "bought"] == pytest.approx(1 / 50)


def spoilt(rows, seed=3):
    """The lot loses a third of those it gave."""
    lost = (rows["arm"] == "given") & (np.random.default_rng(seed).random(len(rows)) < 0.35)
    return rows[~lost]


def test_a_lot_that_lost_customers_is_not_settled(make_shop):
    (finding,) = activities(coin_shop(make_shop, lift=0.15, change=spoilt)).findings
    assert finding.verdict == "not settled"
    assert "planned sizes" in finding.reading


def test_second_lots_are_left_out(make_shop):
    def twice(rows):
        again = rows.assign(activity_id="x" + rows["activity_id"], arm="given")
        again["happened_at"] += pd.Timedelta(days=20)
        return pd.concat([rows, again])

    (once,) = activities(coin_shop(make_shop, lift=0.1)).findings
    (again,) = activities(coin_shop(make_shop, lift=0.1, change=twice)).findings
    assert (once.estimate, once.n) == (again.estimate, again.n)


def test_several_arms_are_told_apart(make_shop):
    def three(rows):
        gold = (rows["arm"] == "given") & (np.arange(len(rows)) % 2 == 0)
        return rows.assign(
            arm=rows["arm"].mask(gold, "gold"), planned_share=rows["planned_share"].mask(gold, 0.25)
        )

    answer = activities(coin_shop(make_shop, lift=0.2, change=three))
    assert {finding.segment for finding in answer.findings} == {"lucky_draw: given", "lucky_draw: gold"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[rows["arm"] == "given"], "held back from others by a lot"),
        (lambda rows: rows.assign(arm=None), "activities.arm"),
        (lambda rows: rows.assign(arm="control"), "was held back, so nothing can be compared"),
        (lambda rows: rows.head(30), "fewer than 25 customers"),
        (lambda rows: rows.assign(happened_at=END - pd.Timedelta(days=9)), "could be followed for 56 days"),
        (lambda rows: rows.assign(kind="invitation"), "held back from others by a lot"),
    ],
)
def test_says_why_it_cannot_answer(make_shop, change, said):
    answer = activities(coin_shop(make_shop, change=change))
    assert isinstance(answer, Skipped)
    assert said in answer.reason


FACTS = {
    "it": ["a birthday greeting", "the activity “x” (arm “gold”)"],
    "what": ["A birthday greeting"],
    "base": [0.2],
    "days": [1, 28],
    "doubt": ["", "the arms do not have the planned sizes"],
}


def settled_without_doubt(finding):
    return not (finding.facts["doubt"] and finding.verdict != "not settled")


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize("id", WORDS.registry)
def test_every_sentence(id):
    quiet = {**FACTS, "doubt": [""]}
    assert_truth_table(WORDS, id, facts=quiet)
    assert_truth_table(WORDS, id, facts=FACTS, verdicts=("not settled",))
