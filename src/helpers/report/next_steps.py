"""What to do next: steps ranked by what their findings say they are worth, and what to test first (G2)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
from scipy.stats import norm

from helpers.report.estimate import standard_error
from helpers.report.finding import Finding, Verdict
from helpers.report.finding_view import FindingView
from helpers.report.phrases import said
from helpers.report.pictures import Mark, forest
from helpers.report.question import Skipped
from helpers.report.style import MUTED, PALETTE, Picture, canvas
from helpers.report.words import words_beside
from methods.intervals.estimates import Interval, normal_reach

WORDS = words_beside(__file__)
PRICE = "B4.aov"
_NO = ("contradicted", "reported")  # of a decision: fewer bought; the gain too small, or a guardrail lost
_ORDER: dict[Verdict, int] = {"supported": 0, "not settled": 1, "contradicted": 2}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A finding that forbids a step where it carries this verdict."""

    finding: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step and the finding that speaks for it; see next_steps.toml."""

    name: str
    do: str
    finding: str
    counts: str
    times: float
    span: str
    cost: str
    pays: str = ""
    takes_off: tuple[str, ...] = ()
    one_of: bool = False
    barred_by: tuple[Bar, ...] = ()
    decided_by: str = ""


@dataclass(frozen=True, kw_only=True)
class NextSteps:
    """Steps with a `G2.step` finding each, in the order to take them: shown ones by worth, then open ones by
    what a test of them would tell, then those that lose or that a guardrail forbids.
    """

    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a step: step, worth, verdict, traced to, what the figure leaves out, worth of a test."""
        frame = pd.DataFrame([_row(finding) for finding in self.findings])
        frame.attrs = {"people": None, "caption": "What to do next, and what to test first"}
        return frame

    def draw(self) -> Picture:
        """Draw what each step is worth."""
        done = sum(one.verdict == "supported" for one in self.findings)
        marks = [{"label": _label(one), "finding": FindingView(one)} for one in self.findings]
        title, alt = WORDS.picture("steps", (), done=done, marks=marks)
        unit = self.findings[0].unit
        figure, axes = canvas(title, x=unit, height_inches=1.4 + 0.4 * len(self.findings))
        colours = {"supported": PALETTE[2], "contradicted": PALETTE[1]}
        forest(
            axes,
            [
                Mark(label=_label(one), value=FindingView(one), colour=colours.get(one.verdict, MUTED))
                for one in self.findings
            ],
        )
        return Picture(figure, alt)


def next_steps(findings: Iterable[Finding], *, margin_share: float = 0.3) -> NextSteps | Skipped:
    """Rank the declared steps by what this run's findings say that they are worth.

    findings: of all chapters, as they were judged. margin_share: part of a sale that the shop keeps (0 to 1).
    An added order is worth that part of the value of an order (B4.aov) less what is paid for it, where a
    finding says so; errors are taken as independent. A step is worth taking where its chapter settled its
    gain; where it did not, the worth of knowing it says what to test first. A step against which a guardrail
    speaks is kept by name and not recommended. Raises ValueError where margin_share is outside 0 to 1.
    """
    if not 0 <= margin_share <= 1:
        raise ValueError(f"margin_share is {margin_share:g}; the part of a sale kept lies between 0 and 1")
    answered = [one for one in findings if one.status == "answered"]
    price = next((one for one in answered if one.id == PRICE), None)
    asked = [(step, one) for step in _steps() for one in answered if one.id == step.finding]
    if not asked:
        return _skipped("no evidence")
    if price is None:
        return _skipped("no price")
    by_id = {one.id: one for one in answered}
    made = [
        _stated(step, gain, _per_order(step, price, by_id, margin_share), answered)
        for step, gain in asked
        if _points(step, gain)
    ]
    if not made:
        return _skipped("no evidence")
    return NextSteps(findings=tuple(_without_alternatives(sorted(made, key=_rank))))


def _without_alternatives(ranked: Sequence[Finding]) -> list[Finding]:
    """Keep the first of steps that exclude each other."""
    alternatives = {step.name for step in _steps() if step.one_of}
    kept: dict[str, Finding] = {}
    for one in ranked:
        name = str(one.segment).partition(":")[0]
        kept.setdefault(name if name in alternatives else str(one.segment), one)
    return list(kept.values())


def _points(step: Step, gain: Finding) -> bool:
    """Of two opposite steps (ask, ask less) the one that the estimate points to is told."""
    opposite = any(other.finding == step.finding and other.times * step.times < 0 for other in _steps())
    return not opposite or step.times * gain.told.estimate > 0


def _skipped(why: str) -> Skipped:
    return Skipped(requirement=WORDS.requirement, question=WORDS.question, reason=WORDS.text(why))


@dataclass(frozen=True, kw_only=True)
class _PerOrder:
    """What one added order is worth, its standard error, the currency, and what was left out."""

    value: float
    error: float
    currency: str
    cost: str


def _error(finding: Finding) -> float:
    told = finding.told
    return standard_error(told.low, told.high, level=finding.level or 0.95)


