"""Chances written down wrongly: found where they are, and a sound log not suspected."""

from __future__ import annotations

import re

import numpy as np
import pytest

from market.strange.policy_logs import draw_log
from methods.logs.off_policy_evaluation import off_policy_evaluation
from methods.logs.weight_checks import ALARM, weight_checks

NAMES = {
    "reward": "clicked", "propensity": "propensity", "target_propensity": "other_propensity",
    "cluster": "customer_id",
}  # fmt: skip


def judged(policy: str, seed: int, *, customers: int = 1_500, **options):
    """The policy by the other's log, and its true clicks per impression."""
    rows, truth = draw_log(customers, seed, **options)
    own, other = (
        rows[rows["policy"] == name] for name in (policy, {"keen": "broad", "broad": "keen"}[policy])
    )
    found = off_policy_evaluation(
        other,
        target=own,
        traits=("position", "item_id"),
        position="position",
        item="item_id",
        seed=seed,
        **NAMES,
    )
    return found, truth[policy]


def checks_of(seed: int, *, customers: int = 600, **options):
    rows, _ = draw_log(customers, seed, **options)
    log, target = (rows[rows["policy"] == name] for name in ("broad", "keen"))
    weight = (log["other_propensity"] / log["propensity"]).to_numpy()
    return weight_checks(
        log, weight, cluster="customer_id", position="position", item="item_id", target=target,
        chance="propensity", other_chance="other_propensity",
    )  # fmt: skip


def test_sound_logs_raise_an_alarm_at_its_rate():
    seen = [checks_of(seed) for seed in range(60)]
    assert np.mean([(checks["p"] < ALARM).any() for checks in seen]) <= 0.02
    first = np.array([checks.loc[checks["kind"] == "all", "p"].iloc[0] for checks in seen])
    assert 0 < (first < 0.2).mean() < 0.4


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("lacks items", r"the weights average 0\.7\d .* about 2\d % too low"),
        ("wrong chances", r"the weights average 1\.\d\d .* % too high"),
        ("slate chances", "anywhere in the list"),
    ],
)
def test_what_is_wrong_is_found_with_its_direction(fault, words):
    for seed in range(3):
        found, _ = judged("keen", seed, fault=fault)

        assert re.search(words, found.refused)


def test_wrong_chances_of_the_judged_policy_are_found_by_what_it_showed():
    """Weights of chances that add up to 1 average 1, whatever the policy did."""
    found, _ = judged("broad", 1, fault="wrong chances", sharpness=1.4)
    assert found.overlap.mean_weight == pytest.approx(1, abs=0.05)
    assert found.refused


def test_without_the_others_rows_the_weights_alone_are_asked():
    rows, _ = draw_log(300, 1)
    log = rows[rows["policy"] == "broad"]
    weight = (log["other_propensity"] / log["propensity"]).to_numpy()
    assert set(weight_checks(log, weight, cluster="customer_id")["kind"]) == {"all"}
    assert set(weight_checks(log, weight, cluster="customer_id", position="position")["kind"]) == {
        "all",
        "position",
    }


def test_one_customer_alone_raises_no_alarm():
    rows, _ = draw_log(300, 1)
    log = rows[rows["customer_id"] == 5]
    assert not (weight_checks(log, np.full(len(log), 9.0), cluster="customer_id")["p"] < ALARM).any()


@pytest.mark.slow
def test_accepted_estimates_cover_the_truth():
    """Shares of the intervals that hold the truth, by world; the wrong logs are refused nearly always."""
    worlds = {
        "sound": {}, "clear": {"sharpness": 1.4}, "firm": {"sharpness": 1.8}, "few rows": {"sharpness": 2.4},
        "few clicks": {"sharpness": 1.4, "click_factor": 0.2}, "lacks items": {"fault": "lacks items"},
        "wrong chances": {"fault": "wrong chances"}, "slate chances": {"fault": "slate chances"},
    }  # fmt: skip
    print()
    for name, options in worlds.items():
        runs = [judged(policy, seed, **options) for seed in range(100) for policy in ("keen", "broad")]
        told = [(found.values["doubly_robust"], truth) for found, truth in runs if not found.refused]
        covered = np.mean([value.low <= truth <= value.high for value, truth in told]) if told else np.nan
        print(f"{name}: {len(told)} of {len(runs)} accepted, of which {100 * covered:.1f} % cover")
        if len(told) >= 50:
            assert covered >= 0.90
        if name in ("sound", "clear"):
            assert len(told) >= 0.95 * len(runs)
