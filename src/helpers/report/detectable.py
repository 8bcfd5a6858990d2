"""What a test could have found: how far from no effect the truth would have had to lie."""

from __future__ import annotations

from scipy.stats import norm

from helpers.report.estimate import standard_error
from helpers.report.finding import Finding
from helpers.report.registry import FindingSpec

CHANCE, POWER = 0.05, 0.8


def smallest_found(finding: Finding, *, chance: float | None = None) -> float:
    """Return the smallest distance from no effect that data like these find with a power of 80 %.

    chance: the level at which the test is judged (0.05, or less in a family); None takes what the finding
    says, else the level of its interval. Read off the interval as if it were normal, in the unit of the
    finding.
    """
    if chance is None and finding.detectable is not None:
        return finding.detectable
    low, high = finding.ends
    of_interval = 1 - (finding.level or 0.95)
    error = standard_error(low, high, level=1 - of_interval)
    return float(error * (norm.isf((of_interval if chance is None else chance) / 2) + norm.ppf(POWER)))


def nil_of(finding: Finding, spec: FindingSpec) -> float:
    """Return what the finding is where there is no effect; raises KeyError where its facts do not say it."""
    return float(str(finding.facts[spec.nil])) if isinstance(spec.nil, str) else spec.nil
