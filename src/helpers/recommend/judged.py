"""D1, first: which purchases a list is judged by, and everything that is left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from helpers.recommend.contest import Protocol, split_shop
from helpers.recommend.split import Split
from helpers.report import MUTED, PALETTE, Finding, Picture, canvas, question

JUDGED = "Which later purchases can a list be judged by, and which are left out?"
_LEAK = " (Flattering: a random part was held back, since the data have no times.)"

LEAK_TITLE = " (flattering: no times)"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is judged and what is left out, as counts that add up."""

    findings: tuple[Finding, ...]
    split: Split = field(repr=False)
    start: str

    def table(self) -> pd.DataFrame:
        """One row a step: its customer-product pairs and customers."""
        frame = self.split.exclusions.copy()
        title = f"What is judged: {self.start}. The pairs left out and judged add up to the first line"
        frame.attrs = {
            "caption": title,
            "formats": {"customer-product pairs": ",", "customers": ","},
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw one bar a step."""
        frame = self.split.exclusions
        share = 100 * frame["customer-product pairs"] / frame["customer-product pairs"].iloc[0]
        title = f"{share.iloc[-1]:.0f} % of the {frame.columns[0]} can be judged"
        figure, axes = canvas(title, x=f"% of all {frame.columns[0]}", height_inches=2.8)
        colours = [MUTED, *[PALETTE[1]] * (len(frame) - 2), PALETTE[0]]
        axes.barh(frame.iloc[:, 0], share, color=colours)
        for place, (value, count) in enumerate(zip(share, frame["customer-product pairs"], strict=True)):
            axes.annotate(f" {value:.0f} % ({count:,})", (value, place), va="center")
        axes.invert_yaxis()
        axes.set_xlim(0, 128)
        axes.set_xticks(range(0, 101, 20))
        axes.grid(axis="y", visible=False)
        parts = [f"{name} {value:.0f} %" for name, value in zip(frame.iloc[:, 0], share, strict=True)]
        return Picture(figure, f"Bars of {frame.columns[0]}: {'; '.join(parts)}.")


@question("D1", JUDGED, needs=("order_lines",))
def judged_purchases(
    shop, *, protocol: Protocol = "auto", test_days: int = 56, repeats: bool = False, seed: int = 1
) -> Judged:
    """Count which purchases after the cut can be judged; options as in `accuracy_of_lists`."""
    _, split = split_shop(shop, protocol=protocol, test_days=test_days, repeats=repeats, seed=seed)
    pairs = split.exclusions["customer-product pairs"]
    share = 100 * pairs.iloc[-1] / pairs.iloc[0]
    start, end = _sides(split, shop)
    without = split.train.shape[0] - len(split.judged)
    reading = (
        f"{start[0].upper()}{start[1:]}: {share:.1f} % of the purchases {end} can be judged "
        f"({pairs.iloc[-1]:,} purchases by {len(split.judged):,} customers). {without:,} further "
        "customers of before bought nothing that could be judged, so nothing is said about them."
    )
    finding = finding_on(
        split,
        id="D1.judged_share",
        requirement="D1",
        question=JUDGED,
        estimate=share,
        low=share,
        high=share,
        level=None,
        unit="% of later purchases",
        n=int(pairs.iloc[0]),
        method="count of customer-product pairs on either side of the cut",
        reading=reading,
    )
    return Judged(findings=(finding,), split=split, start=start)


def finding_on(split: Split, *, reading: str, also: tuple[str, ...] = (), **fields) -> Finding:
    """Return a finding judged on this split: with what the split assumes, and said so where it flatters.

    also: assumptions besides those of the split. fields: of the finding.
    """
    return Finding(
        assumptions=(*assumptions(split), *also),
        reading=reading + (_LEAK if split.leak else ""),
        **fields,
    )


def assumptions(split: Split) -> tuple[str, ...]:
    """Return what every figure of this split rests on, in words."""
    counted = "every later purchase counts" if split.repeats else "only products new to the customer count"
    return (
        counted,
        "customers who bought before and after are judged; newcomers are not",
        "what customers bought without the lists stands for what they would buy with them",
        "one cut and the models as fitted: the interval covers the choice of customers only",
        *((split.leak,) if split.leak else ()),
    )


def _sides(split: Split, shop) -> tuple[str, str]:
    if split.cut_at is None:
        return "a random tenth of all purchases is held back", "held back"
    local = split.cut_at + dt.timedelta(minutes=shop.receipt.utc_offset_minutes)
    return f"learned from purchases before {local:%Y-%m-%d %H:%M}, judged on those after", "after it"
