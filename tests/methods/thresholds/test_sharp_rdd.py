"""A jump at a threshold: published figures, recovery, coverage, invariance and hostile scores."""

import numpy as np
import pandas as pd
import pytest

from methods.thresholds.local_polynomial import TooThin, boundary_weights, neighbour_residuals
from methods.thresholds.sharp_rdd import bandwidth_curve, donut_rdd, placebo_jumps, sharp_rdd
from tests.methods.staged_designs import liked, real_table, smooth

COLUMNS = {"outcome": "outcome", "score": "score"}


def test_the_senate_races_give_the_published_figures():
    jump = sharp_rdd(real_table("senate/rdrobust_senate.csv"), outcome="vote", score="margin")
    assert jump.estimate == pytest.approx(7.414, abs=5e-4)
    assert jump.standard_error == pytest.approx(1.459, abs=5e-4)
    assert (jump.low, jump.high) == pytest.approx((4.094, 10.919), abs=5e-4)
    assert (jump.bandwidth, jump.bias_bandwidth) == pytest.approx((17.754, 28.028), abs=5e-4)
    assert (jump.n_left, jump.n_right, jump.used_left, jump.used_right) == (595, 702, 360, 323)
    assert jump.warning == ""


# Recorded from the authors' own package (rdrobust 2.1.1, nearest-neighbour variance) on the same draws:
# estimate, error, robust low and high, bandwidth, bias bandwidth.
RECORDED = [
    (
        liked(3),
        ("again", "likes", 20),
        (0.17867538, 0.07807624, 0.03151748, 0.3857493, 4.69189707, 8.9177965),
    ),
    (
        smooth(3),
        ("outcome", "score", 0),
        (0.53567592, 0.07753418, 0.35958489, 0.72643048, 0.1902874, 0.27628589),
    ),
    (
        smooth(12, rows=250),
        ("outcome", "score", 0),
        (0.64654317, 0.24641847, 0.18253602, 1.31118081, 0.16608887, 0.26973415),
    ),
]


@pytest.mark.parametrize(
    ("frame", "names", "recorded"), RECORDED, ids=["whole numbers", "continuous", "few rows"]
)
def test_it_equals_the_authors_package(frame, names, recorded):
    outcome, score, threshold = names
    jump = sharp_rdd(frame, outcome=outcome, score=score, threshold=threshold)
    found = (jump.estimate, jump.standard_error, jump.low, jump.high, jump.bandwidth, jump.bias_bandwidth)
    assert found == pytest.approx(recorded, rel=2e-6)


def test_a_line_with_a_jump_is_found_exactly():
    score = np.arange(-30, 30) + 0.5
    frame = pd.DataFrame({"score": score, "outcome": 2 + 0.1 * score + 3.0 * (score > 0)})
    jump = sharp_rdd(frame, **COLUMNS, bandwidth=10.0)
    assert jump.estimate == pytest.approx(3.0, abs=1e-9)
    assert jump.corrected == pytest.approx(3.0, abs=1e-9)


def test_bias_is_taken_off_a_curve():
    score = np.linspace(-1, 1, 400)
    frame = pd.DataFrame({"score": score, "outcome": score**2 * np.where(score > 0, 4, -1) + (score >= 0)})
    jump = sharp_rdd(frame, **COLUMNS, bandwidth=0.5)
    assert abs(jump.estimate - 1) > 0.05
    assert jump.corrected == pytest.approx(1.0, abs=1e-6)


def test_intervals_cover_on_continuous_scores():
    covered = [jump.low <= 0.5 <= jump.high for jump in (sharp_rdd(smooth(s), **COLUMNS) for s in range(150))]
    assert 0.90 <= np.mean(covered) <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 0.06])
def test_intervals_cover_on_whole_number_scores(effect):
    looks = [
        sharp_rdd(liked(s, effect=effect), outcome="again", score="likes", threshold=20) for s in range(400)
    ]
    assert 0.92 <= np.mean([jump.low <= effect <= jump.high for jump in looks]) <= 0.98
    assert abs(np.mean([jump.corrected for jump in looks]) - effect) < 0.012


@pytest.mark.slow
def test_the_donut_covers_when_likes_are_begged():
    names = {"outcome": "again", "score": "likes", "threshold": 20}
    frames = (liked(seed, rows=12_000, begging=0.3) for seed in range(200))
    looks = [donut_rdd(frame, **names, below=5, above=3) for frame in frames]
    assert 0.91 <= np.mean([jump.low <= 0.06 <= jump.high for jump in looks]) <= 0.99


@pytest.mark.parametrize("seed", [1, 2])
def test_shift_scale_order_and_copies(seed):
    frame = smooth(seed)
    jump = sharp_rdd(frame, **COLUMNS)
    moved = frame.assign(score=frame["score"] * 10 + 7, outcome=frame["outcome"] * 3 - 4)
    other = sharp_rdd(moved.sample(frac=1, random_state=seed), **COLUMNS, threshold=7.0)
    assert other.corrected == pytest.approx(3 * jump.corrected, rel=1e-7)
    assert (other.low, other.high) == pytest.approx((3 * jump.low, 3 * jump.high), rel=1e-7)
    assert other.bandwidth == pytest.approx(10 * jump.bandwidth, rel=1e-7)


def test_order_of_rows_does_not_matter_with_repeated_scores():
    frame = liked(5)
    first = sharp_rdd(frame, outcome="again", score="likes", threshold=20)
    second = sharp_rdd(frame.sample(frac=1, random_state=1), outcome="again", score="likes", threshold=20)
    assert first == second


