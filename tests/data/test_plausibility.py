"""Doubts: what no rule refuses and yet is hardly meant is said; an ordinary shop raises none."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

from helpers.data.doubts import doubts as seen
from helpers.data.plausibility import find_doubts


def doubts(shop) -> list[str]:
    found = find_doubts(shop.connection, shop.tables, shop.clock)
    return [f"{doubt.found} {doubt.advice} {doubt.named}".strip() for doubt in found]


def one_guest(tables):
    tables["orders"].loc[: len(tables["orders"]) // 4, "customer_id"] = "0"


def nobody_again(tables):
    tables["orders"]["customer_id"] = [f"p{n}" for n in range(len(tables["orders"]))]


def joined_long_ago(tables):
    tables["customers"].loc[:6, "joined_at"] = pd.Timestamp("1970-01-01")


def one_large_order(tables):
    tables["order_lines"].loc[0, "unit_price_cents"] = 10**9


def a_reseller(tables):
    """One of the customers with the most orders buys a thousandfold, in each of them."""
    buyer = tables["orders"]["customer_id"].mode()[0]
    theirs = tables["orders"].loc[tables["orders"]["customer_id"] == buyer, "order_id"]
    own = tables["order_lines"]["order_id"].isin(theirs)
    tables["order_lines"].loc[own, ["quantity", "unit_price_cents"]] = [1_000, 5_000]


def items_twice(tables):
    tables["order_lines"]["item_id"] = "i1"


def sharers_apart(tables):
    tables["shares"]["customer_id"] = "x" + tables["shares"]["customer_id"]


def coupons_apart(tables):
    tables["coupons"] = pd.DataFrame({"coupon_id": ["z1"], "customer_id": ["c00001"], "source": ["circle"]})


def shares_of_others(tables):
    tables["shares"].loc[:2, "customer_id"] = "c00000"
    tables["shares"].loc[:2, "order_id"] = (
        tables["orders"].query("customer_id != 'c00000'")["order_id"].iloc[0]
    )


def returns_of_others(tables):
    tables["returns"]["item_id"] = None
    tables["returns"].loc[0, "item_id"] = "i999"


def refunds(tables):
    tables["returns"].loc[:1, "refund_cents"] = 10**9


def circles(tables):
    reactions = tables["reactions"]
    reactions["parent_id"] = None
    first = reactions["reaction_id"]
    for child, parent in ((0, 0), (1, 2), (2, 3), (3, 1), (4, 3), (6, 7)):
        reactions.loc[child, "parent_id"] = first[parent]


def cut_short(tables):
    tables["orders"] = tables["orders"].query("placed_at < '2025-05-01 20:00'")


def imported(tables):
    placed = tables["orders"]["placed_at"]
    tables["orders"]["placed_at"] = placed.where(placed > "2024-12-01", pd.Timestamp("2024-12-01 09:30"))


def joined_at_the_import(tables):
    tables["customers"].loc[:99, "joined_at"] = pd.Timestamp("2024-01-01")


def credit_notes(tables):
    bare = tables["orders"]["order_id"].iloc[:40]
    tables["order_lines"] = tables["order_lines"][~tables["order_lines"]["order_id"].isin(bare)]


def closed(tables):
    day = tables["orders"]["placed_at"] + pd.Timedelta(hours=8)  # the shop's clock
    tables["orders"] = tables["orders"][~day.dt.strftime("%Y-%m").isin(["2024-09", "2024-10"])]


def tax_as_a_line(tables):
    lines = tables["order_lines"]
    taxed = lines.drop_duplicates("order_id").assign(line_number=99, item_id="TAX", unit_price_cents=10)
    tables["order_lines"] = pd.concat([lines, taxed.iloc[len(taxed) // 20 :]])


def plain_days(tables):
    tables["orders"]["placed_at"] = tables["orders"]["placed_at"].dt.floor("D")


def other_units(tables):
    tables["items"]["list_price_cents"] = 100 * int(tables["order_lines"]["unit_price_cents"].median())


def guests(tables):
    tables["orders"]["order_id"] = "2024-" + tables["orders"]["order_id"]
    tables["order_lines"]["order_id"] = "2024-" + tables["order_lines"]["order_id"]
    own = tables["orders"]["order_id"].iloc[::4]
    tables["orders"].loc[own.index, "customer_id"] = "guest " + own
    joined = tables["customers"]["joined_at"].min()
    new = pd.DataFrame({"customer_id": "guest " + own, "joined_at": joined})
    tables["customers"] = pd.concat([tables["customers"], new])


def cancelled(tables):
    tables["orders"].loc[tables["orders"].index[::2], "status"] = "cancelled"


def samples(tables):
    tables["order_lines"].loc[tables["order_lines"]["order_id"].str.endswith("7"), "unit_price_cents"] = 0


def another_unit(tables):
    late = tables["orders"].query("placed_at >= '2025-01-31 16:00'")["order_id"]
    tables["order_lines"].loc[tables["order_lines"]["order_id"].isin(late), "unit_price_cents"] //= 100


ODD = {
    guests: "2[0-9.]+ % of orders are of a customer whose id is made of the order's: .* Guests count as new",
    cancelled: "[45][0-9.]+ % of orders are cancelled: .* mapped to cancelled",
    samples: "[0-9.]+ % of orders cost nothing: .* Samples, gifts and exchanges",
    another_unit: "In 2025-02 half of the most sold products cost [01]\\.[0-9] % or less of what they",
    other_units: "Prices paid are [.0-9]+ % of list prices at the median",
    one_guest: 'One customer, 0, holds .* declare nulls = \\["0"\\]',
    nobody_again: "No customer ordered twice: .* customer_unique_id",
    joined_long_ago: "7 of 300 customers have joined_at before 1995-01-01",
    one_large_order: "One order is 9.* of all money.* o0",
    a_reseller: "One customer is 9.* of all money, in [0-9]+ orders.* reseller",
    items_twice: "orders have the same item on several lines",
    sharers_apart: "customers in shares ever ordered",
    coupons_apart: "coupons used in orders is in coupons",
    shares_of_others: "(1 share is|[23] shares are) of somebody else's order",
    returns_of_others: "1 return names an item that is not in their order",
    refunds: "2 orders were refunded more than was paid",
    circles: "5 reactions answer each other in a circle \\(1 of them themselves\\)",
    cut_short: "The last month, 2025-05, .* use --as-of 2025-04-30",
    imported: "orders have placed_at 2024-12-01 17:30:00: .* day of an import, it is no time .* with reject",
    joined_at_the_import: "have joined_at 2024-01-01 08:00:00: 100 of 300\\. .* leave joined_at out",
    credit_notes: "[0-9.]+ % of orders have no line: [34][0-9] of .* Leave credit notes out of orders",
    closed: "2 whole months have no order between others: 2024-09, 2024-10\\. .* say so in notes",
    tax_as_a_line: 'Item TAX stands beside others in 9[0-9.]+ % of orders: .* one_of = \\["TAX"\\]',
    plain_days: "of orders.placed_at are at 08:00:00 by the shop's clock. Days without a time, read in",
}


def test_an_ordinary_shop_raises_no_doubt(make_shop, random_tables):
    assert doubts(make_shop(random_tables(seed=5))) == []


@pytest.mark.parametrize("spoil", ODD, ids=lambda spoil: spoil.__name__)
def test_what_is_hardly_meant_is_said_with_its_number(make_shop, random_tables, spoil):
    tables = random_tables(seed=5)
    spoil(tables)
    found = doubts(make_shop(tables))
    assert any(re.search(ODD[spoil], text) for text in found), found


def test_an_id_that_is_plainly_nobodys_needs_less_to_be_doubted(make_shop, random_tables):
    """Three times the orders of the next: of an ordinary id nothing is said, of a stand-in it is."""
    for name, said in (("c00007", False), ("guest", True)):
        tables = random_tables(seed=5)
        others = tables["orders"][tables["orders"]["customer_id"] != "c00007"]
        rows = others.index[
            : max(3 * others["customer_id"].value_counts().max(), len(tables["orders"]) // 19)
        ]
        tables["orders"].loc[rows, "customer_id"] = name
        assert any("holds" in text for text in doubts(make_shop(tables))) == said


def test_no_page_names_a_customer(make_shop, random_tables):
    tables = random_tables(seed=5)
    tables["orders"].loc[: len(tables["orders"]) // 4, "customer_id"] = "c00007"
    found = find_doubts(*(lambda shop: (shop.connection, shop.tables, shop.clock))(make_shop(tables)))
    assert found[0].named == "c00007"
    assert "c00007" not in found[0].found + found[0].advice


@pytest.mark.parametrize("tables", [{}, {"orders": 0}, {"orders": 3, "order_lines": 0, "reactions": 0}])
def test_empty_and_tiny_tables_raise_none(make_shop, random_tables, tables):
    drawn = random_tables(seed=5)
    assert doubts(make_shop({name: drawn[name].head(rows) for name, rows in tables.items()})) == []


def test_the_one_product_of_a_shop_is_no_charge(make_shop, random_tables):
    """A best seller is in nearly every order too, but mostly alone."""
    tables = random_tables(seed=5)
    first = tables["order_lines"].drop_duplicates("order_id").assign(item_id="tea")
    more = first.iloc[: len(first) // 2].assign(line_number=99, item_id="cup")
    tables["order_lines"] = pd.concat([first, more])
    del tables["returns"]
    assert doubts(make_shop(tables)) == []


def test_a_shop_of_few_orders_has_months_without_any_by_chance(make_shop, random_tables):
    tables = random_tables(seed=5)
    few = tables["orders"].sort_values("placed_at").iloc[:: len(tables["orders"]) // 40]
    months = few["placed_at"].dt.strftime("%Y-%m")
    orders = few[months != sorted(months.unique())[2]]
    assert not any("no order between others" in text for text in doubts(make_shop({"orders": orders})))


def test_days_without_a_time_are_said_to_be_days(make_shop, random_tables):
    tables = random_tables(seed=5)
    days = tables["orders"]["placed_at"].dt.floor("D") - dt.timedelta(hours=8)
    tables["orders"]["placed_at"] = np.where(np.arange(len(days)) % 5, days, tables["orders"]["placed_at"])
    (found,) = doubts(make_shop(tables))
    assert "at 00:00:00 by the shop's clock. These are days without a time" in found


@pytest.mark.parametrize("dated", [True, False])
def test_customers_known_from_later_orders_are_counted_apart(make_shop, random_tables, dated):
    tables = random_tables(seed=5)
    day = dt.datetime(2024, 6, 1, 16)
    before = tables["orders"].query("placed_at < @day")["customer_id"].nunique()
    if not dated:
        tables["customers"]["joined_at"] = pd.NaT
    found = " ".join(seen(make_shop(tables, as_of=day))["what looks odd"])
    wanted = f"{300 - before} of 300 customers have no joining date and no order before 2024-06-02."
    assert (wanted in found) == (not dated)
