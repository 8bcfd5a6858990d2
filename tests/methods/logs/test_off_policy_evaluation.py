"""Off-policy estimates: known values, published figures, and logs from which nothing should be told."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from helpers.paths import project_folder
from methods.logs.off_policy_evaluation import off_policy_evaluation
from methods.logs.outcome_model import cross_fitted, fit_rates
from methods.logs.weight_overlap import overlap

CONTEXTS, ACTIONS = 3, 4
LOGGED = np.array([[0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.25, 0.25], [0.1, 0.1, 0.2, 0.6]])
WANTED = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.2, 0.6]])
CLICK = np.array([[0.02, 0.05, 0.10, 0.20], [0.30, 0.10, 0.05, 0.02], [0.08, 0.08, 0.20, 0.05]])
VALUE = float((WANTED * CLICK).sum() / CONTEXTS)
HERE = {"reward": "click", "propensity": "logged", "target_propensity": "wanted", "cluster": "who"}


def draw(seed: int, *, customers: int = 400, visits: int = 5, policy: np.ndarray = LOGGED) -> pd.DataFrame:
    """Rows of customers who keep their context, so that their rows depend on each other."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), visits)
    context = rng.integers(0, CONTEXTS, customers)[who]
    action = (rng.random(len(who))[:, None] > np.cumsum(policy[context], axis=1)).sum(axis=1)
    eager = np.exp(rng.normal(-0.08, 0.4, customers))[who]
    return pd.DataFrame(
        {
            "who": who,
            "context": context,
            "action": action,
            "click": (rng.random(len(who)) < np.minimum(CLICK[context, action] * eager, 1)).astype(float),
            "logged": LOGGED[context, action],
            "wanted": WANTED[context, action],
        }
    )


def judge(seed: int, *, traits=("action", "context"), target: bool = True, **options):
    shown = draw(seed + 10_000, policy=WANTED).drop(columns="click") if target else None
    return off_policy_evaluation(draw(seed), target=shown, traits=traits, **HERE, **options)


def coverage_band(runs: int) -> tuple[float, float]:
    """Between which shares of so many runs a sound 95 % interval holds the truth, but for 1 time in 500.

    A t interval over 400 customers whose clicks are this skewed may hold it in 94 to 96 of 100 itself.
    """
    return tuple(
        share + side * 3.1 * np.sqrt(share * (1 - share) / runs) for share, side in ((0.94, -1), (0.96, 1))
    )


def check_coverage(found: list) -> None:
    estimates = np.array([value.estimate for value in found])
    assert abs(estimates.mean() - VALUE) < 4 * estimates.std() / np.sqrt(len(found))
    low, high = coverage_band(len(found))
    covered = np.mean([value.low <= VALUE <= value.high for value in found])
    print(f"covered {covered:.3f} of {len(found)}, band {low:.3f} to {high:.3f}")
    assert low <= covered <= high


@pytest.fixture(scope="module")
def runs():
    return [judge(seed).values for seed in range(200)]


class TestKnownValue:
    def test_weighted_estimates_cover_it_without_bias(self):
        found = [judge(seed, target=False).values for seed in range(600)]
        for method in ("ipw", "snipw"):
            check_coverage([values[method] for values in found])

    def test_the_doubly_robust_one_does(self, runs):
        check_coverage([values["doubly_robust"] for values in runs])

    @pytest.mark.slow
    @pytest.mark.parametrize("traits", [("action", "context"), ()])
    def test_it_does_in_1000_runs_with_a_model_and_without(self, traits):
        check_coverage([judge(seed, traits=traits).values["doubly_robust"] for seed in range(1_000)])

    def test_an_interval_that_takes_rows_for_customers_would_be_caught(self):
        """Sixty rows of customers who click alike: with each row as a customer the band is left."""
        low, _ = coverage_band(150)
        alone = {**HERE, "cluster": "row"}
        logs = [draw(seed, customers=100, visits=60).rename_axis("row").reset_index() for seed in range(150)]
        found = [off_policy_evaluation(log, **alone).values["ipw"] for log in logs]
        assert np.mean([value.low <= VALUE <= value.high for value in found]) < low

    def test_the_model_narrows_the_interval(self, runs):
        width = {
            name: np.mean([v[name].high - v[name].low for v in runs]) for name in ("ipw", "doubly_robust")
        }
        assert width["doubly_robust"] < width["ipw"]

    def test_the_plain_mean_of_the_log_would_have_been_wrong(self):
        plain = np.mean([draw(seed)["click"].mean() for seed in range(50)])
        assert abs(plain - VALUE) > 0.02


