from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import CannotAnswer
from methods.trials.intention_to_treat import intention_to_treat
from methods.trials.randomisation_test import randomisation_test


def drawn_arm(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.standard_normal(rows)
    t = rng.random(rows) < 0.5
    y = 2.0 * before + 0.3 * t + 0.5 * before * t + rng.standard_normal(rows)
    return pd.DataFrame({"before": before, "t": t * 1, "y": y})


def test_without_covariates_it_is_the_difference_with_unpooled_variance():
    frame = drawn_arm(500, seed=1)
    offer = intention_to_treat(frame, outcome="y", treatment="t")
    arms = [frame.loc[frame["t"] == arm, "y"] for arm in (0, 1)]
    assert offer.effect.estimate == pytest.approx(arms[1].mean() - arms[0].mean())
    assert offer.effect.standard_error == pytest.approx(np.sqrt(sum(arm.var() / len(arm) for arm in arms)))


def test_the_adjusted_effect_equals_lins_regression_in_statsmodels():
    frame = drawn_arm(800, seed=2)
    offer = intention_to_treat(frame, outcome="y", treatment="t", covariates=("before",))
    centred = frame["before"] - frame["before"].mean()
    design = pd.DataFrame({"one": 1.0, "t": frame["t"], "x": centred, "xt": centred * frame["t"]})
    oracle = sm.OLS(frame["y"], design).fit(cov_type="HC2")
    assert offer.effect.estimate == pytest.approx(oracle.params["t"])
    assert offer.effect.standard_error == pytest.approx(oracle.bse["t"])
    assert offer.variance_saved > 0.6


def test_errors_of_many_clusters_are_near_those_of_statsmodels():
    frame = drawn_arm(600, seed=3).assign(group=np.arange(600) // 12)
    offer = intention_to_treat(frame, outcome="y", treatment="t", cluster="group")
    oracle = sm.OLS(frame["y"], sm.add_constant(frame["t"])).fit(
        cov_type="cluster", cov_kwds={"groups": frame["group"]}
    )
    assert offer.effect.estimate == pytest.approx(oracle.params["t"])
    assert offer.effect.standard_error == pytest.approx(oracle.bse["t"], rel=0.01)
    assert offer.randomisation is None  # rows of a group are in both arms


def drawn_groups(seed: int, *, groups: int = 6, rows: int = 300, effect: float = 0.5) -> pd.DataFrame:
    """Groups of uneven size that share a shock, half of them drawn."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.5, 1.5, groups)
    group = rng.choice(groups, rows, p=size / size.sum())
    t = rng.permutation(np.arange(groups) % 2)[group]
    y = effect * t + 0.5 * rng.standard_normal(groups)[group] + rng.standard_normal(rows)
    return pd.DataFrame({"t": t, "y": y, "group": group})


def test_with_six_groups_the_interval_keeps_its_level_and_the_draw_tells_its_limit():
    covered, dealt = 0, []
    for seed in range(200):
        offer = intention_to_treat(drawn_groups(seed), outcome="y", treatment="t", cluster="group")
        covered += offer.effect.low <= 0.5 <= offer.effect.high
        dealt.append(offer.randomisation.p_value)
    assert 0.91 <= covered / 200 <= 0.99
    assert min(dealt) >= 0.1 - 1e-9
    assert "3 against 3 groups" in offer.warning
    assert "no p-value below 0.10" in offer.warning
    assert offer.clusters == 6


def test_twelve_groups_need_no_warning_and_a_null_is_dealt_evenly():
    dealt = [
        intention_to_treat(
            drawn_groups(seed, groups=10, rows=200, effect=0.0), outcome="y", treatment="t", cluster="group"
        ).randomisation.p_value
        for seed in range(150)
    ]
    assert np.mean(np.array(dealt) <= 0.2) == pytest.approx(0.2, abs=0.1)
    frame = drawn_groups(1, groups=12)
    assert intention_to_treat(frame, outcome="y", treatment="t", cluster="group").warning == ""


def test_randomisation_test_agree_with_all_ways_counted_by_hand():
    frame = drawn_groups(4)
    found = randomisation_test(*(frame[name].to_numpy() for name in ("y", "t", "group")))

    def gap(chosen: tuple[int, ...]) -> float:
        inside = frame["group"].isin(chosen)
        return abs(frame.loc[inside, "y"].mean() - frame.loc[~inside, "y"].mean())

    real = gap(tuple(frame.loc[frame["t"] == 1, "group"].unique()))
    gaps = [gap(chosen) for chosen in combinations(range(6), 3)]
    assert found.p_value == pytest.approx(np.mean([value >= real - 1e-12 for value in gaps]))
    assert (found.ways, found.smallest) == (20, 0.1)


def test_many_groups_are_dealt_at_random_and_never_reach_nil():
    frame = drawn_groups(5, groups=30, effect=9.0)
    found = randomisation_test(*(frame[name].to_numpy() for name in ("y", "t", "group")), draws=199)
    assert found.p_value == found.smallest == pytest.approx(1 / 200)


def test_weights_are_those_of_weighted_least_squares():
    frame = drawn_arm(500, seed=7).assign(w=np.random.default_rng(7).integers(0, 4, 500))
    offer = intention_to_treat(frame, outcome="y", treatment="t", weights="w")
    oracle = sm.WLS(frame["y"], sm.add_constant(frame[["t"]]), weights=frame["w"]).fit(cov_type="HC2")
    assert offer.effect.estimate == pytest.approx(oracle.params["t"])
    assert offer.effect.standard_error == pytest.approx(oracle.bse["t"], rel=1e-3)
    times = frame.loc[frame.index.repeat(frame["w"])]
    same = intention_to_treat(times, outcome="y", treatment="t")
    assert offer.effect.estimate == pytest.approx(same.effect.estimate)


@pytest.mark.parametrize(
    ("changed", "options", "error", "words"),
    [
        ({"group": None}, {"cluster": "group"}, ValueError, "'group' has"),
        ({"w": None}, {"weights": "w"}, ValueError, "'w' has"),
        ({"w": -1.0}, {"weights": "w"}, ValueError, "0 or more"),
        ({}, {"cluster": "town"}, KeyError, "town"),
    ],
)
def test_gaps_in_labels_and_weights_are_refused(changed, options, error, words):
    frame = drawn_groups(1).assign(w=1.0)
    for name, value in changed.items():
        frame[name] = frame[name].astype(float)
        frame.loc[frame.index[:5], name] = np.nan if value is None else value
    with pytest.raises(error, match=words):
        intention_to_treat(frame, outcome="y", treatment="t", **options)


def test_an_arm_of_one_group_is_no_trial():
    frame = drawn_groups(1).assign(t=lambda rows: (rows["group"] == 0) * 1)
    with pytest.raises(CannotAnswer, match="only 1 group"):
        intention_to_treat(frame, outcome="y", treatment="t", cluster="group")


def test_adjusted_intervals_cover_the_known_effect():
    covered = 0
    for seed in range(60):
        effect = intention_to_treat(
            drawn_arm(400, seed=seed), outcome="y", treatment="t", covariates=("before",)
        ).effect
        covered += effect.low <= 0.3 <= effect.high
    assert covered >= 51


@pytest.mark.parametrize("treated", [50, 950])
def test_a_small_arm_of_rare_outcomes_shows_nothing_that_is_not_there(treated):
    """36 of 100 such arms count no event, whose variance is nil: by it 64 of 100 intervals held no effect."""
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame({"arm": np.repeat([1, 0], [treated, 1_000 - treated])})
        rows["bought"] = (rng.random(1_000) < 0.02).astype(float)
        answer = intention_to_treat(rows, outcome="bought", treatment="arm")
        means = rows.groupby("arm")["bought"].mean()
        assert means.min() > 0 or answer.relative is None
        held.append(answer.effect.low <= 0 <= answer.effect.high)
    assert np.mean(held) >= 0.95


def test_arms_with_events_enough_keep_their_own_variances():
    rows = pd.DataFrame({"arm": np.repeat([0, 1], [900, 100]), "bought": np.zeros(1_000)})
    rows.loc[[*range(10), *range(900, 910)], "bought"] = 1.0
    shares = np.array([0.1, 10 / 900])
    own = np.sqrt((shares * (1 - shares) / np.array([99, 899])).sum())
    assert intention_to_treat(rows, outcome="bought", treatment="arm").effect.standard_error == pytest.approx(
        own
    )
    rows.loc[range(900, 910), "bought"] = 0.0
    none = intention_to_treat(rows, outcome="bought", treatment="arm").effect.standard_error
    assert none == pytest.approx(np.sqrt(0.01 * 0.99 * (1 / 100 + 1 / 900)), rel=0.05)


def test_too_few_customers_are_not_a_number():
    with pytest.raises(CannotAnswer, match="at least 25"):
        intention_to_treat(drawn_arm(30, seed=1), outcome="y", treatment="t")
