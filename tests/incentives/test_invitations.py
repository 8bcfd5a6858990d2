"""F6: what customers bring in the end, the reward's price, and invitations that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.incentives.f06_invitations.invitations import WORDS, invitations
from helpers.report import Skipped
from market import simulate
from market.settings import AS_OF_UTC
from tests.incentives.coins import END, START, found, lots, orders
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

READS = ("customers", "items", "orders", "order_lines", "activities")


def test_the_market_is_answered_and_covered(make_shop):
    drawn = simulate(customers=4_000, seed=1)
    tables = {name: drawn.tables[name].to_pandas() for name in READS}
    answer = invitations(make_shop(tables, as_of=AS_OF_UTC))
    findings = found(answer)
    for (id, _), finding in findings.items():
        if id in drawn.truth:
            assert finding.low <= drawn.truth[id] <= finding.high, id
    assert findings["F6.added_by_reward", None].verdict == "supported"
    invited = tables["customers"]["invited_by"]
    cost = tables["customers"].loc[invited.isna(), "acquisition_cost_cents"].mean() / 100
    paid, money = findings["F6.rewards_per_added", None], findings["F6.break_even_reward", None]
    assert money.estimate == pytest.approx(cost / paid.estimate)
    assert money.unit == "CNY"
    assert answer.table()["brought by 100"].iloc[0] == pytest.approx(100 * invited.notna().mean())
    assert answer.draw().alt


def family_shop(make_shop, *, size=3_000, brings=0.3, young=False, change=lambda rows: rows, more=None):
    """Customers join over a year, if young most of them late; others follow after ten days on average."""
    rng = np.random.default_rng(1)
    end = (END - START) / pd.Timedelta(days=1)
    joined = end * rng.random(size) ** (0.1 if young else 1.0)
    inviter, last = np.full(size, -1), np.arange(size)
    while len(last):
        by = np.repeat(last, rng.poisson(brings, len(last)))
        later = joined[by] + rng.exponential(10.0, len(by))
        last = len(joined) + np.arange((later < end).sum())
        joined, inviter = np.append(joined, later[later < end]), np.append(inviter, by[later < end])
    names = np.array([f"c{number:05d}" for number in range(len(joined))])
    by, day = np.where(inviter >= 0, names[inviter], None), joined
    customers = pd.DataFrame(
        {"customer_id": names, "joined_at": START + pd.to_timedelta(day, unit="D"), "invited_by": by}
    )
    tables = {"customers": change(customers), **orders(names[:3], 10.0), **(more or {})}
    return make_shop(tables, as_of=END)


def test_without_a_lot_the_coefficient_stands_and_the_reward_is_skipped(make_shop):
    findings = found(invitations(family_shop(make_shop)))
    assert findings["F6.viral_coefficient", None].low < 0.3 < findings["F6.viral_coefficient", None].high
    skipped = findings["F6.added_by_reward", None]
    assert skipped.status == "skipped"
    assert "by a lot" in skipped.reason


def test_accounts_carried_over_at_one_moment_tell_no_time_to_bring_others(make_shop):
    def carried_over(rows):
        return rows.assign(joined_at=START)

    findings = found(invitations(family_shop(make_shop, change=carried_over)))
    assert "has no bound in the" in findings["F6.generation_days", None].reason
    assert findings["F6.viral_coefficient", None].status == "answered"


def test_those_who_joined_lately_do_not_pull_it_down(make_shop):
    answer = invitations(family_shop(make_shop, young=True))
    finding = found(answer)["F6.viral_coefficient", None]
    assert answer.viral.naive < 0.27
    assert finding.low < 0.3 < finding.high


def test_a_reward_that_adds_nobody_has_no_price(make_shop):
    shop = family_shop(make_shop)
    customers = shop["customers"].to_pandas()
    arms = np.where(np.random.default_rng(5).random(len(customers)) < 0.5, "given", "control")
    rows = lots(customers, "invitation", arms, day=5.0)
    findings = found(invitations(family_shop(make_shop, more={"activities": rows})))
    assert findings["F6.added_by_reward", None].verdict == "not settled"
    assert "no bound" in findings["F6.rewards_per_added", None].reason
    assert findings["F6.break_even_reward", None].status == "skipped"


def test_invitations_that_cannot_be_are_left_out_and_counted(make_shop):
    def spoil(rows):
        rows = rows.copy()
        known = rows.index[rows["invited_by"].notna()]
        rows.loc[known[:30], "invited_by"] = "stranger"
        rows.loc[known[30:50], "joined_at"] = START
        return rows

    answer = invitations(family_shop(make_shop, change=spoil))
    assert answer.invited.unknown == 30
    assert 15 <= answer.invited.earlier <= 20
    reading = found(answer)["F6.viral_coefficient", None].reading
    assert "30 invitations by somebody who is not among the customers are left out" in reading


@pytest.mark.parametrize("circle", [lambda own: own, lambda own: own[::-1]], ids=["oneself", "each other"])
def test_invitations_in_a_circle_are_left_out(make_shop, circle):
    def spoil(rows):
        rows = rows.copy()
        rows.loc[:9, "joined_at"] = START
        rows.loc[:9, "invited_by"] = circle(rows.loc[:9, "customer_id"].to_numpy())
        return rows

    answer = invitations(family_shop(make_shop, change=spoil))
    assert answer.invited.earlier >= 10
    assert found(answer)["F6.viral_coefficient", None].status == "answered"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"brings": 0.002}, "at least 30 in 20"),
        ({"change": lambda rows: rows.drop(columns="invited_by")}, "customers.invited_by"),
        ({"change": lambda rows: rows.assign(joined_at=pd.NaT)}, "customers.joined_at"),
    ],
)
def test_says_why_it_cannot_answer(make_shop, options, said):
    answer = invitations(family_shop(make_shop, **options))
    assert isinstance(answer, Skipped)
    assert said in answer.reason


COEFFICIENTS = {"small": (0.1, 0.05, 0.2), "about one": (0.98, 0.8, 1.2), "above one": (1.4, 1.2, 1.6)}
POSITIVE = {"some": (3.0, 2.0, 5.0)}


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


def test_every_sentence_of_the_test():
    facts = {"arm": ["", "gold"], "base": [6.0], "days": [1, 90], "doubt": [""]}
    assert_truth_table(WORDS, "F6.added_by_reward", facts=facts)
    doubted = {**facts, "doubt": ["the arms do not have the planned sizes"]}
    assert_truth_table(WORDS, "F6.added_by_reward", facts=doubted, verdicts=("not settled",))


@pytest.mark.parametrize(
    ("id", "intervals", "facts"),
    [
        ("F6.viral_coefficient", COEFFICIENTS, {"naive": [0.05], "unknown": [0, 1, 9], "earlier": [0, 1, 9]}),
        ("F6.multiplier", {"some": (1.1, 1.05, 1.2)}, {}),
        ("F6.generation_days", POSITIVE, {}),
        ("F6.rewards_per_added", POSITIVE, {"arm": ["", "gold"]}),
        ("F6.break_even_reward", POSITIVE, {"arm": ["", "gold"], "otherwise": [22.5]}),
    ],
)
def test_every_other_sentence(id, intervals, facts):
    assert_truth_table(
        WORDS,
        id,
        verdicts=("reported",),
        intervals=intervals,
        facts=facts,
        unit="CNY" if "even" in id else "",
    )


def test_customers_whose_export_ended_are_followed_until_then(make_shop, tmp_path):
    """Orders go on for four months: nobody is known to have brought nobody in them."""
    until = END - pd.Timedelta(days=120)
    later = orders(["c00000"], (END - START) / pd.Timedelta(days=1) - 1)
    options = {"change": lambda rows: rows[rows["joined_at"] < until], "more": later}
    ended = invitations(
        family_shop(lambda tables, **given: make_shop(tables, folder=tmp_path / "a", **given), **options)
    )
    cut = family_shop(
        lambda tables, **given: make_shop(tables, folder=tmp_path / "b", as_of=until), **options
    )
    one, other = (found(answer)["F6.viral_coefficient", None] for answer in (ended, invitations(cut)))
    assert one.estimate == pytest.approx(other.estimate, rel=0.01)
    assert one.low < 0.3 < one.high
