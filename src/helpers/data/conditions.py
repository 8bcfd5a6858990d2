"""Conditions on a source column: which rows belong to a table, and which are refused."""

from __future__ import annotations

from functools import reduce

from ibis.expr.types import BooleanValue, Table

from helpers.data.cells import text_of
from helpers.data.convert import convert
from helpers.data.source import Condition, FileSpec
from helpers.data.values import Declared


def holds(rows: Table, condition: Condition, spec: FileSpec) -> BooleanValue:
    """Say for each row whether the condition holds; never null."""
    text = text_of(rows, condition.column, spec)
    tests = [text.startswith(start) for start in condition.starts_with]
    if condition.one_of:
        tests.append(text.isin(condition.one_of))
    if condition.matches:
        tests.append(text.re_search(condition.matches))
    if condition.empty:
        tests.append(text.isnull())
    if condition.below is not None or condition.above is not None:
        raw = rows[condition.column]
        number = convert(
            raw, "number", Declared(nulls=spec.of(condition.column).nulls), where="condition"
        ).value
        if condition.below is not None:
            tests.append(number < condition.below)
        if condition.above is not None:
            tests.append(number > condition.above)
    found = reduce(lambda a, b: a | b, [test.fill_null(False) for test in tests])
    return found if condition.holds else ~found
