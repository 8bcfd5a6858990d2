"""What each rule of whom to treat is worth, in outcomes and in money, on customers held out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from methods.counts import percent
from methods.targeting.cross_fitted_cate import CrossFittedCate
from methods.targeting.ranking import policy_value, top_share

NOBODY, EVERYBODY = "nobody", "everybody"


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
        only whom the DR-learner expects to bring more than the cost. Columns: rule; treated (share);
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
        pays = worth * gains.predicted[first] > cost
        rules[f"as the {first}, only where it pays"] = tops[first] * pays
    return pd.DataFrame([_line(name, rule, gains.score, worth, cost, level) for name, rule in rules.items()])


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
