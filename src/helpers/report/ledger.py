"""The ledger of claims: figures people repeat, each beside what these data say (G1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from helpers.report.finding import Finding, Verdict, skipped
from helpers.report.style import INK, MUTED, PALETTE, Picture, canvas
from helpers.report.verdicts import judge_claim

_COLOURS = {"fits": PALETTE[2], "contradicted": PALETTE[1], "not settled": MUTED, "reported": PALETTE[0]}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A figure people repeat and the finding that tests it.

    label: a few words for the picture. claimed: the figure, in the unit of the finding. finding: the id of
    the finding that estimates it.
    """

    name: str
    requirement: str
    label: str
    statement: str
    claimed: float
    unit: str
    finding: str


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
        finding="A9.relative_uplift_lipstick_sharers",
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
        frame.attrs = {"caption": "Repeated figures and what these data say"}
        return frame

    def draw(self) -> Picture:
        """Draw each claimed figure beside the interval that these data give."""
        settled = sum(finding.verdict in ("fits", "contradicted") for finding in self.findings)
        title = f"{settled} of {len(self.claims)} repeated figures are settled by these data"
        figure, axes = canvas(title, x="rise in repurchase, %", height_inches=1.6 + 0.8 * len(self.claims))
        labels = [f"{claim.requirement} {claim.label}: {claim.claimed:g} %" for claim in self.claims]
        axes.set_yticks(range(len(self.claims)), labels)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_ylim(len(self.claims) - 0.5, -0.5)
        axes.margins(x=0.2)
        pairs = zip(self.claims, self.findings, strict=True)
        words = [_mark(axes, row, claim, finding) for row, (claim, finding) in enumerate(pairs)]
        axes.scatter([], [], marker="D", color=INK, label="claimed")
        axes.errorbar([], [], xerr=[], fmt="o", color=MUTED, label="these data, with interval")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
        return Picture(figure, "Claimed figures and intervals. " + " ".join(words))


def claims_ledger(findings: Iterable[Finding], *, claims: Sequence[Claim] = CLAIMS) -> Ledger:
    """Return each claim with the verdict of the finding that tests it.

    See `judge_claim`; where the chapter doubts its figure, or its test does not hold beside the chapter's
    others, the claim is not settled. A claim whose finding is not among `findings` is skipped with the
    reason.
    """
    by_id = {finding.id: finding for finding in findings}
    return Ledger(claims=tuple(claims), findings=tuple(_judge(claim, by_id) for claim in claims))


def _judge(claim: Claim, by_id: dict[str, Finding]) -> Finding:
    tested = by_id.get(claim.finding)
    if tested is None or tested.status != "answered":
        refused = by_id.get(claim.requirement)
        reason = refused.reason if refused else f"Not tested: no chapter of this run reports {claim.finding}."
        finding = skipped(requirement="G1", question=claim.statement, reason=reason)
        return replace(finding, id=f"G1.{claim.name}", reading=f"“{claim.statement}” – {reason}")
    verdict = _verdict(claim, tested)
    words = {
        "fits": "these data fit it",
        "contradicted": "these data contradict it",
        "not settled": "these data cannot settle it",
    }[verdict]
    reading = (
        f"“{claim.statement}” – {words}: {tested.estimate:.1f} {claim.unit} "
        f"({tested.low:.1f} to {tested.high:.1f}) from {tested.n:,} customers."
    )
    return replace(
        tested,
        id=f"G1.{claim.name}",
        requirement="G1",
        question=claim.statement,
        verdict=verdict,
        reading=reading,
    )


def _verdict(claim: Claim, tested: Finding) -> Verdict:
    if tested.verdict == "not settled":
        return "not settled"
    return judge_claim(tested.low, tested.high, claimed=claim.claimed)


def _row(claim: Claim, finding: Finding) -> dict[str, object]:
    answered = finding.status == "answered"
    these = (
        f"{finding.estimate:.1f} {claim.unit} ({finding.low:.1f} to {finding.high:.1f})" if answered else None
    )
    return {
        "claim": claim.statement,
        "verdict": finding.verdict if answered else "not tested",
        "these data": these,
        "customers": f"{finding.n:,}" if answered else None,
        "method": finding.method if answered else finding.reason,
        "holds if": "; ".join(finding.assumptions),
    }


def _mark(axes, row: int, claim: Claim, finding: Finding) -> str:
    axes.scatter([claim.claimed], [row], marker="D", color=INK, zorder=3)
    if finding.status != "answered":
        place = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate("not tested in this run", (claim.claimed, row), **place)
        return f"Claim {claim.claimed:g} %: not tested."
    arms = [[finding.estimate - finding.low], [finding.high - finding.estimate]]
    axes.errorbar([finding.estimate], [row], xerr=arms, fmt="o", capsize=4, color=_COLOURS[finding.verdict])
    axes.annotate(finding.verdict, (finding.estimate, row), (0, 10), textcoords="offset points", ha="center")
    return (
        f"Claim {claim.claimed:g} %: estimated {finding.estimate:.1f} %, from {finding.low:.1f} to "
        f"{finding.high:.1f}, {finding.verdict}."
    )
