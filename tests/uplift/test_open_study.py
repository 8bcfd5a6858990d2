"""A1 where a rule says who may share: told by name, and answered for the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.share_study import Study, share_study
from helpers.report import CannotAnswer
from helpers.uplift import share_gap
from helpers.uplift.a01_share_gap.open_study import in_words, open_study

WINDOW = {"enrol_days": 56, "landmark_hours": 48, "outcome_days": 90}


@pytest.fixture(scope="module")
def study():
    """900 customers, half of whom shared, whatever they are."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"orders_before": rng.poisson(2, 900), "shared": rng.integers(0, 2, 900) * 1.0})
    frame["spend_before_cents"] = 1_000 * frame["orders_before"] + rng.integers(0, 999, 900)
    moment = dt.datetime(2025, 1, 1)
    known = ("orders_before", "spend_before_cents")
    return Study(frame=frame, covariates=known, start=moment, end=moment, landmark_hours=48, outcome_days=90)


def ruled(study, kind, shared):
    frame = study.frame
    return replace(study, frame=frame.assign(shared=np.where(kind(frame), shared, frame["shared"])))


def test_without_a_rule_the_study_is_as_it_was(study):
    same, rules = open_study(study)
    assert same is study
    assert rules == ()


def test_a_rule_in_the_tables_is_told_and_the_others_are_answered_for(make_shop, random_tables):
    tables = random_tables(seed=3, customers=900)
    women = tables["customers"].loc[tables["customers"]["gender"] == "female", "customer_id"]
    shares = tables["shares"]
    shop = make_shop({**tables, "shares": shares[shares["customer_id"].isin(women)]})
    everybody = share_study(shop, **WINDOW).frame
    gap = share_gap(shop)
    kept = everybody["gender"].eq("female").to_numpy(dtype=bool)
    assert gap.study.frame["customer_id"].tolist() == everybody.loc[kept, "customer_id"].tolist()
    first = gap.findings[0]
    assert first.id == "A1.open_to_sharing"
    assert first.estimate == pytest.approx(100 * kept.mean())
    assert "whose “gender” is" in first.reading
    assert f"of the other {kept.sum()}" in first.reading
    raw, effect = (next(one for one in gap.findings if one.id.endswith(end)) for end in ("gap", "uplift"))
    assert raw.n == kept.sum()
    assert any("to whom sharing was open" in said for said in effect.assumptions)
    assert "every such customer" in effect.reading or effect.verdict == "not settled"


@pytest.mark.parametrize(
    ("kind", "shared", "said"),
    [
        (lambda f: f["orders_before"] < 2, 0, "whose “orders before” is below 2, nobody shared"),
        (lambda f: f["orders_before"] >= 4, 1, "whose “orders before” is above 3, everybody shared"),
        (lambda f: f["spend_before_cents"] < 1_500, 0, "whose “money spent before” is below 15."),
    ],
)
def test_each_kind_of_rule_in_words(study, kind, shared, said):
    changed = ruled(study, kind, shared)
    left, rules = open_study(changed)
    assert len(left.frame) == len(study.frame) - sum(rule.rows for rule in rules)
    assert left.frame["shared"].nunique() == 2
    assert said in "; ".join(map(in_words, rules))


def test_where_the_rule_is_all_nothing_is_compared(study):
    frame = study.frame.assign(shared=(study.frame["orders_before"] >= 2).astype(float))
    with pytest.raises(CannotAnswer, match="everybody shared: 0 customers who shared and 3"):
        open_study(replace(study, frame=frame))
