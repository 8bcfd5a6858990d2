"""Whole numbers with their nouns, numbers and percent, as every sentence writes them."""

from __future__ import annotations

import math

MINUS = "−"


def count(value: float, noun: str = "", plural: str = "") -> str:
    """Return a whole number, with its noun in the singular or plural where one is given.

    >>> count(1, "customer"), count(1200, "customer"), count(2, "category", "categories")
    ('1 customer', '1,200 customers', '2 categories')
    """
    whole = round(value)
    return f"{whole:,}" if not noun else f"{whole:,} {noun if whole == 1 else plural or noun + 's'}"


def number(value: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Return a number with thousands set apart and a true minus; what rounds to nil has no sign.

    >>> number(1234.56), number(-0.04), number(-2.5), number(2.5, signed=True)
    ('1,234.6', '0.0', '−2.5', '+2.5')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be written as a number; withhold the sentence instead")
    rounded = round(value, decimals) + 0.0
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def percent(share: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Return a share (0 to 1) in percent.

    >>> percent(0.256), percent(-0.02, signed=True)
    ('25.6 %', '−2.0 %')
    """
    return f"{number(100 * share, decimals, signed=signed)} %"
