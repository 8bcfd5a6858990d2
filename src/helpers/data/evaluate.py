"""A column of the contract from the columns of a file, as its `Value` says."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import ibis
from ibis.expr.types import Column, StringValue, Table

from helpers.data import catalogue
from helpers.data.cells import cell
from helpers.data.contract import Kind
from helpers.data.convert import convert
from helpers.data.exchange import exchanged
from helpers.data.money import ANY
from helpers.data.source import MOMENT, FileSpec, Value
from helpers.data.split import REST_SEPARATOR
from helpers.data.values import DTYPES, Converted, Declared, Problems, about

HASH_CHARACTERS, ESCAPE = 32, "\x1e"
SECONDS_A_DAY = 86_400


def declared_for(value: Value, spec: FileSpec, column: str = "") -> Declared:
    """Return what holds for a source column: its own declarations before those of the file it comes from.

    column: empty for the one that `value` is made of.
    """
    spec = spec.of(column or value.column)
    formats = value.time_formats or spec.time_formats
    return Declared(
        nulls=(*spec.nulls, *value.nulls),
        time_formats=(*formats, MOMENT) if formats and spec.format == "xlsx" else formats,
        timezone=value.timezone or spec.timezone,
        fold=value.fold or spec.fold,
        money=value.money or spec.money,
        decimal=value.decimal or spec.decimal,
        currency=ANY if spec.currency_column else spec.currency,
        money_declared=bool(value.money) or not spec.by_name,
    )


def evaluate(rows: Table, value: Value, column: catalogue.Column, spec: FileSpec, *, where: str) -> Converted:
    """Return the column's typed value and what can be wrong with it; amounts in the shop's currency.

    where: table and column, for messages. Raises DataError where the file's type cannot be read so.
    """
    made = _evaluated(rows, value, column, spec, where=where)
    if column.kind != "money" or not spec.currency_column:
        return made
    code = convert(rows[spec.currency_column], "text", Declared(nulls=spec.nulls), where=where)
    return exchanged(made, code.value.upper(), spec)


def _evaluated(
    rows: Table, value: Value, column: catalogue.Column, spec: FileSpec, *, where: str
) -> Converted:
    declared = declared_for(value, spec)
    if value.constant is not None:
        return convert(ibis.literal(value.constant), column.kind, declared, where=where)
    if value.number_within:
        order = [rows[name] for name in ("_line", "_part")[: 1 + ("_element" in rows.columns)]]
        window = ibis.window(group_by=[rows[name] for name in value.number_within], order_by=order)
        return Converted(value=(ibis.row_number() + 1).over(window).cast(DTYPES[column.kind]))
    if value.days_between or any(value.parts):
        return _reckoned(rows, value, column, spec, where=where)
    made = _raw(rows, value, spec, declared, where=where)
    if value.hash_of and column.kind in ("id", "text") and not (value.values or value.prefix):
        return replace(made, value=made.value.cast(DTYPES[column.kind]))
    if not value.values and not value.prefix:
        return _then(made, convert(made.value, column.kind, declared, where=where))
    text = whole_text(rows, value, spec, where=where)
    return _then(text, convert(text.value, column.kind, declared, where=where))


def whole_text(rows: Table, value: Value, spec: FileSpec, *, where: str) -> Converted:
    """Return a value as text, its words replaced and its prefix before it."""
    declared = declared_for(value, spec)
    made = _raw(rows, value, spec, declared, where=where)
    if not (value.values or value.prefix):
        return made
    text = convert(made.value, "id", declared, where=where)
    renamed = text.value.substitute(dict(value.values)) if value.values else text.value
    whole = ibis.literal(value.prefix) + renamed if value.prefix else renamed
    return replace(text, value=whole, problems=(*made.problems, *text.problems))


def _then(first: Converted, second: Converted) -> Converted:
    return replace(second, problems=(*first.problems, *second.problems))


def _raw(rows: Table, value: Value, spec: FileSpec, declared: Declared, *, where: str) -> Converted:
    if value.column:
        return cell(rows[value.column], value, declared, where=where)
    if value.element:
        return cell(rows["_element"], value, declared, where=where)
    if value.element_id:
        return Converted(value=rows["_line"].cast("string") + "-" + (rows["_part"] + 1).cast("string"))
    if value.line_number:
        return Converted(value=rows["_line"])
    if value.concat:
        texts, problems = _texts(rows, value.concat, value, spec, where=where)
        return Converted(value=reduce(lambda a, b: a + value.separator + b, texts), problems=problems)
    texts, problems = _texts(rows, value.hash_of, value, spec, where=where)
    return Converted(value=_hashed(texts), problems=problems)


def _hashed(parts: list[StringValue]) -> StringValue:
    """Hash several texts so that no other texts, nor another number of them, give the same."""
    nothing = reduce(lambda a, b: a & b, [part.isnull() for part in parts])
    apart = [part.fill_null("").replace(ESCAPE, ESCAPE * 2) for part in parts]
    apart = [part.replace(REST_SEPARATOR, ESCAPE + REST_SEPARATOR) for part in apart]
    joined = reduce(lambda a, b: a + REST_SEPARATOR + b, apart)
    return nothing.ifelse(ibis.null("string"), joined.hexdigest("sha256").substr(0, HASH_CHARACTERS))


def _texts(
    rows: Table, names: tuple[str, ...], value: Value, spec: FileSpec, *, where: str
) -> tuple[list[StringValue], Problems]:
    """Return several columns as text, each worked on as `value` says, and what is wrong with any."""
    cells = []
    for name in names:
        declared = declared_for(value, spec, name)
        made = cell(rows[name], value, declared, where=where)
        cells.append(_then(made, convert(made.value, "id", declared, where=where)))
    return [one.value for one in cells], tuple(problem for one in cells for problem in one.problems)


def parts_of(value: Value, kind: Kind) -> tuple[tuple[str, ...], tuple[Kind, ...]]:
    """Return the columns that a value is reckoned from, and as what each is read. kind: of the result."""
    names = next((names for names in (value.days_between, *value.parts) if names), ())
    if value.days_between:
        return names, ("time", "time")
    if value.product and kind == "money":
        return names, ("number", "money")
    return names, ("money" if kind == "money" else "number",) * len(names)


def _reckoned(
    rows: Table, value: Value, column: catalogue.Column, spec: FileSpec, *, where: str
) -> Converted:
    """Return days between two times, or a sum, difference or product; missing where any part is missing."""
    names, kinds = parts_of(value, column.kind)
    parts, problems = [], []
    for name, kind in zip(names, kinds, strict=True):
        declared = declared_for(value, spec, name)
        made = cell(rows[name], value, declared, where=where)
        made = _then(made, convert(made.value, kind, declared, where=f"{where}, {name}"))
        parts.append(made.value)
        problems += [(about(name, reason), here) for reason, here in made.problems]
    total = _total(value, parts)
    if column.kind == "money" and not value.product:
        return Converted(value=total, problems=tuple(problems))
    made = convert(total, column.kind, Declared(money="fen"), where=where)
    return replace(made, problems=(*problems, *made.problems))


def _total(value: Value, parts: list[Column]) -> Column:
    if value.days_between:
        start, end = (part.epoch_seconds() for part in parts)
        return (end - start).cast("float64") / SECONDS_A_DAY
    if value.sum:
        return reduce(lambda a, b: a + b, parts)
    first, second = parts
    return first - second if value.difference else first.cast("float64") * second.cast("float64")
