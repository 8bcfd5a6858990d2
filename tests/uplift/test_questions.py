"""A1 and A2 as they are asked of a shop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.data.share_study import share_study
from helpers.report import Skipped
from helpers.uplift import (
    covariate_balance,
    falsification,
    interval_coverage,
    prompt_test,
    sensitivity,
    share_gap,
)

REQUIRED = ("customers", "items", "orders", "order_lines")


@pytest.fixture(scope="module")
def tables(random_tables):
    tables = random_tables(seed=3, customers=1_500)
    # Each customer is drawn at the first order of the study window, as the prompt is.
    orders = tables["orders"].query("status != 'cancelled'")
    start = orders["placed_at"].max() - np.timedelta64(148, "D")
    enrolled = orders[orders["placed_at"] >= start].groupby("customer_id")["placed_at"].min()
    arms = np.random.default_rng(1).choice(["control", "prompt"], len(enrolled))
    drawn = {"customer_id": enrolled.index, "arm": arms, "assigned_at": enrolled.to_numpy()}
    return {**tables, "experiments": pd.DataFrame({"experiment": "share_prompt", **drawn})}


@pytest.fixture
def shop(make_shop, tables):
    return make_shop(tables)


def test_the_gap_equals_a_count_by_hand(shop):
    gap = share_gap(shop)
    frame = gap.study.frame
    again = frame.groupby("shared")["repurchased"].mean()
    raw = gap.findings[0]
    assert raw.estimate == pytest.approx(100 * (again[1] - again[0]))
    assert raw.n == len(frame)
    assert (frame["landmark_at"] - frame["index_at"] == np.timedelta64(48, "h")).all()
    assert (frame["landmark_at"] + np.timedelta64(90, "D") <= shop.as_of).all()


def test_nothing_after_the_order_enters_the_covariates(make_shop, tables, tmp_path):
    """Deleting every order, share and like after the enrolment leaves the covariates as they were.

    Only the last of each stays, which says until when they are known.
    """
    options = {"enrol_days": 56, "landmark_hours": 48, "outcome_days": 90}
    full = make_shop(tables, folder=tmp_path / "full")
    study = share_study(full, **options)
    cut = study.end
    earlier = {name: frame for name, frame in tables.items() if name != "experiments"}
    for name, time in (("orders", "placed_at"), ("shares", "posted_at"), ("reactions", "posted_at")):
        at = earlier[name][time]
        earlier[name] = earlier[name][(at < cut) | (at == at.max())]
    past = make_shop(earlier, folder=tmp_path / "past", as_of=full.as_of)
    known = ["customer_id", *study.covariates]
    again = share_study(past, **options).frame
    assert again[known].equals(study.frame[known])


def test_every_section_states_draws_and_tabulates_itself(shop):
    gap = share_gap(shop, copies=3)
    looks = (covariate_balance(gap), falsification(gap, shuffles=3), sensitivity(gap), interval_coverage(gap))
    for answer in (gap, *looks, prompt_test(shop)):
        assert answer.findings
        assert all(finding.reading for finding in answer.findings)
        assert len(answer.table())
        assert answer.draw().png().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_findings(shop):
    assert share_gap(shop, seed=5).findings == share_gap(shop, seed=5).findings


def test_with_the_required_tables_only_each_section_is_one_sentence(make_shop, tables):
    shop = make_shop({name: tables[name] for name in REQUIRED})
    gap = share_gap(shop)
    looks = (covariate_balance(gap), falsification(gap), sensitivity(gap), interval_coverage(gap))
    for answer in (gap, *looks):
        assert isinstance(answer, Skipped)
        assert "shares" in answer.reason
    assert "experiments" in prompt_test(shop).reason


def test_traits_that_the_shop_lacks_are_named(make_shop, tables):
    shop = make_shop({name: frame for name, frame in tables.items() if name not in ("ties", "reactions")})
    assumptions = " ".join(share_gap(shop).findings[2].assumptions)
    assert "number of friends" in assumptions
    assert "likes received before" in assumptions


def test_too_few_customers_are_declined(make_shop, random_tables):
    shop = make_shop(random_tables(seed=1, customers=60))
    answer = share_gap(shop)
    assert isinstance(answer, Skipped)
    assert "at least" in answer.reason


def test_an_unknown_test_is_declined(shop):
    assert "no customer took part" in prompt_test(shop, experiment="banner").reason
    assert (
        "no arm named"
        in prompt_test(shop.declaring(Experiment(name="share_prompt", control="nothing"))).reason
    )


def test_an_effect_carries_what_the_same_people_do_without_it(shop):
    asked = {one.id: one for one in prompt_test(shop).findings}["A2.intention_to_treat"]
    assert asked.untreated == pytest.approx(100 * asked.facts["control_mean"])
    assert 0 < asked.untreated < 100


def test_a_lost_arm_leaves_the_prompt_unsettled(make_shop, tables):
    arms = tables["experiments"]
    lost = arms[(arms["arm"] == "control") | (np.arange(len(arms)) % 3 > 0)]
    answer = prompt_test(make_shop({**tables, "experiments": lost}))
    verdicts = {finding.id: finding.verdict for finding in answer.findings}
    assert verdicts["A2.sample_ratio"] == "not settled"
    assert verdicts["A2.intention_to_treat"] == "not settled"
