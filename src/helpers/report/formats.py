"""The one set of formats: how numbers, intervals, amounts, counts and p-values are written everywhere."""

from __future__ import annotations

from helpers.report.estimate import Ends
from helpers.report.phrases import said
from methods.counts import MINUS, number
from methods.counts import count as in_english
from methods.counts import percent as percent

POINTS = "pp"
PERCENT = "%"


def count(value: float, noun: str = "", plural: str = "") -> str:
    """Return a whole number, with its noun in the singular or plural where one is given.

    >>> count(1, "customer"), count(1200, "customer"), count(2, "category", "categories")
    ('1 customer', '1,200 customers', '2 categories')
    """
    return in_english(value, said(noun), said(plural or f"{noun}s")) if noun else in_english(value)


def ratio(value: float, decimals: int = 2) -> str:
    """Return how many times one thing is another: "1.25 times".

    >>> ratio(1.25)
    '1.25 times'
    """
    return f"{number(value, decimals)} {said('times')}"


def money(amount: float, currency: str, decimals: int = 2) -> str:
    """Return an amount in whole units of a currency.

    >>> money(1234.5, "CNY")
    'CNY 1,234.50'
    """
    text = number(amount, decimals)
    return f"{MINUS}{currency} {text[1:]}" if text.startswith(MINUS) else f"{currency} {text}"


def p_value(value: float, *, floor: float = 0.0) -> str:
    """Return a p-value as it is printed everywhere: three decimals and never 0.

    floor: the smallest value that a simulation with so many draws can give; at it "at most" is said.

    >>> p_value(0.0312), p_value(0.00002), p_value(0.0099, floor=0.0099)
    ('0.031', '< 0.001', 'at most 0.010')
    """
    if floor and value <= floor:
        return f"{said('at most')} {max(floor, 0.001):.3f}"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def p_stated(value: float) -> str:
    """Return a p-value as it stands in a bracket: never "p = < 0.001".

    >>> p_stated(0.0312), p_stated(0.00002)
    ('p = 0.031', 'p < 0.001')
    """
    said_so = p_value(value)
    return f"p {said_so}" if said_so.startswith("<") else f"p = {said_so}"


def specified(value: float, specification: str) -> str:
    """Return a number by a format of Python's with the signs of a sentence: a true minus, a space before %.

    What rounds to nil has no sign, and no number is written with a power of ten because it is large.

    >>> specified(-0.322, ".1%"), specified(-1234.5, ",.1f"), specified(-0.04, "+.1f")
    ('−32.2 %', '−1,234.5', '0.0')
    >>> specified(1.87e6, ",.3g")
    '1,870,000'
    """
    text = format(value, specification)
    if "e+" in text:
        text = format(value, ",.0f")
    if not text.strip("+-0.,%e "):
        text = text.lstrip("+-")
    return text.replace("-", MINUS).replace("%", " %")


def interval(estimate: float, low: float, high: float, *, unit: str = "", decimals: int = 1) -> str:
    """Return an estimate with its interval: "3.1 pp (1.8 to 4.4)".

    unit: what one reads behind a number: pp, %, CNY, days, or nothing.

    >>> interval(3.1, 1.8, 4.4, unit="pp"), interval(-12.0, -14.0, -9.5, unit="%")
    ('3.1 pp (1.8 to 4.4)', '−12.0 % (−14.0 to −9.5)')
    """
    ends = f"({number(low, decimals)} {said('to')} {number(high, decimals)})"
    return f"{number(estimate, decimals)}{' ' + said(unit) if unit else ''} {ends}"


def short_unit(unit: str) -> str:
    """Return what is written behind a number in this unit: "pp of customers" is pp, "% of orders" is %.

    >>> short_unit("pp of customers"), short_unit("% of the share without sharing"), short_unit("days")
    ('pp', '%', 'days')
    """
    first = unit.partition(" ")[0]
    return first if first in (POINTS, PERCENT) else unit


def listed(words: list[str] | tuple[str, ...], *, joined_by: str = "and") -> str:
    """Return words as a list in a sentence.

    >>> listed(["orders"]), listed(["orders", "shares", "ties"])
    ('orders', 'orders, shares and ties')
    """
    words = [said(word) for word in words]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {said(joined_by)} {words[-1]}"


def in_percent(value: Ends) -> tuple[float, float, float]:
    """Return (estimate, low, high) times 100: shares as percent, differences of shares as points."""
    return 100 * value.estimate, 100 * value.low, 100 * value.high
