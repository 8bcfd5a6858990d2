"""Learning from verdicts: the kind that matters gets the weight; judged units are not their own teachers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from methods.errors import CannotAnswer
from methods.manipulation import learn_from_verdicts


def units(seed: int, *, power: float = 3.0, rows: int = 3_000):
    """Return p-values of three kinds of which the first knows, and who is manipulated."""
    rng = np.random.default_rng(seed)
    bad = rng.random(rows) < 0.1
    p = rng.random((rows, 3))
    p[bad, 0] = p[bad, 0] * 10.0**-power
    return p, bad


def test_the_kind_that_knows_gets_the_weight():
    p, bad = units(1)
    found = learn_from_verdicts(p, np.arange(300), bad[:300], seed=1)
    assert found.weights[0] > 3 * np.abs(found.weights[1:]).max()
    assert average_precision_score(bad[300:], found.chance[300:]) > 0.9


def test_without_any_sign_the_judged_are_not_told_apart():
    p, bad = units(2, power=0.0)
    found = learn_from_verdicts(p, np.arange(300), bad[:300], seed=1)
    assert found.chance[:300][bad[:300]].mean() - found.chance[:300][~bad[:300]].mean() < 0.05


def test_units_picked_for_their_suspicion_are_weighed_back():
    p, bad = units(3, power=1.0)
    rng = np.random.default_rng(1)
    chance = np.where(p[:, 0] < 0.05, 0.9, 0.05)
    judged = np.flatnonzero(rng.random(len(p)) < chance)
    plain = learn_from_verdicts(p, judged, bad[judged], seed=1).chance.mean()
    weighed = learn_from_verdicts(p, judged, bad[judged], picked_chance=chance[judged], seed=1).chance.mean()
    assert abs(weighed - bad.mean()) < abs(plain - bad.mean())


def test_few_verdicts_of_a_kind_teach_nothing():
    p, _ = units(4)
    with pytest.raises(CannotAnswer, match="8 of each"):
        learn_from_verdicts(p, np.arange(50), np.arange(50) < 3, seed=1)
