"""Whole numbers with their nouns, for every sentence that counts something."""

from __future__ import annotations


def count(value: float, noun: str = "", plural: str = "") -> str:
    """Return a whole number, with its noun in the singular or plural where one is given.

    >>> count(1, "customer"), count(1200, "customer"), count(2, "category", "categories")
    ('1 customer', '1,200 customers', '2 categories')
    """
    whole = round(value)
    return f"{whole:,}" if not noun else f"{whole:,} {noun if whole == 1 else plural or noun + 's'}"
