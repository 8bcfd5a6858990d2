"""What the analysis of likes says: the dose, the part of the share effect, and what could undo it."""

from __future__ import annotations

import numpy as np

from helpers.data.share_study import Study
from helpers.report import Finding
from helpers.report.plain_names import plain_name
from helpers.uplift.wording import POINTS, effect_verdict, points, stated
from methods.adjust.mediation import Part
from methods.adjust.sensitivity import Benchmark
from methods.intervals.estimates import Interval

CURVE = "cross-fitted partially linear model in log(1 + likes), likes counted to a landmark, robust interval"


def findings_of(
    *, question: str, ten: Interval, part: Part, benchmark: Benchmark, study: Study, likes: np.ndarray,
    coupon_likes: int, doubt: str,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return every finding of A3, in the order in which they are read."""
    about = {"requirement": "A3", "question": question}
    return (
        _ten(ten, benchmark, study, likes, coupon_likes, about),
        _points(part, coupon_likes, about),
        _percent(part, benchmark, about, doubt),
    )


def _assumptions(coupon_likes: int) -> tuple[str, ...]:
    coupon = f"; the coupon at {coupon_likes} likes has an effect of its own" if coupon_likes else ""
    return (
        "nothing unseen drives both likes and buying again, once the traits known before are equal",
        f"each doubling of likes counts the same, for everybody{coupon}",
        "bought likes, if any, count as likes (looked at in E1)",
    )


def _ten(ten, benchmark: Benchmark, study: Study, likes, coupon_likes: int, about: dict) -> Finding:
    verdict = effect_verdict(ten)
    meaning = {
        "supported": "applause brings sharers back",
        "contradicted": "applause keeps sharers away",
        "not settled": "whether applause brings sharers back is not settled",
    }[verdict]
    return stated(
        ten, id="A3.ten_likes_uplift", unit=POINTS, n=ten.n, method=CURVE, verdict=verdict,
        assumptions=_assumptions(coupon_likes),
        reading=(
            f"{ten.n:,} customers shared their order and received {likes.mean():.1f} likes on average by the "
            f"landmark, {study.landmark_hours} hours after the order. Against customers like them without "
            f"likes, ten likes changed the share who bought again in the {study.outcome_days} days after it "
            f"by {points(ten)}: {meaning}. {_strength(benchmark)}"
        ),
        **about,
    )  # fmt: skip


def _strength(benchmark: Benchmark) -> str:
    """How strong an unseen trait would have to be to undo the slope, in words."""
    kept = benchmark.remaining / benchmark.estimate if benchmark.estimate else 0.0
    twin = (
        f"one as strong as “{plain_name(benchmark.covariate)}” would leave {100 * kept:.0f} % of it"
        if 0 < kept <= 1
        else f"one as strong as “{plain_name(benchmark.covariate)}” would be enough"
    )
    return (
        "An unseen trait that explains "
        f"{benchmark.robustness:.1%} of what is unexplained in both likes and buying would undo it; {twin}."
    )


def _points(part: Part, coupon_likes: int, about: dict) -> Finding:
    found = part.part
    and_coupon = f" and the coupon at {coupon_likes}" if coupon_likes else ""
    return stated(
        found, id="A3.points_through_likes", unit=POINTS, n=found.n, method=CURVE,
        assumptions=_assumptions(coupon_likes), verdict=effect_verdict(found),
        reading=(
            f"Had their posts received no likes, {points(found)} fewer sharers would have bought again: "
            f"that much of what sharing does runs through likes{and_coupon}. All of sharing brings sharers "
            f"{points(part.whole)}."
        ),
        **about,
    )  # fmt: skip


def _percent(part: Part, benchmark: Benchmark, about: dict, doubt: str) -> Finding:
    name = "A3.percent_through_likes"
    if part.share is None or doubt:
        why = doubt or f"the whole effect of sharing ({points(part.whole)}) may as well be nil"
        reason = f"Not settled: how much of the share effect runs through likes has no bounds, for {why}."
        return Finding(id=name, status="skipped", reason=reason, reading=reason, level=None, **about)
    share = part.share
    value, low, high = (100 * number for number in (share.estimate, share.low, share.high))
    kept = min(max(benchmark.remaining / benchmark.estimate, 0.0), 1.0) if benchmark.estimate else 0.0
    return Finding(
        id=name, estimate=value, low=low, high=high, level=share.level, n=share.n,
        unit="% of the effect of sharing", verdict="not settled" if low <= 0 else "supported",
        method=f"{CURVE}; over the doubly robust effect of sharing; Fieller interval",
        assumptions=(
            "nothing unseen drives both sharing and buying again",
            "nothing unseen drives both likes and buying again",
            "likes do not depend on something that sharing itself has changed and that moves buying",
            "likes count the same for everybody",
        ),
        reading=(
            f"Of the effect of sharing on sharers, {value:.0f} % ({low:.0f} to {high:.0f} %) runs through "
            f"likes. If an unseen trait as strong as “{plain_name(benchmark.covariate)}” drove both "
            f"likes and buying, it would be {kept * value:.0f} %."
        ),
        **about,
    )  # fmt: skip
