"""B6: one verdict over the whole declared family of measures, by a rule stated before looking."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.monthly.levels import label_months, month_assumptions
from helpers.data.monthly.measures import FAMILY
from helpers.data.monthly.series import Series, index_trend, monthly_series, series_trend
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    band_curve,
    canvas,
    effect_verdict,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from helpers.stickiness.b06_verdict.change import Change, changes_since
from methods.intervals.estimates import Interval
from methods.intervals.multiplicity import holm
from methods.intervals.trend import MINIMUM_PAIRS, YEAR_MONTHS, Trend

FLAT_WITHIN = 0.5  # % of the level a month: about 6 % a year, less than a shop would act on
LEAST_MONTHS = YEAR_MONTHS + MINIMUM_PAIRS
MOST_BEHIND = 3  # months: a return in the third month is known so much later
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class StickinessVerdict:
    """The verdict, the trends behind it, and the change since an earlier run.

    word: rising, flat, falling, mixed or not settled. trends: one row a measure (id, measure, unit, slope,
    low, high, p, p_holm, months and the same slope as % of the level a month). index: all measures together
    by month, 100 = their mean. left_out: measures of the family that these data cannot follow, with the
    reason. compared: whether an earlier run was given.
    """

    findings: tuple[Finding, ...]
    word: str
    trends: pd.DataFrame
    together: Trend
    index: pd.Series
    left_out: dict[str, str]
    compared: bool

    def draw(self) -> Picture:
        """Each measure's trend with its interval, and all together by month."""
        marks = self._marks()
        slopes = [(mark.label, mark.value.estimate) for mark in marks]
        title, alt = WORDS.picture("trends", self.findings, word=self.word, slopes=slopes)
        figure, axes = canvas(title, columns=2, width_inches=11, height_inches=0.42 * len(marks) + 1.8)
        panel, course = axes[0, 0], axes[0, 1]
        forest(panel, marks, x="change a month, % of its level (95 % interval)")
        panel.set_title("Each measure's trend; grey: not settled")
        band_curve(course, self.index.index, self.index)
        reference_line(course, 100, upright=False)
        course.set_title("All measures together, 100 = their mean")
        label_months(course)
        return Picture(figure, alt, stacks=True)

    def _marks(self) -> list[Mark]:
        level, rows = self.together.level, []
        for row in self.trends.itertuples():
            value = _interval(row.relative, row.relative_low, row.relative_high, level=level)
            rows.append((row.measure, value, row.p_holm < 1 - level))
        whole = _interval(self.together.slope, self.together.low, self.together.high, level=level)
        rows.append(("all together", whole, whole.low > 0 or whole.high < 0))
        return [
            Mark(label=label, value=value, colour=_colour(value.estimate) if settled else MUTED)
            for label, value, settled in rows
        ]

    def table(self) -> pd.DataFrame:
        """One row a measure of the declared family: trend a month, interval, p-values; left-out ones last."""
        known = [
            {
                "measure": row.measure,
                "trend a month": interval(row.slope, row.low, row.high, decimals=3),
                "unit": row.unit,
                "p": row.p,
                "p, Holm": row.p_holm,
                "months": row.months,
            }
            for row in self.trends.itertuples()
        ]
        absent = [
            {"measure": name, "unit": WORDS.label("left out", why=why)} for name, why in self.left_out.items()
        ]
        frame = pd.DataFrame([*known, *absent])
        parts = [WORDS.text("caption"), rule(), *([] if self.compared else [WORDS.text("no earlier run")])]
        frame.attrs = {
            "people": None,
            "caption": " ".join(parts),
            "formats": {"p": "p", "p, Holm": "p", "months": ".0f"},
        }
        return frame


def rule() -> str:
    """Return the declared rule in words."""
    return WORDS.text("rule", flat_within=FLAT_WITHIN)


def _colour(slope: float) -> str:
    return PALETTE[0] if slope > 0 else PALETTE[1]


def _interval(estimate: float, low: float, high: float, *, level: float, n: int = 0) -> Interval:
    return Interval(estimate=estimate, low=low, high=high, n=n, level=level)


@question(WORDS, needs=("orders.placed_at",))
def verdict(
    shop: Shop, *, months: int = 12, previous_findings: str = "", level: float = 0.95
) -> StickinessVerdict:
    """Return one verdict over B1 to B5: the trends of the declared family over the recent complete months.

    months: how many recent months a trend may rest on. previous_findings: a findings file of an earlier run;
    each measure's change since then becomes a finding of its own. Measures whose tables are missing are left
    out and named. Raises CannotAnswer when fewer than six complete months are known for every measure.
    """
    family, trends, left_out = _family(shop, months=months, level=level)
    if not family:
        first = next(iter(left_out.values()))
        raise CannotAnswer(WORDS.text("no measure", first=first))
    table = _table(family, trends)
    together, index, kept = index_trend(family, months=months, level=level)
    word = judge(table, together, level=level)
    changes = changes_since(family, previous_findings)
    return StickinessVerdict(
        findings=(
            _finding(word, table, together, kept, left_out, last=index.index[-1]),
            *map(_change_finding, changes),
        ),
        word=word,
        trends=table,
        together=together,
        index=index,
        left_out=left_out,
        compared=bool(previous_findings),
    )


