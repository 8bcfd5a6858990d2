"""Signs and codes of currencies: which belong to the declared one, and what is said where one does not."""

from __future__ import annotations

import re

import ibis
from ibis.expr.types import BooleanValue, StringValue

from helpers.data.values import Declared

ANY = "any"  # declared where a column says the currency of each row
DOLLARS = ("USD", "AUD", "BND", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD")
SIGNS = {
    "¥": ("CNY", "JPY"),
    "元": ("CNY", "HKD", "MOP", "TWD"),
    "円": ("JPY",),
    "RMB": ("CNY",),
    "US$": ("USD",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "A$": ("AUD",),
    "C$": ("CAD",),
    "S$": ("SGD",),
    "R$": ("BRL",),
    "$": DOLLARS,
    "£": ("GBP",),
    "€": ("EUR",),
    "₩": ("KRW",),
    "₹": ("INR",),
    "₽": ("RUB",),
    "₫": ("VND",),
    "฿": ("THB",),
    "₱": ("PHP",),
}
_CODES = ("CNY", "JPY", "GBP", "EUR", "KRW", "INR", "RUB", "VND", "THB", "PHP", "IDR", "MYR", "BRL", "CHF")
CODES = tuple(
    dict.fromkeys((*_CODES, *DOLLARS, "MOP", "DKK", "NOK", "PLN", "SEK", "TRY", "ZAR", "CLP", "ISK"))
)
UNIT_CURRENCY = {
    "yuan": "CNY", "fen": "CNY", "pounds": "GBP", "pence": "GBP", "euros": "EUR", "yen": "JPY", "won": "KRW",
}  # fmt: skip
ANY_UNITS = ("whole", "hundredths")  # of a currency whose units have no name here
_UNITS = {
    "CNY": ("yuan", "fen"), "GBP": ("pounds", "pence"), "EUR": ("euros", "cents"),
    "JPY": ("yen", "cents"), "KRW": ("won", "cents"), "BRL": ("reais", "centavos"),
}  # fmt: skip
# Nobody keeps hundredths of these, so a whole number in a column of hundredths says nothing of its unit.
WITHOUT_HUNDREDTHS = (
    "JPY", "KRW", "VND", "IDR", "CLP", "ISK", "PYG", "UGX", "RWF", "XAF", "XOF", "XPF",
)  # fmt: skip


def sign_pattern() -> str:
    """Return the pattern of a known sign or code before or after an amount; its group 1 is plus or minus."""
    words = "|".join(map(re.escape, sorted((*SIGNS, *CODES), key=len, reverse=True)))
    return rf"(?i)^([+-]?)\s*(?:{words})\s*|\s*(?:{words})$"


def foreign(text: StringValue, declared: Declared) -> BooleanValue:
    """Say where an amount carries the sign or code of another currency than the declared one.

    text: an amount as written.
    """
    currency = declared.currency or UNIT_CURRENCY.get(declared.money, "")
    if currency in ("", ANY):
        return ibis.literal(False)
    own = ["", currency, *(sign for sign, currencies in SIGNS.items() if currency in currencies)]
    both = [before + after for before in own for after in own]
    signs = text.upper().re_replace(r"[\s\d.,+-]+", "")
    return ~signs.isin(both)


def units_of(currency: str) -> tuple[str, str]:
    """Return what whole units and hundredths of a currency are called in source.toml.

    >>> units_of("EUR"), units_of("VND")
    (('euros', 'cents'), ('whole', 'hundredths'))
    """
    return _UNITS.get(currency, ("dollars", "cents") if currency in DOLLARS else ANY_UNITS)


def unit_unknown(declared: Declared) -> str:
    """Return what is said of an amount whose unit nobody declared and that is no plain whole number."""
    whole, hundredth = units_of(declared.currency or "CNY")
    said = whole if (whole, hundredth) != ANY_UNITS else "whole units"
    return f'looks like {said}, write money = "{whole}" (or "{hundredth}") for this file in source.toml'
