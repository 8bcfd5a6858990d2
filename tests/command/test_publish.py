"""What a run shows to many: small groups are left out, the receipt in one sentence."""

from __future__ import annotations

import pytest

from helpers.command.publish import without_small_groups
from helpers.report import Finding


def finding(**changes) -> Finding:
    given = {
        "id": "C2.rate",
        "requirement": "C2",
        "question": "How many return?",
        "estimate": 31.0,
        "low": 20.0,
        "high": 40.0,
        "n": 10,
        "segment": "leaders",
        "unit": "% of customers",
        "method": "Wilson",
        "reading": "31 % of 10 leaders return.",
    }
    return Finding(**{**given, **changes})


def test_answer_about_few_people_is_hidden():
    (hidden,) = without_small_groups([finding()])
    assert hidden.status == "skipped"
    assert hidden.estimate is hidden.low is hidden.high is hidden.n is None
    assert "31" not in hidden.reading
    assert "fewer than 11" in hidden.reason


@pytest.mark.parametrize("changes", [{"n": 11}, {"segment": None}])
def test_other_answers_stay_as_they_are(changes):
    shown = finding(**changes)
    assert without_small_groups([shown]) == (shown,)
