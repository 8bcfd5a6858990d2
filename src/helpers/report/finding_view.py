"""A finding as its sentence sees it: numbers already written, conditions by name."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.report import formats
from helpers.report.detectable import nil_of, smallest_found
from helpers.report.finding import Finding
from helpers.report.phrases import said
from helpers.report.registry import spec_of


@dataclass(frozen=True)
class FindingView:
    """What a template may say of a finding; every number comes out in the finding's unit and decimals."""

    finding: Finding

    def __getattr__(self, name: str) -> object:
        """Fall back to the finding's own fields: verdict, segment, n, unit, method."""
        return getattr(self.finding, name)

    @property
    def decimals(self) -> int:
        """Digits behind the point: the registry's, or fewer where chance leaves fewer (see `told`)."""
        spec = spec_of(self.finding.id)
        decimals = spec.decimals if spec else 1
        return self.finding.told.decimals if self.finding.estimate is not None else decimals

    @property
    def cents(self) -> int:
        """Digits behind the point of an amount: two, or none where chance leaves no whole units."""
        return 2 if self.decimals else 0

    @property
    def estimate(self) -> float:
        """The estimate as it leaves; raises ValueError for a question that was not answered."""
        return _known(self.finding, self.finding.estimate) and self.finding.told.estimate

    @property
    def low(self) -> float:
        """The low end of the interval as it leaves."""
        return _known(self.finding, self.finding.low) and self.finding.told.low

    @property
    def high(self) -> float:
        """The high end of the interval as it leaves."""
        return _known(self.finding, self.finding.high) and self.finding.told.high

    @property
    def level(self) -> float:
        """The nominal coverage of the interval."""
        return _known(self.finding, self.finding.level)

    @property
    def short_unit(self) -> str:
        """What is written behind a number."""
        return formats.short_unit(self.finding.unit)

    @property
    def value(self) -> str:
        """The estimate alone: "3.1 pp"."""
        return f"{formats.number(self.estimate, self.decimals)} {said(self.short_unit)}".rstrip()

    @property
    def interval(self) -> str:
        """The estimate with its interval: "3.1 pp (1.8 to 4.4)"."""
        return formats.interval(
            self.estimate, self.low, self.high, unit=self.short_unit, decimals=self.decimals
        )

    @property
    def size(self) -> str:
        """The interval turned to the estimate's direction, to stand behind a word such as "lowered by"."""
        if self.estimate >= 0:
            return self.interval
        return formats.interval(
            -self.estimate, -self.high, -self.low, unit=self.short_unit, decimals=self.decimals
        )

    @property
    def settled(self) -> bool:
        """Whether the verdict decides anything."""
        return self.finding.verdict in ("supported", "contradicted", "fits")

    @property
    def raised(self) -> bool:
        """Whether the estimate is above nil."""
        return self.estimate > 0

    @property
    def directed(self) -> bool:
        """Whether the interval leaves out no effect: else what is only reported may say no direction."""
        spec = spec_of(self.finding.id)
        nil = nil_of(self.finding, spec) if spec else 0.0
        return not self.low <= nil <= self.high

    @property
    def detectable(self) -> str:
        """How far from no effect the truth would have had to lie to be found in 8 of 10 such data sets."""
        return f"{formats.number(self.detectable_number, self.decimals)} {said(self.short_unit)}".rstrip()

    @property
    def detectable_number(self) -> float:
        """The same without a unit: of a ratio, how far from 1."""
        return smallest_found(self.finding)

    @property
    def p(self) -> str:
        """The p-value that the verdict rests on: adjusted where the chapter judged its tests together."""
        p = self.finding.adjusted_p if self.finding.adjusted_p is not None else self.finding.p_value
        return formats.p_value(_known(self.finding, p))


def _known(finding: Finding, value: float | None) -> float:
    if value is None:
        raise ValueError(f"finding {finding.id!r} has no such number; its sentence must not ask for it")
    return value
