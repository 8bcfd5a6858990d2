"""A12: what do the tests that won bring together, once their luck is taken off?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.estimate import standard_error
from helpers.report.formats import POINTS, interval, short_unit
from methods.intervals.estimates import Interval
from methods.trials.total_of_wins import TotalOfWins, total_of_wins

WORDS = words_beside(__file__)
OF_TESTS = ("A2.intention_to_treat", "A2.recorded_effect", "A5.cashback_uplift", "A9.offer_uplift")


@dataclass(frozen=True, kw_only=True)
class LaunchedWins:
    """The tests' effects as found (points), and what those that won are to be expected to bring together."""

    tests: tuple[Finding, ...]
    total: TotalOfWins
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a test: test, effect as found, effect to be expected."""
        rows = [
            (_named(one), one.estimate, shrunk)
            for one, shrunk in zip(self.tests, self.total.shrunk, strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["test", "as found, pp", "to be expected, pp"])
        formats = dict.fromkeys(frame.columns[1:], "+.1f")
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw the tests as found, and the sum of those that won."""
        marks = [Mark(label=_named(one), value=_of(one)) for one in self.tests]
        total = self.total.effect
        marks.append(Mark(label="those that won, together", value=total))
        spoken = interval(total.estimate, total.low, total.high, unit=POINTS)
        title, alt = WORDS.picture("wins", self.findings, tests=len(self.tests), spoken=spoken)
        figure, axes = canvas(title, height_inches=1.2 + 0.3 * len(marks))
        forest(axes, marks, x="pp of customers")
        return Picture(figure, alt)


def _named(test: Finding) -> str:
    return f"{test.id}: {test.segment}" if test.segment else test.id


def _of(test: Finding) -> Interval:
    low, high = test.ends
    return Interval(estimate=float(test.estimate or 0.0), low=low, high=high, n=int(test.n or 0))


@question(WORDS, needs=("experiments",))
def launched_wins(shop: Shop, findings: Sequence[Finding]) -> LaunchedWins:
    """Sum what the tests of a chapter that won are to be expected to bring.

    findings: of the chapter, as judged; the effects of drawn tests on shares are taken. Raises CannotAnswer
    below 8 of them, which do not tell how effects are spread.
    """
    tests = tuple(
        one
        for one in findings
        if one.id in OF_TESTS and one.status == "answered" and short_unit(one.unit or "") == POINTS
    )
    errors = [standard_error(*one.ends, level=one.level or 0.95) for one in tests]
    total = total_of_wins([one.estimate or 0.0 for one in tests], errors)
    found = WORDS.finding(
        "A12.total_of_wins",
        total.effect,
        n=len(tests),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("alike"),),
        won=total.launched,
        as_found=total.as_found,
    )
    return replace(LaunchedWins(tests=tests, total=total), findings=(found,))
