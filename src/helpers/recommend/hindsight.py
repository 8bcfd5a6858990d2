"""D5: what each policy would have earned by the other's log, beside what it did earn where it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.recommend.words import slug
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.clustered_means import Mean, clustered_means
from methods.intervals.estimates import Interval
from methods.logs.off_policy_evaluation import FEWEST_EFFECTIVE_PERCENT, OffPolicy, off_policy_evaluation

HINDSIGHT = "What would each policy have earned by the log of the other, and was that right where it ran?"
METHODS = {
    "ipw": "weighted (IPW)",
    "snipw": "weighted, scaled (SNIPW)",
    "doubly_robust": "doubly robust",
    "own": "its own log",
}
_FEWEST_ROWS, _FEWEST_CLICKS = 200, 20


@dataclass(frozen=True, kw_only=True)
class Hindsight:
    """Each policy judged from the other's log. judged: policy -> `OffPolicy`, whose values are shares."""

    findings: tuple[Finding, ...]
    judged: Mapping[str, OffPolicy] = field(repr=False)
    reward: str

    def table(self) -> pd.DataFrame:
        """One row a policy and method: % of impressions with interval, and how the log overlaps."""
        rows = []
        for policy, found in self.judged.items():
            for name, words in METHODS.items():
                value, own = found.values[name].scaled(100), name == "own"
                row = {"policy": policy, "by": words, f"{self.reward}, %": value.estimate}
                row |= {"low": value.low, "high": value.high}
                seen = found.overlap
                row |= {
                    "rows worth, %": np.nan if own else seen.effective_percent,
                    "mean weight": np.nan if own else seen.mean_weight,
                    "largest weight": np.nan if own else seen.largest_weight,
                    "weight on heaviest 1 %": np.nan if own else seen.top_percent,
                    "refused": "" if own else found.refused and "yes",
                }
                rows.append(row)
        frame = pd.DataFrame(rows)
        formats = {name: ".2f" for name in (f"{self.reward}, %", "low", "high", "mean weight")}
        formats |= {name: ".1f" for name in ("rows worth, %", "largest weight", "weight on heaviest 1 %")}
        frame.attrs = {
            "caption": "Each policy by the other's log and by its own, 95 % intervals",
            "formats": formats,
        }
        return frame

    def draw(self) -> Picture:
        """Draw, for each policy, the estimates from the other's log beside what it earned itself."""
        figure, panels = canvas(
            self._title(), x=f"{self.reward}, % of impressions", columns=2, width_inches=9.5, height_inches=3
        )
        told = []
        for axes, (policy, found) in zip(panels.flat, self.judged.items(), strict=True):
            axes.set_title(f"“{policy}” by the other's log" + (": refused" if found.refused else ""))
            for place, name in enumerate(METHODS):
                value = found.values[name].scaled(100)
                colour = PALETTE[1] if name == "own" else MUTED if found.refused else PALETTE[0]
                axes.plot([value.low, value.high], [place, place], color=colour, lw=2.5)
                axes.plot(value.estimate, place, "o", color=colour, ms=7)
                told.append(f"{policy} {METHODS[name]} {_span(value)}")
            axes.axvline(100 * found.values["own"].estimate, color=INK, lw=0.8, ls="--")
            axes.set_ylim(len(METHODS) - 0.5, -0.5)
            axes.set_yticks(range(len(METHODS)), METHODS.values() if axes is panels.flat[0] else [""] * 4)
        return Picture(figure, f"Clicks or purchases per impression, %, with intervals: {'; '.join(told)}.")

    def _title(self) -> str:
        open_to_all = {name: found for name, found in self.judged.items() if not found.refused}
        right = [name for name, found in open_to_all.items() if _holds_zero(found.values["error"])]
        return (
            f"{len(right)} of {len(open_to_all)} estimates from the other policy's log agree with what "
            "the policy earned when it ran"
        )


@question(
    "D5",
    HINDSIGHT,
    needs=("impressions.propensity", "impressions.other_propensity", "impressions.clicked"),
)
def policies_in_hindsight(
    shop,
    *,
    reward: str = "clicked",
    fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
    seed: int = 1,
) -> Hindsight:
    """Estimate what each of two policies earns per impression from the other's log, and check it.

    reward: `clicked` or `bought`, a column of impressions. The judged policy's own rows say what it shows (to
    the model) and, at the end, what it earned; their rewards enter no estimate from the other log.
    A policy whose overlap fails (`off_policy.Overlap.fault`) is refused in one sentence. Raises CannotAnswer
    unless exactly two policies have 200 impressions and 20 rewards each.
    """
    if reward not in ("clicked", "bought"):
        raise ValueError(f"reward {reward!r} is not known; choose 'clicked' or 'bought'")
    rows = read_impressions(shop, reward=reward)
    counts = rows.groupby("policy")[reward].agg(["size", "sum"])
    counts = counts[(counts["size"] >= _FEWEST_ROWS) & (counts["sum"] >= _FEWEST_CLICKS)]
    if len(counts) != 2:
        raise CannotAnswer(
            f"policies with {_FEWEST_ROWS} impressions and {_FEWEST_CLICKS} of them {reward}: {len(counts)}; "
            "one chance of the other policy a row can compare two"
        )
    parts = {name: rows[rows["policy"] == name] for name in counts.index}
    judged = {}
    for name in parts:
        (other,) = set(parts) - {name}
        judged[name] = off_policy_evaluation(
            parts[other], reward=reward, propensity="propensity", target_propensity="other_propensity",
            cluster="customer_id", target=parts[name], traits=("had", "position", "item_id"), seed=seed,
            fewest_effective_percent=fewest_effective_percent,
        )  # fmt: skip
    found = [
        finding for name in judged for finding in _findings(name, judged[name], len(parts[name]), reward)
    ]
    difference = _difference(parts, reward)
    return Hindsight(findings=(*found, difference), judged=judged, reward=reward)


