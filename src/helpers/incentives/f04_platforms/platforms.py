"""Which platform to be on: a weighted sum on fixed anchors, and who wins under which weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.incentives.f04_platforms.platform_scores import PlatformScores, read_platforms
from helpers.report import Finding, Picture, bars, canvas, heat_map, question, words_beside
from helpers.report.formats import number
from methods.decisions.rank_acceptability import RankAcceptability, rank_acceptability
from methods.decisions.weight_switches import weight_switches

WORDS = words_beside(__file__)
_MOST_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class PlatformChoice:
    """Who wins under which weights. scores: as entered. acceptability: over all weightings."""

    findings: tuple[Finding, ...]
    scores: PlatformScores = field(repr=False)
    acceptability: RankAcceptability = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a platform: score on each criterion, share of weightings won, what those favour."""
        low, high, names = self.scores.low, self.scores.high, self.scores.criteria
        frame = pd.DataFrame({"platform": self.scores.platforms})
        for place, name in enumerate(names):
            frame[name] = [_written(*ends) for ends in zip(low[:, place], high[:, place], strict=True)]
        frame["comes first"] = [100 * one.estimate for one in self.acceptability.first]
        frame["from"] = [100 * one.low for one in self.acceptability.first]
        frame["to"] = [100 * one.high for one in self.acceptability.first]
        shares = {name: ",.1f" for name in ("comes first", "from", "to")}
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": shares}
        return frame.sort_values("comes first", ascending=False, kind="stable", ignore_index=True)

    def draw(self) -> Picture:
        """Draw the share of weightings that each platform wins beside the weights that favour it."""
        first, names = self.acceptability.first, self.scores.platforms
        order = np.argsort([-one.estimate for one in first], kind="stable")
        told = [f"{names[row]}: {number(100 * first[row].estimate, 0)} %" for row in order]
        leader = names[self.acceptability.leader]
        title, alt = WORDS.picture("platforms", self.findings, leader=leader, told=told)
        figure, panels = canvas(title, columns=2, width_inches=10, height_inches=3.6)
        left, right = panels[0]
        bars(left, [names[row] for row in order], [100 * first[row].estimate for row in order])
        left.set_xlabel("% of weightings in which it comes first")
        weights = pd.DataFrame(100 * self.acceptability.favouring[order], columns=self.scores.criteria)
        heat_map(right, weights.set_axis([""] * len(order), axis=0))
        right.set_xticks(range(weights.shape[1]), self.scores.criteria, rotation=30, ha="right")
        right.set_xlabel("mean weight of each criterion where it does, %")
        return Picture(figure, alt)


@question(WORDS, needs=())
def platform_choice(shop: Shop, *, platforms: str = "", draws: int = 10_000, seed: int = 1) -> PlatformChoice:
    """Say which platform wins under which weights, by scores that an analyst enters.

    platforms: file of scores; empty means the example beside this question. draws: weightings. The verdict
    is "scenario" whatever the numbers: the scores are judgements.
    """
    scores = read_platforms(platforms)
    found = rank_acceptability(scores.low, scores.high, draws=draws, seed=seed)
    return PlatformChoice(findings=_findings(scores, found), scores=scores, acceptability=found)


def _findings(scores: PlatformScores, found: RankAcceptability) -> tuple[Finding, ...]:
    said: dict[str, Any] = {
        "scale": 100.0,
        "method": WORDS.text("method"),
        "assumptions": (WORDS.text("assumed"), WORDS.text("weighted")),
        "verdict": "scenario",
    }
    leading = WORDS.finding(
        "F4.leader_share",
        found.first[found.leader],
        leader=scores.platforms[found.leader],
        example=scores.is_example,
        switches=_switches(scores),
        equal=1 / len(scores.criteria),
        **said,
    )
    each = (
        WORDS.finding("F4.first_share", share, segment=name, most=_favoured(scores, weights), **said)
        for name, share, weights in zip(scores.platforms, found.first, found.favouring, strict=True)
    )
    return (leading, *each)


def _favoured(scores: PlatformScores, weights: np.ndarray) -> str:
    return scores.criteria[int(np.argmax(weights))] if np.isfinite(weights).all() else ""


def _switches(scores: PlatformScores) -> list[dict[str, object]]:
    """The nearest changes of one weight that change the lead, nearest first."""
    rows = weight_switches((scores.low + scores.high) / 2)
    found = []
    for row in rows.itertuples():
        for word, weight, to in (
            ("more than", row.above, row.to_above),
            ("less than", row.below, row.to_below),
        ):
            if to >= 0:
                told = {"criterion": scores.criteria[row.criterion], "word": word, "weight": weight}
                found.append((abs(weight - row.weight), {**told, "to": scores.platforms[to]}))
    return [told for _, told in sorted(found, key=lambda one: one[0])[:_MOST_TOLD]]


def _written(low: float, high: float) -> str:
    return f"{low:g}" if low == high else WORDS.label("to", low=f"{low:g}", high=f"{high:g}")
