"""C3, first part: the social graph and its shape beside graphs of the same degrees."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.friend_graph import FRIENDS, STRONG, standing_graph
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    Finding,
    Mark,
    Picture,
    Verdict,
    bars,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.release import is_few
from helpers.report.verdicts import p_of_nil
from methods.graphs.leiden import MANY_TIES
from methods.graphs.rewire import Beside, nulls, ring
from methods.graphs.shape import clustering, largest_part, path_lengths
from methods.intervals.estimates import Interval, normal_reach, wilson
from methods.intervals.influence import normal_interval

WORDS = words_beside(__file__)
FEWEST_REWIRINGS = 3
SMALL_WORLD_OMEGA = 0.5  # the range Telesford et al. read as a small world


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
    findings: tuple[Finding, ...] = ()

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

    def draw(self) -> Picture:
        """Draw how many friends customers have, and clustering and path length beside rewired graphs."""
        title, alt = WORDS.picture(
            "graph",
            self.findings,
            degree=self.degrees.mean(),
            clustering=self.clustering.observed,
            null_clustering=self.clustering.null.mean(),
            path=self.path.observed,
            null_path=self.path.null.mean(),
        )
        figure, panels = canvas(title, columns=2, width_inches=10, height_inches=3.6)
        left, right = panels[0]
        top = int(np.quantile(self.degrees, 0.99))
        counts = np.bincount(np.minimum(self.degrees, top), minlength=top + 1)[1:]
        names = [str(friends) if friends == 1 or friends % 5 == 0 else "" for friends in range(1, top + 1)]
        told = np.where(is_few(counts), np.nan, 100 * counts / counts.sum())
        bars(left, names, told, colour=PALETTE[5], upright=True)
        left.set_xlabel(WORDS.label("friends and more", top=top))
        left.set_ylabel("% of customers in the graph")
        _draw_beside(right, self)
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
            "people": None,
            "caption": WORDS.text("caption"),
            "formats": dict.fromkeys(frame.columns[1:], ",.2f"),  # sets the written numbers flush right
        }
        return frame


def _draw_beside(panel: Axes, graph: SocialGraph) -> None:
    pairs = {
        "two friends know each other": (graph.clustering, graph.clustering_error),
        "steps between customers": (graph.path, graph.path_error),
    }
    marks = []
    for name, (beside, error) in pairs.items():
        value = normal_interval(beside.observed, error, graph.customers)
        scale = 1 / max(float(beside.null.mean()), 1e-9)
        marks.append(Mark(label=name, value=value, scale=scale, colour=PALETTE[1]))
    forest(panel, marks, zero=1, x="observed, as a multiple of rewired graphs (line: 1)")
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.margins(x=0.25)


@question(WORDS, needs=(), one_of=FRIENDS)
def social_graph(shop: Shop, *, rewirings: int = 5, sources: int = 40, seed: int = 1) -> SocialGraph:
    """Measure the graph of the ties that stand at the last day, beside graphs of the same degrees.

    rewirings: degree-preserving rewirings, at least 3. sources: customers from whom path lengths are sampled.
    Of `MANY_TIES`: 3 rewirings and half of the sources, since large graphs of the same degrees are alike.
    seed: of all draws. Small world after Watts & Strogatz (1998): much more clustered than a rewired graph of
    the same degrees, with paths hardly longer; sigma after Humphries & Gurney (2008), omega after Telesford
    et al. (2011). Raises CannotAnswer without ties and answered posts, or with fewer than 50 customers in it.
    """
    ties = standing_graph(shop)
    if len(ties.ends) >= MANY_TIES:
        rewirings, sources = FEWEST_REWIRINGS, sources // 2
    chance = nulls(ties, draws=rewirings, seed=seed)
    local = clustering(ties)
    paths = path_lengths(ties, sources=sources, seed=seed)
    fewer = max(sources // len(chance), 8)  # their mean over all rewirings counts
    null_paths = [path_lengths(one, sources=fewer, seed=seed).mean() for one in chance]
    graph = SocialGraph(
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
    return replace(graph, findings=_findings(graph))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of a mean; 0 where a single value leaves nothing to vary."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _beside(values: np.ndarray, null: list[float]) -> Beside:
    return Beside(observed=_mean(values), null=np.array(null))


def _findings(graph: SocialGraph) -> tuple[Finding, ...]:
    """What was measured; clustering only where it can be compared, strong ties only where known."""
    told = (_reach(graph), _friends(graph), _clustered(graph), _steps(graph), _small_world(graph),
            _strong(graph))  # fmt: skip
    return tuple(finding for finding in told if finding is not None)


def _reach(graph: SocialGraph) -> Finding:
    return WORDS.finding(
        "C3.customers_in_graph",
        wilson(graph.customers, graph.all_customers),
        scale=100,
        method=WORDS.text("method reach"),
        assumptions=(graph.source,),
        together=graph.largest / graph.customers,
    )


def _friends(graph: SocialGraph) -> Finding:
    return WORDS.finding(
        "C3.friends_per_customer",
        normal_interval(float(graph.degrees.mean()), graph.degrees_error, graph.customers),
        method=WORDS.text("method degree"),
        assumptions=(graph.source,),
        median=float(np.median(graph.degrees)),
    )


def _clustered(graph: SocialGraph) -> Finding:
    """The ratio's interval joins the error of both means on the log scale (delta method)."""
    null, draws = graph.clustering.null, len(graph.clustering.null)
    if graph.clustering.observed <= 0 or null.mean() <= 0:
        return WORDS.skip("C3.clustering_ratio", WORDS.text("no clustering"))
    ratio = graph.clustering.observed / null.mean()
    chance_error = null.std(ddof=1) / np.sqrt(draws) / null.mean()
    error = float(np.hypot(graph.clustering_error / graph.clustering.observed, chance_error))
    log = normal_interval(float(np.log(ratio)), error, graph.customers)
    factor = np.exp(normal_reach() * error)
    return WORDS.finding(
        "C3.clustering_ratio",
        Interval(estimate=ratio, low=ratio / factor, high=ratio * factor, n=graph.customers),
        method=WORDS.text("method clustering", draws=draws),
        assumptions=(graph.source,),
        verdict=effect_verdict(log),
        p_value=p_of_nil(log),
        clustering=graph.clustering.observed,
    )


