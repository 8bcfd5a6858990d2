"""D5: what each policy would have earned by the other's log, beside what it did earn where it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    Verdict,
    canvas,
    effect_verdict,
    forest,
    nil_verdict,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from helpers.report.release import Entry, share_of_events
from methods.intervals.clustered_means import ClusteredMeans, Mean, clustered_means
from methods.intervals.estimates import Interval
from methods.logs.off_policy_evaluation import OffPolicy, off_policy_evaluation
from methods.logs.weight_overlap import FEWEST_EFFECTIVE_PERCENT

WORDS = words_beside(__file__)
METHODS = {
    "ipw": "weighted (IPW)",
    "snipw": "weighted, scaled (SNIPW)",
    "doubly_robust": "doubly robust",
    "own": "its own log",
}
_FEWEST_ROWS, _FEWEST_CLICKS = 200, 20
_MARGIN = 0.25


@dataclass(frozen=True, kw_only=True)
class OffPolicyValues:
    """Each policy judged from the other's log. judged: policy -> `OffPolicy`, whose values are shares."""

    findings: tuple[Finding, ...]
    judged: Mapping[str, OffPolicy] = field(repr=False)
    reward: str

    def table(self) -> pd.DataFrame:
        """One row a policy and method: % of impressions with interval, and how the log overlaps."""
        rows = []
        for policy, found in self.judged.items():
            for name, words in METHODS.items():
                if name not in found.values:
                    continue
                value, own = found.values[name].scaled(100), name == "own"
                earned = interval(value.estimate, value.low, value.high, decimals=2)
                row: dict[str, Any] = {"policy": policy, "by": words, f"{self.reward}, %": earned}
                seen = None if own else found.overlap
                row |= {
                    "rows worth, %": np.nan if seen is None else seen.effective_percent,
                    "mean weight": np.nan if seen is None else seen.mean_weight,
                    "largest": np.nan if seen is None else seen.largest_weight,
                    "heaviest 1 %": np.nan if seen is None else seen.top_percent,
                    "refused": "" if own else found.refused and "yes",
                }
                rows.append(row)
        frame = pd.DataFrame(rows)
        formats = {name: ".1f" for name in ("rows worth, %", "largest", "heaviest 1 %")}
        formats["mean weight"] = ".2f"
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw, for each policy, the estimates from the other's log beside what it earned itself."""
        checks = [one.verdict for one in self.findings if one.id == "D5.error" and one.status == "answered"]
        told = [
            f"{policy} {METHODS[name]} {_percent(found, name)}"
            for policy, found in self.judged.items()
            for name in found.values
            if name in METHODS
        ]
        title, alt = WORDS.picture(
            "values",
            self.findings,
            fit=checks.count("fits"),
            tried=len(checks),
            reward=self.reward,
            told=told,
        )
        figure, panels = canvas(
            title,
            x=WORDS.label("of impressions", reward=self.reward),
            columns=2,
            width_inches=9.5,
            height_inches=3,
        )
        for axes, (policy, found) in zip(panels.flat, self.judged.items(), strict=True):
            axes.set_title(WORDS.text("panel", policy=policy, refused=bool(found.refused)))
            forest(axes, _marks(found), x=axes.get_xlabel(), zero=None, labels=axes is panels.flat[0])
            reference_line(axes, 100 * found.values["own"].estimate)
        return Picture(figure, alt)


@question(WORDS, needs=("impressions.propensity", "impressions.other_propensity", "impressions.clicked"))
def off_policy_values(
    shop: Shop,
    *,
    reward: str = "clicked",
    fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
    seed: int = 1,
) -> OffPolicyValues:
    """Estimate what each of two policies earns per impression from the other's log, and check it.

    reward: `clicked` or `bought`, a column of impressions. The judged policy's own rows say what it shows (to
    the model) and, at the end, what it earned; their rewards enter no estimate from the other log.
    A policy whose log carries too few rows (`WeightOverlap.fault`), chances that cannot be right
    (`weight_checks`) or chances of 0 is refused in one sentence.
    Raises CannotAnswer unless exactly two policies have 200 impressions and 20 rewards each.
    """
    if reward not in ("clicked", "bought"):
        raise ValueError(f"reward {reward!r} is not known; choose 'clicked' or 'bought'")
    rows = read_impressions(shop, reward=reward)
    counts = rows.groupby("policy")[reward].agg(["size", "sum"])
    counts = counts[(counts["size"] >= _FEWEST_ROWS) & (counts["sum"] >= _FEWEST_CLICKS)]
    if len(counts) != 2:
        raise CannotAnswer(
            WORDS.text(
                "few policies",
                fewest_rows=_FEWEST_ROWS,
                fewest_clicks=_FEWEST_CLICKS,
                reward=reward,
                found=len(counts),
            )
        )
    parts = {str(name): rows[rows["policy"] == name] for name in counts.index}
    own = _means(parts, reward)
    placed = "position" if rows["position"].notna().all() else None
    judged = {}
    for name in parts:
        (other,) = set(parts) - {name}
        judged[name] = _without_chances(parts[other], own, name) or off_policy_evaluation(
            parts[other], reward=reward, propensity="propensity", target_propensity="other_propensity",
            cluster="customer_id", target=parts[name], traits=("had", "position", "item_id"),
            position=placed, item="item_id", seed=seed,
            fewest_effective_percent=fewest_effective_percent,
        )  # fmt: skip
    findings = (
        _difference(own, parts, reward),
        *(found for name in judged for found in _findings(name, judged[name], parts, reward)),
    )
    return OffPolicyValues(findings=findings, judged=judged, reward=reward)


