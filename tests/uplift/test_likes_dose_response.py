"""A3: likes and repurchase; recovery of a known curve, oracle agreement, the market's truth, chance, gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import CannotAnswer, Skipped
from helpers.uplift import likes_dose_response, ten_likes
from helpers.uplift.a03_likes_dose_response.liked_study import liked_study
from helpers.uplift.a03_likes_dose_response.likes_dose_response import coupon_terms
from methods.adjust import dose_response
from methods.adjust.mediation import part_of
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.regression.covariates import covariate_matrix
from tests.market_runs import line, market_shop

WINDOWS = {"enrol_days": 56, "share_hours": 48, "like_hours": 48, "follow_days": 92}


def liked_sample(rows: int, seed: int, *, slope: float = 0.05, jump: float = 0.0) -> pd.DataFrame:
    """Friends drive likes and the outcome; the outcome rises with log(1 + likes) and jumps at 20."""
    rng = np.random.default_rng(seed)
    friends = rng.poisson(6, rows)
    likes = rng.poisson(np.exp(0.8 + 0.12 * friends) * rng.standard_gamma(4, rows) / 4)
    chance = 0.2 + 0.03 * friends.clip(max=12) + slope * np.log1p(likes) + jump * (likes >= 20)
    return pd.DataFrame({"friends": friends, "likes": likes, "again": (rng.random(rows) < chance) * 1.0})


def fitted(frame: pd.DataFrame, **options):
    x = covariate_matrix(frame, ["friends"], log_skewed=False)
    return dose_response(frame["again"].to_numpy(), frame["likes"].to_numpy(dtype=float), x, **options)


def test_the_curve_and_its_interval_recover_the_truth_that_plain_averages_miss():
    found = [fitted(liked_sample(1_500, seed), repeats=1).effect_of(10) for seed in range(60)]
    truth = 0.05 * np.log(11)
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert covered >= 0.88
    assert np.mean([one.estimate for one in found]) == pytest.approx(truth, abs=0.015)
    frame = liked_sample(20_000, 1)
    plain = np.polyfit(np.log1p(frame["likes"]), frame["again"], 1)[0] * np.log(11)
    assert plain > truth + 0.04


def test_a_jump_is_kept_apart_from_the_slope():
    frame = liked_sample(20_000, 2, slope=0.03, jump=0.15)
    found = fitted(frame, terms=coupon_terms(20), repeats=1, learner="penalised regression")
    assert found.contrast([1, 0]).low < 0.03 < found.contrast([1, 0]).high
    assert found.contrast([0, 1]).low < 0.15 < found.contrast([0, 1]).high
    own = 0.03 * np.log1p(frame["likes"]) + 0.15 * (frame["likes"] >= 20)
    mean = found.mean_effect(frame["likes"].to_numpy())
    assert mean.low < own.mean() < mean.high


def test_without_covariates_it_is_least_squares():
    frame = liked_sample(3_000, 3)
    x = covariate_matrix(frame.assign(none=1), ["none"])
    d = np.log1p(frame["likes"].to_numpy(dtype=float))
    found = dose_response(frame["again"].to_numpy(), frame["likes"].to_numpy(dtype=float), x, repeats=1)
    fit = sm.OLS(frame["again"].to_numpy(), sm.add_constant(d)).fit(cov_type="HC0")
    slope = found.contrast([1.0])
    assert slope.estimate == pytest.approx(fit.params[1], rel=0.01)
    assert slope.standard_error == pytest.approx(fit.bse[1], rel=0.01)
    assert found.effect_of(0).estimate == 0


def test_clusters_widen_the_interval():
    frame = liked_sample(1_000, 4)
    twice = pd.concat([frame, frame], ignore_index=True)
    alone = fitted(frame, repeats=1).contrast([1.0]).standard_error
    known = fitted(twice, repeats=1, cluster=np.tile(np.arange(1_000), 2)).contrast([1.0]).standard_error
    assert known == pytest.approx(alone, rel=0.1)
    assert fitted(twice, repeats=1).contrast([1.0]).standard_error < 0.8 * alone


@pytest.mark.parametrize(
    ("rows", "change", "error", "words"),
    [
        (150, {}, CannotAnswer, "at least 200"),
        (400, {"likes": 3}, CannotAnswer, "same dose, 3"),
        (400, {"likes": -1}, ValueError, "at least 0"),
        (400, {"again": np.nan}, ValueError, "without gaps"),
    ],
)
def test_hostile_doses_are_refused(rows, change, error, words):
    with pytest.raises(error, match=words):
        fitted(liked_sample(rows, 5).assign(**change))


class TestPart:
    def test_agrees_with_the_delta_method_when_the_whole_is_strong(self):
        part = normal_interval(0.02, 0.002, 1_000)
        whole = normal_interval(0.05, 0.002, 1_000)
        share = part_of(part, whole).share
        error = 0.4 * np.hypot(0.1, 0.04)
        assert share.estimate == pytest.approx(0.4)
        assert share.low == pytest.approx(0.4 - 1.96 * error, abs=0.01)
        assert share.high == pytest.approx(0.4 + 1.96 * error, abs=0.01)

    def test_covers_also_when_the_whole_is_weak(self):
        rng = np.random.default_rng(1)
        covered = []
        for part, whole in zip(rng.normal(0.01, 0.008, 2_000), rng.normal(0.02, 0.01, 2_000), strict=True):
            share = part_of(normal_interval(part, 0.008, 10), normal_interval(whole, 0.01, 10)).share
            # An unbounded set holds the truth, or nearly always does.
            covered.append(share is None or share.low <= 0.5 <= share.high)
        assert 0.94 <= np.mean(covered) <= 1.0

    def test_says_nothing_when_the_whole_may_be_nil(self):
        assert part_of(normal_interval(0.02, 0.01, 9), normal_interval(0.01, 0.01, 9)).share is None
        with pytest.raises(ValueError, match="level"):
            part_of(Interval(estimate=1, low=0, high=2, n=9, level=0.9), normal_interval(1, 1, 9))


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_shop(tmp_path_factory.mktemp("a3"), customers=4_000, seed=3)


class TestShop:
    def test_the_known_effects_lie_near(self, market):
        shop, truth = market
        found = {finding.id: line(finding, truth, 3) for finding in likes_dose_response(shop).findings}
        row = found["A3.ten_likes_uplift"]
        assert abs(row["estimate"] - row["truth"]) < 2 * (row["high"] - row["low"])

    def test_likes_after_the_landmark_do_not_count_and_the_outcome_starts_there(self, market):
        shop, _ = market
        study = liked_study(shop, **WINDOWS)
        frame = study.frame
        likes = shop["reactions"].filter(shop["reactions"].kind == "like").execute()
        posts = shop["shares"].execute()
        by_hand = posts.merge(frame[["customer_id", "index_at", "landmark_at"]], on="customer_id")
        since = by_hand["posted_at"] - by_hand["index_at"]
        by_hand = by_hand[(since >= pd.Timedelta(0)) & (since < pd.Timedelta(hours=48))]
        by_hand = by_hand.sort_values(["posted_at", "share_id"]).drop_duplicates("customer_id")
        rows = likes.merge(by_hand[["share_id", "landmark_at", "customer_id"]], on="share_id")
        rows = rows[rows["posted_at"] < rows["landmark_at"]]
        counts = rows.groupby("customer_id_y").size()
        shared = frame[frame["shared"] == 1].set_index("customer_id")["likes"]
        assert set(shared.index) == set(by_hand["customer_id"])
        assert (shared - counts.reindex(shared.index).fillna(0)).abs().max() == 0
        assert (frame["landmark_at"] - frame["index_at"] == pd.Timedelta(hours=96)).all()
        assert study.outcome_days == 88

    def test_states_draws_tabulates_and_repeats_itself(self, market):
        shop, _ = market
        answer = likes_dose_response(shop, coupon_likes=0)
        assert answer.findings == likes_dose_response(shop, coupon_likes=0).findings
        assert ten_likes(shop, coupon_likes=0).findings == answer.findings[:1]
        assert answer.draw().png().startswith(b"\x89PNG")
        assert answer.table()["sharers"].sum() == answer.findings[0].n
        assert len(answer.response.coefficients) == 1

    def test_windows_that_leave_no_outcome_are_refused(self, market):
        shop, _ = market
        with pytest.raises(ValueError, match="leave at least a day"):
            likes_dose_response(shop, follow_days=4)
        assert liked_study(shop, **{**WINDOWS, "like_hours": 30}).outcome_days == 88

    @pytest.mark.parametrize("lost", ["shares", "reactions"])
    def test_a_shop_without_posts_or_likes_is_one_sentence(self, make_shop, random_tables, lost):
        tables = random_tables(seed=1, customers=60)
        del tables[lost]
        answer = likes_dose_response(make_shop(tables))
        assert isinstance(answer, Skipped)
        assert lost in answer.reason

    def test_too_few_sharers_are_declined(self, make_shop, random_tables):
        answer = likes_dose_response(make_shop(random_tables(seed=1, customers=500)))
        assert "at least" in answer.reason
