"""What changed since an earlier run: each measure's level then and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path

from helpers.data.monthly.series import Series
from helpers.report import Finding, read_findings
from helpers.report.finding_view import FindingView
from methods.intervals.estimates import Interval


@dataclass(frozen=True, kw_only=True)
class Change:
    """A measure's level of this run less that of an earlier one; before, now: the two levels."""

    series: Series
    change: Interval
    before: float

    @property
    def now(self) -> float:
        """The level of this run."""
        return self.series.recent.estimate

    @property
    def unit(self) -> str:
        """Unit of the change: points where the measure is in percent."""
        unit = self.series.unit
        return "pp" + unit.removeprefix("%") if unit.startswith("%") else unit


def changes_since(family: Sequence[Series], previous_findings: str) -> tuple[Change, ...]:
    """Return the change of each measure since an earlier run; none where no run is given.

    previous_findings: path of the earlier findings (JSON); empty: none. The interval adds the two runs'
    half-widths as independent errors; where the runs share months it is wider than need be. Measures that
    the earlier run lacks, or gave in another unit, are left out.
    Raises FileNotFoundError when a path is given and there is no such file.
    """
    if not previous_findings:
        return ()
    path = Path(previous_findings)
    if not path.is_file():
        raise FileNotFoundError(
            f"previous_findings: there is no file {previous_findings!r}; leave it empty or name one"
        )
    before = {finding.id: finding for finding in read_findings(path) if finding.status == "answered"}
    return tuple(
        _change(series, before[series.measure.id])
        for series in family
        if series.measure.id in before and before[series.measure.id].unit == series.unit
    )


def _change(series: Series, before: Finding) -> Change:
    now, then = series.recent, FindingView(before)
    estimate = now.estimate - then.estimate
    down = hypot(now.estimate - now.low, then.high - then.estimate)
    up = hypot(now.high - now.estimate, then.estimate - then.low)
    change = Interval(estimate=estimate, low=estimate - down, high=estimate + up, n=now.n, level=now.level)
    return Change(series=series, change=change, before=then.estimate)