def read_impressions(shop, *, reward: str) -> pd.DataFrame:
    """Return one row an impression with known chances: what an estimate needs, and what was had before.

    policy, customer_id, item_id, position, propensity, other_propensity, reward (0/1) and `had`: how many
    products of the same category the customer had bought before it was shown, 3 for more.
    """
    shown = shop["impressions"].filter(
        lambda t: t.propensity.notnull() & t.other_propensity.notnull() & t[reward].notnull()
    )
    goods = shop["items"].select("item_id", "category")
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    bought = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(goods, "item_id")
    bought = bought.select("customer_id", "category", "placed_at")
    named = shown.left_join(goods, "item_id")
    pairs = named.join(bought, ["customer_id", "category"])
    counts = pairs.filter(pairs.placed_at < pairs.shown_at).group_by("impression_id").agg(had=ibis._.count())
    rows = named.left_join(counts, "impression_id").select(
        "impression_id", "policy", "customer_id", "item_id", "position",
        "propensity", "other_propensity", reward, "had",
    )  # fmt: skip
    frame = rows.order_by("impression_id").to_pandas()
    frame["had"] = frame["had"].fillna(0).clip(upper=3).astype(int)
    frame[reward] = frame[reward].astype(float)
    return frame


def _findings(policy: str, found: OffPolicy, rows: int, reward: str) -> list[Finding]:
    own, name = found.values["own"].scaled(100), slug(policy)
    shared = {"requirement": "D5", "question": HINDSIGHT}
    unit = f"% of impressions {reward}"
    ran = Finding(
        id=f"D5.value_{name}_own", estimate=own.estimate, low=own.low, high=own.high, unit=unit, n=rows,
        method="plain mean of its own impressions, customers as clusters", **shared,
        reading=f"Where “{policy}” ran, {_span(own)} of its impressions were {reward}.",
    )  # fmt: skip
    if found.refused:
        reason = f"Not answered: by the other log, the value of “{policy}” cannot be known: {found.refused}."
        return [
            ran,
            Finding(
                id=f"D5.value_{name}", status="skipped", reason=reason, reading=reason, level=None, **shared
            ),
        ]
    value, miss = found.values["doubly_robust"].scaled(100), found.values["error"].scaled(100)
    agrees = _holds_zero(miss)
    shared |= {
        "n": found.overlap.rows,
        "method": "doubly robust from the other policy's log, model cross-fitted by customer, clusters",
        "assumptions": (
            "the logged chances are those with which the policies really drew",
            "a product is clicked as it would be in any company of products",
            "the interval covers customers, not other weeks",
        ),
    }
    worth = f"that log is worth {found.overlap.effective_percent:.0f} % of its rows"
    agreed = "they agree" if agrees else "they do not agree"
    return [
        Finding(
            id=f"D5.value_{name}", estimate=value.estimate, low=value.low, high=value.high, unit=unit,
            reading=f"By the log of the other policy, “{policy}” would have had {_span(value)} of its "
            f"impressions {reward}; {worth}.", **shared,
        ),
        Finding(
            id=f"D5.error_{name}", estimate=miss.estimate, low=miss.low, high=miss.high,
            unit="pp of impressions", verdict="supported" if agrees else "contradicted",
            reading=f"That estimate lies {miss.estimate:+.2f} points from what “{policy}” earned where it "
            f"ran ({miss.low:+.2f} to {miss.high:+.2f}): {agreed}.", **shared,
        ),
        ran,
    ]  # fmt: skip


def _difference(parts: Mapping[str, pd.DataFrame], reward: str) -> Finding:
    means = clustered_means(
        {
            name: Mean(top=rows[reward].to_numpy(), bottom=np.ones(len(rows)), cluster=rows["customer_id"])
            for name, rows in parts.items()
        }
    )
    first, second = parts
    gap = means.combined(**{first: 1, second: -1}).scaled(100)
    settled = not _holds_zero(gap)
    return Finding(
        id="D5.difference", requirement="D5", question=HINDSIGHT, estimate=gap.estimate, low=gap.low,
        high=gap.high, unit="pp of impressions", n=sum(len(rows) for rows in parts.values()),
        method="difference of the two policies where they ran side by side, customers as clusters",
        assumptions=("a coin gave each visit its policy",),
        verdict="reported" if settled else "not settled",
        reading=f"Side by side, “{first}” had {gap.estimate:+.2f} points more impressions {reward} than "
        f"“{second}” ({gap.low:+.2f} to {gap.high:+.2f}).",
    )  # fmt: skip


def _holds_zero(value: Interval) -> bool:
    return value.low <= 0 <= value.high


def _span(value: Interval) -> str:
    return f"{value.estimate:.2f} % (95 % interval {value.low:.2f} to {value.high:.2f})"
