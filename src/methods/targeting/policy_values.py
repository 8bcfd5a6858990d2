"""What each rule of whom to treat is worth, in outcomes and in money, on customers held out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from methods.counts import percent
from methods.intervals.influence import standard_error
from methods.targeting.cross_fitted_cate import CrossFittedCate, Lessons
from methods.targeting.ranking import policy_value, top_share

NOBODY, EVERYBODY = "nobody", "everybody"
PARTS, SURE = (0.75, 0.5, 0.25, 0.0), 2.0


def targeting_rules(
    gains: CrossFittedCate,
    *,
    budget: float,
    segments: Mapping[str, np.ndarray] | None = None,
    worth: float = 1.0,
    cost: float = 0.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return what each rule brings per row of the audience, judged by doubly robust scores.

    budget: share of the audience that can be treated.
    segments: name to mask (judged,), treated whole.
    worth: of one more outcome;
    cost: of treating one row (same money). The learners rank; the last rule treats, within the budget,
        only as far down its ranking as paid among those it was learned from (`paying_share`). Columns:
        rule; treated (share);
        extra, low, high (outcomes against treating nobody); over_random, over_low, over_high (against as
        many at random); net, net_low, net_high (money against nobody).
    Raises ValueError unless 0 < budget <= 1. Values: Athey and Wager 2021 (Econometrica).

    >>> rng = np.random.default_rng(1)
    >>> gain = rng.normal(size=500)
    >>> from methods.targeting.cross_fitted_cate import DOUBLY_ROBUST, TWO_MODELS
    >>> gains = CrossFittedCate(rows=np.arange(500), block=np.zeros(500), score=gain + rng.normal(size=500),
    ...                         predicted={DOUBLY_ROBUST: gain, TWO_MODELS: gain}, treated_share=0.5)
    >>> found = targeting_rules(gains, budget=0.2)
    >>> found.loc[3, "rule"], bool(found.loc[3, "over_low"] > 0)
    ('20 % ranked highest by the DR-learner', True)
    """
    if not 0 < budget <= 1:
        raise ValueError(f"budget {budget} must be a share above 0 and at most 1, such as 0.2")
    rows = len(gains.score)
    rules = {NOBODY: np.zeros(rows), EVERYBODY: np.ones(rows)}
    rules[f"{percent(budget, 0)} at random"] = np.full(rows, budget)
    tops = {name: top_share(values, budget, gains.block) for name, values in gains.predicted.items()}
    rules |= {f"{percent(budget, 0)} ranked highest by the {name}": chosen for name, chosen in tops.items()}
    rules |= {name: np.asarray(mask, dtype=float) for name, mask in (segments or {}).items()}
    if cost > 0:
        first = next(iter(gains.predicted))
        rules[f"as the {first}, only where it pays"] = _where_it_pays(
            gains, gains.predicted[first], budget=budget, worth=worth, cost=cost
        )
    return pd.DataFrame([_line(name, rule, gains.score, worth, cost, level) for name, rule in rules.items()])


def _where_it_pays(
    gains: CrossFittedCate, predicted: np.ndarray, *, budget: float, worth: float, cost: float
) -> np.ndarray:
    """Chance (judged,) of being treated where each block goes down its ranking as far as it paid before."""
    chosen = np.zeros(len(predicted))
    for number, lessons in enumerate(gains.lessons):
        rows = gains.block == number
        share = paying_share(lessons, budget=budget, worth=worth, cost=cost)
        if share > 0:
            chosen[rows] = top_share(predicted[rows], share)
    return chosen


def paying_share(lessons: Lessons, *, budget: float, worth: float, cost: float) -> float:
    """Return the share of an audience, up to the budget, that it pays to treat in the order of expected gain.

    worth, cost: as `targeting_rules`. The budget, three, two, one quarter of it or nobody: less than the
    budget only where that earned more among left-out rows by over two standard errors, for the best of five
    sums is a lucky one (empirical welfare maximisation: Kitagawa and Tetenov 2018, Econometrica). Where gains
    themselves were held against the cost, their error near it made the rule earn less than the whole budget.

    >>> gain = np.linspace(1, 0, 1_000)
    >>> paying_share(Lessons(predicted=gain, score=gain), budget=0.4, worth=10.0, cost=8.0)
    0.2
    """
    income = worth * lessons.score - cost
    whole = top_share(lessons.predicted, budget)
    best, most = budget, 0.0
    for part in PARTS:
        fewer = top_share(lessons.predicted, part * budget) if part else np.zeros_like(whole)
        saved = (fewer - whole) * income
        sure = float(saved.mean() - SURE * standard_error(saved))
        if sure > most:
            best, most = part * budget, sure
    return best


def _line(name: str, chosen: np.ndarray, score: np.ndarray, worth: float, cost: float, level: float) -> dict:
    extra = policy_value(chosen, score, level=level)
    over = policy_value(chosen, score, against=chosen.mean(), level=level)
    net = policy_value(chosen, score, worth=worth, cost=cost, level=level)
    return {
        "rule": name,
        "treated": chosen.mean(),
        "extra": extra.estimate, "low": extra.low, "high": extra.high,
        "over_random": over.estimate, "over_low": over.low, "over_high": over.high,
        "net": net.estimate, "net_low": net.low, "net_high": net.high,
    }  # fmt: skip
