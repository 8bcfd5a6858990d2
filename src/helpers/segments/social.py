"""C3, first part: the social graph and its shape beside graphs of the same degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.report import INK, PALETTE, Finding, Picture, canvas, question
from helpers.segments.graph import (
    STRONG,
    clustering,
    largest_part,
    path_lengths,
    standing_graph,
)
from helpers.segments.rewire import Beside, nulls, ring
from helpers.segments.social_findings import graph_findings

QUESTION = "The social graph: how large is it, how strong are its ties, and is it a small world?"
_Z = float(norm.ppf(0.975))


@dataclass(frozen=True, kw_only=True)
class SocialGraph:
    """Size and shape of the graph of friends.

    source: what counts as a tie. all_customers: of the shop. parts: connected parts; largest: customers in
    the largest. degrees: friends of each customer in the graph. clustering, path: beside rewirings; errors
    are standard errors of the observed means. ring_clustering: of a ring of the same degrees. strengths:
    of the ties whose strength is known.
    """

    source: str
    all_customers: int
    parts: int
    largest: int
    degrees: np.ndarray
    clustering: Beside
    clustering_error: float
    ring_clustering: float
    path: Beside
    path_error: float
    strengths: np.ndarray

    @property
    def customers(self) -> int:
        """Number of customers with a friend."""
        return len(self.degrees)

    @property
    def ties(self) -> int:
        """Number of ties."""
        return int(self.degrees.sum()) // 2

    @property
    def degrees_error(self) -> float:
        """Standard error of the mean number of friends."""
        return standard_error(self.degrees)

    @property
    def sigma(self) -> float:
        """Clustering over paths, each as a multiple of rewired graphs; a small world is well above 1."""
        null = max(float(self.clustering.null.mean()), 1e-12)
        return self.clustering.observed / null / (self.path.observed / float(self.path.null.mean()))

    @property
    def omega(self) -> float:
        """Between -1 (a ring lattice) and 1 (drawn by lot); a small world lies near 0."""
        short = float(self.path.null.mean()) / self.path.observed
        return short - self.clustering.observed / max(self.ring_clustering, 1e-12)

    @property
    def strong(self) -> float | None:
        """Share of ties of strength 0.5 and above in %, None where no strength is known."""
        return 100 * float((self.strengths >= STRONG).mean()) if len(self.strengths) else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Reach, friends a customer, clustering, paths and, where known, strong ties."""
        return graph_findings(self, question=QUESTION)

    def draw(self) -> Picture:
        """Draw how many friends customers have, and clustering and path length beside rewired graphs."""
        figure, panels = canvas(
            f"Customers have {self.degrees.mean():.1f} friends on average; "
            f"{100 * self.clustering.observed:.0f} % of two friends know each other",
            columns=2,
            width_inches=10,
            height_inches=3.6,
        )
        left, right = panels[0]
        top = int(np.quantile(self.degrees, 0.99))
        counts = np.bincount(np.minimum(self.degrees, top), minlength=top + 1)[1:]
        left.bar(np.arange(1, top + 1), 100 * counts / counts.sum(), color=PALETTE[5])
        left.set_xlabel(f"friends ({top}: {top} and more)")
        left.set_ylabel("% of customers in the graph")
        _draw_beside(right, self)
        alt = (
            f"Left: share of customers by number of friends, mean {self.degrees.mean():.1f}. Right: "
            f"clustering {self.clustering.observed:.3f} against {self.clustering.null.mean():.4f} in rewired "
            f"graphs; mean path {self.path.observed:.2f} against {self.path.null.mean():.2f} steps."
        )
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a measure, observed and in rewired graphs."""
        rows = [
            ("customers with a friend", ",.0f", self.customers, None),
            ("ties", ",.0f", self.ties, None),
            ("friends a customer, mean", ",.2f", self.degrees.mean(), None),
            ("friends a customer, median", ",.1f", np.median(self.degrees), None),
            ("connected parts", ",.0f", self.parts, None),
            ("customers in the largest part, %", ".1f", 100 * self.largest / self.customers, None),
            (
                "% chance that two friends know each other",
                ".2f",
                100 * self.clustering.observed,
                100 * self.clustering.null.mean(),
            ),
            ("steps between two customers, mean", ".2f", self.path.observed, self.path.null.mean()),
            ("small world: sigma (above 1)", ".2f", self.sigma, None),
            ("small world: omega (near 0)", ".2f", self.omega, None),
            ("% of ties that are strong", ".2f", self.strong, None),
        ]
        shown = [
            (measure, *("–" if value is None else format(value, form) for value in values))
            for measure, form, *values in rows
            if values[0] is not None
        ]
        # Counts and ratios share a column, so each row is written in its own format.
        frame = pd.DataFrame(shown, columns=["measure", "observed", "same degrees, rewired"])
        frame.attrs = {
            "caption": "The graph of friends",
            "formats": dict.fromkeys(frame.columns[1:], ",.2f"),  # sets the written numbers flush right
        }
        return frame


def _draw_beside(axes, graph: SocialGraph) -> None:
    pairs = {
        "two friends know each other": (graph.clustering, graph.clustering_error),
        "steps between customers": (graph.path, graph.path_error),
    }
    for row, (beside, error) in enumerate(pairs.values()):
        mean = max(float(beside.null.mean()), 1e-9)
        ratio, away = beside.observed / mean, _Z * error / mean
        axes.errorbar(ratio, row, xerr=away, fmt="o", color=PALETTE[1], ecolor=INK, capsize=4)
        axes.annotate(
            f"{ratio:,.3g} times", (ratio, row), xytext=(0, 9), textcoords="offset points", ha="center"
        )
    axes.axvline(1, color=PALETTE[6], ls="--", lw=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(pairs)), list(pairs))
    axes.set_ylim(-0.6, len(pairs) - 0.4)
    axes.margins(x=0.25)
    axes.set_xlabel("observed, as a multiple of rewired graphs (dashed: 1)")


@question("C3", QUESTION, needs=())
def social_graph(shop: Shop, *, rewirings: int = 5, sources: int = 40, seed: int = 1) -> SocialGraph:
    """Measure the graph of the ties that stand at the last day, beside graphs of the same degrees.

    rewirings: degree-preserving rewirings, at least 3. sources: customers from whom path lengths are sampled.
    seed: of all draws. Small world after Watts & Strogatz (1998): much more clustered than a rewired graph of
    the same degrees, with paths hardly longer; sigma after Humphries & Gurney (2008), omega after Telesford
    et al. (2011). Raises CannotAnswer without ties and answered posts, or with fewer than 50 customers in it.
    """
    ties = standing_graph(shop)
    chance = nulls(ties, draws=rewirings, seed=seed)
    local = clustering(ties)
    paths = path_lengths(ties, sources=sources, seed=seed)
    fewer = max(sources // len(chance), 8)  # their mean over all rewirings counts
    null_paths = [path_lengths(one, sources=fewer, seed=seed).mean() for one in chance]
    return SocialGraph(
        source=ties.source,
        all_customers=int(shop["customers"].count().execute()),
        parts=len(ties.graph.connected_components()),
        largest=len(largest_part(ties)),
        degrees=ties.degrees,
        clustering=_beside(local, [_mean(clustering(one)) for one in chance]),
        clustering_error=standard_error(local),
        ring_clustering=_mean(clustering(ring(ties))),
        path=_beside(paths, null_paths),
        path_error=standard_error(paths),
        strengths=ties.strength[np.isfinite(ties.strength)],
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of a mean; 0 where a single value leaves nothing to vary."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _beside(values: np.ndarray, null: list[float]) -> Beside:
    return Beside(observed=_mean(values), null=np.array(null))
