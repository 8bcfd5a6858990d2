"""C3, first part: the social graph and its shape beside graphs of the same degrees."""

from __future__ import annotations

from dataclasses import dataclass

import igraph
import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.graph import (
    STRONG,
    Beside,
    active_ties,
    clustering,
    friend_graph,
    largest_part,
    nulls,
    path_lengths,
)
from helpers.segments.social_findings import graph_findings

QUESTION = "The social graph: how large is it, how strong are its ties, and is it a small world?"
_Z = float(norm.ppf(0.975))


@dataclass(frozen=True, kw_only=True)
class SocialGraph:
    """Size and shape of the graph of friends.

    all_customers: of the shop. parts: connected parts; largest: customers in the largest. degrees: friends of
    each customer in the graph. clustering, path: beside rewirings; the errors are standard errors of the
    observed means. strengths: of the ties whose strength is known.
    """

    all_customers: int
    parts: int
    largest: int
    degrees: np.ndarray
    clustering: Beside
    clustering_error: float
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
            ("customers in the largest part", ",.0f", self.largest, None),
            (
                "% chance that two friends know each other",
                ".2f",
                100 * self.clustering.observed,
                100 * self.clustering.null.mean(),
            ),
            ("steps between two customers, mean", ".2f", self.path.observed, self.path.null.mean()),
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


@question("C3", QUESTION, needs=("ties",))
def social_graph(shop: Shop, *, rewirings: int = 5, sources: int = 60, seed: int = 1) -> SocialGraph:
    """Measure the graph of the ties that stand at the last day, beside graphs of the same degrees.

    rewirings: degree-preserving rewirings, at least 3. sources: customers from whom path lengths are sampled.
    seed: of all draws. Small world after Watts & Strogatz (1998): much more clustered than a rewired graph of
    the same degrees, with paths hardly longer. Raises CannotAnswer with fewer than 50 customers with a tie.
    """
    graph = standing_graph(shop)
    chance = nulls(graph, draws=rewirings, seed=seed)
    local = clustering(graph)
    paths = path_lengths(largest_part(graph), sources=sources, seed=seed)
    null_paths = [path_lengths(largest_part(one), sources=sources, seed=seed).mean() for one in chance]
    strength = np.array(graph.es["strength"], dtype=float)
    return SocialGraph(
        all_customers=int(shop["customers"].count().execute()),
        parts=len(graph.connected_components()),
        largest=largest_part(graph).vcount(),
        degrees=np.array(graph.degree()),
        clustering=_beside(local, [_mean(clustering(one)) for one in chance]),
        clustering_error=standard_error(local),
        path=_beside(paths, null_paths),
        path_error=standard_error(paths),
        strengths=strength[np.isfinite(strength)],
    )


def standing_graph(shop: Shop) -> igraph.Graph:
    """Return the graph of standing ties; raises CannotAnswer where it holds fewer than 50 customers."""
    ties = active_ties(shop).order_by(["customer_a", "customer_b"]).to_pandas()
    graph = friend_graph(ties) if len(ties) else igraph.Graph()
    if graph.vcount() < 50:
        raise CannotAnswer(f"only {graph.vcount()} customers have a friend in these data; a graph needs 50.")
    return graph


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of a mean; 0 where a single value leaves nothing to vary."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _beside(values: np.ndarray, null: list[float]) -> Beside:
    return Beside(observed=_mean(values), null=np.array(null))
