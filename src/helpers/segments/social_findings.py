"""C3 in findings: reach, friends, clustering, paths and strong ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from helpers.report import Finding
from helpers.segments.graph import STRONG

if TYPE_CHECKING:
    from helpers.segments.social import SocialGraph

_Z = float(norm.ppf(0.975))
SMALL_WORLD_OMEGA = 0.5  # the range Telesford et al. read as a small world
_NULL = "degree-preserving rewirings"


def graph_findings(graph: SocialGraph, *, question: str) -> tuple[Finding, ...]:
    """Return what was measured; clustering only where it can be compared, strong ties only where known."""
    told = [
        _reach(graph),
        _friends(graph),
        _clustered(graph),
        _steps(graph),
        _small_world(graph),
        _strong(graph),
    ]
    return tuple(Finding(requirement="C3", question=question, **words) for words in told if words is not None)


def _words(name: str, interval: tuple[float, float, float], **words) -> dict:
    estimate, low, high = (float(value) for value in interval)
    return {"id": f"C3.{name}", "estimate": estimate, "low": low, "high": high, **words}


def _share(count: int, total: int) -> tuple[float, float, float]:
    low, high = proportion_confint(count, total, method="wilson")
    return 100 * count / total, 100 * low, 100 * high


def _around(mean: float, error: float) -> tuple[float, float, float]:
    return mean, mean - _Z * error, mean + _Z * error


def _reach(graph: SocialGraph) -> dict:
    share = _share(graph.customers, graph.all_customers)
    return _words(
        "customers_in_graph",
        share,
        unit="% of customers",
        n=graph.all_customers,
        method="share with at least one standing tie; Wilson interval",
        assumptions=(graph.source,),
        reading=f"{share[0]:.0f} % of {graph.all_customers:,} customers have at least one friend among the "
        f"customers; {graph.largest / graph.customers:.1%} of these hang together in one connected part.",
    )


def _friends(graph: SocialGraph) -> dict:
    degrees = _around(float(graph.degrees.mean()), graph.degrees_error)
    return _words(
        "friends_per_customer",
        degrees,
        unit="friends per customer in the graph",
        n=graph.customers,
        method="mean degree; normal interval",
        assumptions=(graph.source,),
        reading=f"They have {degrees[0]:.1f} friends on average, half of them {np.median(graph.degrees):.0f} "
        "or fewer.",
    )


def _clustered(graph: SocialGraph) -> dict | None:
    """The ratio's interval joins the error of both means on the log scale (delta method)."""
    null, draws = graph.clustering.null, len(graph.clustering.null)
    if graph.clustering.observed <= 0 or null.mean() <= 0:
        return None
    ratio = graph.clustering.observed / null.mean()
    chance_error = null.std(ddof=1) / np.sqrt(draws) / null.mean()
    factor = np.exp(_Z * np.hypot(graph.clustering_error / graph.clustering.observed, chance_error))
    beyond = ratio / factor > 1
    return _words(
        "clustering_ratio",
        (ratio, ratio / factor, ratio * factor),
        unit="times the clustering of rewired graphs",
        n=graph.customers,
        method=f"mean local clustering over that of {draws} {_NULL}",
        assumptions=(graph.source,),
        verdict="supported" if beyond else "not settled",
        reading=f"Two friends of a customer know each other in {100 * graph.clustering.observed:.1f} % of "
        f"cases, {ratio:,.3g} times as often as in random graphs where everyone has as many friends"
        + (": friendships come in clusters." if beyond else ", which may be chance."),
    )


def _steps(graph: SocialGraph) -> dict:
    steps = _around(graph.path.observed, graph.path_error)
    return _words(
        "path_length",
        steps,
        unit="steps between two customers",
        n=graph.largest,
        method="mean shortest path from sampled customers of the largest part; normal interval",
        assumptions=(graph.source,),
        reading=f"From one customer to another it takes {steps[0]:.1f} steps from friend to friend "
        f"({graph.path.null.mean():.1f} in random graphs with as many friends each).",
    )


def _small_world(graph: SocialGraph) -> dict:
    """The error of omega joins those of paths and clustering, observed and rewired (delta method)."""
    null = graph.path.null
    short = null.mean() / graph.path.observed
    chance_error = null.std(ddof=1) / np.sqrt(len(null)) / graph.path.observed
    closed_error = graph.clustering_error / max(graph.ring_clustering, 1e-12)
    error = np.sqrt((short * graph.path_error / graph.path.observed) ** 2 + chance_error**2 + closed_error**2)
    small = graph.sigma > 1 and abs(graph.omega) <= SMALL_WORLD_OMEGA
    return _words(
        "small_world_omega",
        _around(graph.omega, error),
        unit="omega, -1 (ring lattice) to 1 (drawn by lot)",
        n=graph.customers,
        method=f"Telesford et al. (2011): path of {len(null)} {_NULL} over path, less clustering over that "
        "of a ring lattice of nearly the same degrees; delta-method interval",
        assumptions=(graph.source,),
        verdict="supported" if small else "not settled",
        reading=f"Omega is {graph.omega:.2f} (-1 a ring of neighbours, 0 a small world, 1 drawn by lot) and "
        f"sigma {graph.sigma:,.1f} (above 1 in a small world): "
        + ("the graph is a small world." if small else "it is not clearly a small world."),
    )


def _strong(graph: SocialGraph) -> dict | None:
    if graph.strong is None:
        return None
    share = _share(int((graph.strengths >= STRONG).sum()), len(graph.strengths))
    return _words(
        "strong_ties",
        share,
        unit="% of ties",
        n=len(graph.strengths),
        method=f"share of ties of strength {STRONG} or more; Wilson interval",
        assumptions=(graph.source, "strength is what the data say it is"),
        reading=f"{share[0]:.0f} % of the ties are strong ones (strength {STRONG} or more).",
    )
