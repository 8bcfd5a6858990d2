"""Which groups of customers a test drew as a whole."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from helpers.data.experiment import Experiment
from helpers.data.shop import Shop


def names_groups(shop: Shop, test: Experiment) -> str:
    """Return the table that has the column of a test's groups, "experiments" or "customers"; else nothing."""
    tables = ("experiments", "customers")
    return next((name for name in tables if test.cluster in shop[name].columns), "")


def with_groups(shop: Shop, test: Experiment) -> ir.Table:
    """Return the rows of a test with a column `group`: the group drawn, null where no table names one."""
    table = shop["experiments"]
    rows = table.filter(table.experiment == test.name)
    where = names_groups(shop, test)
    if where == "customers":
        return rows.join(shop["customers"].select("customer_id", group=test.cluster), "customer_id")
    return rows.mutate(group=rows[test.cluster] if where else ibis.null("string"))
