"""One cut in time: nothing leaks, nothing is lost, and planted leaks are refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from methods.errors import CannotAnswer
from methods.lists.split import LeakageError, audit, audit_features, split_at, split_at_random
from tests.taste_shops import purchases_of

CUT, END = dt.datetime(2024, 3, 1), dt.datetime(2024, 4, 1)


@pytest.fixture
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "customer": rng.integers(0, 60, 900).astype(np.int32),
            "item": np.minimum(rng.geometric(0.08, 900), 80).astype(np.int32),
            "placed_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 100, 900), unit="D"),
        }
    )
    frame.loc[frame["customer"] > 55, "placed_at"] += pd.Timedelta(days=70)
    frame.loc[frame["item"] > 40, "placed_at"] += pd.Timedelta(days=40)
    return frame.drop_duplicates().sort_values(["placed_at", "item", "customer"], ignore_index=True)


def pairs(matrix, split) -> set[tuple[int, int]]:
    row, column = matrix.nonzero()
    return set(zip(split.customers[row].tolist(), split.items[column].tolist(), strict=True))


@pytest.mark.parametrize("repeats", [False, True])
def test_each_side_holds_exactly_what_a_plain_reading_gives(rows, repeats):
    split = split_at(purchases_of(rows), cut_at=CUT, end_at=END, repeats=repeats)
    before, after, sold = set(), set(), set()
    for customer, item, at in rows.itertuples(index=False, name=None):
        if at < CUT:
            before.add((customer, item))
            sold.add(item)
        elif at < END:
            after.add((customer, item))
    known = {customer for customer, _ in before}
    judged = {(c, i) for c, i in after if c in known and i in sold and (repeats or (c, i) not in before)}
    assert pairs(split.train, split) == before
    assert pairs(split.test, split) == judged
    assert set(split.customers[split.judged]) == {customer for customer, _ in judged}


@pytest.mark.parametrize("repeats", [False, True])
def test_what_is_left_out_and_judged_adds_up(rows, repeats):
    count = split_at(purchases_of(rows), cut_at=CUT, end_at=END, repeats=repeats).exclusions.iloc[:, 1]
    assert count.iloc[0] == count.iloc[1:].sum()
    assert (count > 0).all()


def test_products_stand_in_order_of_their_buyers_and_days_count_back_from_the_cut(rows):
    split = split_at(purchases_of(rows), cut_at=CUT, end_at=END)
    buyers = np.bincount(split.train.indices)
    assert (np.diff(buyers) <= 0).all()
    row, column = split.days_ago.nonzero()
    customer, item = split.customers[row[0]], split.items[column[0]]
    mine = rows[(rows["customer"] == customer) & (rows["item"] == item) & (rows["placed_at"] < CUT)]
    assert split.days_ago[row[0], column[0]] == max((CUT - mine["placed_at"].max()).days, 1)


def test_a_purchase_at_the_very_cut_is_judged_and_not_learned_from():
    times = pd.to_datetime(["2024-02-01", "2024-02-02", "2024-03-01"])
    rows = pd.DataFrame({"customer": [0, 1, 0], "item": [0, 1, 1], "placed_at": times})
    split = split_at(purchases_of(rows), cut_at=CUT, end_at=END)
    assert split.train.sum() == 2
    assert split.test.sum() == 1


def test_a_cut_before_all_purchases_cannot_be_answered(rows):
    with pytest.raises(CannotAnswer, match="nothing was bought before"):
        split_at(purchases_of(rows), cut_at=dt.datetime(2020, 1, 1), end_at=END)


def test_a_cut_after_its_end_and_a_missing_time_are_errors(rows):
    with pytest.raises(ValueError, match="earlier than end_at"):
        split_at(purchases_of(rows), cut_at=END, end_at=CUT)
    with pytest.raises(ValueError, match="placed_at"):
        split_at(purchases_of(rows.drop(columns="placed_at")), cut_at=CUT, end_at=END)


def test_a_random_split_holds_back_its_share_and_says_that_it_flatters(rows):
    split = split_at_random(purchases_of(rows), share=0.2, seed=1)
    distinct = rows.drop_duplicates(["customer", "item"])
    spare = len(distinct) - distinct["customer"].nunique()
    assert split.exclusions.iloc[0, 1] == pytest.approx(0.2 * spare, abs=4 * np.sqrt(0.16 * spare))
    assert set(split.customers) == set(distinct["customer"])
    assert "flatters" in split.leak
    again = split_at_random(purchases_of(rows), share=0.2, seed=1)
    assert (split.test != again.test).nnz == 0
    assert pairs(split_at_random(purchases_of(rows), share=0.2, seed=2).test, split) != pairs(
        split.test, split
    )


@pytest.mark.parametrize("share", [0.0, 1.0, -1, 2])
def test_a_share_outside_0_to_1_is_an_error(rows, share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_at_random(purchases_of(rows), share=share, seed=1)


def clean() -> dict:
    training = pd.DataFrame({"customer": [1, 2], "item": [1, 2], "placed_at": [CUT - dt.timedelta(1)] * 2})
    judged = pd.DataFrame({"customer": [1], "item": [2], "placed_at": [CUT]})
    return {"training": training, "judged": judged, "cut_at": CUT, "repeats": False}


def test_a_clean_split_passes_the_audit():
    audit(**clean(), features={"friends": CUT})


@pytest.mark.parametrize(
    ("leak", "words"),
    [
        ("late training", "1 training rows lie at or after the cut"),
        ("early judged", "judged rows lie before the cut"),
        ("late feature", "feature 'friends' was built with data up to"),
        ("unknown product", "products unknown at the cut"),
        ("both sides", "pairs are on both sides"),
    ],
)
def test_a_planted_leak_is_refused(leak, words):
    case = clean()
    features = {"friends": CUT + dt.timedelta(seconds=1)} if leak == "late feature" else {}
    if leak == "late training":
        case["training"].loc[1, "placed_at"] = CUT
    if leak == "early judged":
        case["judged"].loc[0, "placed_at"] = CUT - dt.timedelta(seconds=1)
    if leak == "unknown product":
        case["judged"].loc[0, "item"] = 9
    if leak == "both sides":
        case["judged"].loc[0, "item"] = 1
    with pytest.raises(LeakageError, match=words):
        audit(**case, features=features)


def test_the_same_pair_on_both_sides_is_allowed_where_repeats_count():
    case = clean()
    case["judged"].loc[0, "item"] = 1
    audit(**{**case, "repeats": True})


def test_a_tie_of_after_the_cut_would_be_refused():
    with pytest.raises(LeakageError, match="feature 'ties' was built with data up to"):
        audit_features({"ties": CUT + dt.timedelta(seconds=1)}, CUT)
    audit_features({"ties": CUT, "ratings": None}, CUT)


def test_rows_without_a_time_lie_on_no_side(rows):
    for side in ("training", "judged"):
        case = clean()
        case[side] = case[side].assign(placed_at=pd.NaT)
        with pytest.raises(LeakageError, match=f"rows of the {side} part have no time"):
            audit(**case)
    gone = rows.assign(placed_at=rows["placed_at"].mask(np.arange(len(rows)) == 3))
    with pytest.raises(ValueError, match=r"1 purchase of .* without a time"):
        split_at(purchases_of(gone), cut_at=dt.datetime(2024, 2, 1), end_at=dt.datetime(2024, 6, 1))


def test_days_count_from_the_last_purchase_in_whatever_order_rows_stand(rows):
    ends = {"cut_at": dt.datetime(2024, 3, 1), "end_at": dt.datetime(2024, 12, 1)}
    one, other = (
        split_at(purchases_of(frame), **ends) for frame in (rows, rows.sample(frac=1, random_state=1))
    )
    assert np.array_equal(one.days_ago.toarray(), other.days_ago.toarray())
