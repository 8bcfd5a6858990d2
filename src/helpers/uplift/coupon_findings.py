"""What the threshold analysis says: its doubts, its verdicts and its sentences."""

from __future__ import annotations

import pandas as pd

from helpers.report import Finding
from helpers.statistics.intervals import Interval
from helpers.uplift.density import Bunching
from helpers.uplift.discontinuity import Jump
from helpers.uplift.discrete_threshold import HonestJump
from helpers.uplift.local_draw import LocalDraw
from helpers.uplift.wording import effect_verdict, points, stated

POINTS = "pp of posts"
CHANCE = 0.05


def is_piled(pile: Bunching) -> bool:
    """Whether more posts than chance allows stand just above the threshold."""
    return pile.p_value < CHANCE and pile.excess > 0


def doubts_of(pile: Bunching, checks: pd.DataFrame, received, threshold: int) -> list[str]:
    """Return what stands against reading the jump as the coupon's effect, in plain words; may be empty.

    checks: as of `placebo_jumps`. received: share of posts above and below with the coupon, or None.
    """
    doubts = []
    if is_piled(pile):
        doubts.append(f"likes are piled up at {threshold}, so customers just above chose to be there")
    # Several checks are looked at; Holm's first step keeps one false alarm in twenty over all of them.
    if len(checks) and checks["p_value"].min() < CHANCE / len(checks):
        worst = checks.loc[checks["p_value"].idxmin(), "check"]
        doubts.append(f"there is a jump where none should be ({worst})")
    if received is not None and received[0] - received[1] < 0.5:
        doubts.append(f"only {received[0]:.0%} of posts at {threshold} likes or more earned the coupon")
    return doubts


def posts_used(jump: Jump) -> int:
    """Return how many posts lie inside the bandwidth."""
    return jump.used_left + jump.used_right


def _interval(jump: Jump) -> Interval:
    return Interval(
        estimate=jump.corrected, low=jump.low, high=jump.high, n=posts_used(jump), level=jump.level,
        standard_error=jump.robust_error,
    )  # fmt: skip


def jump_finding(
    jump: Jump,
    honest: HonestJump,
    local: LocalDraw,
    *,
    doubts: list[str],
    received: tuple[float, float] | None,
    threshold: int,
    outcome_days: int,
    about: dict,
) -> Finding:
    """Return A4.coupon_at_threshold; with a doubt the verdict is withheld."""
    estimate = _interval(jump)
    verdict = effect_verdict(estimate, doubt="; ".join(doubts))
    reasons = f": {'; '.join(doubts)}" if doubts else ""
    judged = {
        "supported": "the coupon brings customers back",
        "contradicted": "the coupon keeps customers away",
        "not settled": "whether that is the coupon is not settled" + reasons,
    }[verdict]
    return stated(
        estimate,
        id="A4.coupon_at_threshold",
        unit=POINTS,
        n=estimate.n,
        method=(
            f"local-linear regression discontinuity, bandwidth {jump.bandwidth:.1f} likes, bias-corrected "
            "robust interval, clustered by customer"
        ),
        assumptions=(
            "without the coupon, buying again would run smoothly across the threshold",
            "nobody can choose on which side of the threshold the post ends",
        ),
        verdict=verdict,
        reading=(
            f"At {threshold} likes the share of posts whose author bought again within {outcome_days} "
            f"days jumps by {points(estimate)}; {judged}. {_other_looks(honest, local, received)}"
        ),
        **about,
    )


def _other_looks(honest: HonestJump, local: LocalDraw, received: tuple[float, float] | None) -> str:
    coupon = "" if received is None else f"Of posts above, {received[0]:.0%} earned the coupon. "
    alike = "" if local.balanced else ", though those customers were not alike before"
    return (
        f"{coupon}Allowing for likes being whole numbers, the range is {100 * honest.low:.1f} to "
        f"{100 * honest.high:.1f} points; taking the {local.window:g} likes on each side as a draw by lot, "
        f"{100 * local.low:.1f} to {100 * local.high:.1f}{alike}."
    )


def donut_finding(
    donut: Jump | None, jump: Jump, pile: Bunching, *, threshold: int, below: int, above: int, about: dict
) -> Finding:
    """Return A4.donut: the jump without the posts around the threshold, and what they did to it."""
    hole = f"{threshold - below} to {threshold + above - 1} likes"
    if donut is None:
        reason = f"Not answered: too few posts outside {hole}."
        return Finding(
            id="A4.donut", requirement="A4", question=about["question"], status="skipped",
            reason=reason, reading=reason, level=None,
        )  # fmt: skip
    estimate = _interval(donut)
    change = 100 * (jump.corrected - donut.corrected)
    source = "Begged likes" if is_piled(pile) else "Likes near the threshold"
    size = ", no more than chance could" if abs(change) < 196 * donut.robust_error else ""
    return stated(
        estimate,
        id="A4.donut",
        unit=POINTS,
        n=estimate.n,
        method=f"the same without {hole} (donut)",
        assumptions=("a line reaches over the hole", "begging does not reach further than the hole"),
        verdict=effect_verdict(estimate),
        reading=(
            f"Without posts of {hole} the jump is {points(estimate)}. {source} move the plain estimate by "
            f"{change:+.1f} points{size}."
        ),
        **about,
    )


def pile_finding(pile: Bunching, *, threshold: int, below: int, above: int, about: dict) -> Finding:
    """Return A4.bunching: how many more posts than expected stand just above the threshold."""
    piled = is_piled(pile)
    meaning = (
        f"Some {pile.excess:.0f} posts were pushed over the threshold by begged or bought likes"
        if piled
        else "That is no clear sign of likes begged or bought to reach the threshold"
    )
    return Finding(
        id="A4.bunching",
        unit="% of the expected posts",
        estimate=pile.excess_percent,
        low=pile.low,
        high=pile.high,
        level=pile.level,
        n=pile.n,
        method=f"bunching against a log-polynomial of degree {pile.degree}, Poisson likelihood, bootstrap",
        assumptions=(
            "without the threshold the counts would run smoothly",
            f"begging reaches from {threshold - below} to {threshold + above - 1} likes",
        ),
        verdict="supported" if piled else "not settled",
        reading=(
            f"At {threshold} to {threshold + above - 1} likes there are {pile.excess_percent:.0f} % more "
            f"posts than a smooth curve has ({pile.low:.0f} to {pile.high:.0f} %), and "
            f"{pile.missing_percent:.0f} % fewer at {threshold - below} to {threshold - 1}. {meaning}."
        ),
        **about,
    )


def _interval(jump: Jump) -> Interval:
    return Interval(
        estimate=jump.corrected, low=jump.low, high=jump.high, n=posts_used(jump), level=jump.level,
        standard_error=jump.robust_error,
    )  # fmt: skip
