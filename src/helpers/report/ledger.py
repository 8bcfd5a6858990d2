"""The ledger of claims: what people repeat, each beside what these data say (G1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.axes import Axes

from helpers.report import formats
from helpers.report.claims import Claim, all_claims
from helpers.report.finding import Finding, Verdict
from helpers.report.finding_view import FindingView
from helpers.report.pictures import Mark, dots, forest, reference_line
from helpers.report.style import INK, MUTED, PALETTE, Picture, canvas
from helpers.report.words import stated, words_beside
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
_COLOURS = {"fits": PALETTE[2], "contradicted": PALETTE[1], "not settled": MUTED, "reported": PALETTE[0]}
# Beyond this many times what is claimed a mark is drawn at the edge; the table has its number.
_FARTHEST = 12.0
_TICKS = (-10, -3, -1, 0, 1, 3, 10)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Claims beside what the data say; `findings` holds one G1 finding a claim, in their order.

    beside: for each claim what a randomised test of the same deed says of the matched figure, or "".
    """

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    beside: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a claim: claim, verdict, these data (with interval), tested by, what would change it."""
        rows = [
            _row(claim, finding, beside)
            for claim, finding, beside in zip(self.claims, self.findings, self.beside, strict=True)
        ]
        frame = pd.DataFrame(rows)
        frame.attrs = {"people": None, "caption": "Repeated claims and what these data say"}
        return frame

    def sources(self) -> pd.DataFrame:
        """One row a claim and study: the claim's short name, its rule, its source or what was published."""
        frame = pd.DataFrame([row for claim in self.claims for row in _source_rows(claim)])
        frame.attrs = {"people": None, "caption": "Where the claims come from, and how each is judged"}
        return frame

    def draw(self) -> Picture:
        """Draw what these data and the studies say of each claim, as multiples of what is claimed."""
        settled = [one.segment for one in self.findings if one.verdict in ("fits", "contradicted")]
        marks = [
            {"label": claim.label, "finding": FindingView(finding)}
            for claim, finding in zip(self.claims, self.findings, strict=True)
        ]
        title, alt = WORDS.picture("ledger", (), settled=settled, claims=len(self.claims), marks=marks)
        figure, axes = canvas(
            title, x="0 no difference, 1 as claimed", height_inches=1.6 + 0.34 * len(self.claims)
        )
        for row, (claim, finding) in enumerate(zip(self.claims, self.findings, strict=True)):
            _mark(axes, row, claim, finding)
        axes.axvline(0, color=INK, linewidth=0.8)
        reference_line(axes, 1.0, label="as claimed")
        axes.set_yticks(range(len(self.claims)), [f"{one.requirement} {one.label}" for one in self.claims])
        axes.set_ylim(len(self.claims) - 0.5, -0.5)
        axes.set_xscale("symlog", linthresh=1.0)
        axes.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        axes.set_xlim(-_FARTHEST, _FARTHEST)
        for verdict in ("fits", "contradicted", "not settled"):
            dots(axes, [], [], colour=_COLOURS[verdict], label=verdict)
        dots(axes, [], [], marker="D", colour=INK, label="published, its own measure")
        axes.legend(loc="upper center", bbox_to_anchor=(0.35, -0.08), ncols=5, fontsize=8)
        return Picture(figure, alt)


def claims_ledger(findings: Iterable[Finding], *, claims: Sequence[Claim] = (), own: str = "") -> Ledger:
    """Return each claim with the verdict of the finding that tests it.

    claims: empty takes those that the workbench ships. own: file with further claims (see data/claims.toml).
    Where the chapter doubts its figure, or its test does not hold beside the chapter's others, the claim is
    not settled. A claim whose finding is not among `findings`, or is asked of several groups of which the
    claim names none, is skipped with the reason. Raises ValueError where `own` is no list of claims.

    >>> len(claims_ledger(()).claims) >= 15
    True
    """
    found = tuple(findings)
    claims = tuple(claims) or all_claims(own)
    return Ledger(
        claims=claims,
        findings=tuple(_judge(claim, found) for claim in claims),
        beside=tuple(_beside(claim, found) for claim in claims),
    )


