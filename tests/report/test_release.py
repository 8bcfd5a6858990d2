"""The release rule: what may leave, and that what is hidden cannot be reckoned from what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from helpers.report.release import (
    Entry,
    events_by,
    hidden,
    hidden_rows,
    may_leave,
    share_of,
    share_of_events,
    shares_by,
    told_rows,
)


def entry(persons, sides=None, amounts=None) -> Entry:
    return Entry(population="buyers", persons=persons, sides=sides, amounts=amounts)


@pytest.mark.parametrize(
    ("persons", "sides", "leaves"),
    [
        (None, None, True),  # products, sellers, simulated copies
        (0, None, True),  # nobody: nobody is told of
        (1, None, False),
        (10, None, False),
        (11, None, True),
        (12, (9, 3), False),  # 75.0 % of 12
        (50, (45, 5), False),  # 90 % of 50
        (50, (5, 45), False),
        (50, (39, 11), True),
        (50, (40, 10), False),
        (50, (0, 50), True),
        (50, (50, 0), True),
        (22, (11, 11), True),
        (22, (22, 0), True),
        (21, (21, 0), False),  # of so few only nobody and everybody could be told: the same of each
        (21, (0, 21), False),
        (21, (11, 10), False),
        (5_000, (4_995, 5), False),
        (40, (30, 30), True),  # events: one person may stand on both sides
    ],
)
def test_the_decision(persons, sides, leaves):
    assert may_leave(entry(persons, sides)) is leaves


@pytest.mark.parametrize(
    ("amounts", "leaves"),
    [
        ((1_000.0, 100.0, 90.0), True),
        ((1_000.0, 850.0, 100.0), False),  # the second largest would know the largest to 6 %
        ((1_000.0, 850.0, 60.0), True),
        ((1_000.0, 1_000.0, 0.0), False),
        ((0.0, 0.0, 0.0), True),
    ],
)
def test_money_that_is_mostly_one_persons_is_withheld(amounts, leaves):
    assert may_leave(entry(400, amounts=amounts)) is leaves


@pytest.mark.parametrize("persons", range(1, 60))
def test_what_is_withheld_of_a_share_says_no_more_than_that_a_side_is_small(persons):
    """Of each number of people the shares told are nobody, everybody and those with 11 on both sides."""
    told = [having for having in range(persons + 1) if may_leave(share_of("x", having / persons, persons))]
    middle = list(range(11, persons - 10))
    assert told == ([0, *middle, persons] if persons >= 22 else [])


def test_people_are_counted_and_not_their_clicks():
    clicks = share_of_events("clicks", [1] * 100 + [0] * 100, ["ann"] * 150 + ["bob"] * 50)
    assert (clicks.persons, clicks.sides) == (2, (1, 2))
    assert not may_leave(clicks)


def test_entries_by_group_are_shares_only_of_yes_and_no():
    bought = [1.0] * 27 + [0.0] * 33
    rows = pd.DataFrame({"arm": ["a"] * 30 + ["b"] * 30, "bought": bought, "spent": range(60)})
    assert [one.sides for one in shares_by(rows, "bought", "arm")] == [(27, 3), (0, 30)]
    assert [one.sides for one in shares_by(rows, "spent", "arm")] == [None, None]
    events = events_by(rows.assign(who=rows.index // 3), "bought", "arm", who="who")
    assert (events["a"].persons, events["a"].sides) == (10, (9, 1))


def test_groups_of_one_whole_hide_each_other():
    alone = hidden([entry(500), entry(40), entry(3)])
    assert alone.tolist() == [False, True, True]
    assert hidden([entry(500), entry(0), entry(20)]).tolist() == [False, False, False]
    assert hidden([entry(None), entry(3)]).tolist() == [False, True]


def test_rows_of_several_wholes_are_hidden_apart():
    frame = pd.DataFrame({"by": ["age", "age", "city", "city"], "people": [3, 90, 40, 50]})
    assert hidden_rows(frame, people="people", within="by").tolist() == [True, True, False, False]
    assert hidden_rows(frame, people="people").tolist() == [True, False, True, False]
    assert told_rows(frame, people="people", within="by")["people"].tolist() == [40, 50]


def test_further_counts_decide_too():
    frame = pd.DataFrame({"people": [400, 300, 200], "with": [9, 200, 100], "without": [391, 100, 100]})
    assert hidden_rows(frame, people="people", counts=("with", "without")).tolist() == [True, False, True]
    with pytest.raises(KeyError, match="persons"):
        hidden_rows(frame, people="persons")


@pytest.mark.parametrize("seed", range(60))
def test_no_cell_under_eleven_can_be_solved_for(seed):
    """An attacker who knows all totals and every row shown cannot narrow a hidden cell down to 1 to 10."""
    rng = np.random.default_rng(seed)
    persons = rng.integers(0, rng.choice([13, 30, 80]), size=rng.integers(2, 8))
    having = rng.binomial(persons, rng.choice([0.05, 0.3, 0.5, 0.95]))
    frame = pd.DataFrame({"people": persons, "share": having / np.maximum(persons, 1)})
    gone = hidden_rows(frame, people="people", shares={"share": 1})
    for cells in (having[~gone], (persons - having)[~gone], persons[~gone]):
        assert not ((cells > 0) & (cells < 11)).any(), "a small cell is shown"
    totals = [having[gone].sum(), (persons - having)[gone].sum(), persons[gone].sum()]
    if not gone.any() or (gone.sum() == (persons > 0).sum() and any(0 < one < 11 for one in totals)):
        return  # nothing is hidden; or everything is, and the whole is small: no total is told
    for cell in range(2 * gone.sum()):
        lowest, highest = attacked(having, persons, gone, cell)
        assert highest - lowest > 10 or highest < 1e-6, "a hidden cell has no room to be anything"


def attacked(having, persons, gone, cell) -> tuple[float, float]:
    """The range of a hidden cell, by linear programming from the totals; cells: those with, then without."""
    with_it, without = having[gone], (persons - having)[gone]
    many = len(with_it)
    totals = np.zeros((2, 2 * many))
    totals[0, :many] = totals[1, many:] = 1
    known = [with_it.sum(), without.sum()]
    aim = np.zeros(2 * many)
    aim[cell] = 1
    ends = [sign * linprog(sign * aim, A_eq=totals, b_eq=known).fun for sign in (1, -1)]
    return ends[0], ends[1]
