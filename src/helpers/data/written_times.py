"""How spreadsheets and Chinese exports write times: day numbers, and 上午 or 下午 before the hour."""

from __future__ import annotations

import ibis
from ibis.expr.types import Column, StringValue

EXCEL_DAYS = "excel_days"
_FIRST_DAY = "1899-12-30"  # day 0, so that days from 1 March 1900 on are those of the spreadsheet
_NUMBER = r"^\d{2,6}(\.\d+)?$"
_DAY_SECONDS = 86_400


def with_halves(text: StringValue, formats: tuple[str, ...]) -> StringValue:
    """Write 上午 as AM and 下午 as PM where a format asks for halves of the day (%p)."""
    if not any("%p" in form for form in formats):
        return text
    return text.replace("上午", "AM").replace("下午", "PM")


def clock_of_days(text: StringValue) -> Column:
    """Return the clock time of a spreadsheet's day number, to the second: 45000.5 is noon of 2023-03-15."""
    days = text.re_search(_NUMBER).ifelse(text, ibis.null("string")).try_cast("float64")
    days = (days > 60).ifelse(days, ibis.null("float64"))  # before, its calendar has a day that never was
    seconds = (days * _DAY_SECONDS).round().cast("int64")
    return ibis.timestamp(_FIRST_DAY) + seconds.as_interval("s")
