"""The ledger's verdicts beside what the demo market's truth demands of each claim."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.report import Claim, all_claims
from market import simulate
from tests.claim_truths import against_truth, chances, demanded
from tests.claimed_markets import claims_of_market
from tests.report.test_ledger import CLAIM, LESS, MORE, TIMES, finding

# The demo itself, and fresh markets of its size.
SEEDS, CUSTOMERS = (1, 201, 202), 20_000
# Truths that hang on whom or which list an answer picks (`claimed_markets`).
WORKED_OUT = {"C4.influence", "C4.influence_most_friends", "D1.gain_over_cuts", "D2.friends_on_top_of_taste"}
# What customers who came back cost stands in no table; nothing is planted about the size of circles.
UNKNOWN = {"B9.winning_over_keeping", "C3.smaller_circles"}


@pytest.mark.parametrize(
    ("claim", "truth", "asked"),
    [
        (CLAIM, 37.0, "fits"),
        (CLAIM, 5.0, "contradicted"),
        (MORE, 2.1, "fits"),
        (MORE, 1.9, "contradicted"),
        (LESS, -2.1, "fits"),
        (LESS, 1.0, "contradicted"),
        (TIMES, 2.5, "fits"),
        (TIMES, 1.0, "contradicted"),
    ],
)
def test_truth_demands_a_verdict(claim: Claim, truth: float, asked: str):
    assert demanded(claim, truth) == asked
    assert chances(claim, truth, finding(-0.02, 0.02))[asked] > 0.9
    assert chances(claim, truth, finding(-300.0, 300.0))["not settled"] > 0.9


@pytest.mark.parametrize(
    ("claim", "truth", "verdict", "wrong"),
    [
        (CLAIM, 37.0, "contradicted", True),
        (CLAIM, 5.0, "fits", True),
        (CLAIM, 30.0, "fits", False),
        (MORE, 1.0, "fits", True),
        (MORE, 3.0, "contradicted", True),
        (LESS, -3.0, "fits", False),
        (LESS, 3.0, "not settled", False),
    ],
)
def test_a_verdict_is_wrong_only_where_it_settles_what_the_truth_denies(claim, truth, verdict, wrong):
    assert against_truth(claim, truth, verdict) == wrong


def test_every_shipped_claim_has_a_truth_or_is_known_to_have_none():
    written = set(simulate(customers=800, seed=1).truth)
    asked = {claim.finding for claim in all_claims()}
    assert asked - written == WORKED_OUT | UNKNOWN


@pytest.mark.slow
def test_claims_are_judged_as_their_truths_demand(tmp_path):
    """No verdict settles what the truth denies but by chance; most are the likeliest of such intervals."""
    rows = pd.concat([claims_of_market(tmp_path, customers=CUSTOMERS, seed=seed) for seed in SEEDS])
    print(f"\n{rows.round(2).to_string(index=False)}")
    asked = rows[rows["truth"].notna()]
    judged = asked[asked["said"] != "not tested"]
    right = judged["said"] == judged["expected"]
    wrong, missed = judged["wrong"].astype(bool), judged["missed"].astype(bool)
    print(
        f"{len(judged)} verdicts: {right.sum()} are the likeliest, {wrong.sum()} settle what the truth "
        f"denies, {missed.sum()} leave open what four of five such intervals would settle"
    )
    by_seed = judged.groupby("seed")
    assert (by_seed.size() >= 15).all()
    assert (by_seed["said"].nunique() == 3).all(), "all three directions"
    # One of forty intervals lies wholly on the wrong side; what a chapter leaves open stays open.
    assert wrong.sum() <= 1 + 0.025 * len(judged)
    assert right.mean() >= 0.75
