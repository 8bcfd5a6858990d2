"""Tests drawn in other shares in some strata: refused by name, whoever asks about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.data.even_strata import demand_even_strata
from helpers.data.find_experiment import find_experiment
from helpers.uplift import recorded_outcome
from methods.errors import CannotAnswer


def shop_of(make_shop, rows):
    """A shop of one test. rows: (stratum, arm, cluster, how many customers)."""
    drawn = pd.DataFrame(
        [(stratum, arm, cluster) for stratum, arm, cluster, many in rows for _ in range(many)],
        columns=["stratum", "arm", "cluster"],
    )
    drawn["customer_id"] = [f"c{place}" for place in range(len(drawn))]
    rng = np.random.default_rng(1)  # the stratum alone moves the outcome
    drawn["outcome"] = (rng.random(len(drawn)) < np.where(drawn["stratum"] == "gold", 0.7, 0.2)).astype(float)
    tables = {
        "customers": drawn[["customer_id"]],
        "experiments": drawn.assign(experiment="share_prompt"),
    }
    return make_shop(tables)


EVEN = [(stratum, arm, None, 200) for stratum in ("gold", "plain") for arm in ("control", "prompt")]
UNEVEN = [
    ("gold", "control", None, 80), ("gold", "prompt", None, 320),
    ("plain", "control", None, 320), ("plain", "prompt", None, 80),
]  # fmt: skip
# Circles of very different sizes, ten of each stratum in each arm.
GROUPS = [
    (stratum, arm, f"{stratum} {arm} {place}", 5 * (1 + place * (stratum == "gold") * (arm == "prompt")))
    for stratum in ("gold", "plain")
    for arm in ("control", "prompt")
    for place in range(10)
]


@pytest.mark.parametrize(
    "rows",
    [
        EVEN,
        [(stratum, arm, None, many // (1 + 2 * (arm == "prompt"))) for stratum, arm, _, many in EVEN],
        [(None, arm, None, many) for _, arm, _, many in EVEN],
        [*EVEN, ("tiny", "prompt", None, 4)],
        GROUPS,
        [("gold" if place % 2 else "plain", *rest) for place, (_, *rest) in enumerate(GROUPS * 2)],
    ],
    ids=["alike", "three to one", "no strata", "a tiny stratum", "whole groups", "strata that cut groups"],
)
def test_fair_draws_are_asked_about(make_shop, rows):
    shop = shop_of(make_shop, rows)
    assert find_experiment(shop, kind="prompt").name == "share_prompt"


@pytest.mark.parametrize(
    "rows", [UNEVEN, [row for row in UNEVEN if row[:2] != ("gold", "control")]], ids=["shares", "all in one"]
)
def test_other_shares_in_a_stratum_are_refused_wherever_the_test_is_asked_about(make_shop, rows):
    shop = shop_of(make_shop, rows)
    with pytest.raises(CannotAnswer, match=r"other shares in the stratum “(gold|plain)” than in all"):
        find_experiment(shop, kind="prompt")
    (found,) = recorded_outcome(shop).findings
    assert found.status == "skipped"
    assert "make each stratum a test of its own" in found.reason


def test_a_column_of_groups_that_no_table_has_is_no_group(make_shop):
    test = Experiment(name="share_prompt", cluster="nowhere")
    demand_even_strata(shop_of(make_shop, EVEN), test)
    with pytest.raises(CannotAnswer, match="other shares in the stratum"):
        demand_even_strata(shop_of(make_shop, UNEVEN), test)


def test_groups_named_by_the_customers_are_what_was_drawn(make_shop):
    """Five cities, each in one arm and stratum: of five draws none can be called unfair."""
    city = np.arange(500) % 5 + 1
    tables = {
        "customers": pd.DataFrame({"customer_id": [f"c{n}" for n in range(500)], "city_tier": city}),
        "experiments": pd.DataFrame(
            {
                "experiment": "prices",
                "customer_id": [f"c{n}" for n in range(500)],
                "arm": np.where(city < 4, "control", "new"),
                "stratum": np.where(city < 3, "south", "north"),
            }
        ),
    }
    shop = make_shop(tables)
    demand_even_strata(shop, Experiment(name="prices", cluster="city_tier"))
    with pytest.raises(CannotAnswer, match="prices"):
        demand_even_strata(shop, Experiment(name="prices"))
