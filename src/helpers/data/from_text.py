"""Text to ids, numbers, money and flags. What is folded loses nothing; what is unclear is refused."""

from __future__ import annotations

import ibis
from ibis.expr.types import StringValue

from helpers.data.source import MONEY_UNITS
from helpers.data.values import Converted, Declared, narrow, unread

_CURRENCY = r"(?i)^([+-]?)\s*(¥|\$|£|€|rmb|cny|usd|gbp|eur)\s*|\s*(元|rmb|cny|usd|gbp|eur)$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_WHOLE = r"^[+-]?\d{1,18}(\.0*)?$"
_DECIMAL = r"^[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})$"
_FLOAT = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_LOOKS_LIKE_YUAN = 'looks like yuan, write money = "yuan" (or "fen") for this file in source.toml'
_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "是"), ("false", "f", "no", "n", "0", "否")


def text_of_text(text: StringValue, declared: Declared) -> Converted:
    """Keep text as it is."""
    return Converted(value=text)


def _ungrouped(text: StringValue) -> StringValue:
    return text.re_search(_GROUPED).ifelse(text.replace(",", ""), text)


def integer_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read whole numbers, grouped by commas or not; a fraction is refused."""
    plain = _ungrouped(narrow(text))
    whole = plain.re_search(_WHOLE).ifelse(plain.re_replace(r"\.0*$", ""), ibis.null("string"))
    value = whole.try_cast("int64")
    return Converted(value=value, problems=unread(text, value, "not a whole number"))


def number_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read finite numbers, grouped by commas or in exponent form; nan and infinity are refused."""
    plain = _ungrouped(narrow(text))
    found = plain.re_search(_FLOAT).ifelse(plain, ibis.null("string")).try_cast("float64")
    value = found.isinf().ifelse(ibis.null("float64"), found)
    return Converted(value=value, problems=unread(text, value, "not a finite number"))


def money_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read amounts with or without a currency sign into hundredths; anything finer is refused.

    Where nobody declared the unit, only plain whole hundredths are read: `¥99.00` would become 99 fen.
    """
    plain = _ungrouped(narrow(text).re_replace(_CURRENCY, r"\1"))
    amount = plain.re_search(_DECIMAL).ifelse(plain, ibis.null("string")).try_cast("decimal(38, 12)")
    exact = amount * MONEY_UNITS[declared.money]
    value = exact.cast("int64")
    whole = exact == value
    problems = [("not an amount of money", text.notnull() & amount.isnull())]
    if declared.money_declared:
        problems.append(("finer than a hundredth", amount.notnull() & ~whole))
    else:
        whole = ~(narrow(text).re_search(_CURRENCY) | plain.contains("."))
        problems.append((_LOOKS_LIKE_YUAN, amount.notnull() & ~whole))
    return Converted(value=whole.ifelse(value, ibis.null("int64")), problems=tuple(problems))


def flag_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read yes and no, also as true/false, 1/0 and 是/否."""
    word = narrow(text).lower()
    value = ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return Converted(value=value, problems=unread(text, value, "not yes or no"))
