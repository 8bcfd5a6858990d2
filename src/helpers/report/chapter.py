"""A chapter: its questions are asked first, its tests judged together, and only then is anything shown."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from typing import Any

from helpers.report.beside import beside, is_money
from helpers.report.budget import Budget, OutOfTime
from helpers.report.cells import Cell, finding_cells
from helpers.report.finding import Finding
from helpers.report.judging import Judged, answers_as, gated, judged_together, opened
from helpers.report.question import Answer, Failed, Skipped, without
from helpers.report.saving import faults_of
from helpers.report.withholding import released


class Section:
    """One question of a chapter: its answer, and whether it was judged with the chapter's family.

    asked: the answer before the judging took any number out of it.
    """

    def __init__(self, result: Answer | Skipped | Failed, *, requirement: str, question: str) -> None:
        self._put(result)
        self.asked = result
        self.requirement, self.question = requirement, question
        self.place = requirement
        self.cells = finding_cells(result.findings)
        self.shown_rows: tuple[Cell, ...] = ()
        self.is_judged = False
        self.lost_a_number = False
        self.builds_on: tuple[Section, ...] = ()

    def _put(self, result: Answer | Skipped | Failed) -> None:
        self.result = result
        self._released: tuple[Finding, ...] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The section's findings as they may leave, with the chapter's verdicts once it has been judged."""
        if self._released is None:
            self._released = released(self.result.findings)
        return self._released

    @property
    def needs_judging(self) -> bool:
        """Whether it holds a declared test that has not been judged beside the others."""
        return not self.is_judged and any(answers_as("test", finding) for finding in self.findings)

    @property
    def is_withheld(self) -> bool:
        """Whether picture and table may hold a number that a gate took out, here or in what it builds on."""
        return self.lost_a_number or any(section.is_withheld for section in self.builds_on)

    def __getattr__(self, name: str) -> Any:
        """Give an analyst the result's own fields and methods."""
        if name.startswith("_") or name == "result":
            raise AttributeError(name)
        return getattr(self.result, name)

    def take(self, findings: tuple[Finding, ...]) -> None:
        """Put judged findings in the place of those judged alone; a number that lost its gate is withheld."""
        self.is_judged = True
        lost = (before.status != after.status for before, after in zip(self.findings, findings, strict=True))
        self.lost_a_number = self.lost_a_number or any(lost)
        if is_dataclass(self.result) and not isinstance(self.result, Skipped | Failed) and findings:
            self._put(replace(self.result, findings=findings))

    def fail(self, error: BaseException) -> Failed:
        """Turn the section into a failed one; the traceback goes to the log."""
        told = told_to_log(self.requirement, error)
        failed = Failed(requirement=self.requirement, question=self.question, error=told)
        self._put(failed)
        return failed


