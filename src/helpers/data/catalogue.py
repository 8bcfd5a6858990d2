"""The data contract: every table, column and rule, in one place.

The loader, the demo market, the tests and the data dictionary (`data/README.md`) all read this catalogue.
Times are naive UTC, money is whole hundredths of the shop's currency (fen, pence, cents), ids are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["id", "text", "time", "money", "integer", "number", "flag"]
Null = Literal["never", "allowed", "if_absent"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the contract.

    kind: what the value is; `time` is a naive UTC timestamp, `money` whole hundredths of the currency.
    null: `never`; `allowed`; or `if_absent`: the source may lack it, but where it has it every row needs it.
    low, high: inclusive range. allowed: the complete set of values. references: the table whose key it names.
    """

    name: str
    kind: Kind
    meaning: str
    null: Null = "allowed"
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    references: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the contract.

    key: the columns that name a row. time: the column that decides whether a row lies before `as_of`.
    not_before: pairs (column, "table.column" reached through its reference, or a column of this table):
    the first must not be earlier than the second.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str | None = None
    required: bool = False
    not_before: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of this name; raises KeyError that lists the columns there are."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise KeyError(f"table {self.name!r} has no column {name!r}; it has {known}")


def _id(name: str, meaning: str, *, null: Null = "never", references: str | None = None) -> Column:
    return Column(name=name, kind="id", meaning=meaning, null=null, references=references)


def _customer(meaning: str = "the customer", *, name: str = "customer_id", null: Null = "never") -> Column:
    return _id(name, meaning, null=null, references="customers")


def _time(name: str, meaning: str, *, null: Null = "if_absent") -> Column:
    return Column(name=name, kind="time", meaning=meaning, null=null)


def _text(name: str, meaning: str, *, null: Null = "allowed", allowed: tuple[str, ...] = ()) -> Column:
    return Column(name=name, kind="text", meaning=meaning, null=null, allowed=allowed)


def _integer(
    name: str, meaning: str, *, low: float | None = 0, high: float | None = None, null: Null = "allowed"
) -> Column:
    return Column(name=name, kind="integer", meaning=meaning, null=null, low=low, high=high)


def _number(
    name: str, meaning: str, *, low: float | None = 0, high: float | None = None, null: Null = "allowed"
) -> Column:
    return Column(name=name, kind="number", meaning=meaning, null=null, low=low, high=high)


def _money(name: str, meaning: str, *, null: Null = "allowed") -> Column:
    return Column(name=name, kind="money", meaning=meaning, null=null, low=0)


def _flag(name: str, meaning: str, *, null: Null = "allowed") -> Column:
    return Column(name=name, kind="flag", meaning=meaning, null=null)


