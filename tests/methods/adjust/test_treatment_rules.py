"""Who may be treated at all: rules are found and named, a chance that fades out is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from market.strange import draw_world
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.treatment_rules import treatment_rules

COVARIATES = ["orders", "age", "city", "member"]
NOBODY = np.zeros(1_500, dtype=bool)
# Who is kept from it, who is made to, and what is to be said of it.
RULES = {
    "fewer than 3 orders": (lambda f: f["orders"] < 3, None, [("orders", "below", 3.0, False)]),
    "from 5 orders on all do": (None, lambda f: f["orders"] >= 5, [("orders", "above", 4.0, True)]),
    "one city not": (lambda f: f["city"] == "b", None, [("city", "is", "b", False)]),
    "no age given": (lambda f: f["age"].isna(), None, [("age", "is", "unknown", False)]),
    "members alone": (lambda f: ~f["member"], None, [("member", "is", "False", False)]),
    "a city not, and members all": (
        lambda f: f["city"] == "b",
        lambda f: f["member"] & (f["city"] != "b"),
        [("member", "is", "True", True), ("city", "is", "b", False)],
    ),
}


def people(seed, kept_from=None, made_to=None):
    """Customers whose orders, age, city and membership drive both; sharing adds 15 points."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "orders": rng.poisson(3, len(NOBODY)),
            "age": np.where(rng.random(len(NOBODY)) < 0.2, np.nan, rng.normal(40, 12, len(NOBODY))),
            "city": rng.choice(list("abcde"), len(NOBODY)),
            "member": rng.random(len(NOBODY)) < 0.5,
        }
    )
    shares = rng.random(len(frame)) < 0.2 + 0.04 * frame["orders"].clip(upper=6) + 0.1 * frame["member"]
    shares &= ~(kept_from(frame) if kept_from else NOBODY)
    frame["shared"] = (shares | (made_to(frame) if made_to else NOBODY)).astype(int)
    again = 0.2 + 0.05 * frame["orders"].clip(upper=6) + 0.15 * frame["shared"]
    frame["again"] = (rng.random(len(frame)) < again).astype(float)
    return frame


def named(frame, covariates=COVARIATES, treatment="shared"):
    rules = treatment_rules(frame, treatment=treatment, covariates=covariates)
    return [(rule.covariate, rule.side, rule.value, rule.always) for rule in rules]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_named(name):
    kept_from, made_to, expected = RULES[name]
    for seed in range(5):
        frame = people(seed, kept_from, made_to)
        assert sorted(named(frame)) == sorted(expected)
        for rule in treatment_rules(frame, treatment="shared", covariates=COVARIATES):
            assert rule.rows == rule.of_kind.sum()
            assert set(frame.loc[rule.of_kind, "shared"]) == {int(rule.always)}


def test_a_chance_that_fades_out_is_no_rule():
    for name in ("mild", "null", "smooth", "weak_overlap", "rare_flag", "sellers"):
        for seed in range(4):
            world = draw_world(name, rows=2_000, seed=seed)
            assert named(world.frame, world.covariates, "t") == []
    for seed in range(20):
        assert named(people(seed)) == []
        frame = people(seed)
        steep = 1 / (1 + np.exp(12 - 3 * frame["orders"]))
        frame["shared"] = (np.random.default_rng(seed).random(len(frame)) < steep).astype(int)
        assert named(frame, ["age", "city"]) == []


def test_a_kind_of_fewer_than_fifty_is_left_alone():
    frame = people(1)
    assert frame["city"].eq("a").sum() > 60
    few = frame["city"].eq("a") & (frame["city"].eq("a").cumsum() <= 49)
    frame.loc[few, ["city", "shared"]] = "z", 0
    assert named(frame) == []


def test_among_those_to_whom_it_is_open_the_effect_is_recovered_without_doubt():
    """The true effect is 15 points. Left in, those kept from it carry no weight."""
    held = 0
    for seed in range(4):
        frame = people(seed, lambda f: f["orders"] < 3)
        rules = treatment_rules(frame, treatment="shared", covariates=COVARIATES)
        asked = {"outcome": "again", "treatment": "shared", "covariates": COVARIATES, "repeats": 1}
        effect = adjusted_effect(frame[~rules[0].of_kind], **asked)
        held += effect.ate.low <= 0.15 <= effect.ate.high
        assert not effect.overlap.warning
    kept_from = float((frame["orders"] < 3).mean())
    assert adjusted_effect(frame, **asked).overlap.trimmed_share == pytest.approx(kept_from)
    assert held >= 3


@pytest.mark.parametrize(
    ("column", "value", "error"), [("shared", 0.5, ValueError), ("shared", np.nan, ValueError)]
)
def test_a_treatment_of_other_values_is_refused(column, value, error):
    frame = people(1).astype({"shared": float})
    frame.loc[0, column] = value
    with pytest.raises(error, match="must hold 0 and 1"):
        named(frame)


def test_where_all_or_none_are_treated_there_is_nothing_to_part():
    assert named(people(1).assign(shared=0)) == named(people(1).assign(shared=1)) == []
