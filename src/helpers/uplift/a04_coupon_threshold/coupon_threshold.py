"""A4: what does the coupon at a number of likes do, and are likes begged to reach it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    band_curve,
    canvas,
    dots,
    effect_verdict,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import count, in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.report.release import events_by, is_few, may_leave
from helpers.uplift.a04_coupon_threshold.liked_posts import liked_posts
from helpers.uplift.gates import counted
from methods.intervals.estimates import Interval, wilson
from methods.thresholds.density import FEWEST_AT_THRESHOLD, Bunching, CutoffDensity, bunching, cutoff_density
from methods.thresholds.local_polynomial import TooThin
from methods.thresholds.local_randomisation import LocalDraw, local_randomisation
from methods.thresholds.rdd_honest_ci import HonestJump, rdd_honest_ci
from methods.thresholds.sharp_rdd import Jump, bandwidth_curve, donut_rdd, placebo_jumps, sharp_rdd

WORDS = words_beside(__file__)
UNITS = {"orders_before": "orders", "days_since_joined": "days"}
COVARIATES = tuple(UNITS)
NEAR_LIKES, FEWEST_NEAR = 5, 30
FALSE_STEPS = (-10, 10)
CHANCE = 0.05
FEWEST_EARNED = 0.5


@dataclass(frozen=True, kw_only=True)
class CouponThreshold:
    """The jump in buying again at the threshold, four ways, the pile of likes there, and the checks.

    zone: first and last number of likes that begging may reach. jump: with all posts; donut: without those
    in the zone, None where too few are left. checks: jumps where there should be none. widths: the jump by
    bandwidth. density: of the count right at the threshold beside its neighbours, None where too few are
    there. received: share of posts at or above the threshold, and below it, with a coupon (None without
    a coupons table that names posts).
    """

    posts: pd.DataFrame
    threshold: int
    zone: tuple[int, int]
    outcome_days: int
    jump: Jump
    donut: Jump | None
    honest: HonestJump
    local: LocalDraw
    pile: Bunching
    density: CutoffDensity | None
    checks: pd.DataFrame
    widths: pd.DataFrame
    received: tuple[float, float] | None
    findings: tuple[Finding, ...] = ()

    @property
    def trusted(self) -> Jump:
        """The jump to read: without the likes around the threshold where they are piled up."""
        return self.donut if self.donut is not None and is_piled(self.pile) else self.jump

    def table(self) -> pd.DataFrame:
        """One row a way to look: look, jump, low, high, unit, posts used."""
        rows = [(name, *in_percent(value), "pp", used) for name, value, used in self._looks()]
        known = self.checks[self.checks["check"].isin(COVARIATES)]
        for row in known.itertuples():
            look = WORDS.label("known before", check=plain_name(row.check))
            rows.append((look, row.estimate, row.low, row.high, UNITS[row.check], row.used))
        frame = pd.DataFrame(rows, columns=["look", "jump", "low", "high", "unit", "posts"])
        formats = dict.fromkeys(["jump", "low", "high"], "+.1f")
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption", threshold=self.threshold),
            "formats": formats,
        }
        return frame

    def _looks(self) -> list[tuple[str, Interval, int]]:
        """Every way to look at the outcome: name, jump, posts."""
        local, honest = self.local, self.honest
        alike = "" if local.balanced else ", not alike before"
        rows = [
            ("all posts, bandwidth from the data", _interval(self.jump), posts_used(self.jump)),
            ("honest for whole numbers", _ends(honest, honest.used), honest.used),
            (
                WORDS.label("as if drawn by", window=count(local.window, "like"), alike=alike),
                _ends(local, local.n_below + local.n_above),
                local.n_below + local.n_above,
            ),
        ]
        if self.donut is not None:
            name = WORDS.label("without to", of=self.zone[0], count=count(self.zone[1], "like"))
            rows.append((name, _interval(self.donut), posts_used(self.donut)))
        others = [
            (WORDS.label("the bandwidth", factor=f"{row.factor:g}"), row)
            for row in self.widths.itertuples()
            if row.factor != 1
        ]
        false = self.checks[self.checks["check"].str.startswith("cut-off")]
        cutoffs = [count(int(check.removeprefix("cut-off ")), "like") for check in false["check"]]
        others += [
            (WORDS.label("false cut off at", named=name), row)
            for name, row in zip(cutoffs, false.itertuples(), strict=True)
        ]
        return rows + [(name, _ends(row, row.used), row.used) for name, row in others]

    def draw(self) -> Picture:
        """Draw buying again by likes, posts by likes beside the smooth curve, and every look at the jump."""
        title, alt = WORDS.picture("threshold", self.findings, threshold=self.threshold)
        figure, axes = canvas(title, columns=3, width_inches=12.0, height_inches=4.2)
        curve = self.pile.curve
        left, middle, right = axes[0]
        self._draw_rates(left, curve["score"].min(), curve["score"].max())
        authors = self.posts.groupby("likes")["customer_id"].nunique().reindex(curve["score"], fill_value=0)
        told = curve["count"].where(~is_few(authors))
        middle.bar(curve["score"], told, color=PALETTE[5], label="posts")
        band_curve(
            middle, curve["score"], curve["expected"], colour=PALETTE[1], marker="", label="smooth curve"
        )
        middle.set_ylabel("posts")
        middle.legend()
        for panel in (left, middle):
            panel.set_xlabel("likes")
            reference_line(panel, self.threshold - 0.5)
        self._draw_looks(right)
        return Picture(figure, alt)

    def _draw_looks(self, panel: Axes) -> None:
        trusted = _interval(self.trusted)
        marks = []
        for name, value, _ in self._looks():
            colour = (
                PALETTE[1] if name.startswith("false") else PALETTE[0] if value == trusted else PALETTE[6]
            )
            marks.append(Mark(label=name, value=value, scale=100, colour=colour))
        forest(panel, marks, x="jump at the threshold, pp")
        panel.tick_params(axis="y", labelsize=8)

    def _draw_rates(self, panel: Axes, first: int, last: int) -> None:
        near = self.posts[self.posts["likes"].between(first, last)]
        entries = events_by(near, "again", "likes", who="customer_id")
        near = near[near["likes"].map({likes: may_leave(entry) for likes, entry in entries.items()})]
        groups = near.groupby("likes")["again"].agg(["mean", "size"])
        if groups.empty:
            return
        shares = [wilson(mean * size, size) for mean, size in groups.to_numpy()]
        middle, low, high = np.array([in_percent(one) for one in shares]).T
        panel.vlines(groups.index, low, high, color=MUTED, linewidth=0.7)
        dots(panel, groups.index, middle, sizes=10)
        panel.set_ylabel("% of posts whose author bought again")
        panel.set_ylim(max(0, low.min() - 5), min(100, high.max() + 2))


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "reactions.posted_at"))
def coupon_threshold(
    shop: Shop,
    *,
    threshold: int = 20,
    count_hours: int = 48,
    outcome_days: int = 90,
    begged_from: int = 5,
    begged_to: int = 3,
    seed: int = 1,
) -> CouponThreshold:
    """Compare posts just above with posts just below the likes that earn a coupon.

    Every post whose outcome window is complete counts; the interval allows for customers with several.
    Likes count for `count_hours` after the post, buying again from then for `outcome_days`. begged_from,
    begged_to: how many likes below and above the threshold the begging may reach; where likes are piled up
    there, the estimate leaves those posts out. Raises CannotAnswer with fewer than 30 posts within 5 likes
    on a side, or where all or none of the authors bought again.
    """
    posts = liked_posts(shop, count_hours=count_hours, outcome_days=outcome_days)
    _demand_posts(posts, threshold)
    known = tuple(name for name in COVARIATES if posts[name].notna().all() and posts[name].nunique() > 1)
    columns: dict[str, Any] = {
        "outcome": "again",
        "score": "likes",
        "threshold": threshold,
        "cluster": "customer_id",
    }
    try:
        jump = sharp_rdd(posts, **columns)
        honest = rdd_honest_ci(posts, **columns)
        local = local_randomisation(posts, covariates=known, seed=seed, **columns)
        pile = bunching(posts["likes"], threshold=threshold, below=begged_from, above=begged_to, seed=seed)
    except TooThin as thin:
        raise CannotAnswer(WORDS.text("too thin", threshold=threshold, why=str(thin))) from thin
    cutoffs = tuple(threshold + step for step in FALSE_STEPS if threshold + step > 2)
    answer = CouponThreshold(
        posts=posts,
        threshold=threshold,
        zone=(max(0, threshold - begged_from), threshold + begged_to - 1),
        outcome_days=outcome_days,
        jump=jump,
        donut=_donut(posts, columns, begged_from, begged_to),
        honest=honest,
        local=local,
        pile=pile,
        density=_density(posts, threshold),
        checks=placebo_jumps(posts, cutoffs=cutoffs, covariates=known, **columns),
        widths=bandwidth_curve(posts, **columns),
        received=_received(posts, threshold),
    )
    checked = () if answer.checks.empty else (_must_not_jump(answer),)
    return replace(answer, findings=(_coupon(answer), _pile(answer), *checked))


def is_piled(pile: Bunching) -> bool:
    """Whether more posts than chance allows stand just above the threshold, and not more yet just below.

    Begging takes posts from below; where those too are more than the curve has, it is the curve that errs.
    """
    return pile.p_value < CHANCE and pile.excess_percent > max(0.0, -pile.missing_percent)


def posts_used(jump: Jump) -> int:
    """Return how many posts lie inside the bandwidth."""
    return jump.used_left + jump.used_right


def doubts_of(answer: CouponThreshold) -> list[str]:
    """Return what stands against reading the jump as the coupon's effect, in plain words; may be empty."""
    doubts, checks, received = [], answer.checks, answer.received
    if is_piled(answer.pile) and answer.donut is None:
        doubts.append(WORDS.text("doubt piled", threshold=answer.threshold))
    if _jumps(checks):
        worst = checks.loc[checks["p_value"].idxmin(), "check"]
        doubts.append(WORDS.text("doubt check", check=plain_name(str(worst))))
    if received is not None and received[0] - received[1] < FEWEST_EARNED:
        doubts.append(WORDS.text("doubt coupon", share=received[0], threshold=answer.threshold))
    return doubts


