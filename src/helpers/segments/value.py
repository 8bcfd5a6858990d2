"""C2: segments by value and habit, named only where they are stable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from helpers.data.shop import Shop
from helpers.report import DIVERGING, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.features import Features, customer_features
from helpers.segments.history import last_day
from methods.customers.clustering import STEADY_JACCARD, STEADY_RAND, Grouping, group
from methods.customers.profile import name_groups, plain_name, standard_profile

QUESTION = "Value and habit segments: recency, frequency, spend, taste, hours, sharing. How stable are they?"
LARGEST_NUMBER = 8
_METHOD = "Gaussian mixture of habits, learned from repeat buyers, number of segments by bootstrap stability"
_CONVENTION = "segments cut a continuum: customers near a border could be in either"
_SHOWN = {
    "days_since_last": ("days since last purchase", ".0f"),
    "purchases": ("purchases", ".1f"),
    "purchases_per_90_days": ("purchases in 90 days", ".2f"),
    "spend_per_purchase": ("spend a purchase", ",.2f"),
    "list_price_paid": ("% of the list price paid", ".0f"),
    "night_share": ("% at night", ".0f"),
    "shares_per_purchase": ("posts a purchase", ".2f"),
}


@dataclass(frozen=True, kw_only=True)
class ValueSegments:
    """The segments of all customers with a purchase.

    members: one row a customer with customer_id, segment (number from 1, largest first), name. sizes: one row
    a segment with name, customers, share, low, high, once (with a single purchase, all in %), jaccard and the
    mean of every habit. profile: distance of the segment's repeat buyers from all in standard deviations.
    grouping: how firmly the segments stand.
    """

    members: pd.DataFrame
    sizes: pd.DataFrame
    profile: pd.DataFrame
    grouping: Grouping
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw a map of segments by habits: how far each lies from the average customer."""
        shown = self.profile.rename(columns={name: plain_name(name) for name in self.profile.columns})
        steady = int(self.grouping.runs.steady.sum())
        figure, axes = canvas(
            f"{len(shown)} segments, {steady} of them stable enough to be named",
            width_inches=11,
            height_inches=1.6 + 0.55 * len(shown),
        )
        image = axes.imshow(shown, cmap=DIVERGING, vmin=-2, vmax=2, aspect="auto")
        axes.grid(visible=False)
        axes.set_xticks(range(shown.shape[1]), shown.columns, rotation=40, ha="right")
        labels = [f"{name} · {share:.0f} %" for name, share in zip(*self._named(), strict=True)]
        axes.set_yticks(range(len(shown)), labels)
        for (row, column), value in np.ndenumerate(shown.to_numpy()):
            if abs(value) >= 0.4:
                colour = "white" if abs(value) > 1.4 else "#222222"
                axes.text(column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8, color=colour)
        figure.colorbar(image, ax=axes, label="standard deviations from the average", shrink=0.8)
        told = "; ".join(f"{name} {share:.0f} %" for name, share in zip(*self._named(), strict=True))
        return Picture(figure, f"Heat map of segments by habits. Segments and their size: {told}.")

    def _named(self) -> tuple[pd.Series, pd.Series]:
        return self.sizes["name"], self.sizes["share"]

    def table(self) -> pd.DataFrame:
        """Return one row a segment: size with interval, stability, and its mean habits."""
        headers = {
            "segment": ("segment", None),
            "name": ("name", None),
            "customers": ("customers", ","),
            "share": ("% of customers", ".1f"),
            "low": ("from %", ".1f"),
            "high": ("to %", ".1f"),
            "once": ("% of them seen once", ".0f"),
            "jaccard": ("stability (Jaccard)", ".2f"),
            **_SHOWN,
            "spend_per_purchase": (f"{self.currency} a purchase", ",.2f"),
            "favourite": ("favourite categories", None),
        }
        kept = {name: header for name, header in headers.items() if name in self.sizes}
        frame = self.sizes[list(kept)].rename(columns={name: header for name, (header, _) in kept.items()})
        frame.attrs = {
            "caption": f"Segments of customers with a purchase; {STEADY_JACCARD} and above is called stable",
            "formats": {header: form for header, form in kept.values() if form},
            "people": "customers",
        }
        return frame


