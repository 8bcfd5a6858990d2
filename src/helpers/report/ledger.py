"""The ledger of claims: figures people repeat, each beside what these data say (G1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.axes import Axes

from helpers.report.finding import Finding, Verdict
from helpers.report.finding_view import FindingView
from helpers.report.pictures import Mark, dots, forest
from helpers.report.style import INK, MUTED, PALETTE, Picture, canvas
from helpers.report.verdicts import judge_claim
from helpers.report.words import stated, words_beside

WORDS = words_beside(__file__)
_COLOURS = {"fits": PALETTE[2], "contradicted": PALETTE[1], "not settled": MUTED, "reported": PALETTE[0]}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A figure people repeat and the finding that tests it.

    label: a few words for the picture. claimed: the figure, in the unit of the finding. finding: the id of
    the finding that estimates it; segment: of which group, where it is asked of several.
    """

    name: str
    requirement: str
    label: str
    statement: str
    claimed: float
    unit: str
    finding: str
    segment: str | None = None


CLAIMS = (
    Claim(
        name="sharers_37_percent_raw",
        requirement="A1",
        label="sharers against others",
        statement="Customers who share their orders repurchase 37 % more than those who do not.",
        claimed=37.0,
        unit="%",
        finding="A1.raw_gap_relative",
    ),
    Claim(
        name="sharing_37_percent_cause",
        requirement="A1",
        label="because of sharing",
        statement="Customers repurchase 37 % more because they share their orders.",
        claimed=37.0,
        unit="%",
        finding="A1.relative_uplift_sharers",
    ),
    Claim(
        name="lipstick_52_percent",
        requirement="A9",
        label="perk for lipstick sharers",
        statement="A try-it-first perk for sharers of lipstick swatches raised their repurchase by 52 %.",
        claimed=52.0,
        unit="%",
        finding="A9.relative_uplift_named",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Claims beside what the data say; `findings` holds one G1 finding a claim, in their order."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a claim: claim, verdict, these data (with interval), customers, method, holds if."""
        pairs = zip(self.claims, self.findings, strict=True)
        frame = pd.DataFrame([_row(claim, finding) for claim, finding in pairs])
        frame.attrs = {"people": None, "caption": "Repeated figures and what these data say"}
        return frame

    def draw(self) -> Picture:
        """Draw each claimed figure beside the interval that these data give."""
        marks = [
            {"label": claim.label, "claimed": claim.claimed, "finding": FindingView(finding)}
            for claim, finding in zip(self.claims, self.findings, strict=True)
        ]
        settled = [finding.id for finding in self.findings if finding.verdict in ("fits", "contradicted")]
        title, alt = WORDS.picture("ledger", (), settled=settled, claims=len(self.claims), marks=marks)
        figure, axes = canvas(title, x="rise in repurchase, %", height_inches=1.6 + 0.8 * len(self.claims))
        for row, (claim, finding) in enumerate(zip(self.claims, self.findings, strict=True)):
            _mark(axes, row, claim, finding)
        axes.axvline(0, color=INK, linewidth=0.8)
        labels = [f"{claim.requirement} {claim.label}: {claim.claimed:g} %" for claim in self.claims]
        axes.set_yticks(range(len(self.claims)), labels)
        axes.set_ylim(len(self.claims) - 0.5, -0.5)
        axes.margins(x=0.2)
        dots(axes, [], [], marker="D", colour=INK, label="claimed")
        dots(axes, [], [], colour=MUTED, label="these data, with interval")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
        return Picture(figure, alt)


def claims_ledger(findings: Iterable[Finding], *, claims: Sequence[Claim] = CLAIMS) -> Ledger:
    """Return each claim with the verdict of the finding that tests it.

    See `judge_claim`; where the chapter doubts its figure, or its test does not hold beside the chapter's
    others, the claim is not settled. A claim whose finding is not among `findings` is skipped with the
    reason.
    """
    found = tuple(findings)
    return Ledger(claims=tuple(claims), findings=tuple(_judge(claim, found) for claim in claims))


def _judge(claim: Claim, findings: Sequence[Finding]) -> Finding:
    tested = _tested(claim, findings)
    if tested is None or tested.status != "answered":
        return _untested(claim, tested, findings)
    return stated(
        replace(
            tested,
            id="G1.claim",
            segment=claim.name,
            requirement="G1",
            question=claim.statement,
            verdict=_verdict(claim, tested),
            facts={"statement": claim.statement},
            readings=WORDS.readings,
        )
    )


def _tested(claim: Claim, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that tests a claim, an answered one first."""
    asked = [one for one in findings if one.id == claim.finding and claim.segment in (None, one.segment)]
    return min(asked, key=lambda finding: finding.status != "answered", default=None)


def _untested(claim: Claim, tested: Finding | None, findings: Sequence[Finding]) -> Finding:
    refused = tested or next((one for one in findings if one.id == claim.requirement), None)
    reason = (refused and refused.reason) or WORDS.text("no chapter", finding=claim.finding)
    finding = WORDS.skip("G1.claim", "", segment=claim.name)
    said = WORDS.text("untested", statement=claim.statement, reason=reason)
    return replace(finding, question=claim.statement, reason=reason, reading=said)


def _verdict(claim: Claim, tested: Finding) -> Verdict:
    if tested.verdict == "not settled":
        return "not settled"
    low, high = tested.ends
    return judge_claim(low, high, claimed=claim.claimed)


def _row(claim: Claim, finding: Finding) -> dict[str, object]:
    answered = finding.status == "answered"
    return {
        "claim": claim.statement,
        "verdict": finding.verdict if answered else "not tested",
        "these data": FindingView(finding).interval if answered else None,
        "customers": f"{finding.n:,}" if answered else None,
        "method": finding.method if answered else finding.reason,
        "holds if": "; ".join(finding.assumptions),
    }


def _mark(axes: Axes, row: int, claim: Claim, finding: Finding) -> None:
    dots(axes, [claim.claimed], [row], marker="D", colour=INK)
    if finding.status != "answered":
        axes.annotate(
            "not tested in this run",
            (claim.claimed, row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
        )
        return
    view = FindingView(finding)
    forest(axes, [Mark(label="", value=view, colour=_COLOURS[finding.verdict])], zero=None, first=row)
    axes.annotate(finding.verdict, (view.estimate, row), (0, 10), textcoords="offset points", ha="center")
