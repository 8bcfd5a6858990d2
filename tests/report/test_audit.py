"""The audit of a run: linked tables, the last release, and an attacker who has read both."""

from __future__ import annotations

import time

import numpy as np
import pytest

from helpers.report.audit import audited
from helpers.report.cells import Cell
from helpers.report.release import is_few
from methods.disclosure import attack, linked


def cell(key, *counts, of="", whole="w", shares=0, **more) -> Cell:
    return Cell(key=key, of=of, whole=whole, counts=counts, shares=shares, **more)


def test_nothing_few_and_nothing_earlier_changes_nothing():
    found = audited([cell("a", 40), cell("b", 50)])
    assert (found.changed, found.open, found.checked) == (frozenset(), frozenset(), 2)


def test_a_row_hidden_beside_a_small_one_and_told_on_another_page_is_covered_by_a_third():
    table = [
        cell("1 new", 5, of="new", told=False),
        cell("1 old", 60, of="old", told=False),
        cell("1 silent", 80, of="silent"),
    ]
    assert audited(table).changed == frozenset()
    elsewhere = cell("2 old", 60, of="old", whole="v")
    found = audited([*table, elsewhere])
    assert found.covered in ({"1 silent"}, {"2 old"})
    assert found.narrowest >= 11


def test_a_share_that_is_few_on_one_side_cannot_be_had_from_all():
    rows = [cell("a", 50, 45, 5, shares=1, told=False), cell("b", 60, 30, 30, shares=1)]
    assert audited(rows).covered == {"b"}


def test_people_with_events_on_both_sides_of_a_share_are_no_sum():
    small, other = cell("a", 4, told=False), cell("b", 40)
    both = cell("clicks", 527, 47, 505, of="clickers", whole="c", shares=1)
    assert audited([small, other, both]).checked == 3


def test_a_page_of_very_many_groups_ends_and_tells_none_of_them():
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 500, 30_000)
    groups = [
        cell(f"g{row}", int(size), of=f"group {row}", told=size >= 11) for row, size in enumerate(sizes)
    ]
    begin = time.process_time()
    found = audited([*groups, cell("few", 5, whole="v", told=False), cell("old", 60, whole="v")])
    assert time.process_time() - begin < 10
    assert found.crowded == {one.key for one in groups if one.told}
    assert found.covered == {*found.crowded, "old"}
    assert (found.attacked, found.entry()["crowded"]) == (1, len(found.crowded))


@pytest.mark.parametrize(("now", "held"), [(100, False), (101, True), (110, True), (111, False), (95, True)])
def test_a_count_that_moved_by_few_stands_as_it_did(now, held):
    found = audited([cell("a", now)], {"a": cell("a", 100)})
    assert (found.held == {"a"}) == held


@pytest.mark.parametrize(
    ("now", "held", "mixed"),
    [((103, 42, 61), {"a"}, set()), ((120, 58, 62), set(), {"a"}), ((130, 55, 75), set(), set())],
)
def test_a_number_stands_only_where_every_count_behind_it_moved_by_few(now, held, mixed):
    before = {"a": cell("a", 100, 40, 60, shares=1)}
    found = audited([cell("a", *now, shares=1)], before)
    assert (found.held, found.mixed, found.changed) == (held, mixed, held | mixed)


def test_money_of_the_same_people_is_told_anew_only_where_nothing_changed():
    before = {"a": cell("a", 100, amount="12.5")}
    assert audited([cell("a", 100, amount="12.7")], before).held == {"a"}
    assert not audited([cell("a", 100, amount="12.5")], before).held
    assert not audited([cell("a", 130, amount="14")], before).held


def test_money_that_one_holds_does_not_leave():
    rows = [cell("a", 40, money=(1000.0, 960.0, 20.0)), cell("b", 40, money=(1000.0, 100.0, 90.0))]
    assert audited(rows).led == {"a"}


