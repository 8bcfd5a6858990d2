"""C8, first part, in findings: what each action is worth a head, and what the plan is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.report import Finding

QUESTION = "A strategy for each segment: which action is worth its cost, and where is none?"
_CARRIED = (
    "an effect measured on others changes these customers' chance of buying by the same percentage",
    "a customer whom the action moves makes one purchase more, of the usual amount",
    "the margin, the contact's cost and the benefit are as given",
)
_METHOD = (
    "measured effect, scaled to the segment's chance of buying, times margin less cost; intervals joined"
)


def tier_findings(frame: pd.DataFrame, currency: str) -> tuple[Finding, ...]:
    """Return the net value a head of each action whose effect is known."""
    return tuple(
        Finding(
            id=f"C8.net_{row.segment.replace(',', '').replace(' ', '_')}",
            requirement="C8",
            question=QUESTION,
            estimate=row.net,
            low=row.low,
            high=row.high,
            unit=f"{currency} a head",
            n=row.customers,
            segment=row.segment,
            method=f"{_METHOD} (effect: {row.source})",
            assumptions=_CARRIED,
            verdict="supported" if row.low > 0 else "contradicted" if row.high < 0 else "not settled",
            reading=f"“{row.action}” for the {row.customers:,} customers who are {row.segment}: "
            f"{row.net:+,.2f} "
            f"{currency} a head ({row.low:+,.2f} to {row.high:+,.2f}); advice: {row.advice}.",
        )
        for row in frame.dropna(subset="net").itertuples()
    )


def plan_findings(frame: pd.DataFrame, budget: float, currency: str) -> tuple[Finding, ...]:
    """Return what the whole plan is worth within the budget."""
    chosen = frame[frame["contacted"] > 0]
    total = float((chosen["contacted"] * chosen["net"]).sum())
    down = float(np.sqrt(np.square(chosen["contacted"] * (chosen["net"] - chosen["low"])).sum()))
    up = float(np.sqrt(np.square(chosen["contacted"] * (chosen["high"] - chosen["net"])).sum()))
    spent = float((chosen["contacted"] * chosen["cost"]).sum())
    limit = f"a budget of {budget:,.0f} {currency}" if budget > 0 else "no limit of budget"
    names = ", ".join(chosen["action"]) or "nothing"
    return (
        Finding(
            id="C8.plan_value",
            requirement="C8",
            question=QUESTION,
            estimate=total,
            low=total - down,
            high=total + up,
            unit=currency,
            n=int(frame["customers"].sum()),
            method=f"{_METHOD}; tiers by net value per cost until the budget is spent",
            assumptions=(*_CARRIED, "the effects of different actions are independent findings"),
            reading=f"With {limit} the plan is: {names}. It costs {spent:,.0f} {currency} and "
            f"brings {total:,.0f} net "
            f"({total - down:,.0f} to {total + up:,.0f}).",
        ),
    )
