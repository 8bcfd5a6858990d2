"""Alerts that a user sets on figures: `B2.repurchase_rate_90d < 25`, told once, when the figure crosses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data.names import did_you_mean
from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.formats import number
from helpers.report.registry import about_of, registry

_FORM = re.compile(
    r"(?P<id>\w+\.\w+)(?:\s+of\s+(?P<segment>.+?))?\s*(?P<sign>[<>])\s*(?P<limit>-?\d+(?:\.\d+)?)"
)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A figure and what it should not be: below (`<`) or above (`>`) a limit, in the finding's own unit."""

    id: str
    sign: str
    limit: float
    segment: str | None = None

    @property
    def text(self) -> str:
        """The alert as it was written."""
        of = f" of {self.segment}" if self.segment else ""
        return f"{self.id}{of} {self.sign} {self.limit:.15g}"

    def is_met(self, finding: Finding | None) -> bool | None:
        """Whether a finding is beyond the limit, as it is told; None where it was not answered."""
        if finding is None or finding.status != "answered":
            return None
        told = finding.told.estimate
        return told < self.limit if self.sign == "<" else told > self.limit

    def told(self, now: Sequence[Finding], before: Sequence[Finding]) -> str:
        """Return what is to be told of it, in a sentence; empty where nothing has changed or is known.

        now, before: the findings of this run and of the report before, none where there is none. It is told
        when the figure crosses, when it is no longer answered, and when the first run does not have it.
        """
        found, earlier = self._own(now), self._own(before)
        is_met, was_met = self.is_met(found), self.is_met(earlier)
        if found is None:
            return "" if before else f"Alert {self.text}: this run has no such finding."
        if is_met is None:
            is_new = was_met is not None or not before
            return f"Alert {self.text}: it cannot be judged. {found.reason}" if is_new else ""
        if not is_met or was_met:
            return ""
        view, about = FindingView(found), about_of(self.id, self.segment)
        was = f"; it was {FindingView(earlier).value}" if earlier is not None and was_met is not None else ""
        return f"Alert {self.text}: {about} is {view.interval}{was}.{self._doubt(found)}"

    def _doubt(self, finding: Finding) -> str:
        low, high = finding.told.low, finding.told.high
        if not low < self.limit < high:
            return ""
        return f" Chance alone may have carried it over {number(self.limit)}: the interval holds both sides."

    def _own(self, findings: Sequence[Finding]) -> Finding | None:
        return next((one for one in findings if one.key == (self.id, self.segment)), None)


def parse_alert(text: str) -> Alert:
    """Return the alert that a text such as `C1.tier_share of lost > 30` sets.

    Raises ValueError on another form, and on an id that is in no registry.

    >>> parse_alert("C1.tier_share of lost > 30").limit
    30.0
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"alert {text!r} is not of the form `B2.repurchase_rate_90d < 25`")
    if found["id"] not in registry():
        hint = did_you_mean(found["id"], registry()) or "`workbench list --findings` lists them."
        raise ValueError(f"alert {text!r}: there is no finding {found['id']!r}. {hint}")
    return Alert(id=found["id"], segment=found["segment"], sign=found["sign"], limit=float(found["limit"]))


def read_alerts(path: Path) -> tuple[str, ...]:
    """Return the alerts of a file, one a line; what stands behind a # is left out."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)
