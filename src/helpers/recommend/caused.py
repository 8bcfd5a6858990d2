"""D5: does a list cause purchases, and is the list that foretells best the one that causes most?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from helpers.recommend.hold_out import SHOWN, WITHHELD, arm_means, read_holdouts, uplift
from helpers.recommend.words import slug
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.clustered_means import ClusteredMeans
from methods.intervals.estimates import Interval

CAUSED = (
    "Do the lists cause purchases, and is the one whose products are bought most the one that causes most?"
)
_METHOD = "shown minus withheld by a coin, weighted by its chances, customers as clusters"
_ASSUMPTIONS = (
    "the coin alone decided what was shown",
    "a product withheld here was not shown to the customer elsewhere because of it",
    "the interval covers customers, not other weeks",
)


@dataclass(frozen=True, kw_only=True)
class CausedPurchases:
    """What each list sold, and what of it was caused. lists: those bought most when shown first.

    means: shares bought of each list, `name|shown` and `name|withheld`.
    """

    findings: tuple[Finding, ...]
    lists: tuple[str, ...]
    means: ClusteredMeans = field(repr=False)
    places: pd.Series = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a list: places, bought when shown and when withheld, what showing adds."""
        rows = []
        for name in self.lists:
            shown, withheld = self._of(name, SHOWN), self._of(name, WITHHELD)
            gain = self.means.combined(**uplift(name, times=100))
            rows.append(
                {
                    "list": name,
                    "places": self.places[name],
                    "bought when shown, %": shown.estimate,
                    "bought when withheld, %": withheld.estimate,
                    "caused, pp": gain.estimate,
                    "95 % interval": f"{gain.low:+.2f} to {gain.high:+.2f}",
                    "would have been bought anyway, %": 100 * withheld.estimate / shown.estimate,
                }
            )
        frame = pd.DataFrame(rows)
        formats = {"places": ",", "would have been bought anyway, %": ".0f", "caused, pp": "+.2f"}
        formats |= {f"bought when {arm}, %": ".2f" for arm in (SHOWN, WITHHELD)}
        frame.attrs = {"caption": "Products of each list, shown or withheld by a coin", "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw what was bought of each list in both arms, and the difference."""
        figure, panels = canvas(self._title(), columns=2, width_inches=9.5, height_inches=2.8)
        levels, gains = panels[0]
        told = []
        for place, name in enumerate(self.lists):
            for arm, colour in ((WITHHELD, MUTED), (SHOWN, PALETTE[1])):
                _bar(levels, self._of(name, arm), place + (0.12 if arm == SHOWN else -0.12), colour, arm)
            gain = self.means.combined(**uplift(name, times=100))
            _bar(gains, gain, place, PALETTE[0], "")
            told.append(
                f"“{name}” {self._of(name, SHOWN).estimate:.1f} % shown, "
                f"{self._of(name, WITHHELD).estimate:.1f} % withheld, caused {_span(gain)}"
            )
        levels.set_yticks(range(len(self.lists)), self.lists)
        levels.set_xlabel("bought within 7 days, % of products")
        handles, names = levels.get_legend_handles_labels()
        levels.legend(handles[:2], names[:2], loc="best")
        gains.set_yticks(range(len(self.lists)), [""] * len(self.lists))
        gains.axvline(0, color=INK, lw=0.8)
        gains.set_xlabel("caused: shown minus withheld, points")
        for axes in (levels, gains):
            axes.set_ylim(len(self.lists) - 0.5, -0.5)
        levels.set_xlim(left=0)
        return Picture(figure, f"Products bought by list: {'; '.join(told)}.")

    def _of(self, name: str, arm: str) -> Interval:
        return self.means.combined(**{f"{name}|{arm}": 100.0})

    def _title(self) -> str:
        gains = {name: self.means.combined(**uplift(name, times=100)).estimate for name in self.lists}
        most, first = max(gains, key=gains.get), self.lists[0]
        if most == first:
            return f"“{first}” is bought most and causes most: {gains[first]:+.1f} points"
        return (
            f"“{first}” is bought most, but “{most}” causes more: {gains[most]:+.1f} points against "
            f"{gains[first]:+.1f}"
        )


@question("D5", CAUSED, needs=("holdouts.shown", "holdouts.bought", "orders.placed_at"))
def purchases_caused(shop) -> CausedPurchases:
    """Compare lists that a coin showed or withheld: what was bought, and what showing them added.

    Works from the table `holdouts`; lists of one's own are judged on the same rows by `arm_means`. Raises
    CannotAnswer with fewer than two lists, an unfair coin, or too few places (see `read_holdouts`).
    """
    rows = read_holdouts(shop)
    places = rows["policy"].value_counts()
    if len(places) < 2:
        raise CannotAnswer(f"only one list, “{places.index[0]}”, was tried; a comparison needs two")
    means = arm_means(rows, outcome="bought")
    lists = tuple(sorted(places.index, key=lambda name: -means.values[f"{name}|{SHOWN}"]))
    findings = [finding for name in lists for finding in _of_list(means, name, int(places[name]))]
    findings += _compared(means, lists, len(rows))
    return CausedPurchases(findings=tuple(findings), lists=lists, means=means, places=places)


def _of_list(means: ClusteredMeans, name: str, places: int) -> list[Finding]:
    shown, gain = means.combined(**{f"{name}|{SHOWN}": 100.0}), means.combined(**uplift(name, times=100))
    anyway = shown.estimate - gain.estimate
    settled = {"supported": gain.low > 0, "contradicted": gain.high < 0}
    return [
        _finding(
            shown, id=f"D5.bought_when_shown_{slug(name)}", unit="% of products", n=places,
            reading=f"Of the products that “{name}” showed, {_span(shown, unit=' %', sign='')} were bought "
            "within 7 days.",
        ),
        _finding(
            gain, id=f"D5.uplift_{slug(name)}", unit="pp of products", n=places,
            verdict=next((word for word, holds in settled.items() if holds), "not settled"),
            reading=f"Showing a product of “{name}” caused {_span(gain)} of that; the other {anyway:.1f} "
            "points are bought without being shown.",
        ),
    ]  # fmt: skip


def _compared(means: ClusteredMeans, lists: tuple[str, ...], places: int) -> list[Finding]:
    """The list that causes most of the others, against the one that is bought most when shown."""
    first = lists[0]
    other = max(lists[1:], key=lambda name: means.combined(**uplift(name)).estimate)
    bought = means.combined(**{f"{other}|{SHOWN}": 100.0, f"{first}|{SHOWN}": -100.0})
    gain = means.combined(**uplift(other, times=100), **uplift(first, times=-100))
    verdict = "contradicted" if gain.low > 0 else "supported" if gain.high < 0 else "not settled"
    meaning = {
        "contradicted": "the list that is bought most is not the one that causes most",
        "supported": "the list that is bought most also causes most",
        "not settled": "which of them causes more is not settled",
    }[verdict]
    return [
        _finding(
            bought, id="D5.bought_when_shown_difference", unit="pp of products", n=places,
            reading=f"When shown, products of “{other}” were bought less often than those of “{first}”: "
            f"{_span(bought)}.",
        ),
        _finding(
            gain, id="D5.uplift_difference", unit="pp of products", n=places, verdict=verdict,
            reading=f"What “{other}” caused, less what “{first}” caused: {_span(gain)}; {meaning}.",
        ),
    ]  # fmt: skip


def _finding(value: Interval, **fields) -> Finding:
    return Finding(
        requirement="D5", question=CAUSED, estimate=value.estimate, low=value.low, high=value.high,
        method=_METHOD, assumptions=_ASSUMPTIONS, **fields,
    )  # fmt: skip


def _span(value: Interval, *, unit: str = " points", sign: str = "+") -> str:
    low, high = f"{value.low:{sign}.2f}", f"{value.high:{sign}.2f}"
    return f"{value.estimate:{sign}.2f}{unit} (95 % interval {low} to {high})"


def _bar(axes, value: Interval, place: float, colour: str, label: str) -> None:
    axes.plot([value.low, value.high], [place, place], color=colour, lw=2.5)
    axes.plot(value.estimate, place, "o", color=colour, ms=7, label=label or None)
