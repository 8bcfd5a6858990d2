"""Which cells an attacker wins back, beside all tables that fit, and what hiding leaves to him."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import block_diag

from methods.disclosure import attack, complementary, is_few, linked, table_relations

RELATIONS = table_relations(3, 3)


def with_totals(inside: np.ndarray) -> np.ndarray:
    """A table with its totals in the last row and column, as one line of cells."""
    wide = np.column_stack([inside, inside.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)]).ravel().astype(float)


def all_that_fit(values: np.ndarray, hidden: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of every cell over all whole tables that fit what is told, by trying each."""
    fits = []
    for tried in itertools.product(range(most + 1), repeat=4):
        cells = with_totals(np.array(tried).reshape(2, 2))
        if np.array_equal(cells[~hidden], values[~hidden]):
            fits.append(cells)
    return np.min(fits, axis=0), np.max(fits, axis=0)


@pytest.mark.parametrize("seed", range(8))
def test_the_attacker_finds_what_trying_every_table_finds(seed):
    rng = np.random.default_rng(seed)
    values = with_totals(rng.integers(0, 4, (2, 2)))
    # The grand total is told, so that every table that fits can be tried.
    hidden = np.append(rng.random(8) < 0.6, False)
    reach = attack(values, RELATIONS, hidden)
    low, high = all_that_fit(values, hidden, int(values[-1]))
    np.testing.assert_allclose(reach.cell_low, low, atol=1e-6)
    np.testing.assert_allclose(reach.cell_high, high, atol=1e-6)
    np.testing.assert_array_equal(reach.is_exact, low == high)


@pytest.mark.parametrize("shape", [(4, 4), (6, 5)])
@pytest.mark.parametrize("seed", range(4))
def test_after_suppression_every_small_cell_may_be_anything_from_none_to_eleven(shape, seed):
    rng = np.random.default_rng(seed)
    values = with_totals(rng.negative_binomial(1, 0.04, shape))
    relations = table_relations(shape[0] + 1, shape[1] + 1)
    few = is_few(values)
    found = complementary(values, relations, few, lowest=0, highest=11)
    reach = attack(values, relations, found.hidden)
    assert few.any()
    assert not found.open.any()
    assert (reach.cell_low[few] <= 1e-6).all()
    assert (reach.cell_high[few] >= 11 - 1e-6).all()
    assert not (found.complementary & few).any()


@pytest.mark.parametrize("seed", range(8))
def test_the_cheapest_set_of_a_small_table_is_nearly_met(seed):
    rng = np.random.default_rng(seed)
    inside = rng.integers(15, 60, (2, 2))
    inside[rng.integers(2), rng.integers(2)] = rng.integers(1, 11)
    values = with_totals(inside)
    few = is_few(values)
    found = complementary(values, RELATIONS, few, lowest=0, highest=11)
    best = min(
        1.0 * sum(1 + values[list(more)])
        for size in range(4)
        for more in itertools.combinations(np.flatnonzero(~few), size)
        if keeps_room(values, few, more)
    )
    assert (1 + values[found.complementary]).sum() <= 1.5 * best


def keeps_room(values, few, more) -> bool:
    hidden = few.copy()
    hidden[list(more)] = True
    reach = attack(values, RELATIONS, hidden)
    return (reach.cell_low[few] <= 1e-6).all() and (reach.cell_high[few] >= 11 - 1e-6).all()


def test_small_rows_beside_their_total_need_a_third():
    sums = linked([(4, [0, 1, 2, 3])], cells=5)
    values = [3, 4, 300, 200, 507]
    assert attack(values, sums, [True, True, False, False, False]).cell_high[0] == pytest.approx(7)
    found = complementary(values, sums, [True, True, False, False, False], lowest=0, highest=11)
    assert found.hidden.tolist() == [True, True, False, True, False]


@pytest.mark.parametrize("seed", range(4))
def test_what_hangs_together_beyond_the_bound_goes_whole_and_the_rest_is_covered_as_ever(seed):
    rng = np.random.default_rng(seed)
    large, small = with_totals(rng.negative_binomial(1, 0.04, (6, 5))), np.array([3.0, 4, 300, 200, 507])
    relations = block_diag([table_relations(7, 6), linked([(4, [0, 1, 2, 3])], cells=5)], format="csr")
    values = np.concatenate([large, small])
    few, known = is_few(values), np.arange(len(values)) == len(large) - 1
    work = few[: len(large)].sum() * len(large) ** 2
    found = complementary(values, relations, few, lowest=0, highest=11, known=known, most_work=work - 1)
    assert found.crowded.nonzero()[0].tolist() == list(range(len(large)))
    assert found.hidden.tolist() == [*[True] * (len(large) - 1), False, True, True, False, True, False]
    reach = attack(values, relations, found.hidden)
    assert (reach.cell_low[few] <= 1e-6).all()
    assert (reach.cell_high[few] >= 11 - 1e-6).all()
    whole = complementary(values, relations, few, lowest=0, highest=11, known=known, most_work=work + 1e3)
    assert not whole.crowded.any()
    assert whole.hidden.sum() < found.hidden.sum()


def test_what_an_earlier_release_told_cannot_be_hidden_any_more():
    sums = linked([(2, [0, 1])], cells=3)
    found = complementary([4, 50, 54], sums, [True, False, False], lowest=0, highest=11, known=[0, 1, 1])
    assert found.open.tolist() == [True, False, False]
    assert attack([4, 50, 54], sums, [True, False, False]).is_exact[0]


def test_one_cell_hidden_in_two_tables_is_covered_in_both():
    # Cells: few, other row, total; the same "other row" is broken down again in a second table.
    sums = linked([(2, [0, 1]), (1, [3, 4])], cells=5)
    values = [5, 100, 105, 40, 60]
    few, told = [True, False, False, False, False], [False, False, True, False, False]
    found = complementary(values, sums, few, lowest=0, highest=11, known=told)
    assert found.hidden[[0, 1]].all()
    assert found.hidden[[3, 4]].any()


@pytest.mark.parametrize(
    ("values", "hidden", "said"),
    [
        ([1, 2, 4], [True, False, False], "off by 1"),
        ([1, -2, -1], [True, False, False], "at least 0"),
        ([1, float("nan"), 3], [True, False, False], "at least 0"),
        ([1, 2, 3], [True, False], "marks 2 cells"),
        ([1, 2], [True, False], "relations tell of 3 cells"),
    ],
)
def test_wrong_tables_are_refused(values, hidden, said):
    with pytest.raises(ValueError, match=said):
        attack(values, linked([(2, [0, 1])], cells=3), hidden)


def test_a_cell_that_no_sum_ties_is_free():
    reach = attack([4, 9], linked([], cells=2), [True, False])
    assert (reach.cell_low[0], reach.cell_high[0]) == (0, np.inf)


def test_a_sum_of_cells_that_are_not_there_is_refused():
    with pytest.raises(ValueError, match="names cell 3"):
        linked([(3, [0, 1])], cells=3)
