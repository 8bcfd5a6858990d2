"""Who wins under which weights: exact areas, no rank reversal, hostile scores."""

from __future__ import annotations

import numpy as np
import pytest

from methods.decisions import rank_acceptability, weight_switches


@pytest.mark.parametrize(
    ("scores", "exact"),
    [
        # Of two criteria the first wins where its weight is above the crossing.
        ([[10, 0], [0, 10]], [0.5, 0.5]),
        ([[8, 2], [6, 6]], [1 / 3, 2 / 3]),
        ([[9, 9], [3, 9], [1, 1]], [1, 0, 0]),
        # Three specialists win a third of the triangle each; a corner that needs w > 1/2 is a quarter.
        (np.eye(3) * 10, [1 / 3, 1 / 3, 1 / 3]),
        ([[10, 0, 0], [5, 5, 5]], [1 / 4, 3 / 4]),
    ],
)
def test_shares_are_the_areas_in_the_triangle_of_weights(scores, exact):
    found = rank_acceptability(scores, draws=20_000)
    for share, area in zip(found.first, exact, strict=True):
        assert share.estimate == pytest.approx(area, abs=0.012)
    np.testing.assert_allclose(found.ranks.sum(axis=0), 1)
    np.testing.assert_allclose(found.ranks.sum(axis=1), 1)


def test_intervals_of_the_draws_hold_the_exact_share():
    held = [
        share.low <= 1 / 3 <= share.high
        for seed in range(200)
        for share in rank_acceptability([[8, 2], [6, 6]], draws=400, seed=seed).first[:1]
    ]
    assert 0.9 <= np.mean(held) <= 0.99


def test_a_range_that_covers_another_s_splits_the_wins():
    found = rank_acceptability([[0, 0], [5, 5]], [[10, 10], [5, 5]], draws=20_000)
    assert found.first[0].estimate == pytest.approx(0.5, abs=0.012)


def test_favouring_weights_lean_to_what_an_option_is_good_at():
    found = rank_acceptability(np.eye(3) * 10)
    assert (found.favouring.argmax(axis=1) == np.arange(3)).all()
    np.testing.assert_allclose(found.favouring.sum(axis=1), 1)
    assert np.isnan(rank_acceptability([[9, 9], [1, 1]]).favouring[1]).all()


def order(scores, weights) -> list[int]:
    return np.argsort(-(np.asarray(scores, dtype=float) @ weights)).tolist()


def stretched(scores):
    """Scores stretched from the worst to the best of those compared, as TOPSIS and min–max tables do."""
    scores = np.asarray(scores, dtype=float)
    return (scores - scores.min(axis=0)) / np.ptp(scores, axis=0)


def test_leaving_an_option_out_never_turns_the_others_round_as_stretched_scales_do():
    scores, even = np.array([[8.0, 4.0], [5.0, 6.0], [5.0, 0.0]]), np.array([0.5, 0.5])
    assert order(scores, even)[:2] == order(scores[:2], even) == [0, 1]
    uneven = np.array([0.45, 0.55])
    assert order(scores, uneven)[:2] == order(scores[:2], uneven)
    assert order(stretched(scores), uneven)[:2] != order(stretched(scores[:2]), uneven)


def test_switches_are_where_two_options_are_worth_the_same():
    scores = np.array([[8.0, 3.0, 6.0], [6.0, 7.0, 2.0], [4.0, 5.0, 5.0]])
    for row in weight_switches(scores).itertuples():
        for weight, to in ((row.above, row.to_above), (row.below, row.to_below)):
            if to < 0:
                continue
            weights = np.full(3, (1 - weight) / 2)
            weights[row.criterion] = weight
            values = scores @ weights
            assert values[to] == pytest.approx(values.max())
            assert np.isclose(values, values.max()).sum() == 2


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ([[1, 2]], None, "two options"),
        ([1, 2, 3], None, "options × criteria"),
        ([[1, 2], [3, np.nan]], None, "missing"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 3]], "option 1, criterion 1"),
        ([[1, 2], [3, 4]], [[1, 2]], "shapes"),
    ],
)
def test_impossible_scores_are_refused_by_place(low, high, words):
    with pytest.raises(ValueError, match=words):
        rank_acceptability(low, high)
    if high is None and np.ndim(low) == 1:
        with pytest.raises(ValueError, match="2 options"):
            weight_switches(low)
