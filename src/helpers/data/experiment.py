"""A randomised test as its shop declares it: its control, how it was drawn, what it is judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

# What was tried, by the name that its test has where a shop declares none.
USUAL_NAMES = {
    "prompt": "share_prompt",
    "cashback": "group_cashback",
    "offer": "try_first",
    "asks": "forced_share",
}
OUTCOMES = ("bought", "recorded")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One test.

    name: as in the column `experiments.experiment`. kind: what was tried, one of USUAL_NAMES; empty:
    something else. control: the arm that got nothing. planned: weight with which each arm was to be drawn, in
    any unit; empty: equal. cluster: the column of `experiments`, or else of `customers`, that names the group
    drawn. outcome: what it is judged by, one of OUTCOMES; empty: whatever there is. outcome_days: days after
    the draw in which buying counts; 0: as the question says. category: of goods that the group named
    beforehand had bought. paid_cents: what an order of a treated customer was paid, hundredths; 0: read from
    coupons. margin_pp: smallest gain worth having, and the loss that a guardrail must rule out; None: as the
    question says. planned_customers: in all arms at the planned end; 0: those there are.
    """

    name: str
    kind: str = ""
    control: str = "control"
    planned: Mapping[str, float] = field(default_factory=dict)
    cluster: str = "cluster"
    outcome: str = ""
    outcome_days: int = 0
    category: str = ""
    paid_cents: int = 0
    margin_pp: float | None = None
    planned_customers: int = 0

    def shares(self, arms: Sequence[str]) -> dict[str, float]:
        """Return the planned share of each arm, adding up to 1.

        arms: those that hold anybody; a planned arm that holds nobody is left out (see `absent`). Raises
        CannotAnswer where one of them is not planned.

        >>> Experiment(name="try_first", planned={"control": 75, "offer": 25}).shares(["control", "offer"])
        {'control': 0.75, 'offer': 0.25}
        >>> Experiment(name="try_first").shares(["a", "b"])
        {'a': 0.5, 'b': 0.5}
        """
        if not self.planned:
            return {arm: 1 / len(arms) for arm in arms}
        if not set(arms) <= set(self.planned):
            raise CannotAnswer(
                WORDS.text(
                    "shares of other arms", name=self.name, planned=sorted(self.planned), arms=sorted(arms)
                )
            )
        whole = sum(self.planned[arm] for arm in arms)
        return {arm: self.planned[arm] / whole for arm in arms}

    def absent(self, arms: Collection[str]) -> list[str]:
        """Return the planned arms that hold nobody. arms: those that hold anybody."""
        return sorted(set(self.planned) - set(arms))
