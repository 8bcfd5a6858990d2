"""Text to ids, numbers, money and flags. What is folded loses nothing; what is unclear is refused."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, StringValue

from helpers.data.money import WITHOUT_HUNDREDTHS, foreign, sign_pattern, unit_unknown
from helpers.data.source import MONEY_UNITS
from helpers.data.values import Converted, Declared, Problems, Remark, narrow, unread

_GUARD = r"^(?:=\"([^\"]*)\"|'(.+))$"
_ROUNDED = r"^[+-]?\d(\.\d+)?[eE]\+\d{2,3}$"
ROUNDED = "rounded by a spreadsheet (such as 1.38E+10), export it again as text"
WORD_FOR_NOTHING = "holds a word such as null, NaN, None or NA, if it means nothing, write it into nulls"
_WORDS = r"^(?i:null|nan|none|na|n/a|#n/a|<na>|nat|nil|undefined)$"
_SIGNS = {".": ("[.]", ","), ",": (",", "[.]")}  # before decimals, and between thousands
_THOUSANDS_OR_DECIMALS = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "是"), ("false", "f", "no", "n", "0", "否")


def unguarded(text: StringValue) -> StringValue:
    """Take the text inside what keeps spreadsheets from rounding it: `="123"` and `'123` are 123."""
    return text.re_replace(_GUARD, r"\1\2")


def text_of_text(text: StringValue, declared: Declared) -> Converted:
    """Keep text as it is."""
    return Converted(value=text)


def id_of_text(text: StringValue, declared: Declared) -> Converted:
    """Keep ids as they are; refuse what a spreadsheet rounded (1.38E+10), remark on a word for nothing."""
    rounded = text.re_search(_ROUNDED)
    return Converted(
        value=rounded.ifelse(ibis.null("string"), text),
        problems=(
            (ROUNDED, rounded),
            (Remark(WORD_FOR_NOTHING), text.re_search(_WORDS)),
        ),
    )


def _figure(text: StringValue, declared: Declared, form: str) -> StringValue:
    """Return a number of this form with a decimal point and no thousands separators; else null.

    form: a pattern, in which W stands for whole digits, grouped or not, and D for the decimal sign.
    """
    sign, separator = _SIGNS[declared.decimal or "."]
    whole = rf"(?:\d+|\d{{1,3}}(?:{separator}\d{{3}})+)"
    fits = text.re_search(form.replace("W", whole).replace("D", sign))
    plain = text.replace(separator.strip("[]"), "")
    plain = plain if declared.decimal != "," else plain.replace(",", ".")
    return fits.ifelse(plain, ibis.null("string"))


def _unclear(text: StringValue, declared: Declared) -> tuple[BooleanValue, Problems]:
    """Say where a point may stand before thousands as well as before decimals, unless that is declared."""
    if declared.decimal:
        return ibis.literal(False), ()
    found = text.re_search(_THOUSANDS_OR_DECIMALS).fill_null(False)
    return found, (('may be thousands or three decimals, declare decimal = "." or decimal = ","', found),)


def integer_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read whole numbers, grouped by commas or not; a fraction is refused, and what may be one or a group."""
    narrowed = narrow(text)
    unclear, problems = _unclear(narrowed, declared)
    whole = _figure(narrowed, declared, r"^[+-]?W(?:D0*)?$")
    value = whole.re_replace(r"\.0*$", "").try_cast("int64")
    problems += (("not a whole number", text.notnull() & value.isnull() & ~unclear),)
    return Converted(value=unclear.ifelse(ibis.null("int64"), value), problems=problems)


def number_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read finite numbers, grouped by commas or in exponent form; nan and infinity are refused."""
    form = r"^[+-]?(?:W(?:D\d*)?|D\d+)(?:[eE][+-]?\d+)?$"
    found = _figure(narrow(text), declared, form).try_cast("float64")
    value = found.isinf().ifelse(ibis.null("float64"), found)
    return Converted(value=value, problems=unread(text, value, "not a finite number"))


def money_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read amounts with or without the currency's sign into hundredths; anything finer is refused.

    Where nobody declared the unit, only plain whole hundredths are read: `¥99.00` would become 99 fen.
    """
    narrowed = narrow(text)
    bare = narrowed.re_replace(sign_pattern(), r"\1")
    unclear, problems = _unclear(bare, declared)
    figure = _figure(bare, declared, r"^[+-]?(?:W(?:D\d{0,12})?|D\d{1,12})$")
    amount = figure.try_cast("decimal(27, 12)")  # of more than 15 digits: null
    exact = amount * MONEY_UNITS[declared.money]
    value = exact.cast("int64")
    if declared.money_declared:
        other = amount.notnull() & foreign(narrowed, declared)
        fine = (exact != value) & ~unclear & ~other
        problems += (
            (f"in another currency than {declared.currency}", other),
            ("finer than a hundredth", fine),
        )
        bad = unclear | other | fine
    else:
        other = amount.notnull() & foreign(narrowed, declared)
        bad = (bare != narrowed) | bare.contains(".") | (declared.currency in WITHOUT_HUNDREDTHS)
        problems = (
            (f"in another currency than {declared.currency}", other),
            (unit_unknown(declared), amount.notnull() & bad & ~other),
        )
    problems += (("not an amount of money", text.notnull() & amount.isnull()),)
    return Converted(value=bad.ifelse(ibis.null("int64"), value), problems=problems)


def flag_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read yes and no, also as true/false, 1/0 and 是/否."""
    word = narrow(text).lower()
    value = ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return Converted(value=value, problems=unread(text, value, "not yes or no"))
