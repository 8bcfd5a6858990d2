"""A question asked of a shop: answered by an analysis, or skipped with one honest sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from helpers.report.finding import Finding, skipped
from helpers.report.style import Picture
from methods.errors import CannotAnswer


class Answer(Protocol):
    """What every analysis returns: a frozen result that states, draws and tabulates itself."""

    findings: tuple[Finding, ...]

    def draw(self) -> Picture: ...

    def table(self) -> pd.DataFrame: ...


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A question that these tables cannot answer, with the reason."""

    requirement: str
    question: str
    reason: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The one skipped finding."""
        return (skipped(requirement=self.requirement, question=self.question, reason=self.reason),)


def question(requirement: str, text: str, *, needs: tuple[str, ...]) -> Callable:
    """Mark an analysis `(shop, **options) -> Answer` as the answer to a requirement.

    needs: tables (`"shares"`) or columns (`"orders.placed_at"`) without which the question is skipped.
    An analysis that raises CannotAnswer is skipped with that sentence; any other error is an error.
    The requirement and text stay readable on the function as `.requirement` and `.question`.
    """

    def mark(analysis: Callable) -> Callable:
        @functools.wraps(analysis)
        def ask(shop, **options):
            missing = shop.missing(*needs)
            if missing:
                reason = f"Not answered: this needs {_listed(missing)}, which the data do not have."
                return Skipped(requirement=requirement, question=text, reason=reason)
            try:
                return analysis(shop, **options)
            except CannotAnswer as limit:
                return Skipped(requirement=requirement, question=text, reason=f"Not answered: {limit}")

        ask.requirement, ask.question, ask.needs = requirement, text, needs
        return ask

    return mark


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
