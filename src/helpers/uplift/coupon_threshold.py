"""A4: what does the coupon at 20 likes do, and are likes begged to reach it?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.report.plain_names import plain_name
from helpers.uplift.coupon_findings import is_piled, posts_used, threshold_findings
from helpers.uplift.posts import liked_posts
from methods.intervals.estimates import wilson
from methods.thresholds.density import FEWEST_AT_THRESHOLD, Bunching, CutoffDensity, bunching, cutoff_density
from methods.thresholds.local_polynomial import TooThin
from methods.thresholds.local_randomisation import LocalDraw, local_randomisation
from methods.thresholds.rdd_honest_ci import HonestJump, rdd_honest_ci
from methods.thresholds.sharp_rdd import Jump, bandwidth_curve, donut_rdd, placebo_jumps, sharp_rdd

UNITS = {"orders_before": "orders", "days_since_joined": "days"}
COVARIATES = tuple(UNITS)
NEAR_LIKES, FEWEST_NEAR = 5, 30


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
        rows = [(name, *(100 * value for value in numbers), "points", used)
                for name, numbers, used in self._looks()]  # fmt: skip
        known = self.checks[self.checks["check"].isin(COVARIATES)]
        rows += [
            (f"known before, must not jump: {plain_name(row.check)}", row.estimate, row.low, row.high,
             UNITS[row.check], row.used)
            for row in known.itertuples()
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["look", "jump", "low", "high", "unit", "posts"])
        formats = dict.fromkeys(["jump", "low", "high"], "+.1f")
        frame.attrs = {"caption": "The jump at the threshold, looked at in other ways", "formats": formats}
        return frame

    def _looks(self) -> list[tuple[str, tuple[float, float, float], int]]:
        """Every way to look at the outcome: name, (estimate, low, high), posts."""
        jump, donut, honest, local = self.jump, self.donut, self.honest, self.local
        rows = [
            ("all posts, bandwidth from the data", (jump.corrected, jump.low, jump.high), posts_used(jump)),
            ("honest for whole numbers", (honest.estimate, honest.low, honest.high), honest.used),
            (f"as if drawn by lot, within {local.window:g} likes", (local.estimate, local.low, local.high),
             local.n_below + local.n_above),
        ]  # fmt: skip
        if donut is not None:
            name = f"without {self.zone[0]} to {self.zone[1]} likes"
            rows.append((name, (donut.corrected, donut.low, donut.high), posts_used(donut)))
        others = [
            (f"{row.factor:g} × the bandwidth", row) for row in self.widths.itertuples() if row.factor != 1
        ]
        false = self.checks[self.checks["check"].str.startswith("cut-off")]
        others += [(f"false {row.check} likes", row) for row in false.itertuples()]
        return rows + [(name, (row.estimate, row.low, row.high), row.used) for name, row in others]

    def draw(self) -> Picture:
        """Draw buying again by likes, posts by likes beside the smooth curve, and every look at the jump."""
        figure, axes = canvas(self._headline(), columns=3, width_inches=12.0, height_inches=4.2)
        curve = self.pile.curve
        left, middle, right = axes[0]
        self._draw_rates(left, curve["score"].min(), curve["score"].max())
        middle.bar(curve["score"], curve["count"], color=PALETTE[5], label="posts")
        middle.plot(curve["score"], curve["expected"], color=PALETTE[1], label="smooth curve")
        middle.set_ylabel("posts")
        middle.legend()
        for panel in (left, middle):
            panel.set_xlabel("likes")
            panel.axvline(self.threshold - 0.5, color=INK, linewidth=0.8, linestyle=":")
        self._draw_looks(right)
        pile, jump = self.pile, self.trusted
        return Picture(
            figure,
            "Left, the share of posts whose author bought again, by likes: a jump of "
            f"{100 * jump.corrected:.1f} points ({100 * jump.low:.1f} to {100 * jump.high:.1f}) at "
            f"{self.threshold} likes. Middle, the number of posts by likes: {pile.excess_percent:.0f} % more "
            "than a smooth curve just above. Right, the jump looked at in other ways, as in the table.",
        )

    def _draw_looks(self, panel) -> None:
        looks = self._looks()
        trusted = self.trusted.corrected
        for place, (name, numbers, _) in enumerate(looks):
            value, low, high = (100 * number for number in numbers)
            false, read = name.startswith("false"), numbers[0] == trusted
            colour = PALETTE[1] if false else PALETTE[0] if read else PALETTE[6]
            panel.errorbar(
                [value], [place], xerr=[[value - low], [high - value]], fmt="o", color=colour, markersize=4
            )
        panel.axvline(0, color=INK, linewidth=0.8)
        panel.set_yticks(range(len(looks)), [name for name, *_ in looks], fontsize=8)
        panel.set_ylim(len(looks) - 0.5, -0.5)
        panel.set_xlabel("jump at the threshold, points")

    def _headline(self) -> str:
        piled = "likes are piled up there" if is_piled(self.pile) else "likes run smoothly across it"
        jump = self.trusted
        moved = "raises" if jump.low > 0 else "lowers" if jump.high < 0 else "has not clearly changed"
        return f"The coupon at {self.threshold} likes {moved} buying again; {piled}"

    def _draw_rates(self, panel, first: int, last: int) -> None:
        near = self.posts[self.posts["likes"].between(first, last)]
        groups = near.groupby("likes")["again"].agg(["mean", "size"])
        shares = [wilson(mean * size, size) for mean, size in groups.to_numpy()]
        middle, low, high = (
            np.array([100 * getattr(one, name) for one in shares]) for name in ("estimate", "low", "high")
        )
        panel.errorbar(groups.index, middle, yerr=[middle - low, high - middle], fmt="o", markersize=3,
                       color=PALETTE[0], ecolor=MUTED, elinewidth=0.7)  # fmt: skip
        panel.set_ylabel("% of posts whose author bought again")
        panel.set_ylim(max(0, low.min() - 5), min(100, high.max() + 2))


@question(
    "A4",
    "What does the coupon earned at 20 likes do, and are likes begged to reach it?",
    needs=("orders.placed_at", "shares.posted_at", "reactions.posted_at"),
)
def coupon_threshold(
    shop,
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
    on a side.
    """
    posts = liked_posts(shop, count_hours=count_hours, outcome_days=outcome_days)
    _demand_posts(posts, threshold)
    known = tuple(name for name in COVARIATES if posts[name].notna().all() and posts[name].nunique() > 1)
    columns = {"outcome": "again", "score": "likes", "threshold": threshold, "cluster": "customer_id"}
    try:
        jump = sharp_rdd(posts, **columns)
        honest = rdd_honest_ci(posts, **columns)
        local = local_randomisation(posts, covariates=known, seed=seed, **columns)
        pile = bunching(posts["likes"], threshold=threshold, below=begged_from, above=begged_to, seed=seed)
    except TooThin as thin:
        raise CannotAnswer(f"the likes around {threshold} are too thin: {thin}") from thin
    donut = _donut(posts, columns, begged_from, begged_to)
    cutoffs = tuple(threshold + step for step in (-10, 10) if threshold + step > 2)
    checks = placebo_jumps(posts, cutoffs=cutoffs, covariates=known, **columns)
    answer = CouponThreshold(
        posts=posts,
        threshold=threshold,
        zone=(threshold - begged_from, threshold + begged_to - 1),
        outcome_days=outcome_days,
        jump=jump,
        donut=donut,
        honest=honest,
        local=local,
        pile=pile,
        density=_density(posts, threshold),
        checks=checks,
        widths=bandwidth_curve(posts, **columns),
        received=_received(posts, threshold),
    )
    about = {"requirement": "A4", "question": coupon_threshold.question}
    return replace(answer, findings=threshold_findings(answer, about))


