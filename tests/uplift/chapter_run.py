"""The whole uplift chapter asked of one simulated market: every finding, its truth, its verdicts."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from helpers import uplift
from helpers.report import Finding, Skipped
from helpers.report.judging import judged_together
from helpers.report.registry import spec_of
from market import Market
from methods.targeting.cross_fitted_cate import DOUBLY_ROBUST
from methods.targeting.ranking import places, top_share
from tests.market_runs import numbers_of

BUDGET = 0.2
JUDGED_LEVEL = 0.95

# Why a finding has no truth, or an interval that promises no coverage.
WITHOUT_TRUTH = {
    "A12.price_of_looking": "worked out by integration from the number of looks, not estimated",
    "A1.common_ground": "a count on fitted chances; by the true chances everybody has a counterpart, and at "
    "that edge of what a share can be no two-sided interval covers at its level",
    **dict.fromkeys(
        (
            "A3.common_ground",
            "A3.likes_left_over",
            "A4.must_not_jump",
            "A6.common_ground",
            "A10.common_ground",
        ),
        "a count of these very rows, which promises no interval",
    ),
    "A9.orders_kept: try_first": "what an order leads to weeks later is known of the course taken alone",
    "A1.detectable": "what so many customers could show, a plan and no estimate",
    "A5.cost_per_added_order": "what was paid stands in the market's source.toml, which these shops lack, so "
    "the question is to be skipped there",
}
# Skipped where nothing bounds them: the sets of Fieller and of Anderson and Rubin are then the whole line,
# and their promise is for all samples, those included.
UNBOUNDED = {
    "A2.complier_effect": "to bound",
    "A3.percent_through_likes": "has no bounds",
    "A5.paid_per_added_order": "has no bound",
}

# Intervals that by their nature cover more often than their level says, so that only too few is a fault.
_FIXED = (
    "the truth is that of these very customers at their own chances; the interval also counts the draw of "
)
CAUTIOUS = {
    "A5.paid_per_added_order": "where nothing bounds it, Fieller's set is the whole line, which holds all",
    "A5.sample_ratio": "exactly half of the circles are drawn",
    "A6.raw_gap": _FIXED + "comments",
    "A7.returns_pretrend: quality_control": "starts are dealt out among all categories, while those that the "
    "market reaches are always the same, and these move less than a pick at random",
    "A8.change_a1": "a product of two small effects (own share with friends', friends' with buying), which "
    "near nought moves less than the delta method says",
    "A8.change_a2": "a product of two small effects, as A8.change_a1",
    **dict.fromkeys(
        ("A2.while_running", "A5.while_running", "A9.while_running: try_first"),
        "holds at all looks together, so at the last alone more often than at its level",
    ),
    **dict.fromkeys(("A12.sample_per_arm", "A12.weeks"), _FIXED + "customers"),
}


def ask_chapter(shop, *, seed: int) -> dict[str, object]:
    """Return the answers of notebook 03 by name."""
    gap = uplift.share_gap(shop, seed=seed)
    offer = uplift.who_gains(shop, seed=seed)
    return {
        "gap": gap,
        "balance": uplift.covariate_balance(gap),
        "falsification": uplift.falsification(gap, shuffles=1, seed=seed),
        "known_effects": uplift.known_effects(gap, seed=seed),
        "sensitivity": uplift.sensitivity(gap),
        "prompt": uplift.prompt_test(shop),
        "likes": uplift.likes_dose_response(shop, seed=seed),
        "coupon": uplift.coupon_threshold(shop, seed=seed),
        "cashback": uplift.cashback_test(shop, seed=seed),
        "reply": uplift.brand_reply(shop, seed=seed),
        "schemes": uplift.every_programme(shop, seed=seed),
        "spill": uplift.spill_over(shop, seed=seed),
        "community": uplift.community_purchases(shop, seed=seed),
        "islands": uplift.ignored_network(shop, seed=seed),
        "offer": offer,
        "profile": uplift.gain_profile(offer),
        "word": uplift.word_of_mouth(shop),
        "halo": uplift.coupon_halo(shop, seed=seed),
        "plan": uplift.next_test(shop, seed=seed),
    }


def measure(shop, market: Market, seed: int) -> list[dict]:
    """Return one row a finding, judged in the chapter's family of tests.

    Keys: finding, seed, status, truth, estimate, low, high, verdict, promised (the interval has the level
    that is judged; that of "no effect" has 90 %), bounded (it is there).
    """
    answers = ask_chapter(shop, seed=seed)
    findings = judged_together(finding for answer in answers.values() for finding in answer.findings).findings
    truth = {**numbers_of(market.truth), **truths_of_picks(answers, market)}
    return [_row(finding, truth.get(name_of(finding), truth.get(finding.id)), seed) for finding in findings]


def name_of(finding: Finding) -> str:
    """The id, with its segment where one id is asked of several."""
    return f"{finding.id}: {finding.segment}" if finding.segment else finding.id


def in_family(finding: str) -> bool:
    """Say whether a finding is a declared test or follows one, so that its verdict is adjusted."""
    spec = spec_of(finding.partition(": ")[0])
    return spec is not None and (spec.role == "test" or bool(spec.follows))


def _row(finding: Finding, truth: float | None, seed: int) -> dict:
    answered, low, high = finding.status == "answered", finding.low, finding.high
    unbounded = not answered and UNBOUNDED.get(finding.id, "\0") in (finding.reason or "")
    if unbounded:
        low, high = -math.inf, math.inf
    return {
        "finding": name_of(finding), "seed": seed, "status": finding.status, "truth": truth,
        "estimate": finding.estimate, "low": low, "high": high,
        "verdict": finding.verdict, "promised": finding.level == JUDGED_LEVEL or unbounded,
        "bounded": answered,
    }  # fmt: skip


def truths_of_picks(answers: dict[str, object], market: Market) -> dict[str, float]:
    """Return the truths of what the analysis itself picked: rules, a segment, a number of looks.

    A rule learned from a sample has a true value of its own: the mean true gain over the customers to whom
    it applies. Analyses say whom they picked; only this check knows the gains.
    """
    # Sharing dealt out at random does nothing, so an interval that keeps its level raises 5 % alarms.
    truth = {"A1.placebo_treatment": 5.0}
    if not isinstance(answers["offer"], Skipped):
        truth |= _truths_of_rules(answers["offer"], market)
    if not isinstance(answers["plan"], Skipped):
        truth["A12.peeking_false_alarms"] = 100 * peeking_rate(answers["plan"].peeking[-1].looks)
    return truth


def _truths_of_rules(offer, market: Market) -> dict[str, float]:
    labels = market.labels["offer_test"].set_index("customer_id")
    gain = (labels["offered"] - labels["without"]).reindex(offer.test["customer_id"]).to_numpy()
    held, block = gain[offer.targeting.gains.rows], offer.targeting.gains.block
    predicted = offer.targeting.gains.predicted[DOUBLY_ROBUST]
    centred = predicted - np.array([predicted[block == number].mean() for number in np.unique(block)])[block]
    begin, end = places(predicted, block)
    share = 0.5 - (begin + end) / 2
    chosen = top_share(predicted, BUDGET, block)
    inside = offer.test["in_segment"].to_numpy()[offer.targeting.gains.rows]
    net = inside * (offer.targeting.worth.buyer_cents * held - offer.targeting.worth.contact_cents)
    return {
        "A9.calibration": float(centred @ held / (centred @ centred)),
        "A9.ranking_gain": 100 * float((share * (held - held.mean())).mean()),
        "A9.targeting_gain": 100 * float(((chosen - chosen.mean()) * held).mean()),
        "A9.segment_net_value": float(net.mean()),
        "A9.best_segment_held_out": 100 * float(gain[offer.picked.members].mean()),
    }


def peeking_rate(looks: int, *, level: float = 0.95, step: float = 0.02) -> float:
    """Return how often a test of nothing passes its limit at one of `looks` equal looks, by integration.

    The density of the running sum of those that have not passed yet is carried from look to look
    (Armitage, McPherson and Rowe 1969).
    """
    limit = norm.ppf(0.5 + level / 2)
    far = 8.0  # standard deviations, beyond which a step does not reach
    reach = math.ceil((limit * math.sqrt(looks) + far) / step)
    place = np.arange(-reach, reach + 1)
    edge = math.ceil(far / step)
    kernel = norm.pdf(np.arange(-edge, edge + 1) * step) * step
    still = np.zeros(len(place))
    still[len(place) // 2] = 1.0
    for look in range(1, looks + 1):
        still = np.convolve(still, kernel, mode="same")
        # A cell that the limit cuts keeps the part that lies inside.
        still *= np.clip((limit * math.sqrt(look) - np.abs(place * step)) / step + 0.5, 0.0, 1.0)
    return float(1.0 - still.sum())
