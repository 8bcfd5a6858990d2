"""C3, second part: circles of friends, shown only where they are beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.friend_graph import FRIENDS, standing_graph
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, canvas, question, words_beside
from helpers.segments.c03_circles.circle_loyalty import smaller_circles
from helpers.segments.c03_circles.circle_pictures import (
    draw_evidence,
    draw_sizes,
    evidence_frame,
    size_classes,
)
from methods.graphs.circle_scan import BEYOND_CHANCE_Z, STEADY_BEYOND_CHANCE, Scan, scan
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.leiden import large
from methods.intervals.agreement import jaccard
from methods.intervals.estimates import Interval, normal_reach
from methods.intervals.influence import normal_interval

WORDS = words_beside(__file__)
FIRM = 0.75


@dataclass(frozen=True, kw_only=True)
class Circles:
    """The circles of the graph of friends, or the statement that there are none beyond chance.

    members: one row a customer in the graph with customer_id and circle (number from 1, largest first); empty
    when there are none beyond chance. sizes: one row a circle of at least `minimum_customers` with circle,
    customers, inside (% of its members' ties that stay inside), stability (mean Jaccard over thinned graphs).
    """

    members: pd.DataFrame
    sizes: pd.DataFrame
    found: Scan
    minimum_customers: int
    seed: int
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw how large the circles are, and how far modularity and stability pass chance."""
        evidence = {
            "modularity": self.found.modularity.observed,
            "null_modularity": self.found.modularity.null.mean(),
            "stability": self.found.stability.observed,
            "null_stability": self.found.stability.null.mean(),
        }
        if not self.found.beyond_chance:
            title, alt = WORDS.picture("none", self.findings, **evidence)
            figure, axes = canvas(title, width_inches=6, height_inches=3.2)
            draw_evidence(axes, self.found)
            return Picture(figure, alt)
        classes = size_classes(self.sizes["customers"].to_numpy())
        title, alt = WORDS.picture(
            "circles",
            self.findings,
            number=len(self.sizes),
            minimum=self.minimum_customers,
            median=self.sizes["customers"].median(),
            largest=self.sizes["customers"].max(),
            classes=[f"{name}: {number}" for name, number in classes.items()],
            **evidence,
        )
        figure, panels = canvas(title, columns=2, width_inches=10, height_inches=3.6)
        draw_sizes(panels[0, 0], classes)
        draw_evidence(panels[0, 1], self.found)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return the 20 largest circles, or what was measured when there are none beyond chance."""
        if not self.found.beyond_chance:
            frame = evidence_frame(self.found)
            frame.attrs["caption"] = WORDS.text("caption evidence", resolution=self.found.resolution)
            return frame
        frame = self.sizes.head(20).rename(
            columns={"inside": "% of their ties inside", "stability": "stability (Jaccard)"}
        )
        frame.attrs = {
            "caption": WORDS.text("caption", number=len(self.sizes)),
            "formats": {"% of their ties inside": ".0f", "stability (Jaccard)": ".2f"},
            "people": "customers",
        }
        return frame


@question(WORDS, needs=(), one_of=FRIENDS)
def circles(shop: Shop, *, minimum_customers: int = 11, rewirings: int = 5, seed: int = 1) -> Circles:
    """Find circles of friends among the standing ties, and say whether they are beyond chance.

    minimum_customers: smaller circles are not counted; 11 and above also keeps people from being singled out.
    rewirings: degree-preserving rewirings, at least 3. seed: of all draws; equal seeds give equal circles.
    Raises CannotAnswer without ties and answered posts, with fewer than 50 customers who have a tie, or where
    all circles are smaller than the minimum. Method: `scan`.
    """
    ties = standing_graph(shop)
    found = scan(ties, rewirings=rewirings, seed=seed)
    sizes = _describe(ties, found, minimum=minimum_customers)
    if found.beyond_chance and sizes.empty:
        raise CannotAnswer(WORDS.text("none large", minimum=minimum_customers))
    members = pd.DataFrame({"customer_id": ties.names, "circle": found.membership + 1})
    members = members if found.beyond_chance else members.iloc[:0]
    return Circles(
        members=members,
        sizes=sizes,
        found=found,
        minimum_customers=minimum_customers,
        seed=seed,
        findings=(
            _excess(found, ties),
            _number(found, ties, minimum_customers),
            smaller_circles(shop, members, minimum=minimum_customers),
        ),
    )


def _describe(ties: FriendGraph, found: Scan, *, minimum: int) -> pd.DataFrame:
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
    return sizes[counts >= minimum]


def _excess(found: Scan, ties: FriendGraph) -> Finding:
    spread = float(found.modularity.null.std(ddof=1)) * np.sqrt(1 + 1 / len(found.modularity.null))
    return WORDS.finding(
        "C3.modularity_excess",
        normal_interval(found.modularity.excess, spread, len(ties)),
        method=WORDS.text("method"),
        assumptions=(ties.source, WORDS.text("assumption one circle")),
        verdict="supported" if found.beyond_chance else "not settled",
        observed=found.modularity.observed,
        null=found.modularity.null.mean(),
        stability=found.stability.observed,
        null_stability=found.stability.null.mean(),
        agreement=found.agreement,
        least_z=BEYOND_CHANCE_Z,
        least_stability=STEADY_BEYOND_CHANCE,
        scanned=0 if found.scanned == len(ties) else found.scanned,
    )


def _number(found: Scan, ties: FriendGraph, minimum: int) -> Finding:
    number = found.large(minimum=minimum)
    span = _span(found, number, minimum) if found.beyond_chance else (0, 0, number)
    return WORDS.finding(
        "C3.circles",
        Interval(estimate=float(span[0]), low=float(span[1]), high=float(span[2]), n=len(ties)),
        unit=WORDS.label("circles of or more", minimum=minimum),
        method=WORDS.text("method number"),
        assumptions=(ties.source, WORDS.text("assumption one circle"), WORDS.text("assumption only ties")),
        verdict="reported" if found.beyond_chance else "not settled",
        minimum=minimum,
        held=int(np.bincount(found.membership)[:number].sum()) / len(ties),
        loose=found.stability.observed < FIRM,
    )


def _span(found: Scan, number: int, minimum: int) -> tuple[float, float, float]:
    """The number, and how it changes when ties are left out or another resolution is taken."""
    others = np.array([large(other, minimum=minimum) for other in found.perturbed])
    away = normal_reach() * float(np.sqrt(np.mean((others - number) ** 2)))
    rivals = [large(other, minimum=minimum) for other in found.as_good]
    low, high = max(np.floor(number - away), 0), np.ceil(number + away)
    return number, min(low, *rivals, low), max(high, *rivals, high)
