"""What changed since an earlier report: declared figures of the same customers, then and now (G2)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.data.window_deeds import RECORDED, recorded_since, window_deeds
from helpers.report.detectable import CHANCE
from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.formats import count, number, short_unit
from helpers.report.last_run import RunRecord
from helpers.report.pictures import Mark, forest
from helpers.report.question import Skipped, question
from helpers.report.release import Entry, amounts_of
from helpers.report.style import MUTED, PALETTE, Picture, canvas
from helpers.report.verdicts import effect_verdict
from helpers.report.words import words_beside
from methods.intervals.clustered_means import Mean
from methods.intervals.multiplicity import holm
from methods.intervals.unusual_change import FEWEST_EARLIER, UnusualChange, unusual_change

WORDS = words_beside(__file__)
FEWEST_DAYS_APART = 7
MOST_EARLIER = 16
# A table whose rows end so long before the data do was not recorded to their end.
_STALE = dt.timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A declared figure: scale times the sum of `top` over customers by that of `bottom` (`window_deeds`)."""

    name: str
    about: str
    unit: str
    top: str
    bottom: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Times:
    """Two windows of `days` each, the last that an earlier report saw and the last of these data.

    since, until: their last days on the shop's clock. then, now: their ends, naive UTC.
    """

    days: int
    since: dt.date
    until: dt.date
    then: dt.datetime
    now: dt.datetime

    def ends(self, first: dt.datetime) -> tuple[dt.datetime, ...]:
        """Return the ends of both windows and of earlier ones, newest first, which do not overlap.

        first: moment of the first order; each earlier window has three times its own days before it, so that
        it is known who had bought.
        """
        step = max(self.now - self.then, dt.timedelta(days=self.days))
        needed = dt.timedelta(days=4 * self.days)
        earlier = (self.then - place * step for place in range(1, 1 + MOST_EARLIER))
        return (self.now, self.then, *(end for end in earlier if end - needed >= first))


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changes of one shop's figures between the data of two reports.

    findings: one a declared figure that was recorded over both windows, judged together. times: the windows.
    left: what was not recorded over both.
    """

    findings: tuple[Finding, ...]
    times: Times
    left: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a figure: what it was in the window before and what it is in this one, with the change."""
        views = [(one, FindingView(one)) for one in self.findings]
        rows = [
            {
                "figure": one.facts["about"],
                WORDS.label("to", days=count(self.times.days, "day"), since=self.times.since): _level(
                    one, "before"
                ),
                WORDS.label("to again", until=self.times.until): _level(one, "now"),
                "change (95 %)": view.interval,
                "verdict": one.verdict,
            }
            for one, view in views
        ]
        frame = pd.DataFrame(rows)
        frame.attrs = {"people": None, "caption": "The figures whose change is tested"}
        return frame

    def draw(self) -> Picture:
        """Draw each change as a share of the figure before."""
        marks = [{"about": one.facts["about"], "finding": FindingView(one)} for one in self.findings]
        settled = [one.segment for one in self.findings if one.verdict in ("supported", "contradicted")]
        about = {"settled": settled, "tests": len(self.findings), "since": str(self.times.since)}
        title, alt = WORDS.picture("changes", (), **about, marks=marks, left=list(self.left))
        figure, axes = canvas(
            title, x="change, % of the figure before", height_inches=1.4 + 0.4 * len(self.findings)
        )
        forest(axes, [_mark(one) for one in self.findings])
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at",))
def what_changed(
    shop: Shop, *, now: RunRecord | None, earlier: RunRecord | None, window_days: int = 28
) -> Changes | Skipped:
    """Compare the last days of the shop with the last days that an earlier report of it saw.

    now, earlier: this run and one whose data end at least 7 days before these (`earlier_run`). Both windows
    are counted in the tables as they are today, by the same code and parameters, so that nothing but the
    shop can differ. Only the figures of changes.toml are tested, under one Holm correction; a customer who
    stands in both windows is one cluster, so that the change is one of the same people where they are the
    same. Earlier pairs of windows, as far apart as these, or as long as a window where these overlap, tell
    how much each figure moves anyway. Raises ValueError below 7 days.
    """
    if window_days < FEWEST_DAYS_APART:
        raise ValueError(f"change_window_days {window_days} is too short; give {FEWEST_DAYS_APART} or more")
    if now is None:
        return _skipped("by hand")
    times = _times(shop, now, earlier, window_days) if earlier else None
    if times is None:
        return _skipped("no earlier", days=FEWEST_DAYS_APART)
    bought = recorded_since(shop, "orders.placed_at")
    if bought is None or bought[0] > times.then - dt.timedelta(days=2 * window_days):
        return _skipped("too short", days=window_days, since=str(times.since))
    ends = times.ends(bought[0])
    deeds = window_deeds(shop, ends=ends, window_days=window_days)
    kept, left = _recorded(shop, times, ends)
    asked = [
        (figure, unusual_change([_mean(frame, figure) for frame in deeds[:known]])) for figure, known in kept
    ]
    found = [(figure, change) for figure, change in asked if change is not None]
    if not found:
        return _skipped("none")
    together = holm(np.array([change.p_value for _, change in found]))
    finding = partial(_finding, shop, times=times, deeds=deeds, tests=len(found))
    findings = tuple(
        finding(figure, change, together=float(p))
        for (figure, change), p in zip(found, together, strict=True)
    )
    return Changes(findings=findings, times=times, left=left)


