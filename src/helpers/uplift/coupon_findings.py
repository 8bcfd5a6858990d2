"""What the threshold analysis says: its doubts, its verdicts and its sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.report import Finding
from helpers.uplift.wording import effect_verdict, points, stated
from methods.intervals.estimates import Interval
from methods.thresholds.density import Bunching
from methods.thresholds.sharp_rdd import Jump

if TYPE_CHECKING:
    from helpers.uplift.coupon_threshold import CouponThreshold

POINTS = "pp of posts"
CHANCE = 0.05


def is_piled(pile: Bunching) -> bool:
    """Whether more posts than chance allows stand just above the threshold."""
    return pile.p_value < CHANCE and pile.excess > 0


def posts_used(jump: Jump) -> int:
    """Return how many posts lie inside the bandwidth."""
    return jump.used_left + jump.used_right


def threshold_findings(answer: CouponThreshold, about: dict) -> tuple[Finding, ...]:
    """Return A4.coupon_at_threshold and A4.bunching.

    about: requirement and question of the findings.
    """
    return _coupon(answer, about), _pile(answer, about)


def doubts_of(answer: CouponThreshold) -> list[str]:
    """Return what stands against reading the jump as the coupon's effect, in plain words; may be empty."""
    doubts, checks, received = [], answer.checks, answer.received
    if is_piled(answer.pile) and answer.donut is None:
        doubts.append(f"likes are piled up at {answer.threshold}, so customers just above chose to be there")
    # Several checks are looked at; Holm's first step keeps one false alarm in twenty over all of them.
    if len(checks) and checks["p_value"].min() < CHANCE / len(checks):
        worst = checks.loc[checks["p_value"].idxmin(), "check"]
        doubts.append(f"there is a jump where none should be ({worst})")
    if received is not None and received[0] - received[1] < 0.5:
        doubts.append(
            f"only {received[0]:.0%} of posts at {answer.threshold} likes or more earned the coupon"
        )
    return doubts


def _coupon(answer: CouponThreshold, about: dict) -> Finding:
    jump, doubts = answer.trusted, doubts_of(answer)
    estimate = _interval(jump)
    verdict = effect_verdict(estimate, doubt="; ".join(doubts))
    judged = {
        "supported": "the coupon brings customers back",
        "contradicted": "the coupon keeps customers away",
        "not settled": "whether the coupon brings customers back is not settled",
    }[verdict] + (f": {'; '.join(doubts)}" if doubts else "")
    hole = _hole(answer) if jump is answer.donut else ""
    return stated(
        estimate,
        id="A4.coupon_at_threshold",
        unit=POINTS,
        n=estimate.n,
        method=(
            f"local-linear regression discontinuity{hole}, bandwidth {jump.bandwidth:.1f} likes, "
            "bias-corrected robust interval, clustered by customer"
        ),
        assumptions=_assumptions(answer),
        verdict=verdict,
        reading=(
            f"At {answer.threshold} likes the share of posts whose author bought again within "
            f"{answer.outcome_days} days changes by {points(estimate)}{hole}; {judged}."
            f"{_begged_posts(answer)} {_looks(answer)}"
        ),
        **about,
    )


def _hole(answer: CouponThreshold) -> str:
    return f" without posts of {answer.zone[0]} to {answer.zone[1]} likes, where likes are begged"


def _assumptions(answer: CouponThreshold) -> tuple[str, ...]:
    smooth = "without the coupon, buying again would run smoothly across the threshold"
    if answer.trusted is answer.donut:
        return smooth, "a line reaches over the posts left out", "begging does not reach further than they do"
    return smooth, "nobody can choose on which side of the threshold the post ends"


def _looks(answer: CouponThreshold) -> str:
    honest, local = answer.honest, answer.local
    coupon = (
        "" if answer.received is None else f"Of posts above, {answer.received[0]:.0%} earned the coupon. "
    )
    alike = "" if local.balanced else ", though those customers were not alike before"
    return (
        f"{coupon}With all posts, and allowing for likes being whole numbers, the range is "
        f"{100 * honest.low:.1f} to {100 * honest.high:.1f} points; comparing only posts within "
        f"{local.window:g} of {answer.threshold} likes as if drawn by lot, {100 * local.low:.1f} to "
        f"{100 * local.high:.1f}{alike}."
    )


def _begged_posts(answer: CouponThreshold) -> str:
    """Say by how much the posts that begging may reach move the estimate, where one can do without them."""
    jump, donut = answer.jump, answer.donut
    if donut is None:
        return ""
    change = 100 * (jump.corrected - donut.corrected)
    size = ", no more than chance could" if abs(change) < 196 * donut.robust_error else ""
    return (
        f" With all posts the jump is {points(_interval(jump))}; posts of {answer.zone[0]} to "
        f"{answer.zone[1]} likes, which begging may reach, move it by {change:+.1f} points{size}."
    )


def _pile(answer: CouponThreshold, about: dict) -> Finding:
    pile, (first, last) = answer.pile, answer.zone
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
            f"begging reaches from {first} to {last} likes",
        ),
        verdict="supported" if piled else "not settled",
        reading=(
            f"At {answer.threshold} to {last} likes there are {pile.excess_percent:.0f} % more posts than a "
            f"smooth curve has ({pile.low:.0f} to {pile.high:.0f} %), and {pile.missing_percent:.0f} % fewer "
            f"at {first} to {answer.threshold - 1}. {meaning}.{_dense(answer)}"
        ),
        **about,
    )


def _dense(answer: CouponThreshold) -> str:
    """The second density test, which looks at the threshold and its two neighbours only."""
    if answer.density is None:
        return ""
    p = answer.density.p_value
    shown = "< 0.001" if p < 0.001 else f"= {p:.2g}"
    return (
        f" The count at {answer.threshold} alone beside its two neighbours, a test made for whole numbers, "
        f"gives p {shown}."
    )


def _interval(jump: Jump) -> Interval:
    return Interval(
        estimate=jump.corrected, low=jump.low, high=jump.high, n=posts_used(jump), level=jump.level,
        standard_error=jump.robust_error,
    )  # fmt: skip
