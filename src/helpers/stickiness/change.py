"""What changed since an earlier run: each measure's level then and now."""

from __future__ import annotations

from math import hypot
from pathlib import Path

from helpers.report import Finding, read_findings
from helpers.stickiness.monthly import Series
from helpers.stickiness.words import ASSUMPTIONS, finding_of
from methods.intervals.estimates import Interval

NO_EARLIER_RUN = "No earlier run was given, so nothing is said about the change since then."


def changes_since(family: list[Series], previous_findings: str) -> tuple[tuple[Finding, ...], str]:
    """Return a finding of the change of each measure since an earlier run, and one sentence about them.

    previous_findings: path of the earlier findings (JSON); empty: none. The interval adds the two runs'
    half-widths as independent errors; where the runs share months it is wider than need be. Measures that
    the earlier run lacks, or gave in another unit, are left out.
    Raises FileNotFoundError when a path is given and there is no such file.
    """
    if not previous_findings:
        return (), NO_EARLIER_RUN
    path = Path(previous_findings)
    if not path.is_file():
        raise FileNotFoundError(
            f"previous_findings: there is no file {previous_findings!r}; leave it empty or name one"
        )
    before = {finding.id: finding for finding in read_findings(path) if finding.status == "answered"}
    found = [
        _change(series, before[series.measure.id])
        for series in family
        if series.measure.id in before and before[series.measure.id].unit == series.unit
    ]
    moved = sum(finding.verdict == "reported" for finding in found)
    words = f"Since the earlier run {moved} of {len(found)} measures in both changed beyond chance."
    return tuple(found), words


def _change(series: Series, before: Finding) -> Finding:
    now, measure = series.recent, series.measure
    estimate = now.estimate - before.estimate
    down = hypot(now.estimate - now.low, before.high - before.estimate)
    up = hypot(now.high - now.estimate, before.estimate - before.low)
    interval = Interval(estimate=estimate, low=estimate - down, high=estimate + up, n=now.n, level=now.level)
    settled = interval.low > 0 or interval.high < 0
    unit = "pp" + series.unit.removeprefix("%") if series.unit.startswith("%") else series.unit
    return finding_of(
        interval,
        id=f"{measure.id}_change",
        question=f"Has this changed since the last run: {measure.label.lower()}?",
        unit=unit,
        method="level of this run less level of the earlier one, intervals joined as of independent runs",
        assumptions=ASSUMPTIONS,
        verdict="reported" if settled else "not settled",
        reading=f"{measure.label}: {estimate:+,.2f} {unit} since the earlier run (interval "
        f"{interval.low:+,.2f} to {interval.high:+,.2f}), from {before.estimate:,.2f} to "
        f"{now.estimate:,.2f}.",
    )
