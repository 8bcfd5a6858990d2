"""Rates allowed for the mix, their spread, bands of rank and points: recovery, oracles, hostile input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score
from statsmodels.stats.meta_analysis import combine_effects

from methods.errors import CannotAnswer
from methods.ratings import points, rank_bands, ranking_within, spread_between, standardised_rates


def cases(seed: int, *, spread: float = 0.0, sellers: int = 30, rows: int = 6_000) -> pd.DataFrame:
    """Far places are late three times as often, and some sellers sell mostly there."""
    rng = np.random.default_rng(seed)
    seller = rng.integers(0, sellers, rows)
    far = rng.random(rows) < np.linspace(0.1, 0.9, sellers)[seller]
    own = rng.normal(0, spread, sellers)[seller]
    return pd.DataFrame(
        {"seller": seller, "far": far, "late": rng.random(rows) < np.where(far, 0.3, 0.1) + own}
    )


class TestStandardisedRates:
    def test_is_the_count_by_hand(self):
        rows = cases(1)
        found = standardised_rates(rows, happened="late", unit="seller", kinds=["far"]).rates
        chance = rows.groupby("far")["late"].mean()
        expected = rows["far"].map(chance).groupby(rows["seller"]).sum()
        assert found["expected"].to_numpy() == pytest.approx(expected.to_numpy(float))
        assert (found["happened"] == rows.groupby("seller")["late"].sum()).all()

    def test_raw_differences_vanish_where_the_destination_makes_them(self):
        rows = cases(2)
        raw = rows.groupby("seller")["late"].mean()
        found = standardised_rates(rows, happened="late", unit="seller", kinds=["far"]).rates
        assert raw.iloc[-5:].mean() > raw.iloc[:5].mean() + 0.1
        assert abs(found["share"].iloc[-5:].mean() - found["share"].iloc[:5].mean()) < 0.03

    def test_distances_have_the_errors_they_say(self):
        found = [
            standardised_rates(cases(s), happened="late", unit="seller", kinds=["far"]) for s in range(60)
        ]
        z = np.concatenate([(one.rates["share"] - one.overall) / one.rates["error"] for one in found])
        assert abs(z.std() - 1) < 0.06

    def test_a_unit_alone_in_its_kind_is_left_out(self):
        rows = cases(3).assign(far=lambda r: np.where(r["seller"] == 7, "alone", r["far"].astype(str)))
        found = standardised_rates(rows, happened="late", unit="seller", kinds=["far"])
        assert found.left_out == 1
        assert 7 not in found.rates.index

    @pytest.mark.parametrize("late", [0, 1])
    def test_nothing_is_told_where_nothing_varies(self, late):
        with pytest.raises(CannotAnswer, match="all" if late else "none"):
            standardised_rates(cases(4).assign(late=late), happened="late", unit="seller", kinds=["far"])

    def test_gaps_are_a_kind_of_their_own(self):
        rows = cases(5).assign(far=lambda r: r["far"].astype("boolean").mask(r.index % 3 == 0))
        assert len(standardised_rates(rows, happened="late", unit="seller", kinds=["far"]).rates) == 30


class TestSpreadBetween:
    def test_is_paule_and_mandel_as_statsmodels_has_it(self):
        rng = np.random.default_rng(1)
        errors = rng.uniform(0.5, 1.5, 40)
        values = rng.normal(3, 1, 40) + errors * rng.normal(size=40)
        oracle = combine_effects(values, errors**2, method_re="iterated", atol=1e-10)
        found = spread_between(values, errors)
        assert found.spread.estimate**2 == pytest.approx(oracle.tau2, rel=1e-4)
        assert found.p_value == pytest.approx(chi2.sf(oracle.q, 39), rel=1e-6)

    @pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
    def test_its_interval_holds_the_truth(self, spread):
        rng, held = np.random.default_rng(2), 0
        for _ in range(200):
            found = spread_between(rng.normal(0, spread, 30) + rng.normal(size=30), np.ones(30)).spread
            held += found.low <= spread <= found.high
        assert held >= 0.91 * 200

    def test_two_units_are_too_few(self):
        with pytest.raises(CannotAnswer, match="at least 3"):
            spread_between(np.zeros(2), np.ones(2))

    def test_an_error_of_nought_is_refused(self):
        with pytest.raises(ValueError, match="above 0"):
            spread_between(np.zeros(3), np.array([1.0, 0.0, 1.0]))


class TestRankBands:
    def test_true_ranks_of_all_units_are_held_together(self):
        rng, held, trials = np.random.default_rng(3), 0, 150
        for seed in range(trials):
            true, error = rng.normal(0, 1, 15), rng.uniform(0.2, 0.8, 15)
            found = rank_bands(true + error * rng.normal(size=15), error, draws=400, seed=seed)
            rank = 1 + (true[:, None] > true).sum(axis=1)
            held += bool(((found.best <= rank) & (rank <= found.worst)).all())
        assert held >= 0.93 * trials

    def test_units_alike_get_no_place(self):
        found = rank_bands(np.random.default_rng(4).normal(size=20), np.ones(20))
        assert (found.band == 0).all()

    def test_many_units_are_told_by_bonferroni(self):
        found = rank_bands(np.repeat([0.0, 9.0], 100), np.ones(200))
        assert found.band.tolist() == [-1] * 100 + [1] * 100


class TestPoints:
    def test_twenty_points_double_the_odds(self):
        found = points([0.1, 0.2], usual=0.1)
        assert found[0] == 0
        assert found[1] == pytest.approx(20 * np.log2((0.8 / 0.2) / (0.9 / 0.1)))

    @pytest.mark.parametrize("chance", [0.0, 1.0, np.nan])
    def test_no_certainty_has_points(self, chance):
        with pytest.raises(ValueError, match="between 0 and 1"):
            points([chance], usual=0.1)


class TestRankingWithin:
    def test_is_the_area_under_the_curve(self):
        rng = np.random.default_rng(5)
        happened = rng.random(500) < 0.3
        score = np.round(happened + rng.normal(size=500), 1)
        found = ranking_within(score, happened, group=np.zeros(500), person=np.arange(500))
        assert found.estimate == pytest.approx(roc_auc_score(happened, score))

    def test_a_score_that_only_knows_the_group_is_no_better_than_chance(self):
        rng = np.random.default_rng(6)
        group = rng.integers(0, 3, 3_000)
        happened = rng.random(3_000) < np.array([0.05, 0.2, 0.5])[group]
        score = group + 0.1 * rng.normal(size=3_000)
        found = ranking_within(score, happened, group=group, person=np.arange(3_000))
        assert roc_auc_score(happened, score) > 0.7
        assert found.low < 0.5 < found.high

    def test_it_is_held_at_its_level_where_a_persons_cases_hang_together(self):
        held, trials = 0, 200
        for seed in range(trials):
            rng = np.random.default_rng(seed)
            mood, score = rng.normal(size=150), rng.normal(size=150)
            person = np.repeat(np.arange(150), 8)
            happened = rng.random(1_200) < 1 / (1 + np.exp(1.5 - mood[person]))
            found = ranking_within(score[person], happened, group=np.zeros(1_200), person=person)
            held += found.low <= 0.5 <= found.high
        assert held >= 0.9 * trials

    def test_it_is_held_at_its_level_where_the_cases_of_a_product_hang_together(self):
        """Forty products, a quarter of which comes back, each bought by a few whose scores it shares."""
        trials, rows = 200, 1_200
        held = {"customers alone": 0, "products too": 0}
        for seed in range(trials):
            rng = np.random.default_rng(seed)
            product, person = rng.integers(0, 40, rows), rng.integers(0, 900, rows)
            score = rng.normal(size=40)[product] + rng.normal(size=rows)
            happened = rng.random(rows) < 1 / (1 + np.exp(1.5 - rng.normal(size=40)[product]))
            for name, thing in (("customers alone", None), ("products too", product)):
                found = ranking_within(score, happened, group=np.zeros(rows), person=person, thing=thing)
                held[name] += found.low <= 0.5 <= found.high
        assert held["customers alone"] < 0.8 * trials
        assert held["products too"] >= 0.9 * trials

    def test_few_cases_are_refused(self):
        with pytest.raises(CannotAnswer, match="at least 25"):
            ranking_within(np.zeros(50), np.arange(50) < 5, group=np.zeros(50), person=np.arange(50))
