"""Lists of people that analysts act on: who is in a group that a finding speaks of, by the shop's own ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers.report.finding import Finding

GROUP = "group"


@dataclass(frozen=True, kw_only=True)
class PeopleList:
    """Who is in the groups that findings speak of; it never reaches a page.

    name: what its file is called. about: in words. findings: the keys of the findings that speak of them.
    members: a row a member: its id in the first column, the group it is in under `group`, then what is known.
    spoken: group to how many the findings say are in it. Raises ValueError where members and findings differ.

    >>> members = pd.DataFrame({"customer_id": ["ann", "bob"], "group": ["new", "new"]})
    >>> key = ("C1.tier_share", "new")
    >>> len(PeopleList(name="stages", about="", findings=(key,), members=members, spoken={"new": 2}).members)
    2
    """

    name: str
    about: str
    findings: tuple[tuple[str, str | None], ...]
    members: pd.DataFrame = field(repr=False)
    spoken: Mapping[str, int]

    def __post_init__(self) -> None:
        listed = self.members[GROUP].value_counts()
        found = {group: int(listed.get(group, 0)) for group in {*self.spoken, *listed.index}}
        wrong = [group for group, many in found.items() if many != self.spoken.get(group, -1)]
        if wrong:
            raise ValueError(
                f"the list {self.name!r} holds others than its findings speak of ("
                + ", ".join(f"{one}: {found[one]} listed, {self.spoken.get(one)} told" for one in wrong)
                + ")"
            )


def having(share: Finding) -> int:
    """Return how many have what a finding in % tells of.

    >>> having(Finding(id="X.x", requirement="X", question="", estimate=25.0, low=20.0, high=30.0, n=200,
    ...                method="counting", reading="A quarter."))
    50
    """
    if share.estimate is None or share.n is None:
        raise ValueError(f"finding {share.id!r} was not answered and counts nobody")
    return round(share.estimate * share.n / 100)
