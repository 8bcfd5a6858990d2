"""Pictures of circles: a map of circles, not of people, and how far they pass chance."""

from __future__ import annotations

import igraph
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from helpers.report import INK, MUTED, PALETTE, SEQUENTIAL, bars
from methods.graphs.circle_scan import Scan
from methods.graphs.friend_graph import seeded

_LINES_A_CIRCLE = 2


def draw_map(figure: Figure, axes: Axes, shown: pd.DataFrame, between: pd.DataFrame, *, seed: int) -> None:
    """Draw one dot a circle, laid out so that circles with many ties between them lie close.

    Lines are the pairs with the most ties, two a circle: all of them would hide the picture.
    shown: circle, customers, inside (% of ties inside); between: a, b, ties.
    """
    numbers = shown["circle"].to_numpy()
    ties = between[between["a"].isin(numbers) & between["b"].isin(numbers)]
    ends = np.searchsorted(numbers, ties[["a", "b"]].to_numpy())
    seeded(seed)
    plane = igraph.Graph(n=len(numbers), edges=ends)
    places = np.array(plane.layout_fruchterman_reingold(weights=np.log1p(ties["ties"]).tolist()).coords)
    strongest = ties["ties"].to_numpy().argsort(kind="stable")[::-1][: _LINES_A_CIRCLE * len(numbers)]
    width = 0.6 + 2.5 * np.sqrt(ties["ties"].to_numpy()[strongest] / max(ties["ties"].max(), 1))
    lines = LineCollection(places[ends[strongest]], linewidths=width, colors=MUTED, alpha=0.4, zorder=1)
    axes.add_collection(lines)
    area = 120 + 800 * shown["customers"] / shown["customers"].max()
    dots = axes.scatter(
        places[:, 0], places[:, 1], s=area, c=shown["inside"], cmap=SEQUENTIAL, edgecolor="white", zorder=2
    )
    for place, row in zip(places, shown.itertuples(), strict=True):
        axes.annotate(
            str(row.circle), place, ha="center", va="center", fontsize=7, color="white",
            bbox={"boxstyle": "round,pad=0.15", "facecolor": INK, "alpha": 0.75, "linewidth": 0},
        )  # fmt: skip
    axes.margins(0.08)
    axes.set_axis_off()
    figure.colorbar(dots, ax=axes, label="% of their ties that stay inside", shrink=0.6, location="bottom")


def evidence_frame(found: Scan) -> pd.DataFrame:
    """Return modularity and stability, observed and in rewired graphs."""
    rows = [
        ("modularity", found.modularity.observed, float(found.modularity.null.mean())),
        ("stability", found.stability.observed, float(found.stability.null.mean())),
    ]
    frame = pd.DataFrame(rows, columns=["measure", "observed", "same degrees, rewired"])
    frame.attrs = {"people": None, "formats": {"observed": ".3f", "same degrees, rewired": ".3f"}}
    return frame


def draw_evidence(axes: Axes, found: Scan) -> None:
    """Draw modularity and stability beside those of rewired graphs."""
    frame = evidence_frame(found)
    names = ["modularity", "stability when\na tenth of the\nties is left out"]
    bars(axes, names, frame["observed"], label="these ties", width=0.38, shift=-0.2)
    bars(
        axes, names, frame.iloc[:, 2], colour=PALETTE[4], label="same degrees, rewired", width=0.38, shift=0.2
    )
    axes.set_yticks(range(len(names)), names)
    axes.set_xlim(0, 1)
    axes.set_xlabel("0 to 1")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
