"""The small family of pictures: each draws into a panel of `canvas`, with intervals where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.report.estimate import Ends
from helpers.report.release import FEWEST_PEOPLE, is_few
from helpers.report.style import INK, MUTED, PALETTE, SEQUENTIAL

MOST_LABELLED_CELLS = 400


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One row of a forest: a label, an estimate with its interval, and how it is emphasised.

    scale: 100 draws a share in percent. colour: `PALETTE[0]` for the figure read, `MUTED` for others.
    """

    label: str
    value: Ends
    scale: float = 1.0
    colour: str = PALETTE[0]

    @property
    def numbers(self) -> tuple[float, float, float]:
        """Estimate, low and high as drawn."""
        return tuple(self.scale * number for number in (self.value.estimate, self.value.low, self.value.high))  # type: ignore[return-value]


def forest(
    panel: Axes,
    marks: Sequence[Mark],
    *,
    x: str = "",
    zero: float | None = 0.0,
    labels: bool = True,
    first: int = 0,
) -> None:
    """Draw estimates with their intervals below each other, the first on top.

    zero: where "no effect" lies; None draws no line. labels: False leaves the names to a panel on the left.
    first: the row of the first mark.
    """
    for place, mark in enumerate(marks, start=first):
        middle, low, high = mark.numbers
        arms = [[max(middle - low, 0.0)], [max(high - middle, 0.0)]]
        panel.errorbar([middle], [place], xerr=arms, fmt="o", color=mark.colour, capsize=3)
    if zero is not None:
        panel.axvline(zero, color=INK, linewidth=0.8)
    rows = range(first, first + len(marks))
    panel.set_yticks(rows, [mark.label if labels else "" for mark in marks])
    panel.set_ylim(first + len(marks) - 0.5, -0.5)
    if x:
        panel.set_xlabel(x)


def band_curve(
    panel: Axes,
    x: ArrayLike,
    y: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    label: str | None = None,
    colour: str = PALETTE[0],
    marker: str = "o",
    dashed: bool = False,
) -> None:
    """Draw a curve and, where there is one, the band of its interval."""
    line = "--" if dashed else "-"
    panel.plot(x, y, color=colour, marker=marker, markersize=3, linestyle=line, label=label)
    if low is not None and high is not None:
        panel.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)


def bars(
    panel: Axes,
    labels: Sequence[str],
    values: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    left: ArrayLike | None = None,
    label: str | None = None,
    colour: str | Sequence[str] = PALETTE[0],
    upright: bool = False,
    width: float = 0.8,
    shift: float = 0.0,
) -> None:
    """Draw a bar a label, lying (the first on top) or upright, with whiskers where intervals are given.

    left: where lying bars begin (a stack). width, shift: for bars side by side, in units of rows.
    """
    place = np.arange(len(labels)) + shift
    height = np.asarray(values, dtype=float)
    arms = None
    if low is not None and high is not None:
        arms = np.clip([height - np.asarray(low, float), np.asarray(high, float) - height], 0, None)
    ink: dict[str, Any] = {"ecolor": INK, "capsize": 2, "color": colour, "label": label}
    if upright:
        panel.bar(place, height, width, yerr=arms, **ink)
        panel.set_xticks(np.arange(len(labels)), labels)
        return
    panel.barh(place, height, width, left=left, xerr=arms, **ink)
    panel.set_yticks(np.arange(len(labels)), labels)
    panel.set_ylim(len(labels) - 0.5, -0.5)


def people_by_amount(
    panel: Axes, amounts: ArrayLike, *, bars_at_most: int = 30, colour: str = PALETTE[0]
) -> None:
    """Draw how many people have how much, cut where the largest hundredth (at least 11 people) begins.

    amounts: one a person, without missing ones. bars_at_most: as few bars are drawn as let each stand for
    nobody or for 11 people or more; of fewer than 22 people nothing is.
    """
    ordered = np.sort(np.asarray(amounts, dtype=float))
    ordered = ordered[: len(ordered) - max(FEWEST_PEOPLE, len(ordered) // 100)]
    if len(ordered) < FEWEST_PEOPLE:
        return
    tried = (np.histogram(ordered, many) for many in range(bars_at_most, 0, -1))
    people, edges = next(found for found in tried if not is_few(found[0]).any())
    panel.bar(edges[:-1], people, np.diff(edges), align="edge", color=colour)


def heat_map(
    panel: Axes,
    grid: pd.DataFrame,
    *,
    form: str = "{:.0f}",
    colours: str = SEQUENTIAL,
    lowest: float | None = None,
    highest: float | None = None,
) -> Any:
    """Draw a frame as coloured cells with their numbers in them; cells without a number stay blank.

    Return the image, for a colour bar.
    """
    values = grid.to_numpy(dtype=float)
    shown = np.ma.masked_invalid(values)
    image = panel.imshow(shown, aspect="auto", cmap=colours, vmin=lowest, vmax=highest)
    panel.grid(False)
    panel.set_xticks(range(grid.shape[1]), [str(name) for name in grid.columns])
    panel.set_yticks(range(grid.shape[0]), [str(name) for name in grid.index])
    if values.size <= MOST_LABELLED_CELLS and shown.count():
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                ink = INK if _brightness(image.cmap(image.norm(value))) > 0.5 else "white"
                panel.text(column, row, form.format(value), ha="center", va="center", fontsize=7, color=ink)
    return image


def _brightness(colour: Any) -> float:
    """How bright a colour looks, 0 to 1 (ITU-R BT.601)."""
    red, green, blue, _ = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def dots(
    panel: Axes,
    x: ArrayLike,
    y: ArrayLike,
    *,
    label: str | None = None,
    colour: str = PALETTE[0],
    marker: str = "o",
    sizes: ArrayLike | float = 26.0,
) -> None:
    """Draw points."""
    panel.scatter(x, y, s=sizes, color=colour, marker=marker, label=label, zorder=3)


def reference_line(panel: Axes, value: float, *, label: str | None = None, upright: bool = True) -> None:
    """Draw a dashed line at a number to compare with."""
    draw = panel.axvline if upright else panel.axhline
    draw(value, color=MUTED, linewidth=1, linestyle="--", label=label)
