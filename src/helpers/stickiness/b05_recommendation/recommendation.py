"""B5: would customers recommend the shop? An interval for three kinds of answer, some given twice."""

from __future__ import annotations

from dataclasses import replace

from helpers.data.monthly.levels import Levels, levels_of
from helpers.data.monthly.measures import NPS
from helpers.data.monthly.series import Series, monthly_series
from helpers.data.shop import Shop
from helpers.report import question, words_beside
from methods.intervals.estimates import net_score

WORDS = words_beside(__file__)


@question(WORDS, needs=NPS.needs)
def recommendation(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return the net promoter score with its multinomial interval, wider where customers repeat."""
    series = nps_interval(monthly_series(shop, NPS, months=months, level=level), level=level)
    return levels_of(shop, (series,), words=WORDS, level=level)


def nps_interval(series: Series, *, level: float = 0.95) -> Series:
    """Return the series with the recent score's interval from the counts of the three kinds of answer.

    The clustered standard error that the series has says how much repeated answers widen it.
    """
    recent = series.cells.filter(series.cells.month >= series.first_recent)
    sums = recent.agg(
        promoters=recent.promoters.sum(), detractors=recent.detractors.sum(), answers=recent.y.sum()
    )
    counts = sums.execute().iloc[0].astype(float)
    up, down, answers = counts["promoters"], counts["detractors"], counts["answers"]
    plain = ((up + down) / answers - ((up - down) / answers) ** 2) / answers
    clustered = (series.recent.standard_error / series.measure.scale) ** 2
    found = net_score(
        up, answers - up - down, down, design_effect=clustered / plain if plain > 0 else 1.0, level=level
    )
    scaled = found.scaled(series.measure.scale)
    return replace(series, recent=replace(scaled, n=series.recent.n))
