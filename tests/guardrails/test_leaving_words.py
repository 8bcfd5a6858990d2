"""Every sentence that E2 says of opt-outs, stated reasons and who still buys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.guardrails.e02_forced_sharing.leaving import WORDS, Leaving
from helpers.report.release import told_rows
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

ARM = {"asks": [1, 6]}
SAID = {"verdicts": ["reported"]}
SHARE = {"a quarter": (25.0, 24.0, 26.0)}
STAY = {**ARM, "outcome_days": [1, 84], "later": [0.45], "later_base": [0.43]}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        ("E2.opt_outs", {**SAID, "intervals": SHARE, "facts": {**ARM, "outcome_days": [1, 84]}}),
        ("E2.reason_named", {**SAID, "intervals": SHARE, "facts": ARM}),
        ("E2.still_buying", {**SAID, "facts": STAY}),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


def test_what_leavers_say_is_no_cause():
    for found in cases(WORDS, "E2.reason_named", **SAID, intervals=SHARE, facts=ARM):
        assert "not why they left" in found.reading


@pytest.mark.parametrize(
    ("sign", "said"),
    [("above", "more of those asked most"), ("below", "fewer of those"), ("around, up", "no sign")],
)
def test_the_title_tells_what_was_done(sign, said):
    for found in cases(WORDS, "E2.still_buying", **SAID, intervals={sign: INTERVALS[sign]}, facts=STAY):
        assert said in WORDS.picture("leaving", [found], told=["opted out, 6 asked 6.4 %"])[0]


def test_without_later_purchases_the_title_claims_nothing():
    title, _ = WORDS.picture("leaving", [], told=["opted out, 6 asked 6.4 %"])
    assert title == "How many opt out of messages when they are asked to share"


def test_few_who_opt_out_hide_no_one_who_bought():
    asks = np.repeat([0, 6], 200)
    frame = pd.DataFrame({"asks": asks, "opted_out": 0.0, "bought_later": np.tile([0.0, 1.0], 200)})
    frame.loc[200:204, "opted_out"] = 1.0
    columns = {"opted_out": "opted out", "bought_later": "bought later"}
    table = Leaving(outcome_days=84, frame=frame, columns=columns, findings=()).table()
    told = told_rows(table, people="customers", shares=table.attrs["shares"], within="deed")
    assert told["deed"].tolist() == ["bought later", "bought later"]
    assert told["share"].tolist() == [0.5, 0.5]
