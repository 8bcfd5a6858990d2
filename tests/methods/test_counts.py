"""One of a thing is said in the singular, in every refusal that can meet it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.counts import count
from methods.errors import CannotAnswer
from methods.thresholds.density import cutoff_density
from methods.trials.encouragement import complier_effect
from methods.trials.intention_to_treat import intention_to_treat


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (1.0, "1 row"), (1_200, "1,200 rows")]
)
def test_the_noun_follows_the_number(number, said):
    assert count(number, "row") == said


FRAME = pd.DataFrame({"y": np.arange(60) % 2, "t": np.arange(60) == 0, "z": np.arange(60) == 0})
GROUPS = FRAME.assign(t=np.arange(60) < 30, group=np.arange(60) // 30)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: intention_to_treat(FRAME, outcome="y", treatment="t"), "has only 1 customer;"),
        (lambda: intention_to_treat(GROUPS, outcome="y", treatment="t", cluster="group"), "only 1 group$"),
        (
            lambda: complier_effect(FRAME[:1], outcome="y", treatment="t", instrument="z"),
            "only 1 customer took",
        ),
        (lambda: cutoff_density(pd.Series([20]), threshold=20), "only 1 score of 19 to 21;"),
    ],
)
def test_one_is_singular(refused, said):
    with pytest.raises((CannotAnswer, ValueError), match=said):
        refused()
