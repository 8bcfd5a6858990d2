"""Every sentence that A1 can say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.report import CannotAnswer
from helpers.uplift.a01_share_gap.open_study import in_words
from helpers.uplift.a01_share_gap.share_gap import WORDS, _demand_differences
from methods.adjust.treatment_rules import TreatmentRule
from tests.truth_tables import CLAIM_VERDICTS, assert_every_block_is_declared, assert_truth_table, cases

DOUBT = {"doubt": ["", "few are alike"], "widened": [1.0, 1.4], "closed": [False, True]}
RULES = [
    TreatmentRule(
        covariate=covariate, side=side, value=value, always=always, rows=1_234, of_kind=np.array([])
    )
    for covariate, side, value, always in (
        ("orders_before", "below", 3.0, False),
        ("spend_before_cents", "above", 123_450.0, True),
        ("channel", "is", "advert", False),
        ("age_band", "is", "unknown", False),
    )
]


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        (
            "A1.raw_gap",
            {
                "verdicts": ["reported"],
                "facts": {
                    "sharers": [1, 900],
                    "landmark_hours": [1, 48],
                    "outcome_days": [1, 90],
                    "rate_of_sharers": [0.0, 1.0],
                    "rate_of_others": [0.5],
                },
            },
        ),
        (
            "A1.open_to_sharing",
            {
                "verdicts": ["reported"],
                "intervals": {"a count": (61.3, 61.3, 61.3)},
                "facts": {
                    "rules": [[in_words(rule) for rule in RULES[:1]], [in_words(rule) for rule in RULES]],
                    "kept": [60, 7_358],
                    "enrolled": [110, 12_000],
                },
            },
        ),
        ("A1.raw_gap_relative", {"verdicts": CLAIM_VERDICTS, "facts": {"claimed": [2.0, 37.0]}}),
        ("A1.relative_uplift_sharers", {"verdicts": CLAIM_VERDICTS, "facts": {"claimed": [2.0, 37.0]}}),
        ("A1.uplift_where_alike", {"verdicts": ["reported", "not settled"], "facts": {"carried": [40, 900]}}),
        ("A1.self_selection", {"verdicts": ["reported", "not settled"], "facts": {"raw": [-3.0, 23.4]}}),
        (
            "A1.detectable",
            {
                "verdicts": ["reported"],
                "intervals": {"a plan": (3.4, 3.4, 3.4)},
                "facts": {"claimed": [2.0, 28.4], "fails": [False, True]},
            },
        ),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


@pytest.mark.parametrize("id", ["A1.adjusted_uplift", "A1.adjusted_uplift_sharers"])
def test_a_doubt_is_said_and_settles_nothing(id):
    assert_truth_table(WORDS, id, facts={**DOUBT, "doubt": [""]})
    for found in cases(WORDS, id, verdicts=["not settled"], facts={**DOUBT, "doubt": ["few are alike"]}):
        assert "But few are alike: this is not settled." in found.reading


@pytest.mark.parametrize(("value", "word"), [(0.0, "nobody"), (1.0, "everybody")])
def test_customers_who_do_not_differ_are_one_sentence(value, word):
    study = SimpleNamespace(frame=pd.DataFrame({"repurchased": [value] * 300}), outcome_days=90)
    with pytest.raises(CannotAnswer, match=word):
        _demand_differences(study)


@pytest.mark.parametrize("settled", [True, False])
def test_the_title_claims_only_what_is_settled(settled):
    verdicts = ["supported"] if settled else ["not settled"]
    for effect in cases(WORDS, "A1.adjusted_uplift_sharers", verdicts=verdicts, facts=DOUBT):
        rest = next(cases(WORDS, "A1.self_selection", verdicts=["reported"], facts={"raw": [5.0]}))
        title, _ = WORDS.picture("gap", [effect, rest], raw=5.0, comparisons=["raw gap 5.0 pp"])
        assert ("accounts for" in title) == settled
        assert ("not settled" in title) != settled


def test_who_shares_is_said_to_buy_more_often_only_where_the_interval_leaves_out_nil():
    for finding in cases(WORDS, "A1.self_selection", verdicts=["reported"], facts={"raw": [5.0]}):
        claimed = "customers who share are ones who buy again" in finding.reading
        assert claimed == (finding.low > 0 or finding.high < 0), finding.reading
