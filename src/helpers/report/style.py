"""The house style: every figure is made by `canvas` and leaves as a `Picture` with alt text."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter
from PIL import Image

from helpers.report.language import ENGLISH, language
from helpers.report.phrases import said

# Okabe and Ito (2008), told apart with every common colour blindness; the order is the order of use.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#B8A800")
INK, MUTED, GRID = "#222222", "#666666", "#DDDDDD"
SEQUENTIAL, DIVERGING = "cividis", "PuOr"

_CHINESE_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei")
_SETTINGS = {
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.unicode_minus": False,
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.color": GRID,
    "legend.frameon": False,
    "savefig.dpi": 120,
    "svg.hashsalt": "stickiness",
    "text.color": INK,
    "text.parse_math": False,  # names may hold any number of dollar signs
    "xtick.color": INK,
    "ytick.color": INK,
}


NARROW_INCHES = 5.0
SHORTEST_SENTENCE = 15  # characters; languages without spaces have no words to count


@dataclass(frozen=True)
class Picture:
    """A drawn figure and the sentence that stands for it where it cannot be seen.

    stacks: its panels stand by themselves, so that a narrow screen may have them one below the other.
    """

    figure: Figure
    alt: str
    stacks: bool = False

    def __post_init__(self) -> None:
        if len(self.alt) < SHORTEST_SENTENCE:
            raise ValueError(f"alt text {self.alt!r} must be a sentence that says what the figure shows")
        _retell(self.figure)

    def png(self) -> bytes:
        """Render the figure once, without time stamp, and close it; 256 colours, two fifths of the bytes."""
        png = self._rendered()
        plt.close(self.figure)
        return png

    def narrow_png(self) -> bytes | None:
        """Render the panels one below the other, as PNG, where they may stand so; asked before `png`.

        The figure is left as it was.
        """
        if not self.stacks:
            return None
        panels = self.figure.axes
        width, height = self.figure.get_size_inches()
        places = [panel.get_subplotspec() for panel in panels]
        grid = self.figure.add_gridspec(len(panels), 1)
        for row, panel in enumerate(panels):
            panel.set_subplotspec(grid[row, 0])
        self.figure.set_size_inches(NARROW_INCHES, height * len(panels))
        png = self._rendered()
        for panel, place in zip(panels, places, strict=True):
            if place is not None:
                panel.set_subplotspec(place)
        self.figure.set_size_inches(width, height)
        return png

    def _rendered(self) -> bytes:
        drawn, packed = io.BytesIO(), io.BytesIO()
        self.figure.savefig(
            drawn,
            format="png",
            bbox_inches="tight",
            metadata={"Software": None},
            pil_kwargs={"compress_level": 1},
        )
        colours = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        colours.save(packed, format="png")
        return packed.getvalue()

    def svg(self) -> bytes:
        """Render the figure as SVG that names no time, and close it."""
        drawn = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "workbench", "svg.fonttype": "path"}):
            self.figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(self.figure)
        return drawn.getvalue()


def canvas(
    title: str,
    *,
    x: str = "",
    y: str = "",
    rows: int = 1,
    columns: int = 1,
    width_inches: float = 7.5,
    height_inches: float = 4.0,
) -> tuple[Figure, Any]:
    """Return a figure and its axes (an array when there are several) in the house style.

    title says the answer, not the subject. x and y label the axes with their units.
    """
    mpl.rcParams.update(_settings())
    figure, axes = plt.subplots(
        rows, columns, figsize=(width_inches, height_inches), layout="constrained", squeeze=False
    )
    for panel in axes.flat:
        panel.set_xlabel(x)
        panel.set_ylabel(y)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, wrap=True)
    return figure, axes[0, 0] if rows * columns == 1 else axes


def _retell(figure: Figure) -> None:
    """Put the phrases that a figure shows into the language of the run."""
    if language() == ENGLISH:
        return
    for text in figure.findobj(Text):
        if text.get_text():
            text.set_text(said(text.get_text()))
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            named = axis.get_major_formatter()
            if isinstance(named, FixedFormatter):
                axis.set_major_formatter(FixedFormatter([said(name) for name in named.seq]))


@functools.cache
def _settings() -> dict:
    return {**_SETTINGS, "font.family": ["DejaVu Sans", *_chinese_font()]}


def _chinese_font() -> list[str]:
    """Prefer a font of the system; else the one that the mplfonts wheel carries."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    for name in _CHINESE_FONTS:
        if name in installed:
            return [name]
    package = find_spec("mplfonts")
    folder = Path(package.origin if package and package.origin else "").parent / "fonts"
    path = next(iter(sorted(folder.glob("NotoSansCJK*Regular*"))), None)
    if path is None:
        raise FileNotFoundError("no font with Chinese characters: install one or reinstall mplfonts")
    font_manager.fontManager.addfont(path)
    return [font_manager.FontProperties(fname=path).get_name()]
