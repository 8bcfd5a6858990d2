"""The text of a cell before it is read: what is taken off, taken out, folded, multiplied or filled in."""

from __future__ import annotations

import re

import ibis
from ibis.expr.types import Column, StringValue, Table

from helpers.data.convert import convert
from helpers.data.errors import DataError
from helpers.data.source import COUNT_UNITS, FileSpec, Value
from helpers.data.values import Converted, Declared, narrow, trimmed

_COUNT = r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{0,6})?)"


def text_of(rows: Table, name: str, spec: FileSpec) -> StringValue:
    """Return a source column as text, trimmed, with what the file calls empty as null."""
    return convert(rows[name], "id", Declared(nulls=spec.of(name).nulls), where=name).value


def cell(raw: Column, value: Value, declared: Declared, *, where: str) -> Converted:
    """Return one source column as `value` wants its cells; untouched, and typed, where it wants nothing.

    Raises DataError where text is asked for in a column of numbers.
    """
    if not value.edits_cells:
        return Converted(value=raw)
    if raw.type().is_numeric() and not raw.type().is_integer():
        return _filled(raw, value, where=where)
    # Only trimmed here: it is read, with all its reasons, when the work is done.
    text = _without(trimmed(raw if raw.type().is_string() else raw.cast("string")), declared.nulls)
    problems = []
    if value.strip:
        ends = "|".join(re.escape(end) for end in value.strip)
        text = _without(text.re_replace(rf"^(?:{ends}|\s)+|(?:{ends}|\s)+$", ""), declared.nulls)
    if value.extract:
        found = text.re_search(value.extract).ifelse(text.re_extract(value.extract, 1), ibis.null("string"))
        problems.append(("not of the form declared in extract", text.notnull() & found.isnull()))
        text = trimmed(found).nullif("")
    if value.lower:
        text = text.lower()
    if value.units:
        text = _counted(text, value.units)
    if value.fill:
        text = text.fill_null(value.fill)
    return Converted(value=text, problems=tuple(problems))


def _without(text: StringValue, nulls: tuple[str, ...]) -> StringValue:
    for null in ("", *nulls):
        text = text.nullif(null)
    return text


def _filled(raw: Column, value: Value, *, where: str) -> Converted:
    """Fill a column of fractions, which has no text of its own to strip or search."""
    if value.strip or value.extract or value.lower or value.units:
        raise DataError(f"{where}: strip, extract, lower and units are for text; it holds {raw.type()}")
    try:
        number = float(value.fill)
    except ValueError as error:
        raise DataError(f"{where}: fill = {value.fill!r} is no number; it holds {raw.type()}") from error
    return Converted(value=raw.fill_null(ibis.literal(number).cast(raw.type())))


def _counted(text: StringValue, units: tuple[str, ...]) -> StringValue:
    """Multiply out a unit behind a number (`1.2万` is 12000); all other text stays as it is."""
    plain, made = narrow(text), text
    for unit in units:
        number = plain.re_extract(rf"(?i)^{_COUNT}\s*{re.escape(unit)}$", 1).replace(",", "")
        whole = number.try_cast("decimal(20, 6)").cast("decimal(30, 6)") * COUNT_UNITS[unit]
        made = ibis.coalesce(whole.cast("string").re_replace(r"\.?0+$", ""), made)
    return made
