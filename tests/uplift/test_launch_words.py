"""Every sentence on what a test may be acted on, in A2, A5 and A9, which say it alike."""

from __future__ import annotations

import pytest

from helpers.uplift.a02_prompt_test.prompt_test import WORDS as PROMPT
from helpers.uplift.a05_cashback.cashback import WORDS as CASHBACK
from helpers.uplift.a09_who_gains.who_gains import WORDS as OFFER
from tests.truth_tables import assert_truth_table, cases

QUESTIONS = pytest.mark.parametrize("words", [PROMPT, CASHBACK, OFFER], ids=["A2", "A5", "A9"])
ARM = {"arm": ["", "B"], "margin": [2.0]}
GUARDED = {
    "guarded": [[], ["returns", "service contacts"]],
    "costs": [False, True],
    "sooner": [False, True],
    **ARM,
}
DECISIONS = [  # verdict, reason, running, losers, what is said
    ("supported", "gain", False, [], "ship"),
    ("contradicted", "harm", False, [], "do not ship, for fewer bought"),
    ("reported", "too small", False, [], "do not ship, for a gain of 2.0 pp is ruled out"),
    ("reported", "guardrail", False, ["returns"], "do not ship, for returns rose by more than 2.0 pp"),
    ("not settled", "open", True, [], "keep running"),
    ("not settled", "open", False, [], "discuss"),
    ("not settled", "doubt", False, [], "discuss"),
    ("not settled", "guardrail open", False, ["returns"], "whether returns stayed within 2.0 pp"),
    ("not settled", "gain", False, [], "discuss; read alone the test says yes"),
    ("not settled", "harm", False, [], "discuss; read alone the test says no"),
]


@QUESTIONS
@pytest.mark.parametrize(("verdict", "reason", "running", "losers", "said"), DECISIONS)
def test_the_decision(words, verdict, reason, running, losers, said):
    facts = {"reason": [reason], "running": [running], "losers": [losers], **GUARDED}
    id = f"{words.requirement}.decision"
    assert_truth_table(words, id, verdicts=[verdict], facts=facts)
    for found in cases(words, id, verdicts=[verdict], facts=facts):
        assert said in found.reading
        assert ("do not ship" in found.reading) == (verdict in ("contradicted", "reported"))
        assert (": ship" in found.reading) == (verdict == "supported")
        paid = verdict == "supported" and found.facts["costs"]
        assert ("its cost" in found.reading) == paid
        assert ("brought forward" in found.reading) == (paid and found.facts["sooner"])


@QUESTIONS
@pytest.mark.parametrize("always", [None, 1, 7])
@pytest.mark.parametrize("planned", [None, 1, 7])
def test_the_looks(words, always, planned):
    facts = {"always": [always], "planned": [planned], **ARM}
    id = f"{words.requirement}.while_running"
    assert_truth_table(words, id, verdicts=["reported"], facts=facts)
    for found in cases(words, id, verdicts=["reported"], facts=facts):
        assert ("never" in found.reading) == (always is None and planned is None)
        assert ("only" in found.reading) == ((always is None) != (planned is None))


@QUESTIONS
@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
def test_no_effect(words, verdict):
    inside, beyond = {"inside": (0.4, -1.2, 1.9)}, {"beyond": (4.0, 2.5, 5.5), "below": (-4.0, -5.5, -2.5)}
    intervals = {"supported": inside, "contradicted": beyond}.get(verdict, {"across": (1.0, -1.0, 3.0)})
    id = f"{words.requirement}.no_effect"
    facts = {**ARM, "surely": [False, True]}
    assert_truth_table(words, id, verdicts=[verdict], facts=facts, intervals=intervals)
    for found in cases(words, id, verdicts=[verdict], facts=facts, intervals=intervals):
        short = verdict == "supported" and not found.facts["surely"]
        assert ("not yet ruled out" in found.reading) == short
        assert found.reading.startswith("No effect") == (verdict == "supported")
        assert found.reading.startswith(("A rise", "A fall")) == (verdict == "contradicted")
        assert ("up or down" in found.reading) == (verdict != "contradicted")
        if verdict == "contradicted":
            assert found.reading.startswith("A rise") == (found.estimate > 0)
