"""Right or silent on worlds whose rules the demo market does not know."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from market.strange import WORLDS, draw_world
from methods.learners.nuisances import DEEP, EARNED_ALONE, SMOOTH, fit_nuisances
from tests.methods.worlds import SHAPES, answers, judged, known_holds, oracles, table

CLEAN = [name for name in WORLDS if draw_world(name, rows=300).clean]
BLIND = "hidden_unfelt"  # a cause that nothing shows: it takes controls that feel it to tell
HIDDEN = ("hidden_felt", BLIND, "hidden_harmless")


@pytest.mark.parametrize("name", list(WORLDS))
def test_one_small_draw_is_answered_in_reason(name):
    world = draw_world(name, rows=2_000, seed=11)
    for method, answer in answers(world, seed=11).items():
        interval, told = answer.interval, answer.warning + answer.withheld
        assert not (told and name in CLEAN), told
        if interval is None:
            continue
        assert np.isfinite([interval.low, interval.high]).all()
        assert interval.low < interval.estimate < interval.high
        off = abs(interval.estimate - world.truth[method.split()[-1]]) / interval.standard_error
        assert off < 3 or told or name in (BLIND, "rings", "sawtooth"), method


def test_what_only_trees_see_is_withheld_or_warned_of():
    for name in ("rings", "sawtooth"):
        found = answers(draw_world(name, rows=4_000, seed=2), seed=2)["adjusted_effect ate"]
        assert "learners of unlike kinds part" in found.warning + found.withheld


def test_what_controls_feel_is_withheld():
    found = answers(draw_world("hidden_felt", rows=2_000, seed=3), seed=3)
    fates = [found[f"adjusted_effect {which}"].fate(0.0) for which in ("ate", "att")]
    assert fates == ["withheld", "withheld"]
    assert found["calibrated att"].interval is not None


def test_quick_trees_see_a_pattern_that_trees_on_top_of_curves_miss():
    world = draw_world("threshold", rows=4_000, seed=9_000)
    matrix, treatment, outcome = (
        world.frame[names].to_numpy(float) for names in (list(world.covariates), "t", "y")
    )
    found = fit_nuisances(matrix, treatment, outcome, seed=9_000)
    assert found.learners == (DEEP,)
    curves = next(one for one in found.alternatives if one.learner == SMOOTH)
    assert curves.evidence > EARNED_ALONE


DRAWS = 40
MISSED_AT_95 = 6  # of 40: more happen in one series of a hundred where intervals keep to 95 %
RARE = 0.01


@pytest.mark.slow
def test_worlds_are_covered_warned_of_or_withheld():
    """Silence is priced: where the method's assumptions hold, at most a tenth is withheld or warned of.

    Elsewhere 90 % are covered, or of the misses 95 % are withheld or warned of. Draws are not those by which
    thresholds were chosen. Reported without a goal: a hidden cause without controls that feel it.
    """
    found = table(range(5_000, 5_000 + DRAWS))
    print(f"\n{DRAWS} draws a world\n{found.round(3).to_string()}")
    names, methods = (found.index.get_level_values(level) for level in ("world", "method"))
    clean = names.isin(CLEAN) & ~methods.str.startswith("calibrated")
    said = 1 - found["covered"] - found["missed"]
    assert (said[clean] <= 0.10).all()
    assert (found["holds"][clean] >= 1 - MISSED_AT_95 / DRAWS).all()
    owed = (names != BLIND) | methods.str.startswith("calibrated")
    assert covered_or_told(found, DRAWS)[owed].all()


@pytest.mark.slow
def test_patterns_of_many_rows_are_covered_or_told():
    draws = DRAWS // 4
    found = table(range(5_000, 5_000 + draws), names=SHAPES, sizes=(20_000,))
    print(f"\n{draws} draws a world\n{found.round(3).to_string()}")
    assert covered_or_told(found, draws).all()


def covered_or_told(found: pd.DataFrame, draws: int) -> np.ndarray:
    """Which rows of the table of worlds hold 90 %, or tell of 95 % of what they miss, but for chance."""
    missed = (draws * (1 - found["holds"].fillna(1.0))).round()  # nan: refused in every draw
    silent = (draws * found["missed"]).round()
    often = binom.sf(missed - 1, draws, 0.10) >= RARE
    return (often | (binom.sf(silent - 1, missed, 0.05) >= RARE)).astype(bool)


@pytest.mark.parametrize("name", ["rare_flag", "rare_treatment", "heavy_spend"])
def test_where_little_is_to_be_learned_from_the_interval_itself_keeps_its_level(name):
    """What is missed in such worlds by one told the true chances too is the luck of the draw."""
    draws = range(20_000, 20_060)
    held = sum(known_holds(draw_world(name, rows=2_000, seed=seed)) for seed in draws)
    assert binom.cdf(held, len(draws), 0.95) >= RARE


def test_an_oracle_that_knows_the_form_is_covered_in_one_small_draw():
    assert oracles("smooth", 2_000, seed=5_001)["form"]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [2_000, 4_000])
def test_where_no_learner_sees_the_pattern_the_rate_is_reported_as_such(rows):
    """Told the form, the estimator is covered everywhere: what is missed beyond that, learners miss.

    Where the learner that an oracle would pick holds the truth in less than 90 %, none here sees the pattern
    at that size; our answer is then owed to be told (above), not to hold.
    """
    draws = range(5_000, 5_000 + DRAWS // 4)
    found = pd.DataFrame(
        [{"world": name, **oracles(name, rows, seed)} for name in SHAPES for seed in draws]
    ).groupby("world")[["form", "pick"]]
    rates = found.mean()
    print(f"\n{len(draws)} draws a world, {rows:,} rows\n{rates.to_string()}")
    print(f"no learner sees: {', '.join(rates.index[rates['pick'] < 0.9]) or 'none of these'}")
    missed = len(draws) * (1 - rates["form"])
    assert (binom.sf(missed.round() - 1, len(draws), 0.05) >= RARE).all()


@pytest.mark.slow
def test_known_zeros_take_off_what_a_hidden_cause_does(keep_figure):
    """Covered in 90 % where the plain interval covers in at most 60 %; unfelt causes are refused.

    Where the hidden cause has no say in who is treated, calibrating widens an interval by at most a tenth:
    in the median, each beside the plain one of its own draw, as calibration is withheld in half of the draws.
    """
    found = table(range(7_000, 7_000 + DRAWS), names=HIDDEN)
    print(f"\n{DRAWS} draws a world\n{found.round(3).to_string()}")
    for rows in (2_000, 4_000):
        felt, unfelt, harmless = (found.loc[name, rows] for name in HIDDEN)
        assert felt.loc["adjusted_effect att", "holds"] <= 0.6
        assert felt.loc["calibrated att", "holds"] >= 0.9
        assert unfelt.loc["calibrated att", "withheld"] >= 0.9
        assert harmless.loc["calibrated att", "widened"] <= 1.1
        keep_figure(
            "B3",
            f"hidden cause, {rows:,} rows, {DRAWS} draws",
            plain_holds=felt.loc["adjusted_effect att", "holds"],
            calibrated_holds=felt.loc["calibrated att", "holds"],
            unrelated_refused=unfelt.loc["calibrated att", "withheld"],
            harmless_width=harmless.loc["calibrated att", "widened"],
        )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "draws"), [("village_trial", 400), ("adoption", 200)])
def test_few_whole_groups_keep_the_level(name, draws, keep_figure):
    """Six villages by lot, thirty by their own choice: at least 90 % of intervals hold, but for chance."""
    rows = pd.DataFrame([row for seed in range(8_000, 8_000 + draws) for row in judged(name, 2_000, seed)])
    held = rows.loc[rows["method"].str.endswith(" ate"), "held"].dropna().astype(float)
    keep_figure("B6", f"{WORLDS[name].about}, {draws} draws", holds=held.mean(), answered=len(held) / draws)
    assert binom.cdf(held.sum(), len(held), 0.90) >= RARE
