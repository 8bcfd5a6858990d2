"""The tests that this chapter declares as one family, and the verdicts that hold for all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.report import INK, MUTED, PALETTE, Finding, Picture, Skipped, canvas, p_text
from methods.intervals.multiplicity import holm

CHANCE = 0.05
SETTLED = ("supported", "contradicted")
SMALLEST_DRAWN = 1e-6
SEVERAL = ("staged programme", "word of mouth", "shop coupon")
_QUESTION = "Which effects of this chapter stay settled when all its tests are judged together?"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A declared test. finding: pattern of its id. tests: what it asks, in a few words.

    followers: patterns of findings that say the same in another unit or for another group; they are settled
    only where the member is.
    """

    finding: str
    tests: str
    followers: tuple[str, ...] = ()


# Declared before any of them was computed. Checks (placebos, pre-trends, fairness of draws) stay outside: a
# check that fails withholds a verdict and gives none.
FAMILY = (
    Member(finding=r"A1\.adjusted_uplift_sharers", tests="sharing, on those who share",
           followers=(r"A1\.adjusted_uplift",)),
    Member(finding=r"A1\.raw_gap_relative", tests="raw gap against the claimed 37 %"),
    Member(finding=r"A1\.relative_uplift_sharers", tests="effect of sharing against the claimed 37 %"),
    Member(finding=r"A2\.intention_to_treat", tests="share prompt", followers=(r"A2\.complier_effect",)),
    Member(finding=r"A3\.ten_likes_uplift", tests="ten likes against none",
           followers=(r"A3\.(points|percent)_through_likes",)),
    Member(finding=r"A4\.coupon_at_threshold", tests="coupon for likes"),
    Member(finding=r"A5\.cashback_uplift", tests="group cashback", followers=(r"A5\.added_orders",)),
    Member(finding=r"A6\.reply_uplift", tests="answer of the brand"),
    Member(finding=r"A7\.(?!.*_pretrend$).*", tests="staged programme"),
    Member(finding=r"A8\.spillover_week", tests="friends' shares seen",
           followers=(r"A8\.friends_orders_per_100_shares",)),
    Member(finding=r"A8\.friend_prompted", tests="a friend prompted"),
    Member(finding=r"A8\.community_purchases", tests="product shown to the community"),
    Member(finding=r"A9\.(?!relative_)\w+_uplift", tests="offer, on all",
           followers=(r"A9\.\w+_uplift_others",)),
    Member(finding=r"A9\.(?!relative_)\w+_uplift_lipstick_sharers", tests="offer, on the named group",
           followers=(r"A9\.segment_net_value",)),
    Member(finding=r"A9\.segment_difference", tests="named group against the others"),
    Member(finding=r"A9\.relative_uplift_lipstick_sharers", tests="offer against the claimed 52 %"),
    Member(finding=r"A9\.targeting_gain", tests="choosing by expected gain",
           followers=(r"A9\.(calibration|ranking_gain)",)),
    Member(finding=r"A10\..*_over_.*", tests="word of mouth"),
    Member(finding=r"A11\.(halo|coupon_issued)", tests="shop coupon"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Tests:
    """The declared tests that were answered, one row each; it writes no findings of its own.

    rows: finding, test (text), estimate, low, high, unit, p, adjusted_p, alone and together (verdicts).
    """

    rows: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a test: test, estimate with interval, unit, p alone and adjusted, verdict."""
        rows = self.rows
        frame = rows[["test"]].copy()
        frame["estimate (interval)"] = [
            f"{row.estimate:,.2f} ({row.low:,.2f} to {row.high:,.2f})" for row in rows.itertuples()
        ]
        frame["unit"] = rows["unit"]
        frame["p alone"], frame["p together"] = rows["p"].map(p_text), rows["adjusted_p"].map(p_text)
        frame["verdict"] = rows["together"]
        frame.attrs = {"caption": f"The {len(rows)} declared tests of this chapter, judged together (Holm)"}
        return frame

    def draw(self) -> Picture:
        """Draw each test's p-value alone and adjusted for the whole family."""
        rows = self.rows.sort_values("p", ascending=False, kind="stable")
        held = int(rows["together"].isin(SETTLED).sum())
        alone = int(rows["alone"].isin(SETTLED).sum())
        figure, axes = canvas(
            f"{held} of {len(rows)} declared tests are settled together, {alone} each on its own",
            x="p-value: how often chance alone gives as much",
            height_inches=1.4 + 0.27 * len(rows),
        )
        places = np.arange(len(rows))
        for name, marker, color, label in (
            ("p", "o", PALETTE[6], "on its own"),
            ("adjusted_p", "D", PALETTE[0], "together with the others"),
        ):
            shown = rows[name].clip(lower=SMALLEST_DRAWN)
            axes.scatter(shown, places, marker=marker, color=color, s=26, label=label)
        axes.axvline(CHANCE, color=INK, linewidth=0.8, linestyle="--")
        axes.set_xscale("log")
        axes.set_yticks(places, rows["test"], fontsize=8)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.tick_params(axis="y", colors=MUTED)
        axes.legend(loc="lower left", fontsize=8)
        lost = ", ".join(rows.loc[rows["alone"].isin(SETTLED) & ~rows["together"].isin(SETTLED), "test"])
        return Picture(
            figure,
            f"P-values of {len(rows)} declared tests: {held} stay below {CHANCE} together; settled on their "
            f"own only: {lost or 'none'}.",
        )


@dataclass(frozen=True, kw_only=True)
class JudgedTogether:
    """All findings of the chapter with the verdicts that hold together, and the tests behind them."""

    findings: tuple[Finding, ...]
    tests: Tests | Skipped


def judged_together(answers: Iterable[object]) -> JudgedTogether:
    """Return the findings of the answers, with the verdicts of declared tests adjusted for each other.

    Holm 1979: the chance of even one false verdict among all of them is at most 5 %, however the tests hang
    together. A verdict that does not hold becomes "not settled", and the finding's sentence says so. P-values
    are those of the finding, or read off its interval, for which an effect of 0 is nil.
    """
    findings = tuple(finding for answer in answers for finding in answer.findings)
    tested = [(finding, member) for finding in findings if (member := _member(finding)) is not None]
    if not tested:
        reason = "Not answered: none of the declared tests could be answered from these data."
        return JudgedTogether(
            findings=findings, tests=Skipped(requirement="A1", question=_QUESTION, reason=reason)
        )
    p_values = np.array([p_of(finding) for finding, _ in tested])
    adjusted = {
        finding.id: _adjusted(finding, p, together, len(tested))
        for (finding, _), p, together in zip(tested, p_values, holm(p_values), strict=True)
    }
    open_members = {member for finding, member in tested if adjusted[finding.id].verdict not in SETTLED}
    found = tuple(adjusted.get(finding.id) or _following(finding, open_members) for finding in findings)
    rows = [_row(finding, adjusted[finding.id], member) for finding, member in tested]
    return JudgedTogether(findings=found, tests=Tests(rows=pd.DataFrame(rows)))


def p_of(finding: Finding) -> float:
    """Return the finding's p-value, or that of no effect read off its interval as if it were normal."""
    if finding.p_value is not None:
        return finding.p_value
    reach = finding.estimate - finding.low if finding.estimate > 0 else finding.high - finding.estimate
    if reach <= 0:
        return 0.0 if finding.estimate else 1.0
    return float(2 * norm.sf(abs(finding.estimate) / reach * norm.ppf(0.5 + finding.level / 2)))


def _member(finding: Finding) -> Member | None:
    if finding.status == "skipped":
        return None
    return next((member for member in FAMILY if re.fullmatch(member.finding, finding.id)), None)


def _adjusted(finding: Finding, p: float, together: float, tests: int) -> Finding:
    found = replace(finding, p_value=float(p), adjusted_p=float(together))
    # A claim is supported by an interval around it, not by a small p-value, so nothing need be adjusted.
    fits = "against the claimed" in _member(finding).tests and finding.verdict == "supported"
    if finding.verdict not in SETTLED or together < CHANCE or fits:
        return found
    said = f" Beside the {tests - 1} other tests of this chapter it is not settled (p = {together:.2f})."
    return replace(found, verdict="not settled", reading=finding.reading + said)


def _following(finding: Finding, open_members: set[Member]) -> Finding:
    if finding.status == "skipped" or finding.verdict not in SETTLED:
        return finding
    for member in open_members:
        if any(re.fullmatch(pattern, finding.id) for pattern in member.followers):
            said = f" Beside the other tests of this chapter the {member.tests} is not settled, nor is this."
            return replace(finding, verdict="not settled", reading=finding.reading + said)
    return finding


def _row(alone: Finding, together: Finding, member: Member) -> dict[str, object]:
    return {
        "finding": alone.id, "test": _label(alone, member), "estimate": alone.estimate, "low": alone.low,
        "high": alone.high, "unit": alone.unit, "p": together.p_value, "adjusted_p": together.adjusted_p,
        "alone": alone.verdict, "together": together.verdict,
    }  # fmt: skip


def _label(finding: Finding, member: Member) -> str:
    """The test in words, with the finding's own name where the member stands for several."""
    name = finding.id.split(".", 1)[1].replace("_", " ")
    several = member.tests in SEVERAL
    return (
        f"{finding.requirement} {member.tests}: {name}"
        if several
        else f"{finding.requirement} {member.tests}"
    )
