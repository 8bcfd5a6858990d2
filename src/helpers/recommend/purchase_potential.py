"""D7: how likely each customer is to buy each category soon, and whether such chances come true."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.potential import base_chances, chances, fit_potential, read_cells
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.statistics.calibration import Calibration, calibration
from helpers.statistics.intervals import Interval, ratio_of_sums

POTENTIAL = "Who is likely to buy which category next, and do such chances come true?"
_FEWEST_CUSTOMERS = 100


@dataclass(frozen=True, kw_only=True)
class PurchasePotential:
    """Chances judged on a later window, and those for the time to come.

    judged: foretold against happened in the window that was held out. coming: one row a category: customers,
    buyers expected in the next `days`, and the mean chance of the likeliest tenth and of everybody, in %.
    """

    findings: tuple[Finding, ...]
    judged: Calibration = field(repr=False)
    coming: pd.DataFrame = field(repr=False)
    days: int

    def table(self) -> pd.DataFrame:
        """One row a category: what to expect of the next weeks and from whom."""
        frame = self.coming.copy()
        formats = {"customers": ",", "buyers expected": ",.0f"}
        formats |= {name: ".1f" for name in frame.columns[3:]}
        caption = f"Chances to buy in the {self.days} days after the end of the data"
        frame.attrs = {"caption": caption, "formats": formats, "people": "customers"}
        return frame

    def draw(self) -> Picture:
        """Draw what happened against what was foretold, and the likeliest tenth of each category."""
        figure, panels = canvas(self._title(), columns=2, width_inches=9.5, height_inches=3.8)
        truth, who = panels[0]
        rows = 100 * self.judged.buckets[["foretold", "happened", "low", "high"]]
        top = 1.05 * rows.to_numpy().max()
        truth.plot([0, top], [0, top], color=INK, lw=0.8, ls="--")
        truth.vlines(rows["foretold"], rows["low"], rows["high"], color=PALETTE[0], lw=2)
        truth.plot(rows["foretold"], rows["happened"], "o", color=PALETTE[0])
        truth.set_xlabel("chance foretold, %")
        truth.set_ylabel("bought, %")
        truth.set_title(f"held-out {self.days} days, tenths of all cases")
        names = list(self.coming.columns)
        place = np.arange(len(self.coming))
        for name, colour, words in (
            (names[4], MUTED, "everybody"),
            (names[3], PALETTE[1], "likeliest tenth"),
        ):
            who.plot(self.coming[name], place, "o", color=colour, label=words)
        who.set_yticks(place, self.coming["category"])
        who.invert_yaxis()
        who.set_xlim(left=0)
        who.set_xlabel(f"mean chance to buy in the next {self.days} days, %")
        who.legend(loc="lower right")
        told = "; ".join(f"{r.foretold:.1f} % foretold, {r.happened:.1f} % bought" for r in rows.itertuples())
        return Picture(figure, f"Chances by tenths of customers and categories: {told}.")

    def _title(self) -> str:
        by_id = {finding.id: finding for finding in self.findings}
        ratio, gain = by_id["D7.foretold_to_happened"], by_id["D7.brier_gain"]
        return (
            f"For 100 purchases {ratio.estimate:.0f} were foretold; chances by customer err "
            f"{gain.estimate:.0f} % less than one chance for all"
        )


@question("D7", POTENTIAL, needs=("orders.placed_at", "items.category"))
def purchase_potential(
    shop, *, days: int = 56, most_customers: int = 20_000, seed: int = 1
) -> PurchasePotential:
    """Learn the chance to buy each category within `days`, judge it on held-out days, foretell the next.

    Learned on the window before the last, judged on the last, then learned again on the last for the time to
    come; traits end where each window begins. most_customers: a random sample when there are more. The yard
    stick is one chance a category for everybody. Raises CannotAnswer below 100 customers or 50 purchases.
    """
    if days < 1:
        raise ValueError(f"days {days} must be 1 or more")
    last, before = shop.as_of - dt.timedelta(days=days), shop.as_of - dt.timedelta(days=2 * days)
    names = shop["items"].select("category").distinct().to_pandas()["category"].dropna()
    options = {"categories": np.sort(names.to_numpy(object)), "most_customers": most_customers, "seed": seed}
    learned = read_cells(shop, at=before, days=days, **options)
    if len(learned.customers) < _FEWEST_CUSTOMERS:
        raise CannotAnswer(
            f"customers who had bought by {2 * days} days before the end: {len(learned.customers)}; learning "
            f"and judging chances needs {_FEWEST_CUSTOMERS} and two windows of {days} days"
        )
    held_out = read_cells(shop, at=last, days=days, **options)
    foretold = chances(fit_potential(learned), held_out)
    judged = calibration(foretold, held_out.bought)
    now = read_cells(shop, at=shop.as_of, days=0, **options)
    coming = _coming(chances(fit_potential(held_out), now).reshape(-1, len(now.categories)), now.categories)
    findings = _findings(held_out, foretold, base_chances(learned, held_out), judged, days)
    return PurchasePotential(findings=findings, judged=judged, coming=coming, days=days)


def _coming(chance: np.ndarray, categories: np.ndarray) -> pd.DataFrame:
    tenth = max(len(chance) // 10, 1)
    best = np.sort(chance, axis=0)[-tenth:]
    frame = pd.DataFrame(
        {
            "category": categories,
            "customers": len(chance),
            "buyers expected": chance.sum(axis=0),
            "chance of the likeliest tenth, %": 100 * best.mean(axis=0),
            "chance of everybody, %": 100 * chance.mean(axis=0),
            "buyers in the likeliest tenth, %": 100 * best.sum(axis=0) / chance.sum(axis=0),
        }
    )
    return frame.sort_values("buyers expected", ascending=False, ignore_index=True)


def _findings(held_out, foretold, base, judged: Calibration, days: int) -> tuple[Finding, ...]:
    who, happened = held_out.customer, held_out.bought.astype(float)

    def by_customer(values: np.ndarray) -> np.ndarray:
        return np.bincount(who, weights=values, minlength=len(held_out.customers))

    ratio = ratio_of_sums(by_customer(foretold), by_customer(happened)).scaled(100)
    miss, base_miss = by_customer((foretold - happened) ** 2), by_customer((base - happened) ** 2)
    gain = ratio_of_sums(base_miss - miss, base_miss).scaled(100)
    calibrated = "supported" if ratio.low <= 100 <= ratio.high else "contradicted"
    better = "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"
    customers = len(held_out.customers)
    return (
        _finding(
            ratio, id="D7.foretold_to_happened", unit="% of what happened", n=customers, days=days,
            verdict=calibrated,
            reading=f"In the {days} days held out, {ratio.estimate:.0f} purchases were foretold "
            f"for every 100 made (95 % interval {ratio.low:.0f} to {ratio.high:.0f}); over tenths of all "
            f"customers and categories the chances miss by {100 * judged.average_gap:.1f} points on average.",
        ),
        _finding(
            gain, id="D7.brier_gain", unit="% of the squared miss", n=customers, days=days, verdict=better,
            reading=f"Chances by customer and category miss by {gain.estimate:.1f} % less than one chance a "
            f"category for everybody (squared miss; 95 % interval {gain.low:.1f} to {gain.high:.1f} %). Who "
            f"buys ranks above who does not in {100 * judged.ranking:.0f} of 100 pairs.",
        ),
    )  # fmt: skip


def _finding(value: Interval, *, days: int, **fields) -> Finding:
    return Finding(
        requirement="D7", question=POTENTIAL, estimate=value.estimate, low=value.low, high=value.high,
        method=f"logistic regression on own purchases, learned {days} days earlier and judged on the last "
        f"{days} days; customers as clusters",
        assumptions=(
            "the next weeks resemble the last: no sale or holiday that the window before lacked",
            "customers who have not yet bought anything are not foretold",
            "one held-out window: the interval covers customers, not other seasons",
        ),
        **fields,
    )  # fmt: skip