def test_a_change_of_few_is_not_had_from_the_changes_of_the_others():
    before = {"a": cell("a", 100, of="a"), "b": cell("b", 100, of="b"), "c": cell("c", 300, of="c")}
    now = [cell("a", 103, of="a"), cell("b", 130, of="b"), cell("c", 340, of="c")]
    found = audited(now, before)
    assert found.held == {"a"}
    assert found.covered == {"b"}


def test_the_same_people_under_a_new_name_are_held_too():
    now = [cell("a", 103, of="old"), cell("new place", 103, of="old", whole="v")]
    assert audited(now, {"a": cell("a", 100, of="old")}).held == {"a", "new place"}


def weekly(rng, rows):
    """Counts of three tables over the same people in two weeks, the second a little later."""
    first = rng.negative_binomial(1, 0.02, (rows, 3)) + 1
    return first, first + rng.poisson(4, (rows, 3)) * (rng.random((rows, 3)) < 0.6)


def released(counts, earlier):
    """Cells of a two-way table told by its rows and its columns, hidden as a chapter would, then audited."""
    cells = []
    for row, line in enumerate(counts):
        gone = is_few(line)
        cells += [
            cell(f"{row} {column}", int(count), whole=f"row {row}", told=not gone[column])
            for column, count in enumerate(line)
        ]
    return cells, audited(cells, earlier)


def won_back(seed, *, is_audited):
    """How many counts of few an attacker knows to the last person, who has read both weeks."""
    rng = np.random.default_rng(seed)
    known: dict[str, Cell] = {}
    facts, hidden, sums = [], [], []
    place: dict[tuple[int, str], int] = {}
    for week, counts in enumerate(weekly(rng, rows=4)):
        cells, found = released(counts, known)
        gone = found.changed if is_audited else frozenset()
        assert not (is_audited and found.open)
        for one in cells:
            place[week, one.key] = len(facts)
            facts.append(float(one.counts[0]))
            hidden.append(not one.told or one.key in gone)
        for row in range(len(counts)):
            parts = [place[week, one.key] for one in cells if one.whole == f"row {row}"]
            sums.append((len(facts), parts))
            facts.append(float(sum(facts[part] for part in parts)))
            hidden.append(False)
        known |= {one.key: one for one in cells if one.told and one.key not in gone}
    # The attacker knows that nobody left: later is earlier and who came in between.
    for key in {key for _, key in place}:
        sums.append((place[1, key], [place[0, key], len(facts)]))
        facts.append(facts[place[1, key]] - facts[place[0, key]])
        hidden.append(True)
    reach = attack(facts, linked(sums, cells=len(facts)), hidden)
    return int((reach.is_exact & is_few(np.array(facts))).sum())


@pytest.mark.parametrize("seed", range(25))
def test_an_attacker_over_two_weeks_wins_back_no_cell_under_eleven(seed):
    assert won_back(seed, is_audited=True) == 0


def test_without_the_audit_he_would():
    assert sum(won_back(seed, is_audited=False) > 0 for seed in range(10)) >= 8


@pytest.mark.parametrize("seed", range(25))
def test_an_attacker_over_two_weeks_reckons_nobodys_money(seed):
    """From every two numbers told anew he has n₂m₂ − n₁m₁, what those who came paid together."""
    rng = np.random.default_rng(seed)
    last: dict[str, Cell] = {}
    paid = {key: rng.lognormal(4, 1, rng.integers(30, 300)) for key in "abcdef"}
    told: dict[str, tuple[int, float]] = {}
    for _ in range(2):
        cells = [cell(key, len(own), whole=key, amount=f"{own.mean():.2f}") for key, own in paid.items()]
        found = audited(cells, last)
        for one in cells:
            if one.key in found.changed:
                continue
            n, mean = len(paid[one.key]), float(one.amount)
            if one.key in told:
                assert n - told[one.key][0] >= 11 or (n, mean) == told[one.key]
            told[one.key] = (n, mean)
            last[one.key] = one
        came = {key: rng.lognormal(4, 1, rng.integers(0, 25)) for key in paid}
        again = {key: own + (rng.random(len(own)) < 0.01) * 50 for key, own in paid.items()}
        paid = {key: np.concatenate([again[key], came[key]]) for key in paid}
    assert len(told) == 6
