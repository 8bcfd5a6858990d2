"""D7: how likely each customer is to buy each category soon, and whether such chances come true."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.recommend.d07_purchase_potential.category_cells import read_cells
from helpers.report import (
    INK,
    MUTED,
    PALETTE,
    Finding,
    Picture,
    band_curve,
    canvas,
    dots,
    effect_verdict,
    question,
    words_beside,
)
from helpers.report.finding import Verdict
from helpers.report.formats import count, number
from methods.intervals.calibration import Calibration, calibration
from methods.intervals.estimates import Interval, ratio_of_sums
from methods.lists.category_chances import chances
from methods.lists.held_out_windows import (
    FEWEST_WINDOWS,
    Window,
    by_customer,
    hold_out_windows,
    level,
    range_of_next,
)

WORDS = words_beside(__file__)
_BEST, _ALL = "chance of the likeliest tenth, %", "chance of everybody, %"
_OF_BUYERS = "buyers in the likeliest tenth, %"
_LEVEL_WITHIN = (80.0, 125.0)  # a level further off spoils a plan, and so does not knowing it any better


@dataclass(frozen=True, kw_only=True)
class PurchasePotential:
    """Chances judged on later windows, and those for the time to come.

    judged: predicted against happened, all windows that were held out. windows: each of them, oldest first.
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
        short = {_BEST: "likeliest tenth, %", _ALL: "everybody, %", _OF_BUYERS: "buyers among them, %"}
        frame = self.coming.rename(columns=short)
        formats = {"customers": ","} | dict.fromkeys(("buyers expected", "from", "to"), ",.0f")
        formats |= {name: ".1f" for name in frame.columns[5:]}
        frame.attrs = {
            "caption": WORDS.text("caption", days=self.days),
            "formats": formats,
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw what happened against what was foretold, and the likeliest tenth of each category."""
        rows = 100 * self.judged.buckets[["predicted", "happened", "low", "high"]]
        told = [
            WORDS.label("foretold bought", predicted=number(row.predicted), happened=number(row.happened))
            for row in rows.itertuples()
        ]
        title, alt = WORDS.picture("chances", self.findings, told=told)
        figure, panels = canvas(title, columns=2, width_inches=9.5, height_inches=3.8)
        truth, who = panels[0]
        top = 1.05 * rows.to_numpy().max()
        band_curve(truth, [0, top], [0, top], colour=INK, marker="", dashed=True)
        band_curve(truth, rows["predicted"], rows["happened"], low=rows["low"], high=rows["high"])
        truth.set_xlabel("chance foretold, %")
        truth.set_ylabel("bought, %")
        truth.set_title(WORDS.text("held out", windows=len(self.windows), days=self.days))
        place = np.arange(len(self.coming))
        for name, colour, words in ((_ALL, MUTED, "everybody"), (_BEST, PALETTE[1], "likeliest tenth")):
            dots(who, self.coming[name], place, colour=colour, label=words)
        who.set_yticks(place, self.coming["category"])
        who.invert_yaxis()
        who.set_xlim(left=0)
        who.set_xlabel(WORDS.label("mean chance to buy", days=count(self.days, "day")))
        who.legend(loc="lower right")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "items.category"))
def purchase_potential(
    shop: Shop,
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
    end = shop.end
    first = dated_purchases(shop).placed_at.min().execute()
    history = 0.0 if pd.isna(first) else (end - first) / dt.timedelta(days=1)
    lookback = float(np.clip(history - 2 * days, 1, lookback_days))
    most_windows = int(np.clip((history - lookback) / days - 1, 1, most_windows))
    read = functools.partial(
        read_cells, shop, lookback_days=lookback, categories=categories, most_customers=most_customers,
        seed=seed,
    )  # fmt: skip
    windows, model = hold_out_windows(read, end=end, days=days, most_windows=most_windows)
    now = read(at=end, days=0)
    coming = _coming(chances(model, now).reshape(-1, len(categories)), categories, windows)
    judged = calibration(
        *(np.concatenate([getattr(w, name).ravel() for w in windows]) for name in ("predicted", "bought"))
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
            _OF_BUYERS: 100 * best.sum(axis=0) / chance.sum(axis=0),
        }
    )
    return frame.sort_values("buyers expected", ascending=False, ignore_index=True)


def _findings(windows: list[Window], judged: Calibration, days: int) -> tuple[Finding, ...]:
    ratio, gain = level(windows).scaled(100), _brier_gain(windows)
    ratios = [100 * window.ratio for window in windows]
    seasons = WORDS.text("seasons", windows=len(windows), enough=len(windows) >= FEWEST_WINDOWS)
    common: dict[str, Any] = {
        "n": len(by_customer(windows, bought=[window.bought for window in windows])),
        "method": WORDS.text("method", days=days),
        "assumptions": (seasons, WORDS.text("newcomers")),
    }
    return (
        WORDS.finding(
            "D7.foretold_to_happened",
            ratio,
            verdict=_calibrated(ratio),
            p_value=_p_of_100(ratio),
            windows=len(windows),
            days=days,
            least=min(ratios),
            most=max(ratios),
            gap=100 * judged.average_gap,
            **common,
        ),
        WORDS.finding(
            "D7.brier_gain",
            gain,
            scale=100,
            verdict=effect_verdict(gain),
            ranking=100 * judged.ranking,
            **common,
        ),
    )


def _brier_gain(windows: list[Window]) -> Interval:
    """Return the squared miss spared by chances of one's own, as a share of that of one chance for all."""
    sums = by_customer(
        windows,
        miss=[(window.predicted - window.bought) ** 2 for window in windows],
        base=[(window.base - window.bought) ** 2 for window in windows],
    )
    return ratio_of_sums(sums["base"] - sums["miss"], sums["base"])


def _calibrated(ratio: Interval) -> Verdict:
    """It fits where 100 lies inside and nothing far from it does; an interval too wide settles nothing."""
    if not ratio.low <= 100 <= ratio.high:
        return "contradicted"
    return "fits" if _LEVEL_WITHIN[0] <= ratio.low and ratio.high <= _LEVEL_WITHIN[1] else "not settled"


def _p_of_100(ratio: Interval) -> float:
    """The p-value of 100 foretold for 100 made, read off the interval as if it were normal."""
    reach = (ratio.high - ratio.low) / 2
    if reach <= 0:
        return 1.0
    return float(2 * norm.sf(abs(ratio.estimate - 100) / reach * norm.ppf(0.5 + ratio.level / 2)))
