"""C2: segments by value and habit, named only where they are stable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from helpers.data.customer_features import LIFECYCLE, Features
from helpers.data.customer_groups import CustomerGroups, group_customers, groups_before
from helpers.data.shop import Shop
from helpers.report import (
    DIVERGING,
    CannotAnswer,
    Finding,
    Picture,
    Verdict,
    canvas,
    heat_map,
    question,
    words_beside,
)
from helpers.report.people_list import PeopleList, having
from helpers.report.plain_names import plain_name
from helpers.report.release import hidden_rows, led_by_one
from helpers.segments.c02_value_segments.group_names import habit_profile, names_of_groups
from methods.customers.clustering import STEADY_JACCARD, STEADY_RAND, Grouping, earlier_groups
from methods.customers.one_kind import gain_over_one_kind
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
_ONCE = "% of them seen once"
_LED = "one customer holds nearly all"
_SHOWN = {
    "purchases": ("purchases", ".1f"),
    "purchases_per_90_days": ("in 90 days", ".2f"),
    "days_since_last": ("days since the last", ".0f"),
    "spend_per_purchase": ("spend a purchase", ",.2f"),
    "list_price_paid": ("% of the list price paid", ".0f"),
    "shares_per_purchase": ("posts a purchase", ".2f"),
}


@dataclass(frozen=True, kw_only=True)
class ValueSegments:
    """The segments of all customers with a purchase.

    members: one row a customer with customer_id, segment (number from 1, largest first), name. sizes: one row
    a segment with name, customers, share, low, high, once (with a single purchase, all in %), jaccard (with
    other customers), earlier (with what was known days ago; left out where that cannot be told), steady and
    the mean of the habits shown. profile: distance of the segment's repeat buyers from all in standard
    deviations. grouping: how firmly the segments stand.
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
        sizes = [f"{row.name} {row.share:.0f} %" for row in self.sizes.itertuples(index=False)]
        steady = int(self.sizes["steady"].sum())
        title, alt = WORDS.picture("segments", self.findings, number=len(shown), steady=steady, sizes=sizes)
        figure, axes = canvas(title, width_inches=11, height_inches=1.6 + 0.55 * len(shown))
        shown.index = pd.Index(sizes)
        image = heat_map(axes, shown, form="{:+.1f}", colours=DIVERGING, lowest=-2, highest=2)
        axes.set_xticks(range(shown.shape[1]), shown.columns, rotation=40, ha="right")
        figure.colorbar(image, ax=axes, label="standard deviations from the average", shrink=0.8)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a segment: size with interval, stability, and its mean habits.

        The share seen once is left out where it would hide a row: with few segments one hidden row takes all
        others with it, and the sentences tell their sizes in any case.
        """
        headers = {
            "segment": ("segment", None),
            "name": ("name", None),
            "customers": ("customers", ","),
            "share": ("% of all", ".1f"),
            "low": ("from %", ".1f"),
            "high": ("to %", ".1f"),
            "once": (_ONCE, ".0f"),
            "jaccard": ("stable", ".2f"),
            "earlier": ("over time", ".2f"),
            **_SHOWN,
            "spend_per_purchase": (WORDS.label("a purchase", currency=self.currency), ",.2f"),
            "favourite": ("favourite categories", None),
            "led": (_LED, None),
        }
        kept = {name: header for name, header in headers.items() if name in self.sizes}
        frame = self.sizes[list(kept)].rename(columns={name: header for name, (header, _) in kept.items()})
        once = {_ONCE: 100}
        if hidden_rows(frame, people="customers", shares=once).any():
            frame, once = frame.drop(columns=_ONCE), {}
        frame.attrs = {
            "caption": WORDS.text("caption", firm=STEADY_JACCARD),
            "formats": {header: form for header, form in kept.values() if form and header in frame},
            "people": "customers",
            "shares": once,
            "money": {headers["spend_per_purchase"][0]: _LED} if _LED in frame else {},
        }
        return frame

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return who is in which segment, for analysts."""
        shares = [one for one in self.findings if one.id == "C2.segment_share"]
        members = self.members.drop(columns="segment").rename(columns={"name": "group"}).astype(str)
        return (
            PeopleList(
                name="segments",
                about=WORDS.text("list segments"),
                findings=tuple(one.key for one in shares),
                members=members,
                spoken={str(one.segment): having(one) for one in shares},
            ),
        )


