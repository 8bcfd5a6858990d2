"""C3, second part: circles of friends, shown only where they are beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.report import Finding, Picture, canvas, question
from helpers.segments.circle_map import draw_evidence, draw_map, evidence_frame, evidence_words
from helpers.segments.circle_scan import BEYOND_CHANCE_Z, STEADY_BEYOND_CHANCE, Scan, scan
from helpers.segments.graph import FriendGraph, standing_graph
from helpers.segments.leiden import large
from methods.customers.clustering import jaccard

QUESTION = "Circles: which groups of friends hang together more than chance would make them?"
_Z = float(norm.ppf(0.975))
_METHOD = (
    "Leiden (igraph), resolution by stability beyond chance over a scan, the seed that agrees most with the "
    "others, degree-preserving null"
)
_RULE = (
    f"Rule: circles are shown when modularity is {BEYOND_CHANCE_Z:g} standard deviations above that of "
    f"rewired graphs and {STEADY_BEYOND_CHANCE:g} of the possible stability lies beyond theirs."
)
_ASSUMPTIONS = ("a customer belongs to one circle; overlapping circles are cut",)
_ONLY_TIES = (
    "the interval says only how much the count changes when a tenth of the ties is left out or another "
    "resolution "
    "nearly as stable is taken; one of no width means that it did not change, not that it is certain"
)
_MAPPED = 40
FIRM = 0.75


@dataclass(frozen=True, kw_only=True)
class Circles:
    """The circles of the graph of friends, or the statement that there are none beyond chance.

    members: one row a customer in the graph with customer_id and circle (number from 1, largest first); empty
    when there are none beyond chance. sizes: one row a circle of at least `minimum_customers` with circle,
    customers, inside (% of its members' ties that stay inside), stability (mean Jaccard over thinned graphs).
    between: ties between pairs of those circles, columns a, b, ties.
    """

    members: pd.DataFrame
    sizes: pd.DataFrame
    between: pd.DataFrame
    found: Scan
    minimum_customers: int
    seed: int
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw a map of the largest circles, and how far modularity and stability pass chance."""
        if not self.found.beyond_chance:
            figure, axes = canvas("No circles beyond chance", width_inches=6, height_inches=3.2)
            draw_evidence(axes, self.found)
            return Picture(figure, f"No circles beyond chance. {evidence_words(self.found)}")
        shown = self.sizes.head(_MAPPED)
        figure, panels = canvas(
            f"{len(self.sizes)} circles of {self.minimum_customers} or more customers"
            + (f"; the {_MAPPED} largest and their strongest links" if len(self.sizes) > _MAPPED else ""),
            columns=2,
            width_inches=12,
            height_inches=6,
        )
        draw_map(figure, panels[0, 0], shown, self.between, seed=self.seed)
        draw_evidence(panels[0, 1], self.found)
        sizes = f"{shown['customers'].min()} to {shown['customers'].max()} customers"
        alt = f"Map of {len(shown)} circles of {sizes}, dots sized by customers, lines where most ties run. "
        return Picture(figure, alt + evidence_words(self.found))

    def table(self) -> pd.DataFrame:
        """Return the 20 largest circles, or what was measured when there are none beyond chance."""
        if not self.found.beyond_chance:
            return evidence_frame(self.found)
        frame = self.sizes.head(20).rename(
            columns={"inside": "% of their ties inside", "stability": "stability (Jaccard)"}
        )
        frame.attrs = {
            "caption": f"The largest of {len(self.sizes)} circles",
            "formats": {"% of their ties inside": ".0f", "stability (Jaccard)": ".2f"},
            "people": "customers",
        }
        return frame


@question("C3", QUESTION, needs=())
def circles(shop: Shop, *, minimum_customers: int = 11, rewirings: int = 5, seed: int = 1) -> Circles:
    """Find circles of friends among the standing ties, and say whether they are beyond chance.

    minimum_customers: smaller circles are not counted; 11 and above also keeps people from being singled out.
    rewirings: degree-preserving rewirings, at least 3. seed: of all draws; equal seeds give equal circles.
    Raises CannotAnswer without ties
    and answered posts, or with fewer than 50 customers who have a tie. Method: `scan`.
    """
    ties = standing_graph(shop)
    found = scan(ties, rewirings=rewirings, seed=seed)
    sizes, between = _describe(ties, found, minimum=minimum_customers)
    members = pd.DataFrame({"customer_id": ties.names, "circle": found.membership + 1})
    return Circles(
        members=members if found.beyond_chance else members.iloc[:0],
        sizes=sizes,
        between=between,
        found=found,
        minimum_customers=minimum_customers,
        seed=seed,
        findings=(_excess(found, ties), _number(found, ties, minimum_customers)),
    )


def _describe(ties: FriendGraph, found: Scan, *, minimum: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    counts = np.bincount(found.membership)
    ends = np.sort(found.membership[ties.ends], axis=1)
    touching = np.bincount(ends.ravel(), minlength=len(counts))
    inside = 2 * np.bincount(ends[ends[:, 0] == ends[:, 1], 0], minlength=len(counts))
    sizes = pd.DataFrame(
        {
            "circle": np.arange(1, len(counts) + 1),
            "customers": counts,
            "inside": 100 * inside / np.maximum(touching, 1),
            "stability": np.mean(
                [jaccard(found.membership, other, groups=len(counts)) for other in found.perturbed], axis=0
            ),
        }
    )
    kept = ends[(ends[:, 0] != ends[:, 1]) & (counts[ends].min(axis=1) >= minimum)] + 1
    pairs = pd.DataFrame(kept, columns=["a", "b"])
    return sizes[counts >= minimum], pairs.groupby(["a", "b"]).size().rename("ties").reset_index()


def _excess(found: Scan, ties: FriendGraph) -> Finding:
    spread = float(found.modularity.null.std(ddof=1)) * np.sqrt(1 + 1 / len(found.modularity.null))
    excess, null = found.modularity.excess, float(found.modularity.null.mean())
    return Finding(
        id="C3.modularity_excess",
        requirement="C3",
        question=QUESTION,
        estimate=excess,
        low=excess - _Z * spread,
        high=excess + _Z * spread,
        unit="modularity above rewired graphs",
        n=len(ties),
        method=_METHOD,
        assumptions=(ties.source, *_ASSUMPTIONS),
        verdict="supported" if found.beyond_chance else "not settled",
        reading=f"Modularity is {found.modularity.observed:.3f}, where random graphs with the same number of "
        f"friends each reach {null:.3f}. When a tenth of the ties is left out, the circles agree with "
        f"themselves to {found.stability.observed:.2f}, in random graphs to "
        f"{found.stability.null.mean():.2f} (1 is the same); from seed to seed to "
        f"{found.agreement:.2f}. {_RULE}{_scanned(found, ties)}",
    )


def _scanned(found: Scan, ties: FriendGraph) -> str:
    if found.scanned == len(ties):
        return ""
    return (
        f" The graph is very large: how finely to cut was chosen on {found.scanned:,} customers in whole "
        "groups of it; the circles and their test are of the whole graph."
    )


def _number(found: Scan, ties: FriendGraph, minimum: int) -> Finding:
    number = found.large(minimum=minimum)
    if not found.beyond_chance:
        interval = (0, 0, number)
        reading = "No circles beyond chance: these groups can't be told from noise, so none are shown."
    else:
        others = np.array([large(other, minimum=minimum) for other in found.perturbed])
        away = _Z * float(np.sqrt(np.mean((others - number) ** 2)))
        rivals = [large(other, minimum=minimum) for other in found.as_good]
        low, high = max(np.floor(number - away), 0), np.ceil(number + away)
        interval = (number, min(low, *rivals, low), max(high, *rivals, high))
        held = int(np.bincount(found.membership)[:number].sum())
        reading = (
            f"There are {number} circles of {minimum} or more customers, with {100 * held / len(ties):.0f} % "
            "of the customers in the graph."
        )
        if found.stability.observed < FIRM:
            reading += (
                " Their borders are loose: with a tenth of the ties left out many members change circle."
            )
    return Finding(
        id="C3.circles",
        requirement="C3",
        question=QUESTION,
        estimate=float(interval[0]),
        low=float(interval[1]),
        high=float(interval[2]),
        unit=f"circles of {minimum} or more customers",
        n=len(ties),
        method=f"{_METHOD}; interval from leaving out a tenth of the ties and from resolutions nearly as "
        "stable",
        assumptions=(ties.source, *_ASSUMPTIONS, _ONLY_TIES),
        verdict="reported" if found.beyond_chance else "not settled",
        reading=reading,
    )