def _demand_posts(posts: pd.DataFrame, threshold: int) -> None:
    distance = posts["likes"] - threshold
    below = int(((distance < 0) & (distance >= -NEAR_LIKES)).sum())
    above = int(((distance >= 0) & (distance < NEAR_LIKES)).sum())
    if min(below, above) < FEWEST_NEAR:
        raise CannotAnswer(
            f"only {below} posts with a complete outcome lie within {NEAR_LIKES} likes below {threshold} and "
            f"{above} above; {FEWEST_NEAR} on each side are needed"
        )


def _density(posts: pd.DataFrame, threshold: int) -> CutoffDensity | None:
    if posts["likes"].between(threshold - 1, threshold + 1).sum() < FEWEST_AT_THRESHOLD:
        return None
    return cutoff_density(posts["likes"], threshold=threshold)


def _donut(posts: pd.DataFrame, columns: dict, below: int, above: int) -> Jump | None:
    try:
        return donut_rdd(posts, below=below, above=above, **columns)
    except TooThin:
        return None


def _received(posts: pd.DataFrame, threshold: int) -> tuple[float, float] | None:
    if posts["coupon"].isna().all():
        return None
    over = posts["likes"] >= threshold
    return float(posts.loc[over, "coupon"].mean()), float(posts.loc[~over, "coupon"].mean())
