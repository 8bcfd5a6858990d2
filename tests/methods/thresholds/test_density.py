"""Begged likes: found where they are, not where they are not."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from methods.thresholds.density import bunching, cutoff_density, score_counts
from methods.thresholds.local_polynomial import TooThin
from tests.methods.staged_designs import liked


def test_begged_likes_are_found_and_counted():
    frame = liked(1, rows=12_000, begging=0.3)
    pile = bunching(frame["likes"], threshold=20, draws=200)
    honest = frame["earned"].between(20, 22).sum()
    truth = 100 * (frame["likes"].between(20, 22).sum() - honest) / honest
    assert pile.low <= truth <= pile.high
    assert pile.p_value < 1e-6
    assert pile.missing_low <= 30 <= pile.missing_high
    assert cutoff_density(frame["likes"], threshold=20).p_value < 0.01


def test_nothing_is_found_where_nothing_was_begged():
    piles = [bunching(liked(seed)["likes"], threshold=20, draws=100) for seed in range(40)]
    assert np.mean([pile.p_value < 0.05 for pile in piles]) <= 0.15
    assert np.mean([pile.low <= 0 <= pile.high for pile in piles]) >= 0.85
    tests = [cutoff_density(liked(seed)["likes"], threshold=20).p_value for seed in range(60)]
    assert np.mean(np.array(tests) < 0.05) <= 0.12


@pytest.mark.slow
@pytest.mark.parametrize("rows", [3000, 12_000, 50_000])
def test_the_bunching_interval_covers(rows):
    covered, alarms = [], []
    for seed in range(150):
        frame = liked(seed, rows=rows, begging=0.3)
        honest = frame["earned"].between(20, 22).sum()
        truth = 100 * (frame["likes"].between(20, 22).sum() - honest) / honest
        pile = bunching(frame["likes"], threshold=20, draws=150)
        covered.append(pile.low <= truth <= pile.high)
        alarms.append(bunching(frame["earned"], threshold=20, draws=150).p_value < 0.05)
    assert np.mean(covered) >= 0.90
    assert np.mean(alarms) <= 0.10


def overshooting(seed: int) -> tuple[pd.Series, float]:
    """Begged likes, of which some land one beyond the zone; returns them and the true excess within it."""
    frame = liked(seed, rows=50_000, begging=0.3)
    likes, honest = frame["likes"].copy(), frame["earned"].between(20, 22).sum()
    likes[frame.index[likes == 22][::3]] = 23
    return likes, 100 * (likes.between(20, 22).sum() - honest) / honest


def test_what_overshoots_the_zone_does_not_lift_the_curve():
    off = {0: [], 1: []}
    for seed in range(6):
        likes, truth = overshooting(seed)
        for beyond, found in off.items():
            pile = bunching(likes, threshold=20, beyond=beyond, draws=60)
            found.append((pile.excess_percent - truth) / (pile.high - pile.low) * 2 * norm.isf(0.025))
    assert np.mean(off[0]) < -1.5
    assert abs(np.mean(off[1])) < 0.9


def test_a_score_is_left_out_beyond_only_where_enough_others_stay():
    pile = bunching(few_above(5), threshold=20, draws=5)
    assert "beyond" not in set(pile.curve["zone"])
    wide = bunching(liked(1)["likes"], threshold=20, beyond=2, draws=5).curve
    assert wide.loc[wide["zone"] == "beyond", "score"].tolist() == [23, 24]


def test_order_and_seed():
    likes = liked(3, begging=0.3)["likes"]
    first, second = (
        bunching(part, threshold=20, draws=50) for part in (likes, likes.sample(frac=1, random_state=1))
    )
    assert (first.low, first.high, first.p_value) == (second.low, second.high, second.p_value)
    shifted = bunching(likes + 7, threshold=27, draws=50)
    assert shifted.excess_percent == pytest.approx(first.excess_percent)


def test_the_bend_makes_the_test_milder():
    likes = pd.Series(np.repeat([19, 20, 21], [100, 140, 100]))
    strict, mild = (cutoff_density(likes, threshold=20, bend=bend) for bend in (0.0, 0.3))
    assert strict.p_value < 0.05 < mild.p_value
    assert (strict.before, strict.at, strict.after) == (100, 140, 100)


def test_hostile_scores():
    with pytest.raises(ValueError, match="not a whole number"):
        score_counts(pd.Series([1.0, 2.5]))
    with pytest.raises(ValueError, match="at least 20"):
        cutoff_density(pd.Series([19, 20, 21]), threshold=20)
    with pytest.raises(ValueError, match="both sides"):
        bunching(pd.Series([1, 2, 3]), threshold=20)
    with pytest.raises(ValueError, match="widen reach"):
        bunching(liked(1)["likes"], threshold=20, reach=6)
    counted = score_counts(pd.Series([1, 1, None, 3]))
    assert counted.to_dict() == {1: 2, 3: 1}


def few_above(last: int) -> pd.Series:
    """Scores that fall off steadily, few of them near 20 and `last` beyond 22."""
    return pd.Series(np.repeat([*range(5, 23), 23, 24, 25], [*range(60, 24, -2), last, 0, last]))


def test_a_curve_needs_rows_on_both_sides_of_the_gap():
    with pytest.raises(TooThin, match="fewer than 10 above 15 to 22"):
        bunching(few_above(4), threshold=20, draws=5)
    with pytest.raises(TooThin, match="fewer than 10 below"):
        bunching(40 - few_above(4), threshold=20, below=2, above=6, draws=5)


@pytest.mark.parametrize("seed", range(8))
def test_bootstrap_samples_of_next_to_no_counts_have_a_curve(seed):
    pile = bunching(few_above(5), threshold=20, draws=300, seed=seed)
    assert np.isfinite([pile.low, pile.high, pile.p_value]).all()