class Chapter:
    """The sections of one notebook.

    shop: asked by every question whose first input is not another section. Each question is guarded: an
    unexpected error becomes a failed section, and so does one that takes longer than it may (see `budget`);
    a question that builds on a skipped or failed one is skipped.

    >>> chapter = Chapter(shop)                                   # doctest: +SKIP
    >>> gap = chapter.ask(uplift.share_gap, outcome_days=90)      # doctest: +SKIP
    >>> chapter.judge()                                           # doctest: +SKIP
    """

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.sections: list[Section] = []
        self.judged: Judged | None = None
        self._budget = Budget()
        self._winsorised: tuple[Any, str] | tuple[()] | None = None  # not asked yet

    def ask(self, question: Callable[..., Any], *inputs: Any, **options: Any) -> Section:
        """Ask a question of the shop, or of the sections given, and keep its answer for judging.

        inputs: sections whose results it builds on; without any the shop itself is asked. A question asked
        after `judge` that holds declared tests says that it was not judged with the others.
        """
        about: dict[str, Any] = {
            "requirement": _label(question, "requirement"),
            "question": _label(question, "question"),
        }
        given = [one.result if isinstance(one, Section) else one for one in inputs]
        held_back = next((one for one in given if isinstance(one, Skipped | Failed)), None)
        result: Answer | Skipped | Failed
        if held_back is not None and not hasattr(question, "needs"):
            result = Skipped(reason=without(held_back), **about)
        else:
            try:
                with self._budget.limit():
                    result = _checked(question(*(given or [self.shop]), **options))
                    if not given:
                        result = self._with_winsorised(result, question, options)
            except OutOfTime as error:
                told = told_to_log(about["requirement"], error)
                result = Failed(error=told, seconds=error.seconds, **about)
            except Exception as error:
                result = Failed(error=told_to_log(about["requirement"], error), **about)
        section = Section(result, **about)
        given_to_it = (*inputs, *options.values())
        section.builds_on = tuple(one for one in given_to_it if isinstance(one, Section))
        section.place = self._place(section)
        if self.judged is not None:
            self._gate(section)
        self.sections.append(section)
        return section

    def _place(self, section: Section) -> str:
        """Return what a section is called in every run: its requirement and which of its questions it is."""
        before = sum(one.requirement == section.requirement for one in self.sections)
        return f"{section.requirement}.{before + 1}"

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The counts of people behind all findings and shown rows, those withheld among them."""
        return tuple(cell for section in self.sections for cell in (*section.cells, *section.shown_rows))

    def _with_winsorised(
        self, result: Answer | Skipped, question: Callable[..., Any], options: dict[str, Any]
    ) -> Answer | Skipped:
        """Put beside each amount of money its winsorised value, where one order or customer dominates."""
        currency = getattr(self.shop, "currency", "")
        if isinstance(result, Skipped) or not is_dataclass(result):
            return result
        if not any(is_money(finding, currency) for finding in result.findings):
            return result
        if self._winsorised is None:
            self._winsorised = self.shop.winsorised() or ()
        if not self._winsorised:
            return result
        shop, who = self._winsorised
        most = self.shop.largest_spenders()
        result = replace(result, findings=tuple(_led(one, most, currency) for one in result.findings))
        again = question(shop, **options).findings
        found = beside(result.findings, again, currency=currency, who=who)
        return replace(result, findings=tuple(found))

    def _gate(self, section: Section) -> None:
        """Take out of a section asked after the judging what rests on a check that failed there.

        What needs a check that could not answer is left open, as in the judging.
        """
        assert self.judged is not None
        asked = (*self.findings, *section.findings)
        kept = tuple(opened(gated(one, self.judged.failed), asked) for one in section.findings)
        if kept != section.findings:
            was_judged = section.is_judged
            section.take(kept)
            section.is_judged = was_judged

    def judge(self) -> Section:
        """Judge the declared tests of all sections together; return the table of them as a section."""
        self.judged = judged_together(self.findings)
        found = {finding.key: finding for finding in self.judged.findings}
        for section in self.sections:
            section.take(tuple(found.get(finding.key, finding) for finding in section.findings))
        return self.judged  # type: ignore[return-value]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the questions."""
        return tuple(finding for section in self.sections for finding in section.findings)


def _led(finding: Finding, most: tuple[float, float, float], currency: str) -> Finding:
    """Let money that does not say whose it is be judged by the shop's, which somebody dominates."""
    is_open = finding.amounts is None and is_money(finding, currency)
    return replace(finding, amounts=most) if is_open else finding


def _checked(result: Answer | Skipped) -> Answer | Skipped:
    """Refuse an answer that says nothing or something impossible: it fails its section and no other."""
    faults = faults_of(result.findings)
    if faults:
        raise ValueError("; ".join(faults))
    return result


def told_to_log(requirement: str, error: BaseException) -> str:
    """Write the traceback to the error stream, which a run keeps in its log; return the error's name."""
    print(f"{requirement} failed:", file=sys.stderr)  # no page says this
    traceback.print_exception(error, file=sys.stderr)
    return type(error).__name__


def _label(question: Callable[..., Any], name: str) -> str:
    return str(getattr(question, name, getattr(question, "__name__", "question")))
