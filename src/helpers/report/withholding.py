"""Findings by the release rule: what would tell of too few people is skipped with one reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helpers.report.beside import WINSORISED
from helpers.report.counted_words import without_few_people
from helpers.report.finding import Finding, Withheld, without_number
from helpers.report.reasons import reason_text
from helpers.report.registry import FindingSpec, spec_of
from helpers.report.release import FEWEST_PEOPLE, Entry, hidden, may_leave, share_of

Key = tuple[str, str | None]


def released(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings as they may leave, in their order; those that may not are skipped with the reason.

    Groups that one id is asked of are judged together, so that a hidden one cannot be had by subtraction.
    What leaves tells no number of people from 1 to 10 in its words either. Asked twice it changes nothing.
    """
    findings = tuple(findings)
    keys = withheld_keys(findings)
    return tuple(withheld(one) if one.key in keys else _worded(one) for one in findings)


def withheld(finding: Finding, why: Withheld = "few people") -> Finding:
    """Return what stands in the place of a finding whose number would tell of so few."""
    return without_number(finding, reason=reason_text(why), withheld=why)


def held(before: Finding, *, run: str) -> Finding:
    """Return a finding as an earlier run told it, with the reason why it is not told anew."""
    return replace(before, reading=f"{before.reading} {reason_text('as before', run=run)}", told_in=run)


def stands(finding: Finding) -> bool:
    """Whether an earlier run's number stands in the finding's place; see `held`."""
    return finding.told_in is not None


def may_stand(now: Finding, before: Finding, *, fewest: int) -> bool:
    """Whether a finding may stand as it was told: the number found now does not contradict it.

    It lies within the interval that was told. Where none was, see `within_few`. fewest: the smallest number
    of people behind it.
    """
    if now.estimate is None or before.estimate is None or now.unit != before.unit:
        return False
    if before.level is not None:
        low, high = before.ends
        return low <= now.estimate <= high
    return within_few(now.estimate, before.estimate, fewest=fewest)


def within_few(now: float, before: float, *, fewest: int) -> bool:
    """Whether a number moved by no larger part of itself than 10 people are of the fewest behind it.

    >>> within_few(303, 300, fewest=300), within_few(45.3, 59.0, fewest=300)
    (True, False)
    """
    return abs(now - before) * fewest <= abs(before) * (FEWEST_PEOPLE - 1)


def is_withheld(finding: Finding) -> bool:
    """Whether the release rule withheld the finding."""
    return finding.withheld == "few people"


def release_list(findings: Iterable[Finding]) -> tuple[Entry, ...]:
    """Return the entries of all numbers that answered findings tell, their own and their sentences'."""
    answered = (one for one in findings if one.status == "answered")
    return tuple(entry for one in answered for entry in (own_entry(one), *one.tells))


def own_entry(finding: Finding) -> Entry:
    """Return the entry of an answered finding's own number, from what the registry says of it."""
    spec = spec_of(finding.id)
    persons = _persons(finding, spec)
    population = " ".join(part for part in (spec.of if spec else finding.unit, finding.segment) if part)
    if spec is None or persons is None or not (spec.is_share and spec.counts_people):
        return Entry(population=population, persons=persons, value=finding.estimate, amounts=finding.amounts)
    return share_of(population, (finding.estimate or 0.0) / (spec.highest or 1.0), persons)


def _persons(finding: Finding, spec: FindingSpec | None) -> int | None:
    if finding.persons is not None or (spec is not None and not spec.counts_people):
        return finding.persons
    return finding.n


def withheld_keys(findings: Iterable[Finding]) -> set[tuple[str, str | None]]:
    """Return the keys of what may not leave: alone, by what its sentence tells, or beside its own kind."""
    findings = tuple(findings)
    answered = [one for one in findings if one.status == "answered"]
    few = {one.key for one in answered if not all(map(may_leave, one.tells))}
    for kind in dict.fromkeys(map(_kind, answered)):
        groups = [one for one in answered if _kind(one) == kind]
        alone = hidden([own_entry(one) for one in groups])
        few |= {one.key for one, is_hidden in zip(groups, alone, strict=True) if is_hidden}
    gone = few | {one.key for one in findings if is_withheld(one)}
    return few | {one.key for one in answered if leads(one, gone)}


def leads(finding: Finding, keys: Iterable[Key]) -> list[Key]:
    """Return those of the keys whose number the finding would tell, by the registry (`released_with`).

    Where both have a segment it is the same.
    """
    spec = spec_of(finding.id)
    if spec is None or not spec.released_with:
        return []
    return [
        (id, segment)
        for id, segment in keys
        if id in spec.released_with and (None in (segment, finding.segment) or segment == finding.segment)
    ]


def _kind(finding: Finding) -> tuple[str, bool]:
    """What may be parts of one whole: of one id, and not the same amounts winsorised."""
    return finding.id, (finding.segment or "").endswith(WINSORISED)


def _worded(finding: Finding) -> Finding:
    untold = finding.status != "answered"
    reading = without_few_people(finding.reading, events=untold)
    reason = finding.reason and without_few_people(finding.reason, events=untold)
    if (reading, reason) == (finding.reading, finding.reason):
        return finding
    return replace(finding, reading=reading, reason=reason)
