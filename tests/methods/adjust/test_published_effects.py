"""Published figures on real tables (../shared/data); each is skipped where its table is absent."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.paths import project_folder
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.comparisons import regression_adjusted
from methods.regression.covariates import covariate_matrix
from methods.trials.encouragement import complier_effect
from methods.trials.intention_to_treat import intention_to_treat
from methods.trials.sample_ratio import sample_ratio


def table(name: str) -> pd.DataFrame:
    path = project_folder() / "../shared/data" / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not there: the figures need the real table")
    return pd.read_stata(path) if path.suffix == ".dta" else pd.read_csv(path)


NSW_COVARIATES = (
    "age",
    "education",
    "black",
    "hispanic",
    "married",
    "nodegree",
    "re74",
    "re75",
    "u74",
    "u75",
)


def nsw_with_survey_controls() -> pd.DataFrame:
    trained = table("nsw/nsw_dw.dta").query("treat == 1")
    both = pd.concat([trained, table("nsw/psid_controls.dta")], ignore_index=True)
    return both.assign(u74=(both["re74"] == 0) * 1, u75=(both["re75"] == 0) * 1)


@pytest.mark.parametrize(
    ("mail", "points", "error", "relative"), [("Mens", 7.66, 0.34, 72.1), ("Womens", 4.52, 0.32, 42.6)]
)
def test_hillstrom_mails(mail, points, error, relative):
    frame = table("hillstrom/hillstrom.csv")
    two = frame[frame["segment"].isin(["No E-Mail", f"{mail} E-Mail"])]
    offer = intention_to_treat(
        two.assign(mailed=(two["segment"] != "No E-Mail") * 1), outcome="visit", treatment="mailed"
    )
    assert 100 * offer.effect.estimate == pytest.approx(points, abs=0.005)
    assert 100 * offer.effect.standard_error == pytest.approx(error, abs=0.005)
    assert 100 * offer.relative.estimate == pytest.approx(relative, abs=0.1)
    assert 100 * offer.control_mean == pytest.approx(10.617, abs=0.001)


def test_hillstrom_arms_were_drawn_fairly():
    ratio = sample_ratio(table("hillstrom/hillstrom.csv")["segment"])
    assert ratio.p_value == pytest.approx(0.904, abs=0.001)
    assert not ratio.alarm


def test_nsw_experiment():
    offer = intention_to_treat(table("nsw/nsw_dw.dta"), outcome="re78", treatment="treat")
    assert offer.effect.estimate == pytest.approx(1794.34, abs=0.01)
    assert offer.effect.standard_error == pytest.approx(671.0, abs=0.1)


def test_nsw_trained_against_survey_controls():
    """Raw −15,205; regression 4.2; published doubly robust answers lie between 45 (797) and 1,512 (780)."""
    frame = nsw_with_survey_controls()
    effect = adjusted_effect(frame, outcome="re78", treatment="treat", covariates=NSW_COVARIATES, repeats=2)
    assert effect.raw.estimate == pytest.approx(-15204.8, abs=0.1)
    assert 0 < effect.att.estimate < 3_600
    assert effect.att.low < 1794 < effect.att.high
    assert effect.ate is None
    assert "no counterpart" in effect.overlap.warning
    plain = covariate_matrix(frame, NSW_COVARIATES, log_skewed=False)
    y, t = (frame[name].to_numpy(dtype=float) for name in ("re78", "treat"))
    assert regression_adjusted(y, t, plain).estimate == pytest.approx(4.2, abs=0.1)


def test_nsw_placebo_fails_as_published():
    """Earnings before training cannot be its effect, yet adjustment finds one (published −1,265 (263)).

    The published interval rests on a sample trimmed by hand; ours, on all, is wider and must hold it. Chances
    of less than 0.012 used to be cut there, which let 2,000 unlike controls in: it gave −2,291 (834).
    """
    covariates = [name for name in NSW_COVARIATES if name not in ("re75", "u75")]
    frame = nsw_with_survey_controls()
    effect = adjusted_effect(frame, outcome="re75", treatment="treat", covariates=covariates, repeats=1)
    assert effect.att.low < -1_265 < effect.att.high
    assert -2_000 < effect.att.estimate < -800
    assert "no counterpart" in effect.warning


def test_card_schooling():
    frame = table("card/card.csv")
    regions = [f"reg66{number}" for number in range(1, 9)]
    held = ["exper", "expersq", "black", "south", "smsa", "smsa66", *regions]
    x = covariate_matrix(frame, held, log_skewed=False)
    names = {"outcome": "lwage", "treatment": "educ", "instrument": "nearc4", "covariates": x}
    found = complier_effect(frame, **names, robust=False)
    assert found.effect.estimate == pytest.approx(0.1315, abs=5e-5)
    assert found.effect.standard_error == pytest.approx(0.0550, abs=5e-5)
    assert found.first_stage_f == pytest.approx(13.26, abs=0.005)
    assert (found.low, found.high) == pytest.approx((0.0248, 0.2848), abs=2e-4)
    assert complier_effect(frame, **names).first_stage_f == pytest.approx(14.14, abs=0.005)
    y, t = (frame[name].to_numpy(dtype=float) for name in ("lwage", "educ"))
    assert regression_adjusted(y, t, x).estimate == pytest.approx(0.0747, abs=5e-5)