@question(WORDS, needs=("orders.placed_at",))
def value_segments(
    shop: Shop, *, numbers: tuple[int, ...] = (), bootstraps: int = 8, days: int = 91, seed: int = 1
) -> ValueSegments:
    """Group the customers with a purchase by value and habit, and say how stable the groups are.

    The groups are learned from customers who have bought more than once; one purchase shows no habit, so
    those with a single one are only placed in the group that their purchase fits best.
    numbers: numbers of segments tried, 2 to 8 when empty. bootstraps: of each, and twice as many of the
    chosen. days: how long ago the segments are sought once more. seed: of sampling and the mixtures. The
    number is the one that gives the most stable segments: bootstrap Jaccard index of 0.75 and above (Hennig
    2007); only those are named that return from the earlier date as well, where it can be told. Raises
    CannotAnswer with fewer than 200 customers who bought on two days, and where one kind of customer would
    look the same.
    """
    found = group_customers(shop, numbers=numbers, bootstraps=bootstraps, seed=seed)
    features, grouping = found.features, found.grouping
    kinds = _kinds(found, seed)
    over_time, earlier = _over_time(shop, found, days=days, seed=seed)
    steady = grouping.runs.steady & (True if earlier is None else earlier >= STEADY_JACCARD)
    profile = habit_profile(features.plain[found.often], grouping.labels[found.often])
    names = names_of_groups(profile, steady)
    sizes = _sizes(features, grouping, names).assign(steady=steady)
    if earlier is not None:
        sizes["earlier"] = earlier
    members = pd.DataFrame(
        {
            "customer_id": features.plain.index,
            "segment": grouping.labels + 1,
            "name": np.array(names, dtype=object)[grouping.labels],
        }
    )
    number = _number(grouping, steady, seed, dated=earlier is not None)
    stability = _stability(grouping, int(steady.sum()))
    return ValueSegments(
        members=members,
        sizes=sizes,
        profile=profile,
        grouping=grouping,
        currency=shop.currency,
        findings=(kinds, number, stability, over_time, *_shares(sizes, len(members))),
    )


def _kinds(found: CustomerGroups, seed: int) -> Finding:
    """Whether there are kinds of customers at all; raises CannotAnswer where one kind would look the same."""
    matrix = found.features.matrix[found.often]
    purchases = found.features.plain["purchases"].to_numpy(dtype=int)[found.often]
    gain = gain_over_one_kind(matrix, purchases, given=LIFECYCLE, number=found.grouping.number, seed=seed)
    if not gain.low > 0:
        raise CannotAnswer(WORDS.text("one kind", gain=gain.estimate, low=gain.low, high=gain.high))
    return WORDS.finding(
        "C2.gain_over_one_kind",
        gain,
        method=WORDS.text("method kinds"),
        assumptions=(WORDS.text("assumption lifecycle"),),
        verdict="supported",
    )


def _over_time(
    shop: Shop, found: CustomerGroups, *, days: int, seed: int
) -> tuple[Finding, np.ndarray | None]:
    """How well today's customers are grouped alike by what was known days ago, and so each group."""
    grouping, axes = found.grouping, found.features.axes
    try:
        then = groups_before(shop, days=days, number=grouping.number, axes=axes, seed=seed)
    except CannotAnswer as limit:
        return WORDS.skip("C2.date_stability", WORDS.text("no earlier date", days=days, why=str(limit))), None
    again = earlier_groups(grouping, then.grouping, found.features.matrix[found.often], seed=seed)
    finding = WORDS.finding(
        "C2.date_stability",
        again.rand,
        method=WORDS.text("method dates", days=days),
        assumptions=(WORDS.text("assumption dates"),),
        verdict=_firmness(again.rand),
        days=days,
        firm=STEADY_RAND,
    )
    return finding, again.jaccard


