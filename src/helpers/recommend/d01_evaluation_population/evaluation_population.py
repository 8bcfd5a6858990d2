"""D1, first: which purchases a list is judged by, and everything that is left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from helpers.data.list_study import Protocol, split_shop
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import assumptions, counted, flattery
from helpers.report import MUTED, PALETTE, Finding, Picture, bars, canvas, question, words_beside
from helpers.report.formats import count, percent
from methods.lists.split import Split

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class EvaluationPopulation:
    """What is judged and what is left out, as counts that add up."""

    findings: tuple[Finding, ...]
    split: Split = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a step: its customer-product pairs and customers."""
        frame = self.split.exclusions.copy()
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"customer-product pairs": ",", "customers": ","},
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw one bar a step."""
        frame = self.split.exclusions
        steps, pairs = frame.columns[0], frame["customer-product pairs"]
        share = pairs / pairs.iloc[0]
        names = frame[steps].tolist()
        told = [f"{name} {percent(value, 0)}" for name, value in zip(names, share, strict=True)]
        title, alt = WORDS.picture("steps", self.findings, steps=steps, told=told)
        figure, axes = canvas(title, x=f"% of all {steps}", height_inches=2.8)
        bars(axes, names, 100 * share, colour=[MUTED, *[PALETTE[1]] * (len(frame) - 2), PALETTE[0]])
        for place, (value, number) in enumerate(zip(share, pairs, strict=True)):
            axes.annotate(f" {percent(value, 0)} ({count(number)})", (100 * value, place), va="center")
        axes.set_xlim(0, 128)
        axes.set_xticks(range(0, 101, 20))
        axes.grid(axis="y", visible=False)
        return Picture(figure, alt)


@question(WORDS, needs=("order_lines",))
def evaluation_population(
    shop: Shop, *, protocol: Protocol = "auto", test_days: int = 56, repeats: bool = False, seed: int = 1
) -> EvaluationPopulation:
    """Count which purchases after the cut can be judged; options as in `accuracy_of_lists`."""
    _, split = split_shop(shop, protocol=protocol, test_days=test_days, repeats=repeats, seed=seed)
    pairs = split.exclusions["customer-product pairs"]
    finding = WORDS.finding(
        "D1.judged_share",
        counted(100 * pairs.iloc[-1] / pairs.iloc[0], n=int(pairs.iloc[0])),
        method="count of customer-product pairs on either side of the cut",
        assumptions=assumptions(split),
        cut_at=_wall_clock(split, shop),
        pairs=int(pairs.iloc[-1]),
        customers=len(split.judged),
        without=split.train.shape[0] - len(split.judged),
        leak=flattery(split),
    )
    return EvaluationPopulation(findings=(finding,), split=split)


def _wall_clock(split: Split, shop: Shop) -> str:
    if split.cut_at is None:
        return ""
    local = shop.clock.local(split.cut_at)
    return f"{local:%Y-%m-%d %H:%M}"