_TABLES = (
    Table(
        name="customers",
        row="a customer",
        required=True,
        key=("customer_id",),
        time="joined_at",
        columns=(
            _id("customer_id", "the customer, as a pseudonym"),
            _time("joined_at", "when the customer joined"),
            _text("channel", "how the customer was won: search, friend, live, advert, offline, …"),
            _money("acquisition_cost_cents", "what winning the customer cost"),
            _text(
                "age_band",
                "age in years",
                allowed=("under 18", "18-24", "25-34", "35-44", "45-54", "55 and over"),
            ),
            _text("gender", "gender as given", allowed=("female", "male", "other")),
            _integer("city_tier", "1 (largest cities) to 5", low=1, high=5),
        ),
    ),
    Table(
        name="sellers",
        row="a shop on the marketplace",
        key=("seller_id",),
        columns=(
            _id("seller_id", "the shop"),
            _text("name", "its name"),
            _time("opened_at", "when it opened"),
        ),
    ),
    Table(
        name="items",
        row="a product",
        required=True,
        key=("item_id",),
        columns=(
            _id("item_id", "the product"),
            _id("seller_id", "who sells it", null="allowed", references="sellers"),
            _text("category", "its category, such as 口红 or 球鞋", null="if_absent"),
            _text("title", "its title as shown"),
            _money("list_price_cents", "price before any discount"),
            _time("launched_at", "first day on sale"),
        ),
    ),
    Table(
        name="orders",
        row="an order",
        required=True,
        key=("order_id",),
        time="placed_at",
        not_before=(("placed_at", "customers.joined_at"),),
        columns=(
            _id("order_id", "the order"),
            _customer("who ordered"),
            _time("placed_at", "when it was placed"),
            _text(
                "status",
                "where it stands; cancelled orders never count as purchases",
                null="if_absent",
                allowed=("paid", "shipped", "completed", "cancelled", "refunded"),
            ),
            _id("coupon_id", "the coupon used", null="allowed"),
            _money("shipping_fee_cents", "what the customer paid for shipping"),
            _number("shipping_days", "days from order to delivery"),
            _number("promised_days", "days promised"),
        ),
    ),
    Table(
        name="order_lines",
        row="one product of an order",
        required=True,
        key=("order_id", "line_number"),
        columns=(
            _id("order_id", "the order", references="orders"),
            _integer("line_number", "position in the order, from 1", low=1, null="never"),
            _id("item_id", "the product", references="items"),
            _integer("quantity", "pieces", low=1, null="never"),
            _money("unit_price_cents", "price paid per piece", null="if_absent"),
        ),
    ),
    Table(
        name="returns",
        row="a return with its reason",
        key=("return_id",),
        time="returned_at",
        not_before=(("returned_at", "orders.placed_at"),),
        columns=(
            _id("return_id", "the return"),
            _id("order_id", "the order", references="orders"),
            _id("item_id", "the product", null="allowed", references="items"),
            _time("returned_at", "when it was asked for"),
            _text("reason", "defect, size, not as described, late, changed mind, …"),
            _money("refund_cents", "money given back"),
        ),
    ),
    Table(
        name="tickets",
        row="a service contact with first response and resolution",
        key=("ticket_id",),
        time="opened_at",
        not_before=(("first_response_at", "opened_at"), ("resolved_at", "opened_at")),
        columns=(
            _id("ticket_id", "the contact"),
            _customer("who asked"),
            _id("order_id", "about which order", null="allowed", references="orders"),
            _time("opened_at", "when it was opened"),
            _time("first_response_at", "first answer of the desk", null="allowed"),
            _time("resolved_at", "when it was closed", null="allowed"),
            _text("topic", "what it was about"),
        ),
    ),
    Table(
        name="reviews",
        row="a review",
        key=("review_id",),
        time="posted_at",
        columns=(
            _id("review_id", "the review"),
            _customer("who wrote it"),
            _id("order_id", "the order reviewed", null="allowed", references="orders"),
            _id("item_id", "the product reviewed", references="items"),
            _integer("rating", "stars, 1 (worst) to 5", low=1, high=5, null="never"),
            _integer("length_characters", "length of the text"),
            _integer("pictures", "pictures attached"),
            _time("posted_at", "when it was posted"),
        ),
    ),
    Table(
        name="ties",
        row="two customers who are friends (undirected, each pair once)",
        key=("customer_a", "customer_b"),
        time="since_at",
        not_before=(("until_at", "since_at"),),
        columns=(
            _customer("one of the two", name="customer_a"),
            _customer("the other", name="customer_b"),
            _time("since_at", "friends from"),
            _time("until_at", "friends until; empty while they still are", null="allowed"),
            _number("strength", "how close, above 0 (weak) to 1 (strong)", low=0, high=1),
        ),
    ),
    Table(
        name="shares",
        row="a post about an order or item",
        key=("share_id",),
        time="posted_at",
        not_before=(("posted_at", "orders.placed_at"),),
        columns=(
            _id("share_id", "the post"),
            _customer("who shared"),
            _id("order_id", "the order shown", null="allowed", references="orders"),
            _id("item_id", "the product shown", null="allowed", references="items"),
            _text("audience", "to whom", allowed=("timeline", "group", "friend")),
            _customer("the one friend it was sent to", name="receiver_id", null="allowed"),
            _flag("prompted", "whether the shop asked for it"),
            _time("posted_at", "when it was posted"),
        ),
    ),
    Table(
        name="reactions",
        row="a like, comment, click or join on a post, or the brand's reply to a comment",
        key=("reaction_id",),
        time="posted_at",
        not_before=(("posted_at", "shares.posted_at"),),
        columns=(
            _id("reaction_id", "the reaction"),
            _id("share_id", "the post", references="shares"),
            _customer("who reacted; empty for the brand and for strangers", null="allowed"),
            _text("kind", "what it is", null="never", allowed=("like", "comment", "click", "reply", "join")),
            _id("parent_id", "the comment a reply answers", null="allowed", references="reactions"),
            _integer("likes", "likes that a comment received"),
            _time("posted_at", "when"),
        ),
    ),
    Table(
        name="coupons",
        row="a coupon",
        key=("coupon_id",),
        time="issued_at",
        not_before=(("expires_at", "issued_at"),),
        columns=(
            _id("coupon_id", "the coupon"),
            _customer("who holds it"),
            _text(
                "source",
                "how it was earned",
                null="never",
                allowed=("threshold", "circle", "campaign", "level", "shop"),
            ),
            _money("worth_cents", "what it takes off", null="never"),
            _time("issued_at", "when it was issued"),
            _time("expires_at", "last moment of use", null="allowed"),
            _id("share_id", "the post that earned it", null="allowed", references="shares"),
            _id("redeemed_order_id", "the order it was used on", null="allowed", references="orders"),
        ),
    ),
    Table(
        name="events",
        row="a visit, view, search or cart",
        key=("event_id",),
        time="happened_at",
        columns=(
            _id("event_id", "the event"),
            _customer("who"),
            _text("kind", "what", null="never", allowed=("visit", "view", "search", "cart")),
            _id("item_id", "the product viewed or put in the cart", null="allowed", references="items"),
            _id("session_id", "the visit it belongs to", null="allowed"),
            _text("query", "the words searched"),
            _time("happened_at", "when"),
        ),
    ),
    Table(
        name="experiments",
        row="a unit's arm in a randomised test",
        key=("experiment", "customer_id"),
        time="assigned_at",
        columns=(
            _text("experiment", "name of the test", null="never"),
            _customer("the unit"),
            _text("arm", "the arm drawn; the one named control is the reference", null="never"),
            _text("stratum", "stratum of the draw"),
            _text("cluster", "cluster of the draw, where whole groups were drawn"),
            _time("assigned_at", "when it was drawn"),
        ),
    ),
    Table(
        name="programmes",
        row="when a seller, category or customer came under a staged programme",
        key=("programme", "unit_kind", "unit_id"),
        columns=(
            _text("programme", "name of the programme", null="never"),
            _text(
                "unit_kind", "what comes under it", null="never", allowed=("seller", "category", "customer")
            ),
            _text("unit_id", "which one", null="never"),
            _time("started_at", "from when; empty: not yet", null="allowed"),
        ),
    ),
    Table(
        name="impressions",
        row="one recommended item shown",
        key=("impression_id",),
        time="shown_at",
        columns=(
            _id("impression_id", "the impression"),
            _customer("to whom"),
            _id("item_id", "what", references="items"),
            _text("policy", "the policy that chose it", null="never"),
            _integer("position", "place in the list, from 1", low=1),
            _number("propensity", "chance with which the policy showed it there", high=1),
            _time("shown_at", "when"),
            _flag("clicked", "whether it was clicked"),
            _flag("bought", "whether it was bought within 7 days"),
        ),
    ),
    Table(
        name="surveys",
        row="an NPS answer or a reason for leaving",
        key=("survey_id",),
        time="answered_at",
        columns=(
            _id("survey_id", "the answer"),
            _customer("who"),
            _time("answered_at", "when"),
            _text("kind", "what was asked", null="never", allowed=("nps", "leaving")),
            _integer("score", "0 to 10, would recommend", low=0, high=10),
            _text("reason", "reason given for leaving"),
        ),
    ),
)

CATALOGUE = MappingProxyType({table.name: table for table in _TABLES})
REQUIRED = tuple(table.name for table in _TABLES if table.required)