def _without_chances(log: pd.DataFrame, own: ClusteredMeans, policy: str) -> OffPolicy | None:
    """Refuse a log that shows what it says is never shown; None where every logged chance is above 0."""
    never = int((log["propensity"] <= 0).sum())
    if not never:
        return None
    fault = WORDS.text("no chance", rows=never, all=len(log))
    return OffPolicy(values={"own": own.combined(**{policy: 1})}, overlap=None, refused=fault)


def read_impressions(shop: Shop, *, reward: str) -> pd.DataFrame:
    """Return one row an impression with known chances: what an estimate needs, and what was had before.

    policy, customer_id, item_id, position, propensity, other_propensity, reward (0/1) and `had`: how many
    products of the same category the customer had bought before it was shown, 3 for more.
    """
    shown = shop["impressions"].filter(
        lambda t: t.propensity.notnull() & t.other_propensity.notnull() & t[reward].notnull()
    )
    goods = shop["items"].select("item_id", "category")
    named = shown.left_join(goods, "item_id")
    if shop.missing("orders.placed_at"):  # nobody is known to have had anything
        rows = named.mutate(had=ibis.null("int64"))
    else:
        rows = named.left_join(_had_before(shop, named, goods), "impression_id")
    rows = rows.select(
        "impression_id", "policy", "customer_id", "item_id", "position",
        "propensity", "other_propensity", reward, "had",
    )  # fmt: skip
    frame = rows.order_by("impression_id").to_pandas()
    frame["had"] = frame["had"].fillna(0).clip(upper=3).astype(int)
    frame[reward] = frame[reward].astype(float)
    return frame


def _had_before(shop: Shop, named: Table, goods: Table) -> Table:
    """Count by impression the products of its category that its customer had bought before it was shown."""
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    bought = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(goods, "item_id")
    pairs = named.join(bought.select("customer_id", "category", "placed_at"), ["customer_id", "category"])
    return pairs.filter(pairs.placed_at < pairs.shown_at).group_by("impression_id").agg(had=ibis._.count())


def _findings(policy: str, found: OffPolicy, parts: Mapping[str, pd.DataFrame], reward: str) -> list[Finding]:
    own, rows = found.values["own"], parts[policy]
    (log,) = (part for name, part in parts.items() if name != policy)
    ran = WORDS.finding(
        "D5.value_own",
        own,
        scale=100,
        n=len(rows),
        segment=policy,
        method=WORDS.text("method of own"),
        persons=rows["customer_id"].nunique(),
        tells=(_share(rows, policy, reward),),
        reward=reward,
    )
    if found.refused or found.overlap is None:
        reason = WORDS.text("refused", policy=policy, fault=found.refused)
        return [WORDS.skip("D5.value", reason, segment=policy), ran]
    error = found.values["error"]
    common: dict[str, Any] = {
        "scale": 100,
        "n": found.overlap.rows,
        "segment": policy,
        "persons": log["customer_id"].nunique(),
        "tells": (_share(log, policy, reward),),
        "method": WORDS.text("method"),
        "assumptions": tuple(WORDS.text(name) for name in ("chances", "company", "weeks")),
    }
    return [
        WORDS.finding(
            "D5.value",
            found.values["doubly_robust"],
            reward=reward,
            effective=found.overlap.effective_percent,
            **common,
        ),
        WORDS.finding("D5.error", error, verdict=_agreement(error, own), margin=_MARGIN, **common),
        ran,
    ]


def _agreement(error: Interval, own: Interval) -> Verdict:
    """Whether estimate and arm agree: where all of the interval lies within a quarter of what was earned."""
    verdict = nil_verdict(error, margin=_MARGIN * own.estimate)
    return "fits" if verdict == "supported" else verdict


def _share(rows: pd.DataFrame, policy: str, reward: str) -> Entry:
    return share_of_events(f"impressions of {policy}", rows[reward] > 0, rows["customer_id"])


def _means(parts: Mapping[str, pd.DataFrame], reward: str) -> ClusteredMeans:
    return clustered_means(
        {
            name: Mean(top=rows[reward].to_numpy(), bottom=np.ones(len(rows)), cluster=rows["customer_id"])
            for name, rows in parts.items()
        }
    )


def _difference(own: ClusteredMeans, parts: Mapping[str, pd.DataFrame], reward: str) -> Finding:
    first, second = parts
    gap = own.combined(**{first: 1, second: -1})
    return WORDS.finding(
        "D5.difference",
        gap,
        scale=100,
        n=sum(len(rows) for rows in parts.values()),
        persons=pd.concat(parts.values())["customer_id"].nunique(),
        verdict=effect_verdict(gap),
        method=WORDS.text("method of difference"),
        assumptions=(WORDS.text("coin"),),
        first=first,
        second=second,
        reward=reward,
    )


def _marks(found: OffPolicy) -> list[Mark]:
    ink = MUTED if found.refused else PALETTE[0]
    return [
        Mark(label=words, value=found.values[name], scale=100, colour=PALETTE[1] if name == "own" else ink)
        for name, words in METHODS.items()
        if name in found.values
    ]


def _percent(found: OffPolicy, name: str) -> str:
    value = found.values[name].scaled(100)
    return interval(value.estimate, value.low, value.high, unit="%", decimals=2)
