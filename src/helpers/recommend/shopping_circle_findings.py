"""What D6 states: coupons earned, customers reached, and what the search box finds."""

from __future__ import annotations

import pandas as pd

from helpers.recommend.shelf import Shelf
from helpers.recommend.shelf_search import mean_of, share_of
from helpers.report import Finding
from helpers.statistics.intervals import Interval

CIRCLE = "How many customers can find a friend's coupon, and does the search box find what they then buy?"
FEWEST_CUSTOMERS = 30
_BEST = "rest"


def earned(shelf: Shelf) -> Finding:
    """State which share of the circle's coupons a completed purchase had earned when issued."""
    total = len(shelf.coupons) + shelf.unearned
    share = 100.0 * shelf.coupons["complete_when_issued"].sum() / total
    early = int((~shelf.coupons["complete_when_issued"]).sum())
    return _counted(
        share, id="D6.earned_share", unit="% of circle coupons", n=total,
        reading=f"Of {total:,} coupons of the circle, {share:.1f} % came after the purchase had been "
        f"completed. {early:,} came before the goods did and are found only from then on; {shelf.unearned:,} "
        "follow no completed purchase and are found by nobody.",
    )  # fmt: skip


def reached(sizes: pd.DataFrame) -> list[Finding]:
    """State who can find a coupon now, and who could if every purchase had earned one."""
    customers = sizes["customers"]
    found = []
    for name, id_, words in (
        ("reached", "D6.reachable_share", "can find at least one coupon of a friend now"),
        (
            "reached_if_all",
            "D6.reachable_share_if_all",
            "could, had every completed purchase earned one",
        ),
    ):
        share = float((sizes[name] * customers).sum() / customers.sum())
        found.append(
            _counted(
                share, id=id_, unit="% of customers with friends", n=int(customers.sum()),
                reading=f"Of 100 customers with friends, {share:.1f} {words} ({sizes[name].iloc[0]:.1f} with "
                f"{sizes['circle'].iloc[0]}, {sizes[name].iloc[-1]:.1f} with {sizes['circle'].iloc[-1]}).",
            )
        )  # fmt: skip
    return found


def searched(searches: dict[str, pd.DataFrame], length: int, bought_days: int) -> list[Finding]:
    """State recall, rank and what the search box gains, on each shelf that was searched enough."""
    found = []
    for shelf, frame in searches.items():
        end = "" if shelf == "as it is" else "_if_all"
        recall, rank = share_of(frame, f"recall_{_BEST}"), share_of(frame, f"rank_{_BEST}")
        gain = mean_of(frame, **{f"rank_{_BEST}": 1.0, "rank_newest": -1.0})
        better = "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"
        where = f"Coupons {shelf}, {len(frame):,} searches before buying a product on a friend's coupon:"
        found += [
            _judged(
                recall, id=f"D6.recall{end}", unit=f"share of coupons among the first {length}", n=len(frame),
                days=bought_days,
                reading=f"{where} {recall.estimate:.2f} of those coupons stood among the first {length} "
                f"(95 % interval {recall.low:.2f} to {recall.high:.2f}).",
            ),
            _judged(
                rank, id=f"D6.mean_reciprocal_rank{end}", unit="mean reciprocal rank", n=len(frame),
                days=bought_days,
                reading=f"{where} the mean reciprocal rank is {rank.estimate:.2f} (95 % interval "
                f"{rank.low:.2f} to {rank.high:.2f}; 1 is always first).",
            ),
            _judged(
                gain, id=f"D6.search_box_gain{end}", unit="mean reciprocal rank", n=len(frame),
                verdict=better, days=bought_days,
                reading=f"{where} the search box gains {gain.estimate:+.2f} of mean reciprocal rank over "
                f"showing the newest first (95 % interval {gain.low:+.2f} to {gain.high:+.2f}).",
            ),
        ]  # fmt: skip
    return found


def too_few_searches(customers: int) -> Finding:
    """State that too few searches came before buying a friend's couponed product."""
    reason = (
        f"Not answered: customers who searched and then bought a product that a friend had a coupon for: "
        f"{customers}; judging the search box needs at least {FEWEST_CUSTOMERS} (table events, kind search)."
    )
    return Finding(
        id="D6.recall", requirement="D6", question=CIRCLE, status="skipped", reason=reason, reading=reason,
        level=None,
    )  # fmt: skip


def _counted(share: float, **fields) -> Finding:
    return Finding(
        requirement="D6", question=CIRCLE, estimate=share, low=share, high=share, level=None,
        method="count of coupons, purchases and friendships; nothing is sampled",
        assumptions=("a coupon belongs to its holder's last purchase before it",), **fields,
    )  # fmt: skip


def _judged(value: Interval, *, days: int, **fields) -> Finding:
    return Finding(
        requirement="D6", question=CIRCLE, estimate=value.estimate, low=value.low, high=value.high,
        method="the shop's own queries, BM25 over titles and categories, matches ordered by closeness of the "
        "friend and rating, the rest of the shelf below; customers as clusters",
        assumptions=(
            f"a coupon was wanted when its product was bought within {days} days after the search",
            "what was bought without such a shelf stands for what would be bought with it",
        ),
        **fields,
    )  # fmt: skip