def test_repeated_scores_are_warned_about_in_words():
    jump = sharp_rdd(liked(1), outcome="again", score="likes", threshold=20)
    assert f"only {jump.scores_left} values below" in jump.warning


def test_a_continuous_score_that_repeats_is_not_called_one_of_few_values():
    """Rounded to a hundredth, so that rows share their scores: hundreds of places are left on each side."""
    rounded = smooth(1, rows=6_000).assign(score=lambda rows: rows["score"].round(3))
    jump = sharp_rdd(rounded, outcome="outcome", score="score")
    assert jump.scores_left > 100
    assert jump.warning == ""


def test_clusters_of_copies_widen_the_interval():
    frame = smooth(4).assign(group=lambda rows: np.arange(len(rows)))
    twice = pd.concat([frame, frame], ignore_index=True)
    width = {"bandwidth": 0.4}
    plain = sharp_rdd(twice, **COLUMNS, **width)
    robust = sharp_rdd(twice, **COLUMNS, cluster="group", **width)
    assert robust.robust_error > 1.25 * plain.robust_error
    assert robust.corrected == pytest.approx(plain.corrected)


def test_missing_values_are_left_out_and_counted():
    frame = smooth(6)
    holed = frame.copy()
    holed.loc[::10, "outcome"] = np.nan
    holed.loc[5::50, "score"] = np.nan
    assert sharp_rdd(holed, **COLUMNS) == sharp_rdd(holed.dropna(), **COLUMNS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(score=1.0), "0 different values below"),
        (lambda f: f.assign(score=f["score"].abs()), "below"),
        (lambda f: f.assign(score=np.where(f["score"] < 0, -1.0, 2.0)), "1 different value below"),
        (lambda f: f.assign(outcome="x"), "numbers are needed"),
        (lambda f: f.assign(outcome=np.inf), "infinite"),
        (lambda f: f.assign(outcome=1.0), "nothing that could jump"),
        (lambda f: f.iloc[:0], "0 different values"),
    ],
)
def test_hostile_frames_are_refused_with_the_column(change, words):
    with pytest.raises(ValueError, match=words):
        sharp_rdd(change(smooth(1)), **COLUMNS)


def test_unknown_column_and_bad_bandwidth():
    with pytest.raises(KeyError, match="no columns"):
        sharp_rdd(smooth(1), outcome="nothing", score="score")
    with pytest.raises(ValueError, match="bandwidth"):
        sharp_rdd(smooth(1), **COLUMNS, bandwidth=-1.0)
    with pytest.raises(TooThin, match="widen the bandwidth"):
        sharp_rdd(liked(1), outcome="again", score="likes", threshold=20, bandwidth=1.5)
    with pytest.raises(TooThin, match="0 different scores"):
        sharp_rdd(liked(1), outcome="again", score="likes", threshold=20.5, bandwidth=0.1)


def test_placebos_are_quiet_and_a_jumping_covariate_is_caught():
    frame = liked(11, rows=20_000, begging=0.0)
    frame = frame.assign(bad=frame["trait"] + 1.0 * (frame["likes"] >= 20))
    checks = placebo_jumps(
        frame, outcome="again", score="likes", threshold=20, cutoffs=(10, 30), covariates=("trait", "bad")
    ).set_index("check")
    assert checks.loc["bad", "p_value"] < 0.001
    assert checks.loc[["cut-off 10", "cut-off 30", "trait"], "p_value"].min() > 0.001


def test_bandwidth_curve_is_the_estimate_at_one():
    frame = smooth(8)
    curve = bandwidth_curve(frame, **COLUMNS, threshold=0.0).set_index("factor")
    assert curve.loc[1.0, "estimate"] == pytest.approx(sharp_rdd(frame, **COLUMNS).corrected)
    assert curve["used"].is_monotonic_increasing


def test_a_donut_without_hole_is_the_plain_estimate():
    frame = smooth(9)
    plain = sharp_rdd(frame, **COLUMNS)
    assert donut_rdd(frame, **COLUMNS, below=0, above=0).corrected == pytest.approx(plain.corrected)
    with pytest.raises(ValueError, match="widths"):
        donut_rdd(frame, **COLUMNS, below=-1, above=0)


def test_weights_reproduce_polynomials():
    x = np.linspace(0.05, 1, 40)
    weights, _ = boundary_weights(x, order=2, derivative=2, bandwidth=0.8)
    assert weights @ (1 + 2 * x + 3 * x**2) == pytest.approx(6.0)
    weights, response = boundary_weights(x, order=1, derivative=0, bandwidth=0.8)
    assert weights @ (1 + 2 * x) == pytest.approx(1.0)
    assert weights @ x**2 == pytest.approx(response * 0.8**2)


def brute_residuals(x: np.ndarray, y: np.ndarray, neighbours: int = 3) -> np.ndarray:
    """The definition, one row at a time: take whole distances until there are enough."""
    found = []
    for place in range(len(x)):
        distance = np.abs(np.delete(x, place) - x[place])
        rest = np.delete(y, place)
        reach = np.sort(distance)[min(neighbours, len(rest)) - 1]
        near = rest[distance <= reach]
        found.append(np.sqrt(len(near) / (len(near) + 1)) * (y[place] - near.mean()))
    return np.array(found)


@pytest.mark.parametrize("seed", range(6))
def test_neighbour_residuals_follow_their_definition(seed):
    rng = np.random.default_rng(seed)
    size = rng.integers(5, 60)
    x = np.sort(rng.integers(0, 12, size) if seed % 2 else rng.random(size)).astype(float)
    y = rng.normal(size=len(x))
    assert neighbour_residuals(x, y) == pytest.approx(brute_residuals(x, y))
