"""The findings of an answer by their ids, for tests."""

from __future__ import annotations

from helpers.report import Finding


def by_id(answer) -> dict[object, Finding]:
    """Return the findings by id, and by (id, segment) where one id is asked of several."""
    named: dict[object, Finding] = {finding.id: finding for finding in answer.findings}
    return named | {finding.key: finding for finding in answer.findings if finding.segment}
