"""Shared by the questions about lists: the comparison of models, what it rests on, what is worth having."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.list_study import Protocol as SplitProtocol
from helpers.data.list_study import split_shop
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Failed, Skipped
from helpers.report.finding import Verdict
from helpers.report.question import without
from helpers.report.reasons import bare
from helpers.report.words import words_beside
from methods.intervals.estimates import Interval, wilson
from methods.lists.model_comparison import ModelComparison, compare_models
from methods.lists.paired_differences import compare
from methods.lists.split import Split

WORDS = words_beside(__file__)
CHANCE = 0.05


class Compared(Protocol):
    """An answer that holds a comparison of models, such as that of `accuracy_of_lists`."""

    @property
    def comparison(self) -> ModelComparison: ...


def comparison_of(
    shop: Shop,
    answer: Compared | Skipped | Failed | None,
    *,
    length: int = 10,
    protocol: SplitProtocol = "auto",
    test_days: int = 56,
    repeats: bool = False,
    most_customers: int = 20_000,
    seed: int = 1,
) -> ModelComparison:
    """Return the comparison that an answer holds, or make one with these options where there is no answer.

    options: as in `split_shop` and `compare_models`. Raises CannotAnswer where the answer was withheld.
    """
    if isinstance(answer, Skipped | Failed):
        raise CannotAnswer(bare(without(answer)))
    if answer is not None:
        return answer.comparison
    purchases, split = split_shop(shop, protocol=protocol, test_days=test_days, repeats=repeats, seed=seed)
    return compare_models(
        purchases, split, length=length, tuning_days=test_days, most_customers=most_customers, seed=seed
    )


def assumptions(split: Split, *also: str) -> tuple[str, ...]:
    """Return what every figure judged on this split rests on, in words, and whatever a question adds."""
    common = (
        WORDS.text("counted", repeats=split.repeats),
        WORDS.text("newcomers"),
        WORDS.text("bought anyway"),
        WORDS.text("one cut"),
    )
    return (*common, *((split.leak,) if split.leak else ()), *also)


def flattery(split: Split, *, title: bool = False) -> str:
    """Return what a sentence (or a title) adds where the split flatters; empty for an honest cut in time."""
    return "" if not split.leak else WORDS.text("leak title" if title else "leak")


def facts_of(comparison: ModelComparison, *also: str) -> dict[str, Any]:
    """Return what every sentence about this comparison rests on and has to add; also: further assumptions."""
    split = comparison.split
    return {"assumptions": assumptions(split, *also), "leak": flattery(split)}


def shares_served(served: Mapping[Any, np.ndarray]) -> pd.DataFrame:
    """Return the share of customers whom each list served, in %: estimate, low, high (Wilson), n.

    served: by list, 1 or 0 a customer.
    """
    rows = {}
    for name, ones in served.items():
        share = wilson(ones.sum(), len(ones)).scaled(100)
        rows[name] = (share.estimate, share.low, share.high, len(ones))
    index = pd.Index(list(rows), tupleize_cols=False)
    return pd.DataFrame(list(rows.values()), index=index, columns=["estimate", "low", "high", "n"])


def differences_served(
    served: Mapping[Any, np.ndarray], pairs: Mapping[str, tuple[Any, Any]], *, resamples: int, seed: int
) -> pd.DataFrame:
    """Return the differences of customers served, in points, as `compare` does; the pairs are one family.

    served: by list, 1 or 0 a customer, the same customers in both lists of a pair. pairs: by name of a
    difference, the list that is compared and the one that it is compared with.
    """
    gaps = {name: 100 * (served[first] - served[second]) for name, (first, second) in pairs.items()}
    return compare(gaps, resamples=resamples, seed=seed)


def counted(value: float, *, n: int) -> Interval:
    """Return a figure that is counted and not estimated: its interval has no width and no level."""
    return Interval(estimate=float(value), low=float(value), high=float(value), n=n, level=None)  # type: ignore[arg-type]


def worth_verdict(row: Any, *, smallest: float, p: float) -> Verdict:
    """Return the verdict on "this is better by an amount worth having".

    row: estimate and high, in the unit of `smallest`. p: of no difference, adjusted as the question declares.
    Effect size first: a difference beyond chance that is smaller than `smallest` is not supported. An
    interval without width shows that nothing varied, and settles nothing.
    """
    if p < CHANCE and row.estimate >= smallest:
        return "supported"
    return "contradicted" if row.low < row.high < smallest else "not settled"


def worth(
    row: Any, *, smallest: float, p: float, p_alone: float, p_before: float | None = None
) -> dict[str, Any]:
    """Return verdict, p-value and facts of the claim that a difference is worth having; see below.

    p: adjusted within the question, for the verdict. p_alone: for the chapter, which adjusts it itself.
    p_before: of the same difference at an earlier cut, which has to be there as well (the larger p decides,
    Berger 1982); None where there is none. The fact `unseen_before` says that this alone keeps it open.
    """
    alone = worth_verdict(row, smallest=smallest, p=p)
    if p_before is not None:
        p, p_alone = max(p, p_before), max(p_alone, p_before)
    return {
        "verdict": worth_verdict(row, smallest=smallest, p=p),
        "p_value": worth_p(row, smallest=smallest, p=p_alone),
        "smallest": smallest,
        "unseen_before": alone == "supported" and p >= CHANCE,
    }


def worth_p(row: Any, *, smallest: float, p: float, level: float = 0.95) -> float:
    """Return the p-value of the claim that decides.

    Where the gain looks worth having: of no gain, p. Else of a gain worth having, read off the interval's
    upper arm as if it were normal.
    """
    if row.estimate >= smallest:
        return p
    reach = row.high - row.estimate
    if reach <= 0:
        return 1.0
    return float(2 * norm.sf((smallest - row.estimate) / reach * norm.ppf(0.5 + level / 2)))


def interval_of(row: Any, name: str = "", *, n: int | None = None) -> Interval:
    """Return the interval that a row of a frame holds: `name`, `name_low`, `name_high`.

    Without a name: `estimate`, `low`, `high` and `n`.
    """
    low, high = (f"{name}_low", f"{name}_high") if name else ("low", "high")
    return Interval(
        estimate=float(getattr(row, name or "estimate")),
        low=float(getattr(row, low)),
        high=float(getattr(row, high)),
        n=int(row.n if n is None else n),
    )
