"""The net promoter score's own interval: three kinds of answer, some customers answering twice."""

from __future__ import annotations

from dataclasses import replace

from helpers.stickiness.monthly import Series
from methods.intervals.estimates import net_score


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
