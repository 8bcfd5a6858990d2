"""Kinds in which nobody, or everybody, was treated have no counterpart, whatever a learner says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.separated import separated_rows
from methods.errors import CannotAnswer

EFFECT = 0.15
CHANCES = {
    "four cities of five never share": lambda f: np.where(f["city"] == "a", 0.5, 0.0),
    "one city never shares": lambda f: np.where(f["city"] == "b", 0.0, 0.4),
    "one city always shares": lambda f: np.where(f["city"] == "c", 1.0, 0.25 + 0.05 * (f["sex"] == "f")),
}


def people(rng, *, rows, chance):
    """Customers of five cities and two sexes; past orders and the city move treatment and outcome."""
    frame = pd.DataFrame(
        {
            "city": rng.choice(list("abcde"), rows),
            "sex": rng.choice(["f", "m"], rows),
            "orders": rng.poisson(2, rows),
        }
    )
    frame["shared"] = (rng.random(rows) < chance(frame)).astype(int)
    base = 0.2 + 0.05 * frame["orders"].clip(upper=6) + 0.1 * (frame["city"] == "a")
    frame["again"] = (rng.random(rows) < base + EFFECT * frame["shared"]).astype(float)
    return frame


def ask(frame):
    covariates = ["city", "sex", "orders"]
    return adjusted_effect(frame, outcome="again", treatment="shared", covariates=covariates, repeats=1)


@pytest.mark.parametrize(
    ("name", "parted", "of_treated"),
    [
        ("four cities of five never share", 0.8, 0.0),
        ("one city never shares", 0.2, 0.0),
        ("one city always shares", 0.2, 0.47),
    ],
)
def test_kinds_without_a_counterpart_are_counted_and_left_out(name, parted, of_treated):
    held = 0
    for seed in range(12):
        effect = ask(people(np.random.default_rng(seed), rows=900, chance=CHANCES[name]))
        assert effect.overlap.trimmed_share == pytest.approx(parted, abs=0.06)
        assert effect.overlap.trimmed_treated_share == pytest.approx(of_treated, abs=0.08)
        assert (effect.ate is None) == (parted > 0.5)
        assert effect.overlap.warning or parted <= 0.2
        held += effect.att.low <= EFFECT <= effect.att.high
    assert held >= 10


def test_where_the_treated_are_a_kind_of_their_own_nothing_is_compared():
    frame = people(np.random.default_rng(3), rows=900, chance=lambda f: f["city"] == "a")
    with pytest.raises(CannotAnswer, match="no counterpart"):
        ask(frame)


@pytest.mark.parametrize("share", [0.03, 0.3, 0.5, 0.9])
def test_chance_alone_parts_no_kind(share):
    called = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        matrix = (rng.random((300, 12)) < rng.uniform(0.02, 0.5, 12)).astype(float)
        never, always = separated_rows(matrix, (rng.random(300) < share).astype(float))
        called += bool(never.any() or always.any())
    assert called <= 3


def test_a_number_that_fades_out_and_a_constant_are_no_kinds():
    rng = np.random.default_rng(5)
    age = rng.normal(size=2_000)
    treated = (rng.random(2_000) < 1 / (1 + np.exp(-3 * age))).astype(float)
    never, always = separated_rows(np.column_stack([age, np.ones(2_000)]), treated)
    assert not never.any()
    assert not always.any()


def test_what_lies_beyond_a_number_that_a_rule_names_is_a_kind():
    rng = np.random.default_rng(5)
    age = rng.normal(size=2_000)
    chance = np.where(age < -0.5, 0.0, np.where(age > 1.5, 1.0, 0.4))
    treated = (rng.random(2_000) < chance).astype(float)
    never, always = separated_rows(age[:, None], treated)
    assert (never == (age < age[treated == 1].min())).all()
    assert (always == (age > age[treated == 0].max())).all()
    assert never.sum() == pytest.approx((age < -0.5).sum(), abs=5)
    assert always.sum() == pytest.approx((age > 1.5).sum(), abs=5)
