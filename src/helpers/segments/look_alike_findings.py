"""C7 in findings: how good the ranking is, what the ties add to it, and how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.report import Finding
from methods.intervals.estimates import Interval

if TYPE_CHECKING:
    from helpers.segments.look_alike import LookAlikes

_LIKE_BEFORE = "what made customers buy in the window before does so in the next"
_RANDOM_SEEDS = "seeds are a random part of all customers of their kind, which those who buy often are not"
_AREA = "area under the curve"
_METHOD = "logistic model learned in the window before, judged on the held back window; customers drawn again"


def alike_findings(answer: LookAlikes, *, question: str) -> tuple[Finding, ...]:
    """Return the findings of a look-alike answer."""
    judged, days = answer.judged, answer.horizon_days
    lift, area = judged.lift["with ties"], judged.auc["with ties"]
    ties, placebo = judged.gain["without ties"], judged.gain["ties dealt anew (placebo)"]
    plain = judged.gain["recency and frequency alone"]
    shared = {"question": question, "assumptions": (_LIKE_BEFORE,), "method": _METHOD}
    found = [
        _finding(
            "lift", lift, unit="times the average chance", **shared,
            reading=f"Of customers who were no buyers of {answer.target}, the likeliest tenth "
            "bought it in the next "
            f"{days} days {lift.estimate:.1f} times as often as all ({lift.low:.1f} to {lift.high:.1f}).",
        ),
        _finding(
            "auc", area, unit=f"{_AREA} (0.5 chance)", **shared,
            reading="A later buyer is ranked above another customer in "
            f"{100 * area.estimate:.0f} % of pairs.",
        ),
        _finding(
            "gain_over_recency", plain, unit=_AREA, **shared, verdict=_verdict(plain),
            reading=f"Against recency and frequency alone that is {plain.estimate:+.3f} ({plain.low:+.3f} to "
            f"{plain.high:+.3f}).",
        ),
        _finding(
            "gain_by_ties", ties, unit=_AREA, **shared, verdict=_verdict(ties),
            reading=f"The ties add {ties.estimate:+.3f} ({ties.low:+.3f} to {ties.high:+.3f})"
            + (": friends of buyers are likelier." if ties.low > 0 else ": nothing beyond chance."),
        ),
        _finding(
            "gain_over_placebo", placebo, unit=_AREA, **shared, verdict=_verdict(placebo),
            reading=f"Against the same number of friends dealt at random the true ones are worth "
            f"{placebo.estimate:+.3f} ({placebo.low:+.3f} to {placebo.high:+.3f}).",
        ),
    ]  # fmt: skip
    return (*found, *_more(answer, question))


def _more(answer: LookAlikes, question: str) -> list[Finding]:
    found = []
    if answer.hidden is not None:
        share = answer.hidden
        found.append(
            _finding(
                "hidden_share", share, unit="% of customers who are no seeds", question=question,
                method="positive-unlabelled learning (Elkan & Noto 2008), cross-fitted; "
                "customers drawn again",
                assumptions=(_RANDOM_SEEDS,),
                reading=f"Were the seeds a random part of their kind, {share.estimate:.0f} % of "
                "the others would "
                f"be of that kind too ({share.low:.0f} to {share.high:.0f} %): a size to aim "
                "at, not a forecast.",
            )
        )  # fmt: skip
    if answer.overlap is not None:
        part = answer.overlap
        found.append(
            _finding(
                "already_targeted", part, unit="% of the likeliest tenth", question=question,
                method=f"coupons issued in the last {answer.horizon_days} days; Wilson interval",
                assumptions=("who got a coupon counts as targeted",),
                reading=f"{part.estimate:.0f} % of today's likeliest tenth already got a coupon "
                "lately; the others "
                "are whom an expansion would reach anew.",
            )
        )  # fmt: skip
    return found


def _verdict(gain: Interval) -> str:
    return "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"


def _finding(name: str, interval: Interval, **said) -> Finding:
    return Finding(
        id=f"C7.{name}",
        requirement="C7",
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        n=interval.n,
        **said,
    )
