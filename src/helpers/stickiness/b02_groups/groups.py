"""B2: do some groups of new customers come back more often, or sooner, than others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from helpers.data.names import names_in
from helpers.data.new_customers import FIRST_CATEGORY, customer_groups, new_customers
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    band_curve,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.detectable import CHANCE
from helpers.report.formats import interval
from helpers.report.release import FEWEST_PEOPLE, told_rows
from methods.customers.survival import Survival, groups_differ, kaplan_meier
from methods.intervals.estimates import Interval
from methods.intervals.multiplicity import holm
from methods.intervals.shrinkage import Pooled, pooled_shares

WORDS = words_beside(__file__)
COLUMNS = ("channel", FIRST_CATEGORY, "age_band")
AGAIN_DAYS, FEWEST_TESTED, MOST_GROUPS, MOST_CURVES = 90, 30, 12, 5
_SIDES = ("back_month", "rest_month", "back_days", "rest_days")


@dataclass(frozen=True, kw_only=True)
class Parted:
    """New customers parted by one column.

    counts: one row a group (index), customers, month (who bought in the next month) and again (within 90
    days). month, again: their shares, pulled. waits: group to the survival until the second purchase.
    p_month, p_again: of groups that do not differ.
    """

    column: str
    counts: pd.DataFrame
    month: Pooled
    again: Pooled
    waits: dict[str, Survival]
    p_month: float
    p_again: float


@dataclass(frozen=True, kw_only=True)
class ReturnByGroup:
    """How groups of new customers differ in coming back, by column (the surest first)."""

    findings: tuple[Finding, ...]
    parted: tuple[Parted, ...]

    @property
    def draws_released(self) -> bool:
        """Whether the picture leaves out what is withheld, and something is left of it."""
        return any(_told(one) for one in self.parted)

    def draw(self) -> Picture:
        """The waits and the shares of the next month, by the told column whose groups differ most surely."""
        one = next((one for one in self.parted if _told(one)), self.parted[0])
        told = _told(one)
        marks = [_mark(one, place) for place in told]
        settled = [part.column.replace("_", " ") for part in self.parted if self._is_settled(part.column)]
        column = one.column.replace("_", " ")
        title, alt = WORDS.picture("groups", (), settled=settled, column=column, marks=marks)
        figure, axes = canvas(title, columns=2, width_inches=10, height_inches=3.8)
        for colour, place in zip(PALETTE, told[:MOST_CURVES], strict=False):
            group = str(one.counts.index[place])
            curve = one.waits[group]
            kept = (curve.days <= 2 * AGAIN_DAYS) & (curve.at_risk >= FEWEST_PEOPLE)
            again = 100 * (1 - curve.waiting[kept])
            band_curve(axes[0, 0], curve.days[kept], again, label=group, colour=colour, marker="")
        axes[0, 0].set_xlabel("days since the first purchase")
        axes[0, 0].set_ylabel("% who have bought again")
        if told:
            axes[0, 0].legend(loc="lower right")
        forest(axes[0, 1], marks, x="% who buy in the next month", zero=None)
        return Picture(figure, alt, stacks=True)

    def _is_settled(self, column: str) -> bool:
        return any(one.segment == column and one.verdict == "supported" for one in self.findings)

    def table(self) -> pd.DataFrame:
        """One row a group of each column: customers, shares back with intervals, days until half are back."""
        frame = pd.concat([_rows(one) for one in self.parted], ignore_index=True)
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"half back": ",.0f"},
            "people": "customers",
            "unseen": _SIDES,
            "within": "by",
        }
        return frame


@question(WORDS, needs=("orders.placed_at",))
def return_by_group(
    shop: Shop, *, by: str = ", ".join(COLUMNS), months: int = 12, seed: int = 1, level: float = 0.95
) -> ReturnByGroup:
    """Return how groups of new customers differ in buying the next month, and in when they buy again.

    by: columns of the customers table, or "first category" (of the first order), parted by commas; what the
    shop does not hold is left out. months: cohorts, as B1 has them. The largest groups stand alone and the
    rest together. Raises ValueError on a column that no shop has, CannotAnswer where no column parts the new
    customers into two groups of FEWEST_TESTED.
    """
    columns = names_in(by)
    _check(shop, columns)
    people = new_customers(shop, months=months, watched_days=AGAIN_DAYS)
    found = [_parted(shop, people, column, seed=seed, level=level) for column in columns]
    parted = tuple(sorted((one for one in found if one is not None), key=_least_p))
    if not parted:
        raise CannotAnswer(
            WORDS.text("no column", columns=columns, customers=len(people), least=FEWEST_TESTED)
        )
    together = holm(np.array([p for one in parted for p in (one.p_month, one.p_again)]))
    findings = []
    for one, (month, again) in zip(parted, together.reshape(-1, 2), strict=True):
        findings.append(_finding("B2.next_month_spread", one, one.month, one.p_month, float(month)))
        findings.append(_finding("B2.second_order_spread", one, one.again, one.p_again, float(again)))
    return ReturnByGroup(findings=tuple(findings), parted=parted)


def _told(one: Parted) -> list[int]:
    """The places of the groups that may be told."""
    table = told_rows(_rows(one), people="customers", counts=_SIDES)
    return [place for place, group in enumerate(one.counts.index) if group in set(table["group"])]


def _least_p(one: Parted) -> float:
    return min(one.p_month, one.p_again)


def _check(shop: Shop, columns: Sequence[str]) -> None:
    allowed = [*shop["customers"].columns, FIRST_CATEGORY]
    unknown = [name for name in columns if name not in allowed]
    if unknown:
        raise ValueError(f"group_columns names {unknown[0]!r}; give columns of {', '.join(allowed)}")


def _parted(shop: Shop, people: pd.DataFrame, column: str, *, seed: int, level: float) -> Parted | None:
    values = customer_groups(shop, column)
    if values is None:
        return None
    group = people["customer_id"].map(values)
    known = people.assign(group=group)[group.notna().to_numpy()]
    sizes = known["group"].value_counts()
    alone = sizes[sizes >= FEWEST_TESTED].index[:MOST_GROUPS]
    known = known.assign(group=known["group"].where(known["group"].isin(alone), WORDS.text("others")))
    counts = (
        known.assign(again=known["again"] & (known["days"] <= AGAIN_DAYS))
        .groupby("group")
        .agg(customers=("again", "size"), month=("next_month", "sum"), again=("again", "sum"))
    )
    counts = counts.sort_values("customers", ascending=False, kind="stable")
    if len(alone) < 2:
        return None
    shares = {
        name: pooled_shares(counts[name], counts["customers"], seed=seed, level=level)
        for name in ("month", "again")
    }
    waits = {str(name): kaplan_meier(own["days"], own["again"]) for name, own in known.groupby("group")}
    return Parted(
        column=column,
        counts=counts,
        waits=waits,
        p_month=_differ(counts["month"], counts["customers"]),
        p_again=groups_differ(known["days"], known["again"], known["group"]),
        **shares,
    )


def _differ(having: pd.Series, all_: pd.Series) -> float:
    """Return the p-value of groups with the same share; 1 where everybody or nobody has it."""
    if having.sum() in (0, all_.sum()):
        return 1.0
    return float(chi2_contingency(np.column_stack([having, all_ - having]), correction=False).pvalue)


def _finding(id: str, one: Parted, shares: Pooled, p: float, together: float) -> Finding:
    estimate, low, high = shares.spread
    found = Interval(estimate=estimate, low=low, high=high, n=int(one.counts["customers"].sum()))
    made = WORDS.finding(
        id,
        found,
        scale=100,
        segment=one.column,
        method=WORDS.text("method", month=id == "B2.next_month_spread"),
        assumptions=(WORDS.text("assumption"),),
        verdict=effect_verdict(found, doubt="chance" if together >= CHANCE else ""),
        p_value=p,
        column=one.column.replace("_", " "),
        groups=len(one.counts),
    )
    return replace(made, adjusted_p=together)


def _rows(one: Parted) -> pd.DataFrame:
    """The table's rows of one column; beside them, unseen, who is on either side of each share."""
    counts = one.counts
    return pd.DataFrame(
        {
            "by": one.column.replace("_", " "),
            "group": counts.index.astype(str),
            "customers": counts["customers"].to_numpy(),
            "% next month (95 %)": _shown(one.month),
            "% in 90 days (95 %)": _shown(one.again),
            "half back": [one.waits[str(name)].quantile(0.5) for name in counts.index],
            "back_month": counts["month"].to_numpy(),
            "rest_month": (counts["customers"] - counts["month"]).to_numpy(),
            "back_days": counts["again"].to_numpy(),
            "rest_days": (counts["customers"] - counts["again"]).to_numpy(),
        }
    )


def _shown(shares: Pooled) -> list[str]:
    percents = 100 * shares.shares
    return [interval(row.estimate, row.low, row.high) for row in percents.itertuples()]


def _mark(one: Parted, place: int) -> Mark:
    row = (100 * one.month.shares).iloc[place]
    n = int(one.counts["customers"].iloc[place])
    value = Interval(estimate=row["estimate"], low=row["low"], high=row["high"], n=n)
    return Mark(label=str(one.counts.index[place]), value=value)
