"""What the analysis of who gains says: the claim, the segment, the ranking, the money, the picked segment."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.report import Finding
from helpers.uplift.wording import POINTS, claim_p, claim_verdict, effect_verdict, percent, points, stated
from methods.intervals.estimates import Interval
from methods.targeting.winners_curse import WinnersCurse
from methods.trials.intention_to_treat import OfferEffect

DRAWN = "the offer was drawn at random"
ALONE = "one customer's offer does not move another"
COMPARED = "difference of shares, regression-adjusted by pre-period covariates (CUPED), HC2 interval"
JUDGED = (
    "cross-fitted doubly robust scores of customers held out (learned on earlier, judged on later blocks)"
)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """The declared segment's effect, the others', and the difference; None with the reason if too few."""

    name: str
    inside: OfferEffect | None
    others: OfferEffect | None
    difference: Interval | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What one more buyer leaves the shop and what treating one customer costs, in hundredths."""

    buyer_cents: float
    contact_cents: int
    margin_percent: float
    currency: str


def findings_of(
    *, experiment: str, question: str, outcome_days: int, everyone: OfferEffect, segment: Segment,
    slope: Interval | None, area: Interval, rules: pd.DataFrame, judged: int, budget: float, worth: Worth,
    picked: WinnersCurse, claimed_percent: float, doubt: str,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return every finding of A9, in the order in which they are read."""
    about = {"requirement": "A9", "question": question}
    return (
        _everyone(experiment, everyone, about, outcome_days, doubt),
        *_segment_findings(experiment, segment, about, claimed_percent, doubt),
        *_ranking_findings(slope, area, about, doubt),
        _budget_finding(rules, about, judged, budget, doubt),
        _money_finding(rules, segment, about, judged, worth, doubt),
        *_picked_findings(picked, about, everyone.rows),
    )


def _everyone(experiment: str, offer: OfferEffect, about: dict, days: int, doubt: str) -> Finding:
    return stated(
        offer.effect, id=f"A9.{experiment}_uplift", unit=POINTS, n=offer.rows, method=COMPARED,
        assumptions=(DRAWN, ALONE), verdict=effect_verdict(offer.effect, doubt=doubt),
        reading=(
            f"Of customers given the offer {offer.treated_mean:.1%} bought within {days} days, against "
            f"{offer.control_mean:.1%} of the others: {points(offer.effect)} more.{_but(doubt)}"
        ),
        **about,
    )  # fmt: skip


def _segment_findings(experiment: str, segment: Segment, about: dict, claimed: float, doubt: str) -> list:
    names = [f"{experiment}_uplift_lipstick_sharers", "relative_uplift_lipstick_sharers",
             f"{experiment}_uplift_others", "segment_difference"]  # fmt: skip
    if segment.inside is None:
        reason = f"Not answered for {segment.name}: {segment.reason}."
        return [_skip(f"A9.{name}", reason, about) for name in names]
    inside, others, gap = segment.inside, segment.others, segment.difference
    common = {"method": COMPARED, **about}
    drawn = (DRAWN, ALONE, "the segment was named before the results were seen")
    found = [
        stated(
            inside.effect, id=f"A9.{names[0]}", unit=POINTS, n=inside.rows, assumptions=drawn,
            segment=segment.name, verdict=effect_verdict(inside.effect, doubt=doubt),
            reading=(
                f"Among the {inside.rows:,} {segment.name}, the offer raised the share who bought from "
                f"{inside.control_mean:.1%} by {points(inside.effect)}.{_but(doubt)}"
            ),
            **common,
        ),
        _relative(inside, segment, names[1], common, drawn, claimed, doubt),
        stated(
            others.effect, id=f"A9.{names[2]}", unit=POINTS, n=others.rows, assumptions=drawn,
            segment="all others", verdict=effect_verdict(others.effect, doubt=doubt),
            reading=f"Among the {others.rows:,} other customers the offer brought {points(others.effect)}.",
            **common,
        ),
        stated(
            gap, id=f"A9.{names[3]}", unit=POINTS, n=gap.n, assumptions=drawn,
            verdict=effect_verdict(gap, doubt=doubt),
            reading=(
                f"The offer moves {segment.name} {points(gap)} more than the others; "
                f"{_settled(gap)}. (Only this difference shows that a segment is special: an effect that is "
                "clear in one group and unclear in another shows nothing.)"
            ),
            **common,
        ),
    ]  # fmt: skip
    return found


def _relative(inside, segment, name, common, drawn, claimed: float, doubt: str) -> Finding:
    if inside.relative is None:
        reason = f"Not answered: too few {segment.name} bought for a ratio to mean anything."
        return _skip(f"A9.{name}", reason, common)
    verdict = claim_verdict(inside.relative, claimed_percent=claimed, doubt=doubt)
    words = {
        "fits": f"a rise of {claimed:.0f} % fits",
        "contradicted": f"the repeated figure of {claimed:.0f} % is contradicted",
        "not settled": f"whether it is {claimed:.0f} % is not settled",
    }[verdict]
    return stated(
        inside.relative, id=f"A9.{name}", unit="% of the share without the offer", n=inside.rows,
        assumptions=drawn, segment=segment.name, verdict=verdict,
        p_value=claim_p(inside.relative, claimed_percent=claimed),
        reading=(
            f"As a ratio, the offer raised buying among {segment.name} by {percent(inside.relative)}: "
            f"{words}."
        ),
        **common,
    )  # fmt: skip


def _ranking_findings(slope: Interval | None, area: Interval, about: dict, doubt: str) -> list[Finding]:
    assumptions = (DRAWN, "judged on customers from whom the ranking was not learned")
    if slope is None:
        reason = "Not answered: every customer was expected to gain the same."
        return [_skip("A9.calibration", reason, about), _skip("A9.ranking_gain", reason, about)]
    clear = effect_verdict(slope, doubt=doubt)
    words = {
        "supported": "customers expected to gain more do gain more",
        "contradicted": "customers expected to gain more gain less",
        "not settled": "whether gains can be told beforehand is not settled",
    }[clear]
    return [
        Finding(
            id="A9.calibration", estimate=slope.estimate, low=slope.low, high=slope.high, level=slope.level,
            unit="points found per point predicted", n=slope.n, verdict=clear, assumptions=assumptions,
            method=f"best linear predictor of the effect from the DR-learner's prediction; {JUDGED}",
            reading=(
                f"Where the model expects one point more gain, {slope.estimate:.1f} points more are found "
                f"({slope.low:.1f} to {slope.high:.1f}; 1 would be perfect, 0 useless): {words}."
            ),
            **about,
        ),
        stated(
            area, id="A9.ranking_gain", unit=POINTS, n=area.n, assumptions=assumptions,
            verdict=effect_verdict(area, doubt=doubt),
            method=f"area between the gain (Qini) curve and a random order, per customer; {JUDGED}",
            reading=(
                "On average over all budgets, treating in the order of expected gain, not at random, brings "
                f"{_extra(area)} per 100 customers: {_settled(area)}."
            ),
            **about,
        ),
    ]  # fmt: skip


def _budget_finding(rules: pd.DataFrame, about: dict, judged: int, budget: float, doubt: str) -> Finding:
    row = rules[rules["rule"].str.startswith(f"{budget:.0%} ranked")].iloc[0]
    over = _interval(row, "over_random", "over_low", "over_high", judged)
    return stated(
        over, id="A9.targeting_gain", unit=POINTS, n=judged, method=JUDGED,
        assumptions=(DRAWN, ALONE), verdict=effect_verdict(over, doubt=doubt),
        reading=(
            f"An offer to the {budget:.0%} of customers expected to gain most brings "
            f"{100 * row['extra']:.1f} extra buyers per 100 customers, {_extra(over)} more than an "
            f"offer to as many at random: {_settled(over)}."
        ),
        **about,
    )  # fmt: skip


def _money_finding(rules: pd.DataFrame, segment: Segment, about: dict, judged: int, worth: Worth,
                   doubt: str) -> Finding:  # fmt: skip
    named = rules.set_index("rule")
    own, everybody = named.loc[segment.name], named.loc["everybody"]
    net = _interval(own, "net", "net_low", "net_high", judged)
    said = [
        f"{row['net']:+.0f} ({row['net_low']:+.0f} to {row['net_high']:+.0f})" for row in (own, everybody)
    ]
    return stated(
        net.scaled(0.01),  # hundredths per customer are whole money per 100 customers; `stated` takes shares
        id="A9.segment_net_value", unit=f"{worth.currency} per 100 customers", n=judged, method=JUDGED,
        assumptions=(
            DRAWN,
            f"treating a customer costs {worth.contact_cents / 100:.2f} {worth.currency}",
            f"the shop keeps {worth.margin_percent:.0f} % of what a buyer spends in the window, "
            f"{worth.buyer_cents / 100:.2f} {worth.currency} a buyer",
        ),
        verdict=effect_verdict(net, doubt=doubt),
        reading=(
            f"At {worth.contact_cents / 100:.2f} {worth.currency} a customer treated and "
            f"{worth.buyer_cents / 100:.2f} {worth.currency} left by each extra buyer, the offer to "
            f"{segment.name} only nets {said[0]} {worth.currency} per 100 customers of the test, that to "
            f"everybody {said[1]}."
        ),
        **about,
    )  # fmt: skip


def _picked_findings(picked: WinnersCurse, about: dict, n: int) -> list[Finding]:
    curse = 100 * (picked.looked_average - picked.held_out_average)
    many = len(picked.segments)
    method = f"best of {many} segments by difference of shares in a random half, measured in the other half"
    return [
        stated(
            picked.held_out, id="A9.best_segment_held_out", unit=POINTS, n=picked.held_out.n,
            segment=picked.name, method=method,
            assumptions=(DRAWN, "shown as a warning; nothing is decided by it"),
            reading=(
                f"Looking through {many} segments in one half of the customers, the best is “{picked.name}” "
                f"with {points(picked.looked)}, a figure picked for being large. In the other half it shows "
                f"{points(picked.held_out)}. Over {picked.halvings} such halvings the pick looked "
                f"{curse:.1f} points better than it was; {picked.picked_anew} different segments won."
            ),
            **about,
        ),
    ]  # fmt: skip


def _interval(row: pd.Series, middle: str, low: str, high: str, n: int) -> Interval:
    return Interval(estimate=float(row[middle]), low=float(row[low]), high=float(row[high]), n=n)


def _extra(value: Interval) -> str:
    return f"{100 * value.estimate:.1f} extra buyers ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _settled(value: Interval) -> str:
    return "this is more than chance" if value.low > 0 else (
        "this is less than chance allows" if value.high < 0 else "chance alone could do this"
    )  # fmt: skip


def _skip(name: str, reason: str, about: dict) -> Finding:
    return Finding(
        id=name, requirement=about["requirement"], question=about["question"], status="skipped",
        reason=reason, reading=reason, level=None,
    )  # fmt: skip


def _but(doubt: str) -> str:
    return f" But {doubt}, so this is not settled." if doubt else ""
