"""Amounts of several currencies in one column: turned into the shop's by the declared rates, and counted."""

from __future__ import annotations

from decimal import Decimal

import ibis
from ibis.expr.types import StringValue

from helpers.data.source import FileSpec
from helpers.data.values import Converted, Remark


def exchanged(amount: Converted, code: StringValue, spec: FileSpec) -> Converted:
    """Return amounts in hundredths of the shop's currency.

    amount: in hundredths of the currency that `code` names in each row. spec: the file, with its rates: what
    one unit of a currency is worth in the shop's. A row of a currency without a rate is refused.
    """
    known = {spec.currency: 1.0, **spec.rates}
    rate = ibis.cases(
        *(
            (code == name, ibis.literal(Decimal(str(value)), "decimal(18, 8)"))
            for name, value in known.items()
        ),
        else_=ibis.null("decimal(18, 8)"),
    )
    value = (amount.value.cast("decimal(18, 0)").cast("decimal(28, 8)") * rate).cast("int64")
    without = (amount.value.notnull() & rate.isnull()).fill_null(False)
    other = (amount.value.notnull() & rate.notnull() & (code != spec.currency)).fill_null(False)
    problems = (
        *amount.problems,
        (f"in a currency without a rate (known are {', '.join(known)})", without),
        (Remark(f"turned into {spec.currency} by the declared rates"), other),
    )
    return Converted(value=value, problems=problems)