def _per_order(step: Step, price: Finding, by_id: Mapping[str, Finding], margin_share: float) -> _PerOrder:
    value, error = margin_share * price.told.estimate, margin_share * _error(price)
    currency, cost = price.unit.split()[0], step.cost
    if step.counts == "orders":
        cost = WORDS.text("at margin", margin=margin_share, cost=cost)
    paid = by_id.get(step.pays)
    if paid:
        value, error = value - paid.told.estimate, math.hypot(error, _error(paid))
    elif step.pays:
        cost = WORDS.text("no cost", cost=cost, id=step.pays)
    return _PerOrder(value=value, error=error, currency=currency, cost=cost)


def _stated(step: Step, gain: Finding, order: _PerOrder, answered: Sequence[Finding]) -> Finding:
    worth = _worth(step, gain, order)
    barred = _barred(step, gain, answered)
    return WORDS.finding(
        "G2.step",
        worth,
        unit=WORDS.label("unit", currency=order.currency),
        segment=step.name if gain.segment is None else f"{step.name}: {gain.segment}",
        method=WORDS.text("method", id=gain.id, method=gain.method),
        assumptions=gain.assumptions,
        verdict="not settled" if barred else _verdict(gain, worth),
        persons=gain.persons,
        do=said(step.do),
        of=gain.segment or "",
        span=said(step.span),
        cost=_cost(step, gain, order.cost),
        finding=gain.id,
        knowing=_knowing(worth),
        barred=barred,
        discuss=_open_decision(step, gain, answered),
    )


def _cost(step: Step, gain: Finding, cost: str) -> str:
    """Return what the figure is, with what was taken off and what the finding did not know."""
    if not step.takes_off:
        return cost
    known = [name for name in step.takes_off if name not in gain.missing]
    unknown = [name for name in step.takes_off if name in gain.missing]
    return WORDS.text("taken off", cost=cost, known=known, unknown=unknown)


def _knowing(worth: Interval) -> float:
    """Return the expected gain of knowing a worth for certain before choosing, under a normal error.

    Raiffa and Schlaifer (1961): the loss that a choice by the estimate alone is expected to bring.
    """
    error = standard_error(worth.low, worth.high, level=worth.level)
    if error <= 0:
        return 0.0
    away = abs(worth.estimate) / error
    return float(error * (norm.pdf(away) - away * norm.sf(away)))


def _worth(step: Step, gain: Finding, order: _PerOrder) -> Interval:
    """Turn a gain into money: as it is, or times the worth of an order (the variance of a product)."""
    error, estimate = _error(gain), gain.told.estimate
    if step.counts == "orders":
        error = math.hypot(error * order.value, order.error * estimate, error * order.error)
        estimate *= order.value
    estimate, reach = step.times * estimate, abs(step.times) * error * normal_reach()
    return Interval(estimate=estimate, low=estimate - reach, high=estimate + reach, n=gain.n or 1)


def _verdict(gain: Finding, worth: Interval) -> Verdict:
    """Return a verdict that is no surer than the chapter's own, nor than the interval of the worth."""
    if gain.verdict == "not settled" or worth.low <= 0 <= worth.high:
        return "not settled"
    return "supported" if worth.low > 0 else "contradicted"


def _barred(step: Step, gain: Finding, answered: Sequence[Finding]) -> tuple[str, ...]:
    """Return the ids of the findings that forbid a step: of the same group, or of no group."""
    against = {(bar.finding, bar.verdict) for bar in step.barred_by}
    against |= {(step.decided_by, verdict) for verdict in _NO}
    found = (one.id for one in _of_its_group(gain, answered) if (one.id, one.verdict) in against)
    return tuple(dict.fromkeys(found))


def _open_decision(step: Step, gain: Finding, answered: Sequence[Finding]) -> str:
    """Return the id of the rule set beforehand that leaves a step open; empty where none does."""
    rules = [one for one in _of_its_group(gain, answered) if one.id == step.decided_by]
    return next((one.id for one in rules if one.verdict == "not settled"), "")


def _of_its_group(gain: Finding, answered: Sequence[Finding]) -> list[Finding]:
    return [one for one in answered if None in (one.segment, gain.segment) or one.segment == gain.segment]


def _rank(finding: Finding) -> tuple[int, float]:
    if finding.facts["barred"]:
        return 3, 0.0
    knowing = float(str(finding.facts["knowing"]))
    return _ORDER[finding.verdict], -(knowing if finding.verdict == "not settled" else finding.told.estimate)


def _label(finding: Finding) -> str:
    of = finding.facts["of"]
    return f"{finding.facts['do']} ({said(of)})" if of else str(finding.facts["do"])


def _row(finding: Finding) -> dict[str, object]:
    facts = finding.facts
    barred = facts["barred"]
    open_ = finding.verdict == "not settled" and not barred
    view = FindingView(finding)
    return {
        "step": _label(finding),
        WORDS.label("worth", unit=finding.unit): view.interval.replace(f" {said(view.short_unit)}", ""),
        "verdict": "left out" if barred else finding.verdict,
        "traced to": str(facts["finding"]),
        "span": facts["span"],
        "the figure is": facts["cost"],
        "worth of a test": WORDS.text("knowing", worth=facts["knowing"]) if open_ else None,
    }


@cache
def _steps() -> tuple[Step, ...]:
    entry: Mapping[str, list] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(
        Step(
            **{
                **step,
                "takes_off": tuple(step.get("takes_off", ())),
                "barred_by": tuple(Bar(**bar) for bar in step.get("barred_by", ())),
            }
        )
        for step in entry["step"]
    )
