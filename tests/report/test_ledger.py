"""The ledger gives each repeated figure the verdict that its interval allows, and no other."""

import pytest

from helpers.report import Claim, Finding, claims_ledger, skipped

CLAIM = Claim(
    name="claim",
    requirement="A1",
    label="sharing",
    statement="Sharing brings 37 %.",
    claimed=37.0,
    unit="%",
    finding="A1.uplift",
)


def finding(low, high):
    return Finding(
        id="A1.uplift",
        requirement="A1",
        question="q",
        estimate=(low + high) / 2,
        low=low,
        high=high,
        unit="%",
        n=1000,
        method="m",
        assumptions=("all confounders seen",),
        reading="r",
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (30.0, 45.0, "fits"),
        (37.0, 37.0, "not settled"),
        (2.0, 12.0, "contradicted"),
        (-3.0, 12.0, "contradicted"),
        (38.0, 60.0, "contradicted"),
        (-5.0, 60.0, "not settled"),
        (0.0, 60.0, "not settled"),
        (1.0, 90.0, "not settled"),
        (18.0, 40.0, "not settled"),
        (30.0, 75.0, "not settled"),
    ],
)
def test_verdict_follows_from_the_interval(low, high, verdict):
    (judged,) = claims_ledger([finding(low, high)], claims=[CLAIM]).findings
    assert judged.verdict == verdict
    assert judged.id == "G1.claim"
    assert (judged.low, judged.high) == (low, high)


def test_a_claim_that_nobody_tested_is_skipped_with_the_reason():
    (judged,) = claims_ledger([], claims=[CLAIM]).findings
    assert judged.status == "skipped"
    assert "A1.uplift" in judged.reason


def test_a_skipped_chapter_hands_its_reason_on():
    reason = "Not answered: this needs shares, which the data do not have."
    (judged,) = claims_ledger(
        [skipped(requirement="A1", question="q", reason=reason)], claims=[CLAIM]
    ).findings
    assert judged.reason == reason
    assert CLAIM.statement in judged.reading


def test_the_table_and_picture_hold_every_claim_tested_or_not():
    other = Claim(
        name="other",
        requirement="A9",
        label="perk",
        statement="Perk.",
        claimed=52.0,
        unit="%",
        finding="A9.none",
    )
    ledger = claims_ledger([finding(30.0, 45.0)], claims=[CLAIM, other])
    assert list(ledger.table()["verdict"]) == ["fits", "not tested"]
    alt = ledger.draw().alt
    assert "37" in alt
    assert "not tested" in alt
