"""The first look: its count of refused rows holds where one file feeds several tables."""

from __future__ import annotations

import pytest

from helpers.data.engine import connect
from helpers.data.profile import profile
from helpers.data.shop import open_tables

MAPPING = """
[files.sales]
path = "sales.csv"
timezone = "UTC"

[tables.orders]
file = "sales"
distinct = true
columns = { order_id = "order", customer_id = "buyer", placed_at = "date", status = { constant = "paid" } }

[tables.order_lines]
file = "sales"
columns = { order_id = "order", line_number = "line", item_id = "item", quantity = "pieces" }
"""


@pytest.fixture
def finding_of(load_raw, raw_folder):
    """Return `(sales lines) -> Finding`: orders and order_lines both come from the one file of sales."""
    for name in ("orders", "order_lines"):
        (raw_folder / f"{name}.csv").unlink()

    def run(*lines: str):
        sales = "".join(f"{line}\n" for line in ("order,line,buyer,date,item,pieces", *lines))
        loaded = load_raw({"sales.csv": sales}, source=MAPPING)
        (finding,) = profile(
            open_tables(connect(memory="1GB"), loaded.out, loaded.receipt, as_of=None)
        ).findings
        return finding

    return run


def test_rows_are_counted_once_and_the_worst_table_is_named(finding_of):
    day = "2025-01-02 10:00:00"
    finding = finding_of(
        f"o1,1,c1,{day},i1,1", f"o1,2,c1,{day},i1,x", f"o2,1,c1,{day},i1,2", f"o2,2,c1,{day},i1,3"
    )
    assert (finding.id, finding.n, finding.unit) == ("data.rows_refused", 4, "% of rows of order_lines")
    assert finding.estimate == finding.low == finding.high == pytest.approx(25.0)
    assert "from 7 rows in 3 files" in finding.reading  # 4 sales, 2 customers, 1 item
    assert "order_lines lost the largest share: 1 of its 4 rows (25.00 %)" in finding.reading


def test_nothing_refused_is_said_so(finding_of):
    finding = finding_of("o1,1,c1,2025-01-02 10:00:00,i1,1")
    assert finding.estimate == 0
    assert "No table had a row set aside" in finding.reading
