"""A1: exposures chosen as sharing is that cannot bring anybody back, and whether they look as if they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.panel import index_orders
from helpers.data.post_facts import post_facts
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    Verdict,
    canvas,
    forest,
    nil_verdict,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.verdicts import p_of_nil
from helpers.uplift.a01_share_gap.share_gap import ShareGap
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.known_zeros import FEWEST_CASES, SURE
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes

WORDS = words_beside(__file__)
UNSEEN, LATE = "A1.unseen_posts", "A1.late_shares"
NAMES = {UNSEEN: "posted where nobody sees it", LATE: "shared after the outcome window"}
# Of posts by customers with friends, one in five at least is reacted to, else silence shows nothing; of posts
# by those without, a tenth as many at most, else strangers see them.
FEWEST_REACTED, BY_STRANGERS = 0.2, 0.1
REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Who among whom was exposed. rows: (customers,) bool, compared at all; exposed: (customers,) bool.

    why: empty, or why the exposure says nothing here.
    """

    id: str
    rows: np.ndarray
    exposed: np.ndarray
    why: str = ""

    @property
    def cases(self) -> int:
        """How many were exposed."""
        return int(self.exposed.sum())

    @property
    def enough(self) -> bool:
        """Whether 30 were exposed, and 30 of those compared were not."""
        return min(self.cases, int(self.rows.sum()) - self.cases) >= FEWEST_CASES


@dataclass(frozen=True, kw_only=True)
class KnownExposures:
    """What the comparison finds for exposures that cannot act, in shares who buy again.

    gap: under test. effects: the exposures that came often enough, and the adjusted effect on the exposed.
    """

    gap: ShareGap
    effects: tuple[tuple[Exposure, AdjustedEffect], ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an exposure, the effect under test first: cases, compared, raw, adjusted and its ends."""
        rows = [("shared (asked for)", self.gap.effect.treated_rows, self.gap.effect)]
        rows += [(NAMES[one.id], one.cases, effect) for one, effect in self.effects]
        told = [
            (name, cases, effect.rows, 100 * effect.raw.estimate, *in_percent(effect.att))
            for name, cases, effect in rows
        ]
        frame = pd.DataFrame(
            told, columns=["exposure", "cases", "customers", "raw", "adjusted", "low", "high"]
        )
        formats = dict.fromkeys(("raw", "adjusted", "low", "high"), "+.1f")
        frame.attrs = {"people": "cases", "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw the effect of sharing above that of each exposure that cannot act."""
        shown = [("sharing", self.gap.effect.att, 0)]
        shown += [(NAMES[one.id], effect.att, 6) for one, effect in self.effects]
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value, _ in shown]
        title, alt = WORDS.picture("exposures", self.findings, effects=spoken)
        figure, axes = canvas(title, height_inches=2.4)
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[tone]) for name, value, tone in shown
        ]
        forest(axes, marks, x="pp more customers who buy again")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "shares.posted_at"))
def known_exposures(shop: Shop, gap: ShareGap, *, seed: int = 1) -> KnownExposures:
    """Compare customers of a share study by exposures that cannot have brought them back.

    Posts of customers without a friend, sent to nobody by name and reacted to by nobody, in a shop where
    others' posts are reacted to: chosen as sharing is, but seen by none. They can still act in the poster's
    own mind, so they are no zeros to calibrate by; off nil, the effect of sharing is withheld. Orders first
    shared after the outcome window: only who is still around can, so these comfort and never accuse. How long
    an order takes to come is none: it can disappoint, and nobody chooses it. Negative-control exposures:
    Lipsitch, Tchetgen Tchetgen and Cohen 2010 (Epidemiology).
    Raises CannotAnswer where no exposure has 30 cases and 30 others to compare.
    """
    study = gap.study
    facts = post_facts(
        shop,
        index_orders(shop, start=study.start, end=study.end),
        study.frame["customer_id"].tolist(),
        landmark_hours=study.landmark_hours,
        outcome_days=study.outcome_days,
    )
    looked = (_unseen(shop, study.frame, facts), _late(facts))
    effects = tuple((one, _effect(gap, one, seed=seed)) for one in looked if one.enough and not one.why)
    if not effects:
        told = [WORDS.text("looked", name=NAMES[one.id], cases=one.cases, why=one.why) for one in looked]
        raise CannotAnswer(WORDS.text("none", looked=told, fewest=FEWEST_CASES) + ".")
    findings = tuple(_finding(gap, one, effect) for one, effect in effects)
    return KnownExposures(gap=gap, effects=effects, findings=findings)


def _unseen(shop: Shop, frame: pd.DataFrame, facts: pd.DataFrame) -> Exposure:
    alone = frame["friends"].eq(0).fillna(False).to_numpy(dtype=bool)
    posted, named, reacted = (facts[name].to_numpy() for name in ("posted", "named", "reacted"))
    own = posted & alone & ~named
    exposed = own & ~reacted
    return Exposure(
        id=UNSEEN,
        rows=exposed | (alone & ~posted),
        exposed=exposed,
        why=_seen_after_all(shop, reacted, own=own, others=posted & ~alone),
    )


def _seen_after_all(shop: Shop, reacted: np.ndarray, *, own: np.ndarray, others: np.ndarray) -> str:
    """Why posts of customers without friends are not known to be unseen, or nothing."""
    lacking = shop.missing("ties", "reactions")
    if lacking:
        return WORDS.text("lacking", tables=lacking)
    if not own.any():
        return ""
    usual = reacted[others].mean() if others.any() else 0.0
    if usual < FEWEST_REACTED:
        return WORDS.text("seldom", share=usual)
    if reacted[own].mean() > BY_STRANGERS * usual:
        return WORDS.text("strangers", reacted=int(reacted[own].sum()), posted=int(own.sum()))
    return ""


def _late(facts: pd.DataFrame) -> Exposure:
    kept = ~(facts["posted"] | facts["within"]).to_numpy()
    return Exposure(id=LATE, rows=kept, exposed=kept & facts["after"].to_numpy())


def _effect(gap: ShareGap, exposure: Exposure, *, seed: int) -> AdjustedEffect:
    rows = exposure.rows
    frame = pd.DataFrame(
        {
            "repurchased": gap.study.frame["repurchased"].to_numpy()[rows],
            "exposed": exposure.exposed[rows].astype(float),
        }
    )
    return adjusted_effect(
        frame, outcome="repurchased", treatment="exposed", covariates=gap.effect.covariates.rows(rows),
        learners=gap.effect.nuisances.learners, repeats=REPEATS, seed=seed,
    )  # fmt: skip


def _finding(gap: ShareGap, exposure: Exposure, effect: AdjustedEffect) -> Finding:
    off = excludes(effect.att, 0.0)
    return WORDS.finding(
        exposure.id,
        effect.att,
        scale=100,
        n=effect.rows,
        method=WORDS.text("method", method=effect.method),
        assumptions=(WORDS.text(f"assumption {exposure.id}"),),
        verdict=_off_verdict(exposure, effect.att) if off else _nil_verdict(gap, effect.att),
        cases=exposure.cases,
        off=off,
    )


def _off_verdict(exposure: Exposure, found: Interval) -> Verdict:
    """Only what is plainly off nil (p < 0.01) accuses: each check that may withhold costs right answers."""
    plain = p_of_nil(found) < SURE
    return "contradicted" if plain and exposure.id == UNSEEN else "not settled"


def _nil_verdict(gap: ShareGap, found: Interval) -> Verdict:
    """Nil is borne out only where a hidden cause as strong as the effect of sharing would have shown."""
    return nil_verdict(found, margin=abs(gap.effect.att.estimate))