def judge(table: pd.DataFrame, together: Trend, *, level: float = 0.95) -> str:
    """Return the word of the declared rule (see `rule`): rising, falling, mixed, flat or not settled.

    table: slope and p_holm, one row a measure. together: the trend of all of them, % of the level a month;
    where it does not compare the same months of two years, nothing is settled.
    """
    if not together.year_on_year:
        return "not settled"
    beyond_chance = table["p_holm"] < 1 - level
    rises = int((beyond_chance & (table["slope"] > 0)).sum())
    falls = int((beyond_chance & (table["slope"] < 0)).sum())
    if rises and falls:
        return "mixed"
    if rises and together.low > 0:
        return "rising"
    if falls and together.high < 0:
        return "falling"
    return "flat" if together.low >= -FLAT_WITHIN and together.high <= FLAT_WITHIN else "not settled"


def _family(shop: Shop, *, months: int, level: float) -> tuple[list[Series], list[Trend], dict[str, str]]:
    """The measures that can be followed until now; those too short for year on year only where all are."""
    found, left_out = {}, {}
    for measure in FAMILY:
        try:
            series = monthly_series(shop, measure, months=months, level=level)
            found[measure.label] = series, series_trend(series, level=level)
        except CannotAnswer as limit:
            left_out[measure.label] = str(limit)
    last = max((series.frame["month"].max() for series, _ in found.values()), default=0)
    ended = {label for label, (one, _) in found.items() if one.frame["month"].max() < last - MOST_BEHIND}
    left_out |= {label: WORDS.text("ended", label=label) for label in sorted(ended)}
    found = {label: both for label, both in found.items() if label not in ended}
    if any(trend.year_on_year for _, trend in found.values()):
        short = {label: one for label, (one, trend) in found.items() if not trend.year_on_year}
        left_out |= {label: _too_short(one) for label, one in short.items()}
        found = {label: both for label, both in found.items() if label not in short}
    return [one for one, _ in found.values()], [trend for _, trend in found.values()], left_out


def _too_short(series: Series) -> str:
    return WORDS.text("too short", label=series.measure.label, months=len(series.frame), least=LEAST_MONTHS)


def _table(family: list[Series], trends: list[Trend]) -> pd.DataFrame:
    rows = []
    for series, found in zip(family, trends, strict=True):
        mean = 1.0 if series.measure.in_points else series.recent.estimate / 100
        rows.append(
            {
                "id": series.measure.id,
                "measure": series.measure.label,
                "unit": series.unit,
                "slope": found.slope,
                "low": found.low,
                "high": found.high,
                "p": found.p_value,
                "months": found.months,
                "relative": found.slope / mean,
                "relative_low": found.low / mean,
                "relative_high": found.high / mean,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.assign(p_holm=holm(frame["p"]))


def _finding(
    word: str,
    table: pd.DataFrame,
    together: Trend,
    kept: list[Series],
    left_out: dict[str, str],
    *,
    last: pd.Timestamp,
) -> Finding:
    sure = table[table["p_holm"] < 1 - together.level]
    n, level = max(series.recent.n for series in kept), together.level
    return WORDS.finding(
        "B6.verdict",
        _interval(together.slope, together.low, together.high, level=level, n=n),
        method=f"{WORDS.text('method', measures=len(table))} {rule()}",
        assumptions=(WORDS.text("season"), WORDS.text("who")),
        verdict="not settled" if word in ("not settled", "mixed") else "reported",
        word=word,
        measures=len(table),
        rising=sure.loc[sure["slope"] > 0, "measure"].tolist(),
        falling=sure.loc[sure["slope"] < 0, "measure"].tolist(),
        kept=len(kept),
        months=together.months,
        seasonal=not together.year_on_year,
        last=f"{last:%B %Y}",
        least=LEAST_MONTHS,
        left_out=[*left_out],
    )


def _change_finding(found: Change) -> Finding:
    return WORDS.finding(
        "B6.change",
        found.change,
        unit=found.unit,
        segment=found.series.measure.label,
        method=WORDS.text("method since last run"),
        assumptions=month_assumptions(),
        verdict=effect_verdict(found.change),
        before=found.before,
        now=found.now,
    )
