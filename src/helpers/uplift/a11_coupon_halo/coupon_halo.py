"""A11: does a shop coupon on one good product lift the rest of that shop?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.data.some_customers import some_customers
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    nil_verdict,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.release import events_by, share_of_events
from helpers.uplift.a11_coupon_halo.coupon_orders import PERIOD_DAYS, coupon_orders, issued_and_others
from methods.intervals.estimates import Interval
from methods.intervals.exact_shares import share_beyond_expected
from methods.intervals.influence import excludes
from methods.regression.covariates import covariate_matrix
from methods.staged.did_2x2 import did_2x2

FEWEST_REDEEMED, FEW_AGAIN = 30, 25
WORDS = words_beside(__file__)
ORDER_TRAITS = (
    "orders_before", "orders_90d_before", "seller_before", "days_since_last", "days_since_joined",
    "seller_orders", "calendar",
)  # fmt: skip
CUSTOMER_TRAITS = (
    "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "days_in_calendar",
    "shares_before", "friends", "gender", "age_band", "city_tier",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CouponHalo:
    """Effects of a shop coupon on those who redeemed one, or were issued one.

    orders: one row a purchase (see `coupon_orders`). rest_of_shop: on buying another product of the
    seller. other_shops: on buying elsewhere, which a seller's coupon should not raise. issued: of being
    issued one, used or not, on buying anything; None with fewer than 30 issued.
    """

    orders: pd.DataFrame
    rest_of_shop: Interval
    other_shops: Interval
    issued: Interval | None
    outcome_days: int
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a group of purchases: purchase, purchases, customers, rest of shop, other shops."""
        groups = self.orders.groupby("couponed").agg(
            purchases=("order_id", "size"), customers=("customer_id", "nunique"),
            rest=("rest_of_shop", "mean"), other=("other_shops", "mean"),
        )  # fmt: skip
        frame = groups.reset_index(drop=True)
        for name in ("rest_of_shop", "other_shops"):
            shares = events_by(self.orders, name, "couponed", who="customer_id").values()
            frame[[WORDS.label("with", named=name), WORDS.label("without", named=name)]] = [
                entry.sides for entry in shares
            ]
        unseen = tuple(frame.columns[-4:])
        frame.insert(0, "purchase", ["without a coupon", "with a shop coupon"])
        frame = frame.rename(columns={"rest": "rest of the shop", "other": "other shops"})
        frame.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": {"rest of the shop": ".1%", "other shops": ".1%"},
            "people": "customers",
            "unseen": unseen,
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effects with their intervals."""
        rows = [("rest of the shop", self.rest_of_shop), ("other shops", self.other_shops)]
        if self.issued is not None:
            rows.append(("coupon issued, anything", self.issued))
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value in rows]
        title, alt = WORDS.picture("halo", self.findings, spoken=spoken)
        figure, axes = canvas(title, height_inches=2.6)
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[0 if value is self.rest_of_shop else 6])
            for name, value in rows
        ]
        forest(axes, marks, x=WORDS.text("axis", outcome_days=self.outcome_days))
        return Picture(figure, alt)


@question(
    WORDS,
    needs=("orders.placed_at", "items.seller_id", "coupons.issued_at", "coupons.redeemed_order_id"),
)
def coupon_halo(
    shop: Shop, *, outcome_days: int = 56, most_customers: int = 100_000, seed: int = 1
) -> CouponHalo:
    """Compare purchases that redeemed a shop coupon with like purchases that used no coupon.

    The shop is the seller of the order's dearest product; its rest is every product not in that order. Both
    are followed for `outcome_days`. Doubly robust effect on the couponed, given earlier purchases, the seller
    and the calendar; customers as clusters. Beside it: purchases from other shops, and all customers issued a
    coupon, used or not, against others at a like moment (`seed` draws it). most_customers: of a larger
    shop so many are drawn at random. Raises CannotAnswer below 30 redeemed coupons.
    """
    drawn = some_customers(shop, most=most_customers, seed=seed)
    orders = coupon_orders(shop, outcome_days=outcome_days, drawn=drawn)
    redeemed = int(orders["couponed"].sum())
    if min(redeemed, len(orders) - redeemed) < FEWEST_REDEEMED:
        raise CannotAnswer(
            WORDS.text(
                "few redeemed",
                redeemed=redeemed,
                outcome_days=outcome_days,
                others=len(orders) - redeemed,
                fewest_redeemed=FEWEST_REDEEMED,
            )
        )
    if orders["customer_id"].nunique() < 2:
        raise CannotAnswer(WORDS.text("one customer's purchases"))
    if orders["rest_of_shop"].nunique() < 2:
        raise CannotAnswer(WORDS.text("purchases alike", outcome_days=outcome_days))
    since = (orders["placed_at"] - orders["placed_at"].min()) / pd.Timedelta(days=PERIOD_DAYS)
    orders = orders.assign(
        seller_orders=orders.groupby("seller_id")["order_id"].transform("size"),
        calendar=np.floor(since).astype(int).astype(str),
    )
    effects = _effects(orders, ("rest_of_shop", "other_shops"), "couponed", ORDER_TRAITS)
    customers = issued_and_others(shop, outcome_days=outcome_days, seed=seed, drawn=drawn)
    issued = None
    if min(customers["issued"].sum(), (1 - customers["issued"]).sum()) >= FEWEST_REDEEMED:
        issued = _effects(customers, ("repurchased",), "issued", CUSTOMER_TRAITS)["repurchased"]
    of_drawn = "" if drawn is None else WORDS.text("of drawn", customers=most_customers)
    findings = _findings(effects, issued, orders, len(customers), outcome_days, of_drawn)
    return CouponHalo(
        orders=orders, rest_of_shop=effects["rest_of_shop"], other_shops=effects["other_shops"],
        issued=issued, outcome_days=outcome_days, findings=findings,
    )  # fmt: skip


def _effects(
    frame: pd.DataFrame, outcomes: tuple[str, ...], treatment: str, traits: tuple[str, ...]
) -> dict[str, Interval]:
    """Effects on the treated by outcome; customers are the units that repeat."""
    treated = frame[treatment].to_numpy() == 1
    matrix = covariate_matrix(frame, traits).matrix
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    customer = pd.factorize(frame["customer_id"])[0]
    found = {}
    for name in outcomes:
        effect = did_2x2(frame[name].to_numpy(dtype=float), treated, ~treated, scaled)
        found[name] = share_beyond_expected(
            effect.estimate, effect.influence, frame[name].to_numpy(dtype=float), treated, cluster=customer
        )
    return found


def _findings(
    effects: dict[str, Interval],
    issued: Interval | None,
    orders: pd.DataFrame,
    customers: int,
    outcome_days: int,
    of_drawn: str,
) -> tuple[Finding, ...]:
    rest, other = effects["rest_of_shop"], effects["other_shops"]
    differ = excludes(other, 0)
    couponed = orders[orders["couponed"] == 1]
    again = couponed["rest_of_shop"]
    base = float(again.mean()) - rest.estimate
    few = min(again.sum(), again.size * base) < FEW_AGAIN
    design: dict[str, Any] = {
        "scale": 100,
        "n": len(orders),
        "persons": orders["customer_id"].nunique(),
        "method": WORDS.text("method") + of_drawn,
        "assumptions": (WORDS.text("assumption redeemed"),),
    }
    found = [
        WORDS.finding(
            "A11.halo",
            rest,
            verdict=effect_verdict(rest, doubt="not alike" if differ else ""),
            redeemed=int(orders["couponed"].sum()),
            base=base,
            few=few,
            differ=differ,
            tells=(share_of_events("couponed purchases", again > 0, couponed["customer_id"]),),
            outcome_days=outcome_days,
            **design,
        ),
        WORDS.finding(
            "A11.other_shops",
            other,
            verdict="contradicted" if differ else nil_verdict(other, margin=abs(rest.estimate)),
            **design,
        ),
    ]
    if issued is None:
        return tuple(found)
    given = WORDS.finding(
        "A11.coupon_issued",
        issued,
        scale=100,
        n=customers,
        method=WORDS.text("method issued") + of_drawn,
        assumptions=(WORDS.text("assumption issued"),),
        verdict=effect_verdict(issued),
        outcome_days=outcome_days,
    )
    return found[0], given, found[1]
