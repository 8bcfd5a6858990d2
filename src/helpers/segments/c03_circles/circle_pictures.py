"""Pictures of circles: how large they are, and how far they pass chance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.report import PALETTE, bars
from methods.graphs.circle_scan import Scan


def size_classes(customers: np.ndarray) -> pd.Series:
    """Return how many circles there are of each class of sizes, each about four tenths larger than the last.

    customers: int, of each circle. The index names the classes, such as "11–15".

    >>> size_classes(np.array([11, 12, 16, 30])).to_dict()
    {'11–15': 2, '16–21': 1, '22–31': 1}
    """
    smallest, largest = int(customers.min()), int(customers.max())
    steps = 1 + int(2 * np.log2(largest / smallest))
    # Of tiny circles two edges round to one.
    edges = sorted({int(np.ceil(smallest * 2 ** (step / 2))) for step in range(steps + 1)})
    names = [f"{low}–{high - 1}" if high > low + 1 else f"{low}" for low, high in pairwise(edges)]
    return pd.Series(np.histogram(customers, [*edges[:-1], edges[-1] - 0.5])[0], index=names)


def draw_sizes(axes: Axes, classes: pd.Series) -> None:
    """Draw a bar a class of sizes; classes: of `size_classes`."""
    bars(axes, list(classes.index), classes.to_numpy(), colour=PALETTE[5], upright=True)
    axes.set_xlabel("customers in a circle")
    axes.set_ylabel("circles")
    axes.tick_params(axis="x", rotation=40)


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
