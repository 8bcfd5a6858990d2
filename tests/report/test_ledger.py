"""The ledger gives each repeated claim the verdict that its interval allows, and no other."""

import pytest

from helpers.report import Claim, Finding, all_claims, claims_ledger, read_claims, skipped
from helpers.report.finding import read_findings, write_findings

CLAIM = Claim(
    name="claim",
    label="sharing",
    words="Sharing brings 37 %.",
    rule="figure",
    figure=37.0,
    finding="A1.uplift",
)


def finding(low, high, **given):
    fields = {
        "id": "A1.uplift",
        "requirement": "A1",
        "question": "q",
        "estimate": (low + high) / 2,
        "low": low,
        "high": high,
        "unit": "%",
        "n": 1000,
        "method": "m",
        "assumptions": ("all confounders seen",),
        "reading": "r",
    }
    return Finding(**{**fields, **given})


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (30.0, 45.0, "fits"),
        (37.0, 37.0, "not settled"),
        (2.0, 12.0, "contradicted"),
        (-3.0, 12.0, "contradicted"),
        (38.0, 60.0, "not settled"),
        (37.5, 40.0, "fits"),
        (41.0, 60.0, "contradicted"),
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
    assert CLAIM.words in judged.reading


def test_the_table_and_picture_hold_every_claim_tested_or_not():
    other = Claim(name="other", label="perk", words="Perk.", rule="figure", figure=52.0, finding="A9.none")
    ledger = claims_ledger([finding(30.0, 45.0)], claims=[CLAIM, other])
    assert list(ledger.table()["verdict"]) == ["fits", "not tested"]
    alt = ledger.draw().alt
    assert "37" in alt
    assert "not tested" in alt


MORE = Claim(name="more", label="more", words="More.", rule="more", smallest=2.0, finding="A1.uplift")
LESS = Claim(name="less", label="less", words="Less.", rule="less", smallest=2.0, finding="A1.uplift")
TIMES = Claim(name="t", label="t", words="T.", rule="more", smallest=1.0, nil=1.0, finding="A1.uplift")


@pytest.mark.parametrize(
    ("claim", "low", "high", "verdict"),
    [
        (MORE, 1.0, 5.0, "fits"),
        (MORE, 0.5, 3.0, "not settled"),  # above nil, but its middle is too small to matter
        (MORE, -1.0, 9.0, "not settled"),
        (MORE, 0.1, 1.9, "contradicted"),  # there is something, and it is less than matters
        (MORE, -5.0, -1.0, "contradicted"),
        (MORE, 0.0, 8.0, "not settled"),
        (MORE, 3.0, 3.0, "not settled"),
        (LESS, -5.0, -1.0, "fits"),
        (LESS, -1.9, -0.1, "contradicted"),
        (LESS, 1.0, 5.0, "contradicted"),
        (LESS, -9.0, 1.0, "not settled"),
        (TIMES, 1.5, 3.5, "fits"),
        (TIMES, 0.5, 1.5, "contradicted"),
        (TIMES, 0.9, 3.5, "not settled"),
    ],
)
def test_a_claim_of_more_or_less_must_matter(claim, low, high, verdict):
    (judged,) = claims_ledger([finding(low, high)], claims=[claim]).findings
    assert judged.verdict == verdict


@pytest.mark.parametrize("claim", [CLAIM, MORE, LESS])
@pytest.mark.parametrize(("low", "high"), [(30.0, 45.0), (-9.0, 70.0), (-3.0, -2.5)])
def test_what_its_chapter_leaves_open_stays_open(claim, low, high):
    (judged,) = claims_ledger([finding(low, high, verdict="not settled")], claims=[claim]).findings
    assert judged.verdict == "not settled"
    assert "cannot settle" in judged.reading


def test_a_ratio_keeps_the_digits_by_which_it_is_judged():
    """0.97 (0.91 to 1.04) read 1.0 times (0.9 to 1.0), as if it lay below 1."""
    (judged,) = claims_ledger([finding(0.91, 1.04)], claims=[TIMES]).findings
    assert "(0.91 to 1.04) from" in judged.reading