def _jumps(checks: pd.DataFrame) -> int:
    """How many looks jump where nothing may, with one false alarm in twenty over all of them (Bonferroni)."""
    return int((checks["p_value"] < CHANCE / max(len(checks), 1)).sum())


def _must_not_jump(answer: CouponThreshold) -> Finding:
    checks, jumps = answer.checks, _jumps(answer.checks)
    return counted(
        WORDS,
        "A4.must_not_jump",
        jumps,
        n=len(answer.posts),
        scale=1,
        persons=_authors(answer.posts),
        method=WORDS.text("jump method"),
        looks=len(checks),
        fails=jumps > 0,
    )


def _demand_posts(posts: pd.DataFrame, threshold: int) -> None:
    distance = posts["likes"] - threshold
    below = int(((distance < 0) & (distance >= -NEAR_LIKES)).sum())
    above = int(((distance >= 0) & (distance < NEAR_LIKES)).sum())
    if min(below, above) < FEWEST_NEAR:
        facts = {"below": below, "above": above, "threshold": threshold}
        raise CannotAnswer(WORDS.text("too few", near=NEAR_LIKES, fewest=FEWEST_NEAR, **facts) + ".")
    if posts["again"].nunique() < 2:
        everybody = bool(posts["again"].iloc[0] == 1)
        raise CannotAnswer(WORDS.text("all alike", everybody=everybody, rows=len(posts)) + ".")


