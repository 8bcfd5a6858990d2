"""How far down a ranking it pays to go, decided on those it was learned from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.targeting.cross_fitted_cate import DOUBLY_ROBUST, Lessons, cross_fitted_cate
from methods.targeting.policy_values import paying_share, targeting_rules

COST = 20.0


def trial(seed: int, *, gain: float, rows: int = 4_000) -> tuple[pd.DataFrame, np.ndarray]:
    """A drawn offer that moves one customer in ten by `gain`, and others by little; the gains as they are."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    t = rng.permutation(np.tile([0.0, 1.0], rows // 2))
    gains = np.where(x[:, 0] > 1.28, gain, 0.02 + 0.02 * np.tanh(x[:, 1]))
    y = (rng.random(rows) < 0.3 + gains * t).astype(float)
    return pd.DataFrame(x, columns=list("abcd")).assign(t=t, y=y), gains


@pytest.mark.parametrize(("worth", "share"), [(25.0, 0.2), (50.0, 0.4), (1_000.0, 0.4), (19.0, 0.0)], ids=str)
def test_gains_without_noise_are_followed_to_where_they_pay(worth, share):
    gain = np.linspace(1, 0, 2_000)
    found = paying_share(Lessons(predicted=gain, score=gain), budget=0.4, worth=worth, cost=COST)
    assert found == pytest.approx(share)


def test_what_noise_alone_says_does_not_cut_the_budget():
    rng = np.random.default_rng(1)
    kept = [
        paying_share(
            Lessons(predicted=rng.normal(size=1_000), score=0.1 + rng.normal(size=1_000)),
            budget=0.2, worth=200.0, cost=COST,
        )
        for _ in range(200)
    ]  # fmt: skip
    assert np.mean(np.array(kept) == 0.2) > 0.6


@pytest.mark.parametrize("gain", [0.15, 0.4])
def test_only_where_it_pays_earns_as_much_as_the_whole_budget_over_fresh_trials(gain):
    """Judged by the gains as they are; plain: the fifth ranked highest."""
    nets = []
    for seed in range(12):
        frame, gains = trial(seed, gain=gain)
        found = cross_fitted_cate(frame, outcome="y", treatment="t", covariates=list("abcd"), seed=seed)
        true = found.__class__(**{**vars(found), "score": gains[found.rows]})
        rules = targeting_rules(true, budget=0.2, worth=150.0, cost=COST).set_index("rule")["net"]
        nets.append(
            (rules[f"as the {DOUBLY_ROBUST}, only where it pays"],
             rules[f"20 % ranked highest by the {DOUBLY_ROBUST}"])
        )  # fmt: skip
    pays, plain = np.mean(nets, axis=0)
    assert pays >= plain - 0.02 * abs(plain)


def test_an_offer_that_pays_nobody_is_given_to_few():
    frame, _ = trial(5, gain=0.0)
    found = cross_fitted_cate(frame, outcome="y", treatment="t", covariates=list("abcd"), seed=5)
    rules = targeting_rules(found, budget=0.2, worth=20.0, cost=COST).set_index("rule")
    assert rules.loc[f"as the {DOUBLY_ROBUST}, only where it pays", "treated"] < 0.02