def _steps(graph: SocialGraph) -> Finding:
    return WORDS.finding(
        "C3.path_length",
        normal_interval(graph.path.observed, graph.path_error, graph.largest),
        method=WORDS.text("method path"),
        assumptions=(graph.source,),
        by_chance=float(graph.path.null.mean()),
    )


def _small_world(graph: SocialGraph) -> Finding:
    """The error of omega joins those of paths and clustering, observed and rewired (delta method)."""
    null = graph.path.null
    short = null.mean() / graph.path.observed
    chance_error = null.std(ddof=1) / np.sqrt(len(null)) / graph.path.observed
    closed_error = graph.clustering_error / max(graph.ring_clustering, 1e-12)
    error = np.sqrt((short * graph.path_error / graph.path.observed) ** 2 + chance_error**2 + closed_error**2)
    omega = normal_interval(graph.omega, float(error), graph.customers)
    return WORDS.finding(
        "C3.small_world_omega",
        omega,
        method=WORDS.text("method omega", draws=len(null)),
        assumptions=(graph.source,),
        verdict=_is_small_world(omega, graph.sigma),
        sigma=graph.sigma,
    )


def _is_small_world(omega: Interval, sigma: float) -> Verdict:
    """Settled where the whole interval of omega lies inside or outside the range of small worlds.

    An interval without width settles nothing.
    """
    if omega.low == omega.high:
        return "not settled"
    if sigma <= 1 or omega.low > SMALL_WORLD_OMEGA or omega.high < -SMALL_WORLD_OMEGA:
        return "contradicted"
    inside = omega.low >= -SMALL_WORLD_OMEGA and omega.high <= SMALL_WORLD_OMEGA
    return "supported" if inside else "not settled"


def _strong(graph: SocialGraph) -> Finding | None:
    if graph.strong is None:
        return None
    return WORDS.finding(
        "C3.strong_ties",
        wilson(int((graph.strengths >= STRONG).sum()), len(graph.strengths)),
        scale=100,
        method=WORDS.text("method strong", strong=STRONG),
        assumptions=(graph.source, WORDS.text("assumption strength")),
        persons=graph.customers,
        strong=STRONG,
    )
