"""A2: does another test on the same customers change what the prompt does?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.data.find_experiment import experiment_named, find_experiment
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.formats import in_percent, interval
from helpers.uplift.a02_prompt_test.prompt_test import KIND, DrawnArm, PromptTest
from methods.trials.overlapping_tests import OverlappingTests, overlapping_tests

WORDS = words_beside(__file__)
BROKEN = 0.001


@dataclass(frozen=True, kw_only=True)
class Beside:
    """One arm of the prompt among the customers of another test. rows: customers in both."""

    arm: DrawnArm
    other: str
    rows: int
    found: OverlappingTests

    @property
    def segment(self) -> str:
        """The other test, and the arm where the prompt's has several."""
        return f"{self.arm.segment}: {self.other}" if self.arm.segment else self.other


@dataclass(frozen=True, kw_only=True)
class OtherTests:
    """Every other test that customers of the prompt test took part in too."""

    pairs: tuple[Beside, ...]
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a test: test, customers, effect of the prompt without and with it."""
        rows = [
            (
                one.segment,
                one.rows,
                *(interval(*in_percent(each)) for each in (one.found.without, one.found.within)),
            )
            for one in self.pairs
        ]
        frame = pd.DataFrame(rows, columns=["other test", "customers", "without it, pp", "with it, pp"])
        frame.attrs = {"people": "customers", "caption": WORDS.text("caption")}
        return frame

    def draw(self) -> Picture:
        """Draw by how much each other test changes the effect."""
        rows = [(one.segment, one.found.interaction) for one in self.pairs]
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value in rows]
        title, alt = WORDS.picture("other tests", self.findings, spoken=spoken, clear=self._clear)
        figure, axes = canvas(title, height_inches=1.2 + 0.4 * len(rows))
        marks = [Mark(label=name, value=value, scale=100) for name, value in rows]
        forest(axes, marks, x="change of the prompt's effect, pp")
        return Picture(figure, alt)

    @property
    def _clear(self) -> int:
        return sum(one.found.interaction.low > 0 or one.found.interaction.high < 0 for one in self.pairs)


@question(WORDS, needs=("orders.placed_at", "experiments.assigned_at"))
def other_tests(shop: Shop, prompt: PromptTest, *, experiment: str = "") -> OtherTests:
    """Ask of each other test whether the prompt's effect depends on its arm.

    experiment: name of the prompt test, as in `prompt_test`. Customers drawn by another test before their
    outcome window ended count; its arms beside the control count as one. Raises CannotAnswer where no other
    test shares enough customers.
    """
    name = find_experiment(shop, kind=KIND, name=experiment).name
    table = shop["experiments"]
    drawn = table.filter(table.experiment != name).select(
        "experiment", "customer_id", "cluster", other_arm="arm", other_at="assigned_at"
    )
    others = drawn.execute()
    pairs = tuple(
        found
        for arm in prompt.arms
        for other, rows in others.groupby("experiment")
        if (found := _beside(shop, prompt, arm, str(other), rows)) is not None
    )
    if not pairs:
        raise CannotAnswer(WORDS.text("alone"))
    return replace(OtherTests(pairs=pairs), findings=tuple(map(_finding, pairs)))


def _beside(shop: Shop, prompt: PromptTest, arm: DrawnArm, other: str, drawn: pd.DataFrame) -> Beside | None:
    """None where too few customers are in some pair of arms."""
    study, arms = prompt.study, {one.name for one in prompt.arms}
    frame = study.frame[(study.frame["arm"] == arm.name) | ~study.frame["arm"].isin(arms)]
    rows = frame.merge(drawn.drop_duplicates("customer_id"), on="customer_id", how="inner")
    ends = rows["landmark_at"] + pd.Timedelta(days=study.outcome_days)
    rows = rows[rows["other_at"].isna() | (rows["other_at"] < ends)]
    control = experiment_named(shop, other).control
    rows = rows.assign(
        prompted=(rows["arm"] == arm.name).astype(float),
        beside=(rows["other_arm"] != control).astype(float),
        group=rows["cluster"].fillna(rows["customer_id"]),
    )
    try:
        found = overlapping_tests(
            rows, outcome="repurchased", first="prompted", second="beside", cluster="group"
        )
    except CannotAnswer:
        return None
    return Beside(arm=arm, other=other, rows=len(rows), found=found)


def _finding(one: Beside) -> Finding:
    return WORDS.finding(
        "A2.beside_other_test",
        one.found.interaction,
        scale=100,
        n=one.rows,
        segment=one.segment,
        method=WORDS.text("method"),
        assumptions=(WORDS.text("drawn"),),
        what=one.arm.what,
        other=one.other,
        apart=one.found.together_p >= BROKEN,
    )
