"""D5: does a list cause purchases, and is the list that foretells best the one that causes most?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.holdouts import read_holdouts, read_purchases_after
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import interval
from helpers.report.release import Entry, share_of_events
from methods.intervals.clustered_means import ClusteredMeans
from methods.intervals.estimates import Interval
from methods.intervals.few_events import combined_rates
from methods.logs.hold_out import SHOWN, WITHHELD, arm_means, uplift_weights

WORDS = words_beside(__file__)
_PER = 1_000.0


@dataclass(frozen=True, kw_only=True)
class IncrementalPurchases:
    """What each list sold, and what of it was caused. lists: those bought most when shown first.

    means: shares bought of each list, `name|shown` and `name|withheld`.
    """

    findings: tuple[Finding, ...]
    lists: tuple[str, ...]
    means: ClusteredMeans = field(repr=False)
    places: pd.Series = field(repr=False)
    net: Mapping[str, Interval] = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a list: places, bought when shown and when withheld, what showing adds."""
        rows = []
        for name in self.lists:
            shown, withheld = self._of(name, SHOWN), self._of(name, WITHHELD)
            anyway = 100 * withheld.estimate / shown.estimate if shown.estimate else np.nan
            gain = combined_rates(self.means, **uplift_weights(name, times=100))
            rows.append(
                {
                    "list": name,
                    "places": self.places[name],
                    "shown, %": shown.estimate,
                    "withheld, %": withheld.estimate,
                    "caused, pp": interval(gain.estimate, gain.low, gain.high, decimals=2),
                    "bought anyway, %": anyway,
                    "in all, per 1,000 lists": _whole(self.net[name]) if name in self.net else "–",
                }
            )
        frame = pd.DataFrame(rows)
        formats = {"places": ",", "bought anyway, %": ".0f", "shown, %": ".2f", "withheld, %": ".2f"}
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw what was bought of each list in both arms, and the difference."""
        gains = {name: combined_rates(self.means, **uplift_weights(name, times=100)) for name in self.lists}
        told = [
            WORDS.label(
                "shown withheld difference",
                named=name,
                estimate=f"{self._of(name, SHOWN).estimate:.1f}",
                estimate_2=f"{self._of(name, WITHHELD).estimate:.1f}",
                gain=_points(gain),
            )
            for name, gain in gains.items()
        ]
        first, other = self.lists[0], most_of_others(self.means, self.lists)
        title, alt = WORDS.picture("caused", self.findings, first=first, other=other, told=told)
        figure, panels = canvas(title, columns=2, width_inches=9.5, height_inches=2.8)
        levels, differences = panels[0]
        arms = [
            Mark(label=f"{name}, {arm}", value=self._of(name, arm), colour=colour)
            for name in self.lists
            for arm, colour in ((WITHHELD, MUTED), (SHOWN, PALETTE[1]))
        ]
        forest(levels, arms, x="bought within 7 days, % of products", zero=None)
        levels.set_xlim(left=0)
        marks = [Mark(label=name, value=gain) for name, gain in gains.items()]
        forest(differences, marks, x="caused: shown minus withheld, pp")
        return Picture(figure, alt)

    def _of(self, name: str, arm: str) -> Interval:
        return combined_rates(self.means, **{f"{name}|{arm}": 100.0})


@question(WORDS, needs=("holdouts.shown", "holdouts.bought", "holdouts.decided_at", "orders.placed_at"))
def incremental_purchases(shop: Shop) -> IncrementalPurchases:
    """Compare lists that a coin showed or withheld: what was bought, and what showing them added.

    Works from the table `holdouts`; lists of one's own are judged on the same rows by `arm_means`. Raises
    CannotAnswer with fewer than two lists, an unfair coin, or too few places (see `read_holdouts`), or where
    nothing or everything was bought.
    """
    rows = read_holdouts(shop)
    places = rows["policy"].value_counts()
    if len(places) < 2:
        raise CannotAnswer(WORDS.text("one list", name=places.index[0]))
    if rows["bought"].nunique() < 2:
        raise CannotAnswer(WORDS.text("bought alike", all=bool(rows["bought"].iloc[0])))
    means = arm_means(rows, outcome="bought")
    lists = tuple(sorted(places.index, key=lambda name: -means.values[f"{name}|{SHOWN}"]))
    findings = (
        *_compared(means, lists, len(rows)),
        *(_caused(means, rows[rows["policy"] == name], name) for name in lists),
        *(_bought(means, rows[rows["policy"] == name], name) for name in lists),
    )
    net, in_all = _in_all(read_purchases_after(shop, rows), lists)
    return IncrementalPurchases(
        findings=(*findings, *in_all), lists=lists, means=means, places=places, net=net
    )


def most_of_others(means: ClusteredMeans, lists: tuple[str, ...]) -> str:
    """Return the list that causes most of those after the first, which is bought most when shown."""
    return max(lists[1:], key=lambda name: means.combined(**uplift_weights(name)).estimate)


def _caused(means: ClusteredMeans, rows: pd.DataFrame, name: str) -> Finding:
    gain, withheld = combined_rates(means, **uplift_weights(name)), 100 * means.values[f"{name}|{WITHHELD}"]
    return _finding(
        "D5.uplift",
        gain,
        n=len(rows),
        segment=name,
        verdict=effect_verdict(gain),
        tells=_shares(rows),
        anyway=withheld,
    )


def _bought(means: ClusteredMeans, rows: pd.DataFrame, name: str) -> Finding:
    shown = combined_rates(means, **{f"{name}|{SHOWN}": 1.0})
    return _finding("D5.bought_when_shown", shown, n=len(rows), segment=name, tells=_shares(rows))


def _shares(rows: pd.DataFrame) -> tuple[Entry, ...]:
    """Who bought and who did not of the places shown, and of those withheld."""
    arms = ((arm, rows[rows["shown"] == arm]) for arm in (True, False))
    return tuple(
        share_of_events("shown" if arm else "withheld", own["bought"] > 0, own["customer_id"])
        for arm, own in arms
    )


def _compared(means: ClusteredMeans, lists: tuple[str, ...], places: int) -> tuple[Finding, ...]:
    """The list that causes most of the others, against the one that is bought most when shown."""
    first, other = lists[0], most_of_others(means, lists)
    bought = combined_rates(means, **{f"{other}|{SHOWN}": 1.0, f"{first}|{SHOWN}": -1.0})
    gain = combined_rates(means, **uplift_weights(other), **uplift_weights(first, times=-1))
    # The claim is that the list bought most causes most: it holds where the other causes less.
    verdict = effect_verdict(gain.scaled(-1))
    who = {"n": places, "first": first, "other": other}
    return (
        _finding("D5.uplift_difference", gain, verdict=verdict, **who),
        _finding("D5.bought_when_shown_difference", bought, **who),
    )


def _in_all(after: pd.DataFrame, lists: tuple[str, ...]) -> tuple[dict[str, Interval], tuple[Finding, ...]]:
    """What showing each list does to all purchases of the shop: its own products and all others."""
    net, findings = {}, []
    sums = {
        "all": after.assign(sold=after["listed"] + after["other"]),
        "other": after.assign(sold=after["other"]),
    }
    for name in lists:
        own = {kind: frame[frame["policy"] == name] for kind, frame in sums.items()}
        if own["all"]["shown"].nunique() < 2 or not (own["all"]["sold"] > 0).any():
            findings.append(WORDS.skip("D5.net_purchases", WORDS.text("no net", list=name), segment=name))
            continue
        net[name], other = (
            combined_rates(arm_means(frame, outcome="sold"), **uplift_weights(name, times=_PER))
            if (frame["sold"] > 0).any()
            else Interval(estimate=0.0, low=0.0, high=0.0, n=len(frame))
            for frame in own.values()
        )
        findings.append(
            WORDS.finding(
                "D5.net_purchases",
                net[name],
                n=len(own["all"]),
                persons=own["all"]["customer_id"].nunique(),
                segment=name,
                verdict=effect_verdict(net[name]),
                method=WORDS.text("method in all"),
                assumptions=(WORDS.text("coin"), WORDS.text("weeks")),
                other=_whole(other),
                moves=effect_verdict(other),
            )
        )
    return net, tuple(findings)


def _whole(value: Interval) -> str:
    return interval(value.estimate, value.low, value.high, decimals=0)


def _finding(id: str, value: Interval, **fields) -> Finding:
    assumptions = tuple(WORDS.text(name) for name in ("coin", "elsewhere", "weeks"))
    return WORDS.finding(
        id,
        value,
        scale=100,
        method=WORDS.text("method"),
        assumptions=assumptions,
        persons=value.n,
        **fields,
    )


def _points(value: Interval) -> str:
    return interval(value.estimate, value.low, value.high, unit="pp", decimals=2)
