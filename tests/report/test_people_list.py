"""A list of people holds exactly those that its findings count."""

import pandas as pd
import pytest

from helpers.report.people_list import PeopleList

MEMBERS = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "group": ["new", "new", "lost"]})


def listed(**spoken):
    return PeopleList(name="stages", about="", findings=(), members=MEMBERS, spoken=spoken)


def test_counts_agree():
    assert len(listed(new=2, lost=1, silent=0).members) == 3


@pytest.mark.parametrize("spoken", [{"new": 3, "lost": 1}, {"new": 2}, {"new": 2, "lost": 1, "silent": 1}])
def test_others_than_the_findings_count_are_refused(spoken):
    with pytest.raises(ValueError, match="'stages' holds others than its findings speak of"):
        listed(**spoken)