def _judge(claim: Claim, findings: Sequence[Finding]) -> Finding:
    asked = _asked(claim, findings)
    tested = asked[0] if asked else None
    others = asked or [one for one in findings if one.id == claim.finding and one.status == "answered"]
    if len({one.segment for one in others}) > 1 or (others and not asked):
        groups = [one.segment for one in others if one.segment]
        return _untested(claim, WORDS.text("several", finding=claim.finding, groups=groups))
    if tested is None or tested.status != "answered":
        refused = tested or next((one for one in findings if one.id == claim.requirement), None)
        reason = (refused and refused.reason) or WORDS.text("no chapter", finding=claim.finding)
        return _untested(claim, reason)
    verdict = _verdict(claim, tested)
    facts = {"statement": claim.words, "change": _change(claim, tested, verdict)}
    return stated(
        replace(
            tested,
            id="G1.claim",
            segment=claim.name,
            requirement="G1",
            question=claim.words,
            verdict=verdict,
            detectable=None,
            facts=facts,
            readings=WORDS.readings,
        )
    )


def _asked(claim: Claim, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that test a claim, the answered ones alone where there are any."""
    asked = [one for one in findings if one.id == claim.finding and claim.segment in (None, one.segment)]
    return [one for one in asked if one.status == "answered"] or asked[:1]


def _untested(claim: Claim, reason: str) -> Finding:
    finding = WORDS.skip("G1.claim", "", segment=claim.name)
    said = WORDS.text("untested", statement=claim.words, reason=reason)
    return replace(finding, question=claim.words, reason=reason, reading=said)


def _verdict(claim: Claim, tested: Finding) -> Verdict:
    if tested.verdict == "not settled":
        return "not settled"
    told = tested.told  # the numbers that the page shows, so that the verdict never differs from them
    return claim.judge(told.estimate, told.low, told.high)


def _change(claim: Claim, tested: Finding, verdict: Verdict) -> str:
    """Return in words what would bring another verdict, or what these data could have seen."""
    seen = FindingView(tested).detectable if tested.detectable is not None else ""
    return WORDS.text(
        "change",
        verdict=verdict,
        rule=claim.rule,
        asks=claim.asks,
        near=claim.near,
        nil=claim.nil,
        detectable=seen,
    )


def _beside(claim: Claim, findings: Sequence[Finding]) -> str:
    """Return what a randomised test says of the matched figure behind a claim, where both were answered."""
    if claim.against is None:
        return ""
    answered = {one.id: one for one in findings if one.status == "answered"}
    matched, drawn = answered.get(claim.against.matched), answered.get(claim.against.drawn)
    if matched is None or drawn is None or matched.unit != drawn.unit:
        return ""
    (low, high), (least, most) = matched.ends, drawn.ends
    apart = least > high or most < low
    return WORDS.text("beside", apart=apart, matched=FindingView(matched), drawn=FindingView(drawn))


def _row(claim: Claim, finding: Finding, beside: str) -> dict[str, object]:
    answered = finding.status == "answered"
    change = str(finding.facts["change"]) if answered else finding.reason
    return {
        "claim": claim.words,
        "verdict": finding.verdict if answered else "not tested",
        "these data": FindingView(finding).interval if answered else None,
        "tested by": claim.finding,
        "what would change it": f"{change} {beside}".strip(),
    }


def _source_rows(claim: Claim) -> list[dict[str, object]]:
    rule = WORDS.text("rule", rule=claim.rule, asks=claim.asks, near=claim.near, nil=claim.nil)
    first: dict[str, object] = {"claim": claim.label, "fits where": rule, "source": _source(claim)}
    blank: dict[str, object] = dict.fromkeys(first, "")
    studies = [
        {**blank, "source": f"{one.name} {one.year or ''}, {one.design}: {one.said} {one.where}"}
        for one in claim.published
    ]
    return [first, *studies]


def _source(claim: Claim) -> str:
    source = claim.source
    parts = [source.name, str(source.year or ""), source.design, source.n and formats.count(source.n, "case")]
    return ", ".join(str(part) for part in parts if part) or source.kind


def _mark(axes: Axes, row: int, claim: Claim, finding: Finding) -> None:
    for study in claim.published:
        # A figure of another scale (points, orders, times) has no place on this axis.
        if study.figure is not None and study.unit.split()[:1] == finding.unit.split()[:1]:
            dots(axes, [_held(claim.scaled(study.figure))], [row], marker="D", colour=INK)
    if finding.status != "answered":
        axes.annotate(
            "not tested in this run",
            (0, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
        return
    view = FindingView(finding)
    low, high = sorted(_held(claim.scaled(end)) for end in (view.low, view.high))
    value = Interval(estimate=_held(claim.scaled(view.estimate)), low=low, high=high, n=finding.n or 1)
    forest(axes, [Mark(label="", value=value, colour=_COLOURS[finding.verdict])], zero=None, first=row)


def _held(value: float) -> float:
    return max(-_FARTHEST, min(_FARTHEST, value))
