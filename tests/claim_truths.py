"""What the ledger should say of a claim: the declared rule asked of the truth and of figures around it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import norm

from helpers.report.claims import Claim
from helpers.report.finding import Finding

_DRAWS = norm.ppf((np.arange(999) + 0.5) / 999)


def demanded(claim: Claim, truth: float) -> str:
    """Return the verdict of data without end: "fits" where the claim is true, else "contradicted"."""
    if claim.rule == "figure":
        return "fits" if abs(truth - claim.asks) <= claim.near else "contradicted"
    away = truth - claim.asks
    return "fits" if (away >= 0 if claim.rule == "more" else away <= 0) else "contradicted"


def chances(claim: Claim, truth: float, tested: Finding) -> dict[str, float]:
    """Return how often figures as uncertain as `tested` around the truth would get each verdict.

    Errors are normal and as wide as the finding's interval; neither its chapter's doubts nor its adjustment
    for many tests are counted.
    """
    down, up = tested.estimate - tested.low, tested.high - tested.estimate
    error = (down + up) / 2 / norm.ppf(0.975)
    told = [claim.judge(one, one - down, one + up) for one in truth + error * _DRAWS]
    return {verdict: told.count(verdict) / len(told) for verdict in ("fits", "contradicted", "not settled")}


def against_truth(claim: Claim, truth: float, verdict: str) -> bool:
    """Return whether a verdict settles what the truth denies.

    A claimed figure that fits is denied by a truth below half or above twice of it, as the rule has it; a
    claim of more or less that fits, by a truth short of what matters.
    """
    if verdict == "not settled":
        return False
    if claim.rule == "figure" and verdict == "fits":
        return not claim.asks / 2 <= truth <= 2 * claim.asks
    return verdict != demanded(claim, truth)


def row(claim: Claim, judged: Finding, truth: float | None) -> dict[str, object]:
    """Return a claim of a ledger beside its truth.

    said: the ledger's verdict, or "not tested". expected: the likeliest verdict of such an interval around
    the truth, with its chance. wrong: settled against the truth. missed: not settled, where four of five such
    intervals would have settled it.
    """
    said = judged.verdict if judged.status == "answered" else "not tested"
    found: dict[str, object] = {"claim": claim.name, "said": said, "truth": truth}
    if truth is None or judged.status != "answered":
        return found
    chance = chances(claim, truth, judged)
    expected = max(chance, key=lambda verdict: chance[verdict])
    return found | {
        "estimate": judged.estimate, "low": judged.low, "high": judged.high,
        "demanded": demanded(claim, truth), "expected": expected, "chance": chance[expected],
        "wrong": against_truth(claim, truth, said),
        "missed": said == "not settled" and 1 - chance["not settled"] >= 0.8,
    }  # fmt: skip


def truth_of_claim(claim: Claim, truth: Mapping) -> float | None:
    """Return the true value of the finding that tests a claim; of the only group where it names none."""
    known = truth.get(claim.finding)
    if isinstance(known, Mapping):
        return known[claim.segment] if claim.segment else next(iter(known.values()))
    return known