def test_by_hand():
    chances = {"logged": [0.5, 0.5, 0.25, 0.25], "wanted": [0.5, 0.5, 0.5, 0.0]}
    log = pd.DataFrame({"who": [1, 2, 3, 4], "click": [1, 0, 1, 0], **chances})
    found = off_policy_evaluation(log, **HERE)
    assert found.values["ipw"].estimate == (1 + 2) / 4
    assert found.values["snipw"].estimate == pytest.approx((1 + 2) / (1 + 1 + 2))
    assert found.overlap.effective_rows == pytest.approx(16 / 6)
    assert found.overlap.mean_weight == 1


def test_each_customers_rows_count_as_one_when_they_are_copies():
    log = draw(3)
    twice = pd.concat([log, log], ignore_index=True)
    once, doubled = (off_policy_evaluation(frame, **HERE).values["ipw"] for frame in (log, twice))
    assert doubled.high - doubled.low == pytest.approx(once.high - once.low)


class TestRefusal:
    def heavy(self) -> pd.DataFrame:
        """A log such as the women's campaign: one row of a hardly ever shown product outweighs all others."""
        log = draw(1, customers=2_000)
        log["logged"], log["wanted"] = 0.5, 0.4
        log.loc[7, ["logged", "wanted"]] = 1e-6, 0.0217
        return log

    def test_one_row_that_outweighs_all_is_refused(self):
        found = off_policy_evaluation(self.heavy(), **HERE)
        assert found.overlap.effective_rows < 4
        assert "worth only" in found.refused
        assert "one alone 21,700 (at least 10 % and less than 15 % are needed)" in found.refused
        assert "too low more often than not" in found.refused

    def test_a_log_without_what_the_other_policy_shows_is_refused(self):
        log = draw(1)
        unseen = (log["context"] == 1) & (log["action"] == 0)
        found = off_policy_evaluation(log[~unseen], **HERE)
        assert re.search(r"the weights average 0\.\d\d .* % too low", found.refused)

    def test_chances_logged_wrongly_are_refused(self):
        log = draw(1)
        log["logged"] = (log["logged"] * 1.5).clip(upper=1)
        assert "its chances are wrong" in (found := off_policy_evaluation(log, **HERE).refused)
        assert "too low" in found

    def test_a_sound_log_is_not(self):
        assert not any(judge(seed, target=False).refused for seed in range(20))

    def test_limits_are_the_analysts(self):
        assert judge(1, fewest_effective_percent=90.0).refused

    @pytest.mark.parametrize(
        ("column", "value"), [("logged", 0.0), ("logged", np.nan), ("logged", 1.5), ("wanted", -0.1)]
    )
    def test_what_is_no_chance_is_an_error(self, column, value):
        log = draw(1)
        log.loc[3, column] = value
        with pytest.raises(ValueError, match=f"'{column}'"):
            off_policy_evaluation(log, **HERE)

    def test_weights_of_nothing_are_an_error(self):
        with pytest.raises(ValueError, match="not all 0"):
            overlap(np.zeros(5))


class TestModel:
    def test_rates_multiply(self):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"a": rng.integers(0, 2, 60_000), "b": rng.integers(0, 3, 60_000)})
        chance = 0.05 * np.array([1.0, 2.0])[frame["a"]] * np.array([1.0, 1.5, 3.0])[frame["b"]]
        frame["click"] = (rng.random(len(frame)) < chance).astype(float)
        assert fit_rates(frame, reward="click", traits=["a", "b"]).predict(frame) == pytest.approx(
            chance, rel=0.1
        )

    def test_a_rare_level_stays_near_the_rest_and_an_unknown_one_counts_as_1(self):
        frame = pd.DataFrame({"a": ["x"] * 999 + ["rare"], "click": [0.1] * 999 + [1.0]})
        model = fit_rates(frame, reward="click", traits=["a"])
        rare, unknown = model.predict(pd.DataFrame({"a": ["rare", "new"]}))
        assert 0.1 < rare < 0.13
        assert unknown == pytest.approx(model.rate)

    def test_nobodys_own_rows_teach_the_model_that_judges_them(self):
        log = draw(1, customers=50, visits=4)
        before, _ = cross_fitted(log, log, reward="click", traits=["action"], cluster="who")
        log.loc[log["who"] == 7, "click"] = 1 - log.loc[log["who"] == 7, "click"]
        after, _ = cross_fitted(log, log, reward="click", traits=["action"], cluster="who")
        own = (log["who"] == 7).to_numpy()
        assert np.array_equal(before[own], after[own])
        assert not np.array_equal(before[~own], after[~own])