def _sizes(features: Features, grouping: Grouping, names: list[str]) -> pd.DataFrame:
    counts = np.bincount(grouping.labels, minlength=len(names))
    shares = [wilson(count, counts.sum()).scaled(100) for count in counts]
    means = features.plain.groupby(grouping.labels).mean()
    frame = pd.DataFrame(
        {
            "segment": np.arange(1, len(names) + 1),
            "name": names,
            "customers": counts,
            "share": [share.estimate for share in shares],
            "low": [share.low for share in shares],
            "high": [share.high for share in shares],
            "once": 100 * features.plain["purchases"].eq(1).groupby(grouping.labels).mean(),
            "jaccard": grouping.jaccard,
        }
    )
    if "spend_per_purchase_cents" in means:
        frame["spend_per_purchase"] = means["spend_per_purchase_cents"] / 100
        frame["led"] = led_by_one(features.plain["spend_per_purchase_cents"], grouping.labels)
    for name in ("days_since_last", "purchases", "purchases_per_90_days", "shares_per_purchase"):
        if name in means:
            frame[name] = means[name]
    if "list_price_paid" in means:
        frame["list_price_paid"] = 100 * means["list_price_paid"]
    tastes = [name for name in means if name.startswith("share of ")]
    if tastes:
        ordered = means[tastes].rename(columns=lambda name: name.removeprefix("share of "))
        frame["favourite"] = [", ".join(row.nlargest(2).index) for _, row in ordered.iterrows()]
    return frame


def _number(grouping: Grouping, steady: np.ndarray, seed: int, *, dated: bool) -> Finding:
    """How many segments there are; dated: whether they were sought at an earlier date as well."""
    number = grouping.number
    low, high = grouping.plausible_numbers(seed=seed)
    span = Interval(
        estimate=float(number),
        low=float(min(low, number)),
        high=float(max(high, number)),
        n=len(grouping.labels),
    )
    return WORDS.finding(
        "C2.segments",
        span,
        method=WORDS.text("method number", firm=STEADY_JACCARD),
        assumptions=(WORDS.text("assumption continuum"),),
        steady=int(steady.sum()),
        dated=dated,
    )


def _stability(grouping: Grouping, steady: int) -> Finding:
    rand = grouping.runs.rand
    mean, draws = float(rand.mean()), len(rand)
    error = float(rand.std(ddof=1)) / np.sqrt(draws) * float(student.ppf(0.975, draws - 1))
    span = Interval(estimate=mean, low=mean - error, high=min(mean + error, 1.0), n=len(grouping.labels))
    return WORDS.finding(
        "C2.stability",
        span,
        method=WORDS.text("method stability", draws=draws),
        assumptions=(WORDS.text("assumption independent"),),
        verdict=_firmness(span),
        firm=STEADY_RAND,
        steady=steady,
    )


def _firmness(span: Interval) -> Verdict:
    """Firm or loose as a whole; draws that do not differ at all settle nothing."""
    if span.low == span.high:
        return "not settled"
    if span.low >= STEADY_RAND:
        return "supported"
    return "contradicted" if span.high < STEADY_RAND else "not settled"


def _shares(sizes: pd.DataFrame, customers: int) -> tuple[Finding, ...]:
    return tuple(
        WORDS.finding(
            "C2.segment_share",
            Interval(estimate=row.share, low=row.low, high=row.high, n=customers),
            segment=row.name,
            method=WORDS.label("wilson interval", text=WORDS.text("method")),
            assumptions=(WORDS.text("assumption continuum"),),
            name=row.name,
            number=row.segment,
            jaccard=row.jaccard,
            earlier=getattr(row, "earlier", None),
            is_steady=bool(row.steady),
            firm=STEADY_JACCARD,
        )
        for row in sizes.itertuples(index=False)
    )
