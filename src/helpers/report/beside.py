"""Money beside its winsorised value, where one order or customer holds much of all money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from helpers.report.finding import Finding, Sentences
from helpers.report.reasons import reason_text
from helpers.report.registry import spec_of
from helpers.report.words import stated

WINSORISED = "winsorised"


@dataclass(frozen=True, kw_only=True)
class Winsorised:
    """The sentence of a finding, said of the shop whose largest amounts are winsorised.

    who: whose share of all money made that needful, "order" or "customer".
    """

    readings: Sentences
    who: str

    def sentence(self, finding: Finding) -> str:
        """Return the finding's own sentence behind what was done to the amounts."""
        return reason_text("winsorised", who=self.who, said=self.readings.sentence(finding))


def is_money(finding: Finding, currency: str) -> bool:
    """Whether an answered finding is an amount of money, and no declared test."""
    spec = spec_of(finding.id)
    is_test = spec is not None and spec.role == "test"
    return finding.status == "answered" and currency in finding.unit.split() and not is_test


def beside(
    findings: Iterable[Finding], again: Iterable[Finding], *, currency: str, who: str
) -> list[Finding]:
    """Return the findings, each amount of money followed by its winsorised value.

    again: the same findings of the winsorised shop; an amount that it cannot give has none beside it.
    """
    others = {one.key: one for one in again if is_money(one, currency)}
    found = []
    for finding in findings:
        found.append(finding)
        other = others.get(finding.key) if is_money(finding, currency) else None
        if other is not None and other.readings is not None:
            segment = f"{finding.segment}, {WINSORISED}" if finding.segment else WINSORISED
            told = Winsorised(readings=other.readings, who=who)
            found.append(stated(replace(other, segment=segment, readings=told)))
    return found
