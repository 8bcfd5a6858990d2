"""E2: what do customers who are asked often do about it: opt out, say that they left for it, leave?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.guardrails.e02_forced_sharing.forced_sharing import ForcedSharing, forced_sharing
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    follow_up,
    words_beside,
)
from helpers.report.formats import percent
from helpers.report.release import share_of
from methods.intervals.estimates import share_difference, wilson

WORDS = words_beside(__file__)
FEWEST = 25


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Opt-outs and later purchases by arm. frame: of `forced_sharing`."""

    outcome_days: int
    frame: pd.DataFrame = field(repr=False)
    columns: dict[str, str]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an arm and deed (opted out, bought after the test): requests, customers, share who did it.

        Rows of their own, so that few who opt out do not hide who bought.
        """
        by_arm = self.frame.groupby("asks")
        customers = by_arm.size().to_numpy()
        parts = [
            pd.DataFrame(
                {
                    "requests": list(by_arm.groups),
                    "deed": name,
                    "customers": customers,
                    "share": by_arm[column].mean().to_numpy(),
                }
            )
            for column, name in self.columns.items()
        ]
        table = pd.concat(parts, ignore_index=True)
        table.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": {"share": ".1%"},
            "people": "customers",
            "shares": {"share": 1},
            "within": "deed",
        }
        return table

    def draw(self) -> Picture:
        """Draw who opted out and who still bought, by number of requests."""
        means = self.frame.groupby("asks")[[*self.columns]].mean()
        told = [
            WORDS.label("asked", named=name, requests=requests, percent=percent(mean))
            for column, name in self.columns.items()
            for requests, mean in means[column].items()
        ]
        title, alt = WORDS.picture("leaving", self.findings, told=told)
        figure, axes = canvas(title, columns=len(self.columns), height_inches=3.0)
        for place, (panel, column) in enumerate(zip(np.ravel(axes), self.columns, strict=True)):
            name = self.columns[column]
            labels = [str(many) for many in means.index]
            bars(panel, labels, 100 * means[column].to_numpy(), colour=PALETTE[place], upright=True)
            panel.set(xlabel="requests", ylabel=WORDS.label("share of deed", named=name))
        return Picture(figure, alt)


@follow_up(WORDS, of=forced_sharing)
def leaving(asked: ForcedSharing, *, asks_reason: str = "too many share requests") -> Leaving:
    """Return who opted out, who names the requests as a reason of leaving, and who still buys.

    asks_reason: how surveys call the requests as a reason. Stated reasons are shown beside what was done.
    Raises CannotAnswer where the data know neither opt-outs nor the days after the test.
    """
    names = {"opted_out": "opted out", "bought_later": "bought later"}
    columns = {name: told for name, told in names.items() if _is_known(asked.frame, name)}
    if not columns:
        raise CannotAnswer(WORDS.text("nothing known", days=asked.outcome_days))
    most = list(asked.arms)[-1]
    findings = [_opt_outs(asked, arm) for arm in asked.arms]
    findings += [_reason_named(asked, most, asks_reason), _still_buying(asked, most)]
    return Leaving(
        outcome_days=asked.outcome_days, frame=asked.frame, columns=columns, findings=tuple(findings)
    )


def _is_known(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and bool(frame[column].notna().all())


def _opt_outs(asked: ForcedSharing, arm: str) -> Finding:
    if "opted_out" not in asked.frame:
        return WORDS.skip("E2.opt_outs", f"{WORDS.text('no opt-outs')}.", segment=arm)
    own = asked.frame.loc[asked.frame["arm"] == arm, "opted_out"]
    return WORDS.finding(
        "E2.opt_outs",
        wilson(float(own.sum()), len(own)),
        scale=100,
        method=WORDS.text("share method"),
        segment=arm,
        asks=asked.arms[arm],
        outcome_days=asked.outcome_days,
    )


def _reason_named(asked: ForcedSharing, arm: str, reason: str) -> Finding:
    told = asked.reasons
    own = told.loc[told["arm"] == arm, "reason"] if told is not None else pd.Series(dtype=object)
    if len(own) < FEWEST:
        said = WORDS.text("no reasons", fewest=FEWEST)
        return WORDS.skip("E2.reason_named", f"{said}.", segment=arm)
    return WORDS.finding(
        "E2.reason_named",
        wilson(float((own == reason).sum()), len(own)),
        scale=100,
        method=WORDS.text("share method"),
        segment=arm,
        asks=asked.arms[arm],
    )


def _still_buying(asked: ForcedSharing, arm: str) -> Finding:
    if not _is_known(asked.frame, "bought_later"):
        reason = WORDS.text("not later", days=asked.outcome_days)
        return WORDS.skip("E2.still_buying", f"{reason}.", segment=arm)
    own, base = (
        asked.frame.loc[rows, "bought_later"]
        for rows in (asked.frame["arm"] == arm, asked.frame["asks"] == 0)
    )
    later, later_base = float(own.mean()), float(base.mean())
    return WORDS.finding(
        "E2.still_buying",
        share_difference(own.sum(), len(own), base.sum(), len(base)),
        scale=100,
        method=WORDS.text("gap method"),
        assumptions=(WORDS.text("drawn"),),
        tells=(share_of(arm, later, len(own)), share_of("never asked", later_base, len(base))),
        segment=arm,
        asks=asked.arms[arm],
        outcome_days=asked.outcome_days,
        later=later,
        later_base=later_base,
    )