@cache
def changed_figures() -> tuple[Figure, ...]:
    """Return the figures whose change is tested, as changes.toml declares them."""
    entry: Mapping[str, Mapping] = tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    )["figures"]
    return tuple(Figure(name=name, **given) for name, given in entry.items())


def _skipped(why: str, **facts: object) -> Skipped:
    reason = WORDS.text(why, **facts)
    return Skipped(requirement=WORDS.requirement, question=WORDS.question, reason=reason)


def _times(shop: Shop, now: RunRecord, earlier: RunRecord, window_days: int) -> Times | None:
    until, since = now.last_day, earlier.last_day
    if until is None or since is None:
        return None
    return Times(days=window_days, since=since, until=until, then=shop.end - (until - since), now=shop.end)


def _recorded(
    shop: Shop, times: Times, ends: Sequence[dt.datetime]
) -> tuple[list[tuple[Figure, int]], tuple[str, ...]]:
    """Part the figures into those recorded over both windows, with over how many of all, and the others."""
    starts = [end - dt.timedelta(days=times.days) for end in ends]
    spans = {need: recorded_since(shop, need) for need in set(RECORDED.values())}
    kept, left = [], []
    for figure in changed_figures():
        needs = [RECORDED[name] for name in (figure.top, figure.bottom) if name in RECORDED]
        known = [one for need in needs if (one := spans[need])]
        covered = sum(all(first <= start for first, _ in known) for start in starts)
        is_stale = any(last < times.now - _STALE for _, last in known)
        if len(known) == len(needs) and covered >= 2 and not is_stale:
            kept.append((figure, covered))
        elif len(known) == len(needs):
            left.append(figure.about)
    return kept, tuple(left)


def _mean(deeds: pd.DataFrame, figure: Figure) -> Mean:
    rows = deeds[(deeds[figure.top] > 0) | (deeds[figure.bottom] > 0)]
    return Mean(
        top=figure.scale * rows[figure.top].to_numpy(float),
        bottom=rows[figure.bottom].to_numpy(float),
        cluster=rows["customer_id"].to_numpy(),
    )


def _finding(
    shop: Shop,
    figure: Figure,
    found: UnusualChange,
    *,
    together: float,
    tests: int,
    times: Times,
    deeds: Sequence[pd.DataFrame],
) -> Finding:
    unit = figure.unit.replace("{currency}", shop.currency)
    made = WORDS.finding(
        "G2.change",
        found.change,
        unit="pp" + unit.removeprefix("%") if unit.startswith("%") else unit,
        segment=figure.name,
        method=WORDS.text("method"),
        assumptions=(WORDS.text("assumption recorded"), WORDS.text("assumption season")),
        verdict=effect_verdict(found.change, doubt="chance" if together >= CHANCE else ""),
        p_value=found.p_value,
        tells=_tells(deeds, figure, times),
        about=figure.about,
        before=found.before,
        now=found.now,
        behind=short_unit(unit),
        since=str(times.since),
        until=str(times.until),
        days=times.days,
        earlier=found.earlier if found.earlier >= FEWEST_EARLIER else 0,
        tests=tests,
        moved=effect_verdict(found.change) != "not settled",
    )
    return replace(made, adjusted_p=together)


def _tells(deeds: Sequence[pd.DataFrame], figure: Figure, times: Times) -> tuple[Entry, ...]:
    """Return who stands below and above the line in each window, and of money the largest parts."""
    entries = []
    for rows, last in ((deeds[1], times.since), (deeds[0], times.until)):
        period = f"window to {last}"  # no page says this
        for column in (figure.bottom, figure.top):
            paid = rows.loc[rows[column] > 0, column]
            amounts = amounts_of(paid) if column == "spend_cents" else None
            entries.append(
                Entry(
                    population=f"customers with {column}", persons=len(paid), period=period, amounts=amounts
                )
            )
    return tuple(entries)


def _level(finding: Finding, when: str) -> str:
    """Return what the figure was before or is now, with as many digits as its change has."""
    level = float(str(finding.facts[when]))
    return f"{number(level, FindingView(finding).decimals)} {finding.facts['behind']}"


def _mark(finding: Finding) -> Mark:
    base = abs(float(str(finding.facts["before"]))) or 1.0
    settled = finding.verdict in ("supported", "contradicted")
    return Mark(
        label=str(finding.facts["about"]),
        value=FindingView(finding),
        scale=100 / base,
        colour=PALETTE[0] if settled else MUTED,
    )
