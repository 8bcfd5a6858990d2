"""B6: one verdict over the whole declared family of measures, by a rule stated before looking."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.stickiness.change import changes_since
from helpers.stickiness.measures import FAMILY
from helpers.stickiness.monthly import Series, index_trend, monthly_series, series_trend
from helpers.stickiness.pictures import draw_slopes
from helpers.stickiness.words import finding_of
from methods.intervals.estimates import Interval
from methods.intervals.multiplicity import holm
from methods.intervals.trend import Trend

FLAT_WITHIN = 0.5  # % of the level a month: about 6 % a year, less than a shop would act on
_QUESTION = "Taken together, is stickiness rising, flat or falling?"
_TITLES = {
    "rising": "Taken together, stickiness is rising",
    "falling": "Taken together, stickiness is falling",
    "flat": "Taken together, stickiness is flat",
    "mixed": "The measures of stickiness contradict one another",
    "not settled": "Whether stickiness rises or falls is not settled",
}
RULE = (
    "Rising: the trend of all together lies above zero with its whole interval, at least one measure of the "
    "declared family rises beyond chance (Holm-adjusted p below 1 less the level) and none falls. Falling: "
    "the reverse. Mixed: some rise and some fall beyond chance. Flat: none of these, and the interval of all "
    f"together lies within {FLAT_WITHIN} % of its level a month. Else not settled."
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict, the trends behind it, and the change since an earlier run.

    trends: one row a measure (measure, unit, slope, low, high, p, p_holm, months, level and the same slope
    as % of the level a month). index: all measures together by month, 100 = their mean.
    left_out: measures of the family that these data cannot follow, with the reason.
    """

    findings: tuple[Finding, ...]
    word: str
    trends: pd.DataFrame
    together: Trend
    index: pd.Series
    left_out: dict[str, str]

    def draw(self) -> Picture:
        """Each measure's trend with its interval, and all together by month."""
        alpha = 1 - self.together.level
        rows = self.trends.assign(slope=self.trends["relative"], settled=self.trends["p_holm"] < alpha)
        rows = rows.assign(low=self.trends["relative_low"], high=self.trends["relative_high"])
        last = {"measure": "All together", "slope": self.together.slope, "low": self.together.low}
        last |= {"high": self.together.high, "settled": self.together.low > 0 or self.together.high < 0}
        shown = pd.concat([rows[[*last]], pd.DataFrame([last])], ignore_index=True)
        return draw_slopes(shown, self.index, title=_TITLES[self.word])

    def table(self) -> pd.DataFrame:
        """One row a measure of the declared family: trend a month, interval, p-values; left-out ones last."""
        names = {
            "measure": "measure", "unit": "unit", "slope": "trend a month", "low": "low", "high": "high",
            "p": "p", "p_holm": "p, Holm-adjusted", "months": "months",
        }  # fmt: skip
        shown = self.trends[[*names]].rename(columns=names)
        absent = pd.DataFrame(
            {"measure": [*self.left_out], "unit": [f"left out: {why}" for why in self.left_out.values()]}
        )
        frame = pd.concat([shown, absent], ignore_index=True) if len(absent) else shown
        numbers = dict.fromkeys(("trend a month", "low", "high"), "+,.3f")
        frame.attrs = {
            "caption": f"The declared family of measures. {RULE}",
            "formats": numbers | {"p": ".3f", "p, Holm-adjusted": ".3f", "months": ".0f"},
        }
        return frame


@question("B6", _QUESTION, needs=("orders.placed_at",))
def verdict(shop: Shop, *, months: int = 12, previous_findings: str = "", level: float = 0.95) -> Verdict:
    """Return one verdict over B1 to B5: the trends of the declared family over the recent complete months.

    months: how many recent months a trend may rest on. previous_findings: a findings file of an earlier run;
    each measure's change since then becomes a finding of its own. Measures whose tables are missing are left
    out and named. Raises (as a skip) when fewer than six complete months are known for every measure.
    """
    family, trends, left_out = _family(shop, months=months, level=level)
    if not family:
        first = next(iter(left_out.values()))
        raise CannotAnswer(f"no measure can be followed over enough months: {first}")
    table = _table(family, trends)
    together, index, kept = index_trend(family, months=months, level=level)
    word = judge(table, together, level=level)
    changed, words = changes_since(family, previous_findings)
    return Verdict(
        findings=(_finding(word, table, together, kept, words, left_out), *changed),
        word=word,
        trends=table,
        together=together,
        index=index,
        left_out=left_out,
    )


def judge(table: pd.DataFrame, together: Trend, *, level: float = 0.95) -> str:
    """Return the word of the declared rule (see RULE): rising, falling, mixed, flat or not settled.

    table: slope and p_holm, one row a measure. together: the trend of all of them, % of the level a month.
    """
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
    family, trends, left_out = [], [], {}
    for measure in FAMILY:
        try:
            series = monthly_series(shop, measure, months=months, level=level)
            trends.append(series_trend(series, level=level))
            family.append(series)
        except CannotAnswer as limit:
            left_out[measure.label] = str(limit)
    return family, trends, left_out


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
    words: str,
    left_out: dict[str, str],
) -> Finding:
    interval = Interval(
        estimate=together.slope,
        low=together.low,
        high=together.high,
        n=max(series.recent.n for series in kept),
        level=together.level,
    )
    sure = table[table["p_holm"] < 1 - together.level]
    up, down = sure.loc[sure["slope"] > 0, "measure"], sure.loc[sure["slope"] < 0, "measure"]
    reading = (
        f"{_TITLES[word]}. Of {len(table)} measures declared beforehand, beyond chance {len(up)} "
        f"{'rises' if len(up) == 1 else 'rise'}{_named(up)} and {len(down)} "
        f"{'falls' if len(down) == 1 else 'fall'}{_named(down)}; the {len(kept)} known in "
        f"every month move together by {together.slope:+.1f} % of their level a month (interval "
        f"{together.low:+.1f} to {together.high:+.1f}) over {together.months} months. {words}"
    )
    if left_out:
        reading += f" Left out, for want of data: {', '.join(name.lower() for name in left_out)}."
    return finding_of(
        interval,
        id="B6.verdict",
        question=_QUESTION,
        unit="% of the measures' level a month",
        method="least-squares trends of complete months, first-order autocorrelation and repeated customers "
        f"allowed for; Holm over {len(table)} measures. {RULE}",
        assumptions=(
            "So few months cannot tell a trend from a season.",
            "A change in who the customers are moves the measures as a change in loyalty would.",
        ),
        verdict="not settled" if word in ("not settled", "mixed") else "reported",
        reading=reading,
    )


def _named(measures: pd.Series) -> str:
    return f" ({', '.join(name.lower() for name in measures)})" if len(measures) else ""
