"""Intervals drawn below each other, as several answers of the chapter show their comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from helpers.report import INK, PALETTE
from helpers.uplift.wording import in_percent, points
from methods.intervals.influence import Interval


def draw_intervals(
    panel: Axes, rows: Sequence[tuple[str, Interval]], *, x: str, colours: Sequence[str] = PALETTE
) -> str:
    """Draw each named difference (a share, drawn in points) with its interval; return them in words."""
    for place, (_, value) in enumerate(rows):
        middle, low, high = in_percent(value)
        panel.errorbar(
            [middle], [place], xerr=[[middle - low], [high - middle]], fmt="o", color=colours[place]
        )
    panel.axvline(0, color=INK, linewidth=0.8)
    panel.set_yticks(range(len(rows)), [name for name, _ in rows])
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_xlabel(x)
    return "; ".join(f"{name.replace(chr(10), ' ')} {points(value)}" for name, value in rows)
