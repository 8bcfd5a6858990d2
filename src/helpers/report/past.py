"""Past runs of one shop side by side: how declared figures went, which verdicts changed, on which data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.reasons import reason_text
from helpers.report.registry import about_of, spec_of
from helpers.report.withholding import Key, stands

_WIDTH, _HEIGHT, _EDGE = 160, 36, 4


@dataclass(frozen=True, kw_only=True)
class Past:
    """A run as its history is told.

    run, status: its id and how it ended. data, data_until: the shop and the last day of its data.
    fingerprint: of its tables; asked: of its parameters; commit: of the code. failed: sections and chapters
    that failed. findings: what it told; none where nothing was published or nothing can be read.
    """

    run: str
    status: str
    data: str
    data_until: str = ""
    fingerprint: str = ""
    asked: str = ""
    commit: str = ""
    failed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A figure in one run, as it was told; again: the number stands as a still earlier run told it."""

    run: str
    value: str
    estimate: float
    low: float
    high: float
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A declared figure over the runs that told it, oldest first."""

    id: str
    about: str
    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        """The figure in one line of text."""
        told = " → ".join(point.value + ("‡" if point.again else "") for point in self.points)
        return f"{self.id:<28}{told}  ({self.about})"

    @property
    def picture(self) -> str:
        """A small drawing of its course with the interval of each run, as inline SVG; empty of one run."""
        if len(self.points) < 2:
            return ""
        ends = [end for point in self.points for end in (point.low, point.high)]
        low, span = min(ends), (max(ends) - min(ends)) or 1.0
        places = [_EDGE + (_WIDTH - 2 * _EDGE) * n / (len(self.points) - 1) for n in range(len(self.points))]

        def height(value: float) -> float:
            return _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (value - low) / span

        bars = "".join(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{height(one.low):.1f}" y2="{height(one.high):.1f}" '
            'stroke="currentColor" stroke-opacity="0.35" stroke-width="3"/>'
            for x, one in zip(places, self.points, strict=True)
        )
        course = " ".join(
            f"{x:.1f},{height(one.estimate):.1f}" for x, one in zip(places, self.points, strict=True)
        )
        told = reason_text("course", about=self.about, first=self.points[0].value, last=self.points[-1].value)
        return (
            f'<svg role="img" aria-label="{escape(told)}" width="{_WIDTH}" height="{_HEIGHT}" '
            f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{bars}<polyline points="{course}" fill="none" '
            'stroke="currentColor" stroke-width="1.5"/></svg>'
        )


@dataclass(frozen=True, kw_only=True)
class Course:
    """A verdict over runs: what it is of, and what it was in each run, nothing where that run has none."""

    id: str
    about: str
    verdicts: tuple[str, ...]

    @property
    def has_changed(self) -> bool:
        """Whether two runs that have one differ."""
        return len(set(filter(None, self.verdicts))) > 1


def trends(runs: Sequence[Past]) -> tuple[Trend, ...]:
    """Return the figures that past.toml declares and any of the runs told."""
    found = [trend(id, runs) for id in _figures()]
    return tuple(one for one in found if one.points)


def earlier_days(runs: Iterable[Past], *, data: str, before: str) -> tuple[Past, ...]:
    """Return the last run of a shop on each earlier last day of its data, oldest first.

    before: the last day of the data of now (YYYY-MM-DD). A second run of the same day is no other point.
    """
    told = {run.data_until: run for run in runs if run.data == data and run.findings}
    return tuple(told[day] for day in sorted(told) if day and day < before)


def trend(id: str, runs: Iterable[Past]) -> Trend:
    """Return the course of one figure over the runs that told it, oldest first."""
    points = []
    for run in runs:
        own = next((one for one in run.findings if one.key == (id, None) and one.status == "answered"), None)
        if own is not None:
            told, view = own.told, FindingView(own)
            points.append(
                Point(
                    run=run.run,
                    value=view.value,
                    estimate=told.estimate,
                    low=told.low,
                    high=told.high,
                    again=stands(own),
                )
            )
    return Trend(id=id, about=about_of(id), points=tuple(points))


def courses(runs: Sequence[Past]) -> tuple[Course, ...]:
    """Return the verdicts of the runs: those on claims (G1), then every other that is not always the same."""
    by_run = [_verdicts(run.findings) for run in runs]
    keys = dict.fromkeys(key for found in by_run for key in found)
    every = [_course(key, by_run) for key in keys]
    claims = [one for one in every if one.id == "G1" or one.id.startswith("G1.")]
    return tuple([*claims, *(one for one in every if one.has_changed and one not in claims)])


def _verdicts(findings: Iterable[Finding]) -> dict[Key, str]:
    return {
        one.key: one.verdict for one in findings if one.status == "answered" and one.verdict != "reported"
    }


def _course(key: Key, by_run: Sequence[Mapping[Key, str]]) -> Course:
    id, segment = key
    spec = spec_of(id)
    about = ", ".join(filter(None, (spec.about if spec else "", segment)))
    return Course(id=id, about=about, verdicts=tuple(found.get(key, "") for found in by_run))


@cache
def _figures() -> tuple[str, ...]:
    entry = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(entry["figures"])
