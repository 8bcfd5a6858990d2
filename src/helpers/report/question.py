"""A question asked of a shop: answered by an analysis, or skipped with one honest sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, runtime_checkable

import pandas as pd

from helpers.report.finding import Finding, failed, skipped
from helpers.report.reasons import not_answered, reason_text
from helpers.report.style import Picture
from methods.errors import CannotAnswer


@runtime_checkable
class Answer(Protocol):
    """What every analysis returns: a frozen result that states, draws and tabulates itself."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...

    def draw(self) -> Picture: ...

    def table(self) -> pd.DataFrame: ...


class HasTables(Protocol):
    """A shop, as far as a question asks for its tables."""

    def missing(self, *needs: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A question that these tables cannot answer, with the reason.

    missing: the tables and columns that it lacks, where that is the reason.
    is_finding: False for what only looks at the findings of others, such as the trust appendix; its reason
    is shown and never saved.
    """

    requirement: str
    question: str
    reason: str
    missing: tuple[str, ...] = ()
    is_finding: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The one skipped finding."""
        about = {"requirement": self.requirement, "question": self.question, "reason": self.reason}
        return (skipped(**about, missing=self.missing),)


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A question whose analysis met an error that nobody expected; the log has the traceback.

    seconds: that it was given, where it was stopped for taking longer.
    """

    requirement: str
    question: str
    error: str
    seconds: float | None = None

    @property
    def reason(self) -> str:
        """One sentence for the page."""
        if self.seconds is not None:
            return reason_text("out of time", seconds=self.seconds)
        return reason_text("failed", error=self.error, requirement=self.requirement)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The one failed finding."""
        return (failed(requirement=self.requirement, question=self.question, reason=self.reason),)


P = ParamSpec("P")
S = TypeVar("S", bound=HasTables)
A = TypeVar("A")
R = TypeVar("R")


class Labels(Protocol):
    """What names a question; see `words.Words`."""

    @property
    def requirement(self) -> str: ...

    @property
    def question(self) -> str: ...


def question(
    words: Labels,
    *,
    needs: tuple[str, ...],
    one_of: tuple[tuple[str, ...], ...] = (),
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R | Skipped]]:
    """Mark an analysis `(shop, **options) -> Answer` as the answer to a requirement.

    words: the question's own (`words_beside(__file__)`), which name its requirement and ask it.
    needs: tables (`"shares"`) or columns (`"orders.placed_at"`) without which the question is skipped.
    one_of: groups of such of which it needs any one whole; the analysis itself says so where there is none.
    Where another answer among its inputs was skipped or failed, this one is skipped for the same reason.
    An analysis that raises CannotAnswer is skipped with that sentence; any other error is an error, which a
    chapter turns into a failed section. The requirement and text stay readable on the function as
    `.requirement` and `.question`.
    """

    def mark(analysis: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R | Skipped]:
        @functools.wraps(analysis)
        def ask(shop: S, *inputs: P.args, **options: P.kwargs) -> R | Skipped:
            missing = shop.missing(*needs)
            if missing:
                return _lacking(words, shop, missing)
            for given in inputs:
                if isinstance(given, Skipped | Failed):
                    return _as_its_input(words, given)
            try:
                return analysis(shop, *inputs, **options)
            except CannotAnswer as limit:
                return Skipped(
                    requirement=words.requirement, question=words.question, reason=not_answered(limit)
                )

        return _labelled(ask, words, needs, one_of)

    return mark


def _lacking(words: Labels, shop: HasTables, missing: tuple[str, ...]) -> Skipped:
    """Return the skip of a question whose tables the data lack, or a part of a shop cannot have."""
    left_out = getattr(shop, "left_out", ())
    of_whole = any(need.partition(".")[0] in left_out for need in missing)
    said = {"needs": missing, "part": getattr(shop, "part", "")}
    return Skipped(
        requirement=words.requirement,
        question=words.question,
        reason=not_answered(reason_text("of the whole" if of_whole else "lacking", **said)),
        missing=() if of_whole else missing,
    )


def follow_up(
    words: Labels,
    *,
    of: Callable[..., Any],
) -> Callable[[Callable[Concatenate[A, P], R]], Callable[Concatenate[A | Skipped | Failed, P], R | Skipped]]:
    """Mark an analysis `(answer, **options) -> Answer` that looks further into another section's answer.

    of: the question that gives this answer; its tables are needed here too.
    Where that section was skipped or failed, this one is skipped for the same reason; so does CannotAnswer.
    """

    def mark(
        analysis: Callable[Concatenate[A, P], R],
    ) -> Callable[Concatenate[A | Skipped | Failed, P], R | Skipped]:
        @functools.wraps(analysis)
        def ask(answer: A | Skipped | Failed, *inputs: P.args, **options: P.kwargs) -> R | Skipped:
            for given in (answer, *inputs):
                if isinstance(given, Skipped | Failed):
                    return _as_its_input(words, given)
            try:
                return analysis(answer, *inputs, **options)  # type: ignore[arg-type]
            except CannotAnswer as limit:
                return Skipped(
                    requirement=words.requirement, question=words.question, reason=not_answered(limit)
                )

        return _labelled(ask, words, getattr(of, "needs", ()), getattr(of, "one_of", ()))

    return mark


def _as_its_input(words: Labels, given: Skipped | Failed) -> Skipped:
    """Return the skip of a question whose input was not answered."""
    return Skipped(
        requirement=words.requirement,
        question=words.question,
        reason=without(given),
        missing=given.missing if isinstance(given, Skipped) else (),
    )


def without(given: Skipped | Failed) -> str:
    """Return why a question that builds on another cannot be answered."""
    if isinstance(given, Failed):
        failure = reason_text("rests on failed", requirement=given.requirement, question=given.question)
        return not_answered(failure)
    return given.reason


def _labelled(
    ask: Any, words: Labels, needs: tuple[str, ...], one_of: tuple[tuple[str, ...], ...] = ()
) -> Any:
    ask.requirement, ask.question, ask.needs, ask.one_of = words.requirement, words.question, needs, one_of
    return ask
