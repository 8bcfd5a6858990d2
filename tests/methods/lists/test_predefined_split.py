"""A split made by others, under any names of columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.lists.ease import Ease
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import Popular
from methods.lists.model_comparison import compare_models, judge
from methods.lists.predefined_split import predefined_split
from methods.lists.split import LeakageError


@pytest.fixture
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(4)
    user = np.repeat(np.arange(80), 15)
    group = user % 4
    item = np.where(rng.random(len(user)) < 0.7, group * 10, 0) + rng.integers(0, 10, len(user))
    rows = pd.DataFrame({"uid": user, "artist": [f"a{n}" for n in item]}).drop_duplicates()
    held = rng.random(len(rows)) < 0.2
    return rows[~held], rows[held]


def test_every_given_row_is_on_its_side(frames):
    train, test = frames
    purchases, split = predefined_split(train, test, customer="uid", item="artist")
    row, column = split.train.nonzero()
    found = set(
        zip(purchases.customers[split.customers[row]], purchases.items[split.items[column]], strict=True)
    )
    assert found == set(train.itertuples(index=False, name=None))
    row, column = split.test.nonzero()
    found = set(
        zip(purchases.customers[split.customers[row]], purchases.items[split.items[column]], strict=True)
    )
    assert found == set(test.itertuples(index=False, name=None))
    assert "without times" in split.leak


def test_models_are_judged_on_it_at_any_length(frames):
    _, split = predefined_split(*frames, customer="uid", item="artist")
    for model in (Ease(l2=5.0), ItemNeighbours(neighbours=508, similarity="dot"), Popular()):
        lists, measures = judge(model, split, split.judged, 20)
        assert lists.shape == (len(split.judged), 20)
        assert set(measures) == {"hit_rate", "recall", "ndcg", "map", "mrr"}
    assert judge(Ease(l2=5.0), split, split.judged, 5)[1]["ndcg"].mean() > (
        judge(Popular(), split, split.judged, 5)[1]["ndcg"].mean() + 0.05
    )


def test_a_contest_can_be_held_on_it(frames):
    comparison = compare_models(*predefined_split(*frames, customer="uid", item="artist"), length=5)
    assert [entry.key for entry in comparison.entries] == ["popular", "neighbours", "ease", "als"]


def test_what_cannot_be_judged_is_counted(frames):
    train, test = frames
    odd = pd.DataFrame({"uid": [999, int(train["uid"].iloc[0])], "artist": [train["artist"].iloc[0]] * 2})
    odd.loc[len(odd)] = [int(train["uid"].iloc[0]), "nobody's"]
    _, split = predefined_split(train, pd.concat([test, odd]), customer="uid", item="artist")
    count = split.exclusions["customer-product pairs"]
    assert count.tolist() == [len(test) + 3, 1, 1, 1, len(test)]


def test_missing_ids_and_columns_are_refused(frames):
    train, test = frames
    with pytest.raises(ValueError, match="missing ids"):
        predefined_split(train, test.assign(artist=None), customer="uid", item="artist")
    with pytest.raises(KeyError):
        predefined_split(train, test)


class TestTimes:
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        train = pd.DataFrame({"customer": [1, 1, 2, 2], "item": ["a", "b", "a", "c"]})
        train["when"] = pd.to_datetime(["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-04"])
        test = pd.DataFrame({"customer": [1, 2], "item": ["c", "b"]})
        test["when"] = pd.to_datetime(["2024-01-05", "2024-01-06"])
        return train, test

    def test_named_they_cut_and_days_count_back_from_it(self):
        _, split = predefined_split(*self.frames(), time="when")
        assert (split.leak, split.cut_at) == ("", pd.Timestamp("2024-01-05"))
        assert sorted(split.days_ago.data.tolist()) == [1, 2, 3, 4]

    def test_a_training_row_after_the_cut_is_a_leak(self):
        train, test = self.frames()
        train.loc[0, "when"] = pd.Timestamp("2024-01-05 12:00")
        with pytest.raises(LeakageError, match="1 training rows lie at or after the cut"):
            predefined_split(train, test, time="when")

    def test_left_unnamed_or_missing_they_are_an_error(self):
        train, test = self.frames()
        with pytest.raises(ValueError, match="column 'when' holds moments"):
            predefined_split(train, test)
        test.loc[0, "when"] = pd.NaT
        with pytest.raises(ValueError, match="column 'when' holds missing times"):
            predefined_split(train, test, time="when")
