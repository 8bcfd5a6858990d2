"""New customers and how soon each came back, with the groups that each is of."""

from __future__ import annotations

import ibis
import pandas as pd

from helpers.data.cohorts import complete_months, month_number, month_start
from helpers.data.newcomers import newness
from helpers.data.purchase_history import DAY_SECONDS, day_number, last_seen_day
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")
FIRST_CATEGORY = "first category"


def new_customers(shop: Shop, *, months: int, watched_days: int) -> pd.DataFrame:
    """Return one row a customer of the latest monthly cohorts, each watched so many days after its month.

    months: how many cohorts, of first orders that are first as far as can be told (`newness`).
    Columns: customer_id (text); next_month (bool, an order in the calendar month after that of the first);
    days (integer, until the next day with an order, or until the data end) and again (bool, whether it came).
    Raises CannotAnswer without such a cohort.
    """
    covered = complete_months(shop)
    orders = dated_purchases(shop)
    local = shop.local(orders.placed_at)
    bought = orders.select(
        "customer_id", day=day_number(shop, orders.placed_at), month=month_number(local).cast("int64")
    ).distinct()
    own = bought.group_by("customer_id").mutate(
        first_day=bought.day.min(), cohort=bought.month.min().cast("int64")
    )
    frame = (
        own.group_by("customer_id")
        .agg(
            cohort=own.cohort.min(),
            first_day=own.first_day.min(),
            second_day=own.day.min(where=own.day > own.first_day),
            next_month=(own.month == own.cohort + 1).any(),
        )
        .order_by("customer_id")
        .to_pandas()
    )
    last = last_seen_day(shop)
    kept = [month for month in covered if _first_day(month + 1) + watched_days <= last + 1]
    cohorts = pd.Series([month for month in kept if (frame["cohort"] == month).any()], dtype="int64")
    if cohorts.empty:
        raise CannotAnswer(WORDS.text("no month watched", days=watched_days))
    since = newness(shop, cohorts.map(month_start).map(pd.Timestamp)).since
    recent = cohorts[cohorts.map(month_start) >= since].tail(months)
    frame = frame[frame["cohort"].isin(recent)].reset_index(drop=True)
    again = frame["second_day"].notna()
    days = frame["second_day"].fillna(last).astype("int64") - frame["first_day"]
    return frame[["customer_id"]].assign(next_month=frame["next_month"].astype(bool), days=days, again=again)


def customer_groups(shop: Shop, column: str) -> pd.Series | None:
    """Return each customer's value of a column as text, by customer_id; None where the shop has no such.

    column: of the customers table, or "first category", that of the first line of the first order.
    """
    if column == FIRST_CATEGORY:
        if shop.missing("orders.placed_at", "items.category"):
            return None
        rows = _first_categories(shop)
    elif column not in shop["customers"].columns or shop.missing(f"customers.{column}"):
        return None
    else:
        rows = shop["customers"].select("customer_id", value=shop["customers"][column].cast("string"))
    return rows.filter(rows.value.notnull()).to_pandas().set_index("customer_id")["value"]


def _first_categories(shop: Shop) -> ibis.Table:
    orders, lines = dated_purchases(shop), shop["order_lines"]
    place = ibis.row_number().over(group_by=orders.customer_id, order_by=[orders.placed_at, orders.order_id])
    first = orders.select("customer_id", "order_id", place=place)
    first = first.filter(first.place == 0)
    main = lines.group_by("order_id").agg(item_id=lines.item_id.argmin(lines.line_number))
    items = shop["items"].select("item_id", value=shop["items"].category)
    return first.join(main, "order_id").join(items, "item_id").select("customer_id", "value")


def _first_day(month: int) -> int:
    return int(pd.Timestamp(month_start(month)).timestamp()) // DAY_SECONDS