def test_the_words_of_a_row_agree_with_its_verdict():
    ledger = claims_ledger([finding(30.0, 45.0)], claims=[CLAIM, MORE, LESS])
    rows = ledger.table().set_index("claim")
    assert rows.loc["Sharing brings 37 %.", "what would change it"] == "An interval more than 3.7 off 37.0."
    assert rows.loc["More.", "what would change it"] == "An interval that reaches 0.0."
    assert rows.loc["Less.", "what would change it"] == "An interval that reaches −2.0."


def test_a_claim_of_one_of_several_groups_is_not_picked_for_the_reader():
    found = [finding(1.0, 5.0, segment="three"), finding(-5.0, -1.0, segment="six")]
    (judged,) = claims_ledger(found, claims=[MORE]).findings
    assert judged.status == "skipped"
    assert "three" in judged.reason
    assert "six" in judged.reason


def test_a_claim_of_a_group_that_nobody_drew_names_those_that_were():
    found = [finding(1.0, 5.0, segment="four")]
    claim = Claim(
        name="c", label="c", words="C.", rule="more", smallest=1.0, finding="A1.uplift", segment="six"
    )
    (judged,) = claims_ledger(found, claims=[claim]).findings
    assert judged.status == "skipped"
    assert "of four; the claim speaks of none of them" in judged.reason


@pytest.mark.parametrize(("drawn", "said"), [((-1.0, 2.0), "contradicts"), ((-1.0, 6.0), "does not")])
def test_a_randomised_test_is_set_beside_the_matched_figure(drawn, said):
    against = all_claims()[1].against
    claim = Claim(
        name="c", label="c", words="C.", rule="more", smallest=1.0, finding="A1.uplift", against=against
    )
    found = [finding(3.0, 9.0), finding(3.0, 9.0, id=against.matched), finding(*drawn, id=against.drawn)]
    (row,) = claims_ledger(found, claims=[claim]).table().to_dict("records")
    assert f"The randomised test {said}" in row["what would change it"]


def test_the_shipped_claims_are_many_unlike_and_findable():
    claims = all_claims()
    assert len(claims) >= 15
    assert {claim.rule for claim in claims} == {"figure", "more", "less"}
    assert len({claim.words for claim in claims}) == len(claims)
    for claim in claims:
        assert claim.source.name
        assert all(study.where and study.year and study.design for study in claim.published)


GOOD = """
[[claim]]
name = "mine"
words = "Ours <script>alert(1)</script>."
label = "ours"
finding = "B4.aov"
rule = "more"
smallest = 5
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "mine"', "", "claim 1: name is missing"),
        ('"more"', '"most"', "claim 1 (mine): rule 'most' is none of figure, more, less"),
        ("smallest = 5", "", "needs smallest, a number above 0; found None"),
        ("smallest = 5", "smallest = -1", "needs smallest, a number above 0; found -1.0"),
        ("smallest = 5", "smallest = true", "claim 1, smallest: a number is expected, found True"),
        ("smallest = 5", "smallest = 5\nbigest = 1", "unknown key 'bigest'"),
        ("B4.aov", "B4.none", "no finding is called 'B4.none'"),
        ('label = "ours"', 'label = " "', "claim 1, label: some text is expected"),
        ("[[claim]]", "[[claims]]", "a list of [[claim]] is expected"),
        ("[[claim]]", "[[claim", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name_claim_and_key(tmp_path, old, new, said):
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=r"own\.toml") as refused:
        read_claims(path)
    assert said in str(refused.value)


def test_own_claims_stand_behind_the_shipped_and_need_names_of_their_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert [claim.name for claim in all_claims(path)][-1] == "mine"
    path.write_text(GOOD.replace("mine", "twenty_likes_coupon"), encoding="utf-8")
    with pytest.raises(ValueError, match="declared twice"):
        all_claims(path)


def test_a_claim_that_went_through_a_file_is_judged_alike(tmp_path):
    found = finding(29.96, 45.04)
    path = write_findings([found], tmp_path / "chapter.json")
    before, after = (
        claims_ledger(some, claims=[CLAIM]).findings[0] for some in ([found], read_findings(path))
    )
    assert before.reading == after.reading