def _density(posts: pd.DataFrame, threshold: int) -> CutoffDensity | None:
    if posts["likes"].between(threshold - 1, threshold + 1).sum() < FEWEST_AT_THRESHOLD:
        return None
    return cutoff_density(posts["likes"], threshold=threshold)


def _donut(posts: pd.DataFrame, columns: dict[str, Any], below: int, above: int) -> Jump | None:
    try:
        return donut_rdd(posts, below=below, above=above, **columns)
    except TooThin:
        return None


def _received(posts: pd.DataFrame, threshold: int) -> tuple[float, float] | None:
    if posts["coupon"].isna().all():
        return None
    over = posts["likes"] >= threshold
    return float(posts.loc[over, "coupon"].mean()), float(posts.loc[~over, "coupon"].mean())


def _coupon(answer: CouponThreshold) -> Finding:
    jump, doubts = answer.trusted, doubts_of(answer)
    estimate, left_out = _interval(jump), jump is answer.donut
    where: dict[str, Any] = {"left_out": left_out, "zone": answer.zone}
    assumptions = ("smooth", "reach over", "no further") if left_out else ("smooth", "no choice")
    return WORDS.finding(
        "A4.coupon_at_threshold",
        estimate,
        scale=100,
        method=WORDS.text("method", bandwidth=jump.bandwidth, **where),
        assumptions=tuple(map(WORDS.text, assumptions)),
        verdict=effect_verdict(estimate, doubt="; ".join(doubts)),
        persons=_authors(answer.posts, answer.posts["likes"].sub(answer.threshold).abs() <= jump.bandwidth),
        threshold=answer.threshold,
        outcome_days=answer.outcome_days,
        doubts=doubts,
        begged=_begged(answer),
        received=answer.received,
        **where,
    )


def _authors(posts: pd.DataFrame, near: pd.Series | None = None) -> int:
    return int((posts if near is None else posts[near])["customer_id"].nunique())


def _begged(answer: CouponThreshold) -> dict[str, object] | None:
    """By how much the posts that begging may reach move the estimate, where one can do without them."""
    jump, donut = answer.jump, answer.donut
    if donut is None:
        return None
    change = 100 * (jump.corrected - donut.corrected)
    return {
        "whole": interval(*in_percent(_interval(jump)), unit="pp"),
        "change": change,
        "is_chance": abs(change) < 196 * donut.robust_error,
    }


def _pile(answer: CouponThreshold) -> Finding:
    pile = answer.pile
    more_below = max(0.0, -pile.missing_percent)
    counted = Interval(estimate=pile.excess_percent, low=pile.low, high=pile.high, n=pile.n, level=pile.level)
    return WORDS.finding(
        "A4.bunching",
        counted,
        method=WORDS.text("pile method", degree=pile.degree),
        assumptions=(WORDS.text("pile smooth"), WORDS.text("pile reach", zone=answer.zone)),
        verdict="supported" if is_piled(pile) and pile.low > more_below else "not settled",
        persons=_authors(answer.posts),
        threshold=answer.threshold,
        zone=answer.zone,
        excess=pile.excess,
        missing=pile.missing_percent,
        curve_errs=0 < pile.low <= more_below,
        density=None if answer.density is None else answer.density.p_value,
    )


def _interval(jump: Jump) -> Interval:
    return Interval(
        estimate=jump.corrected, low=jump.low, high=jump.high, n=posts_used(jump), level=jump.level,
        standard_error=jump.robust_error,
    )  # fmt: skip


def _ends(look: Any, used: int) -> Interval:
    return Interval(estimate=look.estimate, low=look.low, high=look.high, n=int(used))