@question("C2", QUESTION, needs=("orders.placed_at",))
def value_segments(
    shop: Shop, *, numbers: tuple[int, ...] = (), bootstraps: int = 8, seed: int = 1
) -> ValueSegments:
    """Group the customers with a purchase by value and habit, and say how stable the groups are.

    The groups are learned from customers who have bought more than once; one purchase shows no habit, so
    those with a single one are only placed in the group that their purchase fits best.
    numbers: numbers of segments tried, 2 to 8 when empty. bootstraps: of each, and twice as many of the
    chosen. seed: of sampling and KMeans. The number is the one that gives the most stable segments:
    bootstrap Jaccard index of 0.75 and above (Hennig 2007); only those are named. Raises CannotAnswer with
    fewer than 200 customers who bought on two days.
    """
    features = customer_features(shop, until=last_day(shop))
    often = features.plain["purchases"].to_numpy() > 1
    if often.sum() < 200:
        raise CannotAnswer(f"only {often.sum()} customers have bought on two days; segments need 200.")
    tried = numbers or range(2, LARGEST_NUMBER + 1)
    grouping = group(features.matrix, learn=often, numbers=tried, bootstraps=bootstraps, seed=seed)
    profile = standard_profile(features.plain[often], grouping.labels[often])
    names = name_groups(profile, grouping.runs.steady)
    sizes = _sizes(features, grouping, names)
    members = pd.DataFrame(
        {
            "customer_id": features.plain.index,
            "segment": grouping.labels + 1,
            "name": np.array(names, dtype=object)[grouping.labels],
        }
    )
    return ValueSegments(
        members=members,
        sizes=sizes,
        profile=profile,
        grouping=grouping,
        currency=shop.currency,
        findings=(_number(grouping, seed), _stability(grouping), *_shares(sizes, len(members))),
    )


def _sizes(features: Features, grouping: Grouping, names: list[str]) -> pd.DataFrame:
    counts = np.bincount(grouping.labels, minlength=len(names))
    low, high = proportion_confint(counts, counts.sum(), method="wilson")
    means = features.plain.groupby(grouping.labels).mean()
    frame = pd.DataFrame(
        {
            "segment": np.arange(1, len(names) + 1),
            "name": names,
            "customers": counts,
            "share": 100 * counts / counts.sum(),
            "low": 100 * low,
            "high": 100 * high,
            "once": 100 * features.plain["purchases"].eq(1).groupby(grouping.labels).mean(),
            "jaccard": grouping.jaccard,
        }
    )
    if "spend_per_purchase_cents" in means:
        frame["spend_per_purchase"] = means["spend_per_purchase_cents"] / 100
    for name in ("days_since_last", "purchases", "purchases_per_90_days", "shares_per_purchase"):
        if name in means:
            frame[name] = means[name]
    for name in ("list_price_paid", "night_share"):
        if name in means:
            frame[name] = 100 * means[name]
    tastes = [name for name in means if name.startswith("share of ")]
    if tastes:
        ordered = means[tastes].rename(columns=lambda name: name.removeprefix("share of "))
        frame["favourite"] = [", ".join(row.nlargest(2).index) for _, row in ordered.iterrows()]
    return frame


def _number(grouping: Grouping, seed: int) -> Finding:
    number, steady = grouping.number, int(grouping.runs.steady.sum())
    low, high = grouping.plausible_numbers(seed=seed)
    return Finding(
        id="C2.segments",
        requirement="C2",
        question=QUESTION,
        estimate=float(number),
        low=float(min(low, number)),
        high=float(max(high, number)),
        unit="segments",
        n=len(grouping.labels),
        method=f"{_METHOD} (most segments with Jaccard index of {STEADY_JACCARD} or more)",
        assumptions=(_CONVENTION,),
        reading=f"The customers fall into {number} segments by value and habit; {steady} of them return when "
        "other customers are drawn, and only those are named. They were learned from customers "
        "who bought more "
        "than once; who bought once is placed where that purchase fits best.",
    )


def _stability(grouping: Grouping) -> Finding:
    mean, draws = float(grouping.runs.rand.mean()), len(grouping.runs.rand)
    error = float(grouping.runs.rand.std(ddof=1)) / np.sqrt(draws) * float(student.ppf(0.975, draws - 1))
    firm, named = mean - error >= STEADY_RAND, int(grouping.runs.steady.sum())
    use = (
        "the whole cut is firm enough to plan with"
        if firm
        else f"as a whole too loose to plan with; the {named} named segments hold one by one"
        if named
        else "too loose to plan with, and no segment holds by itself"
    )
    return Finding(
        id="C2.stability",
        requirement="C2",
        question=QUESTION,
        estimate=mean,
        low=mean - error,
        high=min(mean + error, 1.0),
        unit="adjusted Rand index (0 chance, 1 the same)",
        n=len(grouping.labels),
        method=f"{draws} bootstrap samples grouped anew and compared; t interval of the mean",
        assumptions=("customers are drawn independently of each other",),
        verdict="supported" if firm else "not settled",
        reading=f"Drawn again from other customers, the segments agree to {mean:.2f} (0 is chance, 1 the "
        f"same): {use}.",
    )


def _shares(sizes: pd.DataFrame, customers: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            id=f"C2.share_segment_{row.segment}",
            requirement="C2",
            question=QUESTION,
            estimate=float(row.share),
            low=float(row.low),
            high=float(row.high),
            unit="% of customers with a purchase",
            n=customers,
            segment=row.name,
            method=f"{_METHOD}; Wilson interval",
            assumptions=(_CONVENTION,),
            reading=f"Segment {row.segment}, “{row.name}”: {row.share:.0f} % of the customers with a purchase"
            + ("." if row.jaccard >= STEADY_JACCARD else f" (stability only {row.jaccard:.2f})."),
        )
        for row in sizes.itertuples(index=False)
    )
