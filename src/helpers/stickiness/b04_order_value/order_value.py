"""B4: how much is an order worth, and how much an active customer a month?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pandas as pd

from helpers.data.monthly.levels import Levels, levels_of
from helpers.data.monthly.measures import AOV, ARPU, Measure
from helpers.data.monthly.series import Series, monthly_series
from helpers.data.shop import Shop
from helpers.report import Finding, question, words_beside
from helpers.report.release import amounts_of
from methods.intervals.long_tails import CAPPED_PART, Tail, leaning_ratio, tail_of

WORDS = words_beside(__file__)
_CAPPED = {AOV.id: "B4.aov_capped", ARPU.id: "B4.arpu_capped"}


@question(WORDS, needs=AOV.needs)
def order_value(shop: Shop, *, months: int = 12, seed: int = 1, level: float = 0.95) -> Levels:
    """Return the average order value and the revenue per shopper and month (AOV, ARPU).

    months: how many recent complete months they rest on. seed: of the bootstrap behind their intervals. Where
    a few customers hold so much that the mean has no error (see `tail_of`), the mean is withheld and the mean
    of capped amounts stands under its own name.
    """
    found = [_amount(shop, one, months=months, seed=seed, level=level) for one in (AOV, ARPU)]
    series = tuple(one.series for one in found)
    shown = levels_of(shop, series, words=WORDS, level=level, **_facts(shop, found))
    withheld = tuple(one.withheld for one in found if one.withheld)
    paid = {one.series.measure.id: one.paid for one in found}
    told = tuple(replace(one, amounts=paid.get(one.id)) for one in shown.findings)
    return replace(shown, findings=(*told, *withheld))


@dataclass(frozen=True, kw_only=True)
class _Amount:
    """A measure of money as it is shown.

    paid: what all paid, and the two who paid most. cap: hundredths above which amounts were brought down, or
    None.
    """

    series: Series
    paid: tuple[float, float, float]
    cap: float | None = None
    withheld: Finding | None = None


def _facts(shop: Shop, found: list[_Amount]) -> dict[str, object]:
    caps = [one.cap / 100 for one in found if one.cap is not None]
    return {"currency": shop.currency, "part": CAPPED_PART, "cap": caps[0] if caps else None}


def _amount(shop: Shop, measure: Measure, *, months: int, seed: int, level: float) -> _Amount:
    series = monthly_series(shop, measure, months=months, level=level)
    own = _own_sums(series)
    tail = tail_of(own["x"])
    if tail is None or not tail.too_long:
        series = _leaning(series, own, seed=seed, level=level)
        return _Amount(series=series, paid=amounts_of(own["x"]))
    paid = own.loc[own["x"] > 0]
    cap = float(np.quantile(paid["x"] / paid["y"], 1 - CAPPED_PART))
    capped = replace(measure, id=_CAPPED[measure.id], cells=lambda shop: _cut(measure, shop, cap))
    series = monthly_series(shop, capped, months=months, level=level)
    own = _own_sums(series)
    series = _leaning(series, own, seed=seed, level=level)
    withheld = WORDS.skip(measure.id, _too_long(tail))
    return _Amount(series=series, paid=amounts_of(own["x"]), cap=cap, withheld=withheld)


def _too_long(tail: Tail) -> str:
    return WORDS.text("too long", index=tail.index)


def _cut(measure: Measure, shop: Shop, cap: float) -> ibis.Table:
    rows = measure.cells(shop)
    most = (rows.y * cap).cast("float64")
    return rows.mutate(x=ibis.least(rows.x.cast("float64"), most))


def _own_sums(series: Series) -> pd.DataFrame:
    """What each customer paid (x) and the orders or months it is divided by (y), over the recent months."""
    rows = series.cells.filter(series.cells.month >= series.first_recent)
    own = rows.group_by("customer_id").agg(x=rows.x.sum(), y=rows.y.sum())
    return own.order_by("customer_id").to_pandas().astype({"x": float, "y": float})


def _leaning(series: Series, own: pd.DataFrame, *, seed: int, level: float) -> Series:
    """The series with its recent mean's interval from customers drawn again, which leans as money does."""
    found = leaning_ratio(own["x"], own["y"], seed=seed, level=level)
    return replace(series, recent=found.scaled(series.measure.scale))