BANDIT = project_folder() / "../shared/data/open_bandit"


@pytest.mark.skipif(
    not BANDIT.exists(), reason="../shared/data/open_bandit is not there: figures of a real log"
)
class TestOpenBandit:
    """Two policies of a fashion shop that ran side by side (Saito and others 2020)."""

    def bernoulli_ts(self, campaign: str) -> np.ndarray:
        """Chances of each product at each of three places: the three largest of one beta draw a product."""
        yaml = pytest.importorskip("yaml")
        prior = yaml.safe_load((BANDIT / "prior_bts.yaml").read_text())[campaign]
        alpha, beta = np.array(prior["alpha"]), np.array(prior["beta"])
        rng, counts = np.random.RandomState(12345), np.zeros((len(alpha), 3))
        for _ in range(10):
            best = np.argsort(rng.beta(alpha, beta, (10_000, len(alpha))), axis=1)[:, ::-1][:, :3]
            for place in range(3):
                counts[:, place] += np.bincount(best[:, place], minlength=len(alpha))
        return counts / 100_000

    def campaign(self, policy: str) -> pd.DataFrame:
        """Rows of the whole campaign from its counts; who saw what is unknown, so every row stands alone."""
        counts = pd.read_csv(BANDIT / "all_campaign_counts_derived.csv")
        counts = counts[counts["behaviour_policy"] == policy]
        rows = counts.loc[counts.index.repeat(counts["impressions"])]
        clicked = rows.groupby(["item_id", "position"]).cumcount() < rows["clicks"]
        return rows.assign(click=clicked.astype(float), who=np.arange(len(rows)), logged=1 / 80)

    def men(self, policy: str) -> pd.DataFrame:
        rows = pd.read_csv(BANDIT / policy / "men.csv")
        return rows.assign(who=np.arange(len(rows)), logged=rows["propensity_score"])

    def test_the_published_value_of_the_whole_campaign_to_six_digits(self):
        log, chance = self.campaign("random"), self.bernoulli_ts("all")
        log["wanted"] = chance[log["item_id"], log["position"] - 1]
        found = off_policy_evaluation(log, **HERE)
        assert round(found.values["ipw"].estimate, 6) == 0.004553
        assert round(found.values["ipw"].estimate / log["click"].mean(), 6) == 1.198126
        assert found.overlap.effective_percent == pytest.approx(16, abs=1)
        assert found.refused == found.overlap.fault()

    def test_mens_campaign_both_ways_agrees_with_the_arm_that_ran(self):
        random, bandit, chance = self.men("random"), self.men("bts"), self.bernoulli_ts("men")
        random["wanted"] = chance[random["item_id"], random["position"] - 1]
        bandit["wanted"], bandit["who"] = 1 / 34, bandit["who"] + len(random)
        there = off_policy_evaluation(random, target=bandit, traits=["item_id"], **HERE)
        back = off_policy_evaluation(bandit, target=random, traits=["item_id"], **HERE)
        for found, value, ran, effective in ((there, 0.00453, 0.0069, 25), (back, 0.00301, 0.0046, 6.6)):
            assert found.values["ipw"].estimate == pytest.approx(value, abs=5e-6)
            assert found.values["own"].estimate == ran
            assert found.overlap.effective_percent == pytest.approx(effective, abs=0.5)
            assert found.values["error"].low < 0 < found.values["error"].high
        # The prior's chances are not those by which the bandit, which learned, chose in these days.
        assert "not those by which it chose" in there.refused
        assert back.refused
