"""Small tables beside Tau-Argus, the program of the statistical offices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytauargus
import pytest

from methods.disclosure import attack, complementary, is_dominated, is_few, table_relations


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    """The program writes its logs to wherever it is started."""
    monkeypatch.chdir(tmp_path)


def people(counts: np.ndarray, amounts: np.ndarray | None = None) -> pd.DataFrame:
    """One row a person of a table of counts."""
    rows = [
        {"row": f"r{row}", "column": f"c{column}", "amount": 1.0}
        for (row, column), many in np.ndenumerate(counts)
        for _ in range(many)
    ]
    frame = pd.DataFrame(rows)
    return frame if amounts is None else frame.assign(amount=amounts)


def statuses(frame: pd.DataFrame, rules: str, place) -> pd.DataFrame:
    done = pytauargus.protect(
        frame, tables=["row", "column"], response="amount", safety_rules=rules, workdir=str(place)
    )
    return pd.DataFrame(done.tables[0].rows)


@pytest.mark.parametrize("seed", range(3))
def test_its_hidden_cells_stand_our_attack_and_ours_cost_little_more(seed, tmp_path):
    rng = np.random.default_rng(seed)
    counts = rng.integers(12, 60, (3, 3))
    counts[rng.integers(3), rng.integers(3)] = rng.integers(2, 11)
    theirs = statuses(people(counts), "FREQ(11,100)", tmp_path)
    inside = theirs[(theirs["row"].str.strip() != "") & (theirs["column"].str.strip() != "")]
    unsafe = inside[inside["status"] == "U"]
    values = with_totals(counts)
    few = is_few(values)
    assert len(unsafe) == few.sum() == 1
    relations = table_relations(4, 4)
    hidden = np.zeros((4, 4), dtype=bool)
    for cell in theirs[theirs["status"].isin(["U", "M"])].itertuples():
        hidden[place_of(cell.row), place_of(cell.column)] = True
    reach = attack(values, relations, hidden.ravel())
    assert not reach.is_exact[hidden.ravel()].any()
    ours = complementary(values, relations, few, lowest=0, highest=11)
    assert ours.hidden.sum() <= hidden.sum() + 2


@pytest.mark.parametrize("seed", range(3))
def test_the_same_sums_of_money_are_led_by_one(seed, tmp_path):
    rng = np.random.default_rng(seed)
    frame = people(np.full((3, 3), 4), rng.pareto(0.5, 36).round(2) + 1)
    theirs = statuses(frame, "P(10,1)", tmp_path).set_index(["row", "column"])["status"]
    for (row, column), own in frame.groupby(["row", "column"])["amount"]:
        most = np.sort(own)[::-1]
        assert (theirs[row, column] == "U") == bool(is_dominated(own.sum(), most[0], most[1]))


def with_totals(inside: np.ndarray) -> np.ndarray:
    wide = np.column_stack([inside, inside.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)]).ravel().astype(float)


def place_of(code: str) -> int:
    """The place of a row or column; the total's is the last."""
    return int(code.strip()[1:]) if code.strip()[1:].isdigit() else 3
