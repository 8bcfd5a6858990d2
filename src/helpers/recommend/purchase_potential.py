"""D7: how likely each customer is to buy each category soon, and whether such chances come true."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.recommend.held_out_windows import (
    FEWEST_WINDOWS,
    Window,
    by_customer,
    hold_out_windows,
    level,
    range_of_next,
)
from helpers.recommend.potential import chances, read_cells
from helpers.report import INK, MUTED, PALETTE, Finding, Picture, canvas, question
from helpers.report.finding import Verdict
from methods.intervals.calibration import Calibration, calibration
from methods.intervals.estimates import Interval, ratio_of_sums

POTENTIAL = "Who is likely to buy which category next, and do such chances come true?"
_BEST, _ALL = "chance of the likeliest tenth, %", "chance of everybody, %"
_LEVEL_WITHIN = (80.0, 125.0)  # a level further off spoils a plan, and so does not knowing it any better


@dataclass(frozen=True, kw_only=True)
class PurchasePotential:
    """Chances judged on later windows, and those for the time to come.

    judged: foretold against happened, all windows that were held out. windows: each of them, oldest first.
    coming: one row a category: customers, buyers expected in the next `days` and between which numbers they
    should lie (nan with fewer than three windows), and the mean chance of the likeliest tenth and of
    everybody, in %.
    """

    findings: tuple[Finding, ...]
    judged: Calibration = field(repr=False)
    windows: tuple[Window, ...] = field(repr=False)
    coming: pd.DataFrame = field(repr=False)
    days: int

    def table(self) -> pd.DataFrame:
        """One row a category: what to expect of the next weeks and from whom."""
        frame = self.coming.copy()
        formats = {"customers": ","} | dict.fromkeys(("buyers expected", "from", "to"), ",.0f")
        formats |= {name: ".1f" for name in frame.columns[5:]}
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
        truth.set_title(f"tenths of all cases in {len(self.windows)} × {self.days} days held out")
        place = np.arange(len(self.coming))
        for name, colour, words in ((_ALL, MUTED, "everybody"), (_BEST, PALETTE[1], "likeliest tenth")):
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
            f"For 100 purchases {ratio.estimate:.0f} were foretold ({ratio.low:.0f} to {ratio.high:.0f}); "
            f"chances by customer err {gain.estimate:.0f} % less than one for all"
        )


@question("D7", POTENTIAL, needs=("orders.placed_at", "items.category"))
def purchase_potential(
    shop,
    *,
    days: int = 56,
    lookback_days: int = 168,
    most_windows: int = 6,
    most_customers: int = 20_000,
    seed: int = 1,
) -> PurchasePotential:
    """Learn the chance to buy each category within `days`, judge it on held-out windows, foretell the next.

    Each of the last windows of `days` (most_windows at most) is foretold by a model of the window before it;
    the time to come by a model of the last. Traits end where each window begins and reach lookback_days back;
    windows from which the data do not reach so far are left out, but for the last two, for which the
    look-back is shortened. most_customers: a random sample where there are more. The yard stick: one chance a
    category for everybody. Raises CannotAnswer below 100 customers or 50 purchases in the last two windows.
    """
    if min(days, lookback_days, most_windows) < 1:
        raise ValueError("days, lookback_days and most_windows must all be 1 or more")
    names = shop["items"].select("category").distinct().to_pandas()["category"].dropna()
    categories = np.sort(names.to_numpy(object))
    first = dated_purchases(shop).placed_at.min().execute()
    history = 0.0 if pd.isna(first) else (shop.as_of - first) / dt.timedelta(days=1)
    lookback = float(np.clip(history - 2 * days, 1, lookback_days))
    most_windows = int(np.clip((history - lookback) / days - 1, 1, most_windows))
    read = functools.partial(
        read_cells, shop, lookback_days=lookback, categories=categories, most_customers=most_customers,
        seed=seed,
    )  # fmt: skip
    windows, model = hold_out_windows(shop, days=days, most_windows=most_windows, read=read)
    now = read(at=shop.as_of, days=0)
    coming = _coming(chances(model, now).reshape(-1, len(categories)), categories, windows)
    judged = calibration(
        *(np.concatenate([getattr(w, name).ravel() for w in windows]) for name in ("foretold", "bought"))
    )
    findings = _findings(windows, judged, days)
    return PurchasePotential(
        findings=findings, judged=judged, windows=tuple(windows), coming=coming, days=days
    )


def _coming(chance: np.ndarray, categories: np.ndarray, windows: list[Window]) -> pd.DataFrame:
    low, high = range_of_next(windows, chance.sum(axis=0))
    tenth = max(len(chance) // 10, 1)
    best = np.sort(chance, axis=0)[-tenth:]
    frame = pd.DataFrame(
        {
            "category": categories,
            "customers": len(chance),
            "buyers expected": chance.sum(axis=0),
            "from": low,
            "to": high,
            _BEST: 100 * best.mean(axis=0),
            _ALL: 100 * chance.mean(axis=0),
            "buyers in the likeliest tenth, %": 100 * best.sum(axis=0) / chance.sum(axis=0),
        }
    )
    return frame.sort_values("buyers expected", ascending=False, ignore_index=True)


def _findings(windows: list[Window], judged: Calibration, days: int) -> tuple[Finding, ...]:
    ratio = level(windows).scaled(100)
    miss = [(w.foretold - w.bought) ** 2 for w in windows]
    base_miss = [(w.base - w.bought) ** 2 for w in windows]
    sums = by_customer(windows, miss=miss, base=base_miss)
    gain = ratio_of_sums(sums["base"] - sums["miss"], sums["base"]).scaled(100)
    better = "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"
    ratios = [100 * window.ratio for window in windows]
    single = f"single windows {min(ratios):.0f} to {max(ratios):.0f}; " if len(windows) > 1 else ""
    shared = {"n": len(sums), "windows": len(windows), "days": days}
    return (
        _finding(
            ratio, id="D7.foretold_to_happened", unit="% of what happened", verdict=_calibrated(ratio),
            reading=f"In {len(windows)} held-out windows of {days} days, {ratio.estimate:.0f} purchases were "
            f"foretold for every 100 made ({single}95 % interval {ratio.low:.0f} to {ratio.high:.0f}); over "
            f"tenths of all customers and categories the chances miss by {100 * judged.average_gap:.1f} "
            "points on average.", **shared,
        ),
        _finding(
            gain, id="D7.brier_gain", unit="% of the squared miss", verdict=better,
            reading=f"Chances by customer and category miss by {gain.estimate:.1f} % less than one chance a "
            f"category for everybody (squared miss; 95 % interval {gain.low:.1f} to {gain.high:.1f} %). Who "
            f"buys ranks above who does not in {100 * judged.ranking:.0f} of 100 pairs.", **shared,
        ),
    )  # fmt: skip


def _calibrated(ratio: Interval) -> Verdict:
    """Supported where 100 lies inside and nothing far from it does; an interval too wide settles nothing."""
    if not ratio.low <= 100 <= ratio.high:
        return "contradicted"
    return "supported" if _LEVEL_WITHIN[0] <= ratio.low and ratio.high <= _LEVEL_WITHIN[1] else "not settled"


def _finding(value: Interval, *, days: int, windows: int, **fields) -> Finding:
    seasons = (
        "the windows held out stand for those to come, with their sales and holidays"
        if windows >= FEWEST_WINDOWS
        else f"held-out windows: {windows}; the interval covers customers, not other seasons"
    )
    return Finding(
        requirement="D7", question=POTENTIAL, estimate=value.estimate, low=value.low, high=value.high,
        method=f"logistic regression on own purchases of an equally long past, learned on the {days} days "
        "before each window; the level's interval over windows, else customers as clusters",
        assumptions=(seasons, "customers who have not yet bought anything are not foretold"),
        **fields,
    )  # fmt: skip
