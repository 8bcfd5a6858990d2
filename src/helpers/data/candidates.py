"""Raw files to candidate rows of one table: mapped, typed, with what went wrong in its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import BooleanValue, Column, StringValue, Table

from helpers.data import catalogue
from helpers.data.convert import convert
from helpers.data.errors import DataError
from helpers.data.names import did_you_mean
from helpers.data.read import RawFile
from helpers.data.records import REST_SEPARATOR
from helpers.data.source import Condition, Feed, FileSpec, TableSpec, Value
from helpers.data.values import DTYPES, Converted, Declared

HASH_CHARACTERS = 32


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The rows that want to enter one table.

    rows: all contract columns, typed, with `_row` (unique), `_feed` and `_line` (where it came from), and one
    boolean column for each of `problems`, pairs (column, reason). mapped: the columns the source gives.
    """

    rows: Table = field(repr=False)
    problems: tuple[tuple[str, str], ...]
    mapped: frozenset[str]

    def problem(self, number: int) -> BooleanValue:
        """The rows that have the problem of this number."""
        return self.rows[f"_problem_{number}"]


def candidates(spec: TableSpec, files: Mapping[str, RawFile]) -> Candidates:
    """Return the candidate rows of one table; raises DataError on names that are not in the file."""
    table = catalogue.CATALOGUE[spec.table]
    feeds = [_converted(table, feed, files[feed.file]) for feed in spec.feeds]
    problems = tuple(dict.fromkeys(problem for _, _, found in feeds for problem in found))
    mapped = frozenset(name for _, columns, _ in feeds for name in columns)
    for feed, (_, columns, _) in zip(spec.feeds, feeds, strict=True):
        _check_mapped(table, feed, frozenset(columns), files[feed.file])
    parts = [
        _uniform(rows, columns, found, table=table, problems=problems, feed=number)
        for number, (rows, columns, found) in enumerate(feeds)
    ]
    rows = reduce(lambda left, right: left.union(right), parts)
    if len(parts) > 1 or any(feed.each for feed in spec.feeds):
        order = ibis.window(order_by=[rows["_feed"], rows["_line"], rows["_part"]])
        rows = rows.mutate(_row=(ibis.row_number() + 1).over(order))
    else:
        rows = rows.mutate(_row=rows["_line"])
    made = Candidates(rows=rows.drop("_part"), problems=problems, mapped=mapped)
    return _one_row_per_key(made, table, spec) if spec.distinct else made


def count_candidates(
    connection: BaseBackend, spec: TableSpec, files: Mapping[str, RawFile], made: Candidates
) -> int:
    """Return how many rows want to enter, counted from the files themselves (or the distinct keys)."""
    if spec.distinct:
        return int(connection.execute(made.rows.count()))
    total = 0
    for feed in spec.feeds:
        raw = files[feed.file]
        if feed.only or feed.each:
            total += int(connection.execute(chosen(raw, feed).count()))
        else:
            total += raw.rows - raw.malformed
    return total


def _check_mapped(table: catalogue.Table, feed: Feed, given: frozenset[str], raw: RawFile) -> None:
    for column in table.columns:
        if column.null != "never" or column.name in given:
            continue
        used = {column.name for column in table.columns}
        used |= {name for value in feed.columns.values() for name in value.needs}
        hint = did_you_mean(column.name, [name for name in raw.columns if name not in used])
        raise DataError(
            f"table {table.name} from {raw.spec.path}: column {column.name!r} ({column.meaning}) is needed "
            f"and not given; the file has {', '.join(raw.columns)}. {hint}{' ' if hint else ''}"
            f"Name it in the file or map it in source.toml"
        )


def chosen(raw: RawFile, feed: Feed) -> Table:
    """The rows of the file that this feed uses, one per element where it lists several."""
    rows = raw.table
    if feed.only:
        rows = rows.filter([_holds(raw.table, one, raw.spec) for one in feed.only])
    if not feed.each:
        return rows.mutate(_part=ibis.literal(0, "int64"))
    _need(raw, feed.each)
    listed = rows[feed.each].split(REST_SEPARATOR)
    exploded = rows.filter(rows[feed.each].notnull() & (rows[feed.each] != "")).mutate(_elements=listed)
    return exploded.unnest("_elements", offset="_part").rename(_element="_elements")


def _converted(
    table: catalogue.Table, feed: Feed, raw: RawFile
) -> tuple[Table, dict[str, Column], dict[tuple[str, str], BooleanValue]]:
    rows = chosen(raw, feed)
    columns: dict[str, Column] = {}
    problems: dict[tuple[str, str], BooleanValue] = {}
    names = [column.name for column in table.columns]
    wanted = feed.columns or {name: Value(column=name) for name in names if name in raw.columns}
    for name, value in wanted.items():
        where = f"{table.name}.{name} from {raw.spec.path}"
        for needed in value.needs:
            _need(raw, needed, where=where)
        made = _evaluate(rows, value, table.column(name), raw.spec, where=where)
        columns[name] = made.value
        for reason, here in made.problems:
            problems[name, reason] = here
    for condition in feed.reject:
        _need(raw, condition.column)
        reason = condition.reason or "refused by source.toml"
        problems[condition.column, reason] = _holds(rows, condition, raw.spec)
    return rows, columns, problems


def _need(raw: RawFile, column: str, *, where: str = "source.toml") -> None:
    if column not in raw.columns:
        hint = did_you_mean(column, raw.columns)
        found = f"{where}: {raw.spec.path} has no column {column!r}; it has {', '.join(raw.columns)}"
        raise DataError(f"{found}. {hint}" if hint else found)


def _declared(value: Value, spec: FileSpec) -> Declared:
    return Declared(
        nulls=(*spec.nulls, *value.nulls),
        time_formats=value.time_formats or spec.time_formats,
        timezone=value.timezone or spec.timezone,
        money=value.money or spec.money,
        money_declared=bool(value.money) or not spec.by_name,
    )


def _text(rows: Table, name: str, spec: FileSpec) -> StringValue:
    return convert(rows[name], "id", Declared(nulls=spec.nulls), where=name).value


def _evaluate(
    rows: Table, value: Value, column: catalogue.Column, spec: FileSpec, *, where: str
) -> Converted:
    declared = _declared(value, spec)
    if value.constant is not None:
        return convert(ibis.literal(value.constant), column.kind, declared, where=where)
    if value.number_within:
        window = ibis.window(group_by=[rows[name] for name in value.number_within], order_by=rows["_line"])
        return Converted(value=(ibis.row_number() + 1).over(window).cast(DTYPES[column.kind]))
    if value.column:
        raw = rows[value.column]
    elif value.element:
        raw = rows["_element"]
    elif value.element_id:
        raw = rows["_line"].cast("string") + "-" + (rows["_part"] + 1).cast("string")
    elif value.line_number:
        raw = rows["_line"]
    elif value.concat:
        raw = reduce(lambda a, b: a + value.separator + b, [_text(rows, name, spec) for name in value.concat])
    else:
        parts = [_text(rows, name, spec).fill_null("") for name in value.hash_of]
        raw = (
            reduce(lambda a, b: a + REST_SEPARATOR + b, parts).hexdigest("sha256").substr(0, HASH_CHARACTERS)
        )
    if not value.values and not value.prefix:
        return convert(raw, column.kind, declared, where=where)
    text = convert(raw, "id", declared, where=where)
    renamed = text.value.substitute(dict(value.values)) if value.values else text.value
    made = convert(
        ibis.literal(value.prefix) + renamed if value.prefix else renamed, column.kind, declared, where=where
    )
    return replace(made, problems=(*text.problems, *made.problems))


def _holds(rows: Table, condition: Condition, spec: FileSpec) -> BooleanValue:
    text = _text(rows, condition.column, spec)
    tests = []
    if condition.one_of:
        tests.append(text.isin(condition.one_of))
    if condition.empty:
        tests.append(text.isnull())
    if condition.below is not None or condition.above is not None:
        number = convert(
            rows[condition.column], "number", Declared(nulls=spec.nulls), where="condition"
        ).value
        if condition.below is not None:
            tests.append(number < condition.below)
        if condition.above is not None:
            tests.append(number > condition.above)
    return reduce(lambda a, b: a | b, [test.fill_null(False) for test in tests])


def _uniform(
    rows: Table,
    columns: Mapping[str, Column],
    found: Mapping[tuple[str, str], BooleanValue],
    *,
    table: catalogue.Table,
    problems: tuple[tuple[str, str], ...],
    feed: int,
) -> Table:
    """One feed with all contract columns and all problem columns of the table, so that feeds stack."""
    made: dict[str, Column] = {}
    for column in table.columns:
        dtype = DTYPES[column.kind]
        made[column.name] = columns[column.name].cast(dtype) if column.name in columns else ibis.null(dtype)
    if table.unordered:
        one, other = (made[name] for name in table.unordered)
        made |= dict(zip(table.unordered, (ibis.least(one, other), ibis.greatest(one, other)), strict=True))
    for number, problem in enumerate(problems):
        made[f"_problem_{number}"] = (
            found[problem].fill_null(False) if problem in found else ibis.literal(False)
        )
    return rows.select(
        **made,
        _feed=ibis.literal(feed, "int64"),
        _line=rows["_line"].cast("int64"),
        _part=rows["_part"].cast("int64"),
    )


def _one_row_per_key(made: Candidates, table: catalogue.Table, spec: TableSpec) -> Candidates:
    """Rows of equal key become one candidate; columns that must agree and do not are a problem."""
    rows = made.rows
    picks = {name: value.pick for feed in spec.feeds for name, value in feed.columns.items()}
    values: dict[str, Column] = {}
    problems = {f"_problem_{number}": made.problem(number).any() for number in range(len(made.problems))}
    differing = []
    for column in table.columns:
        if column.name in table.key:
            continue
        cell, pick = rows[column.name], picks.get(column.name, "same")
        values[column.name] = (
            cell.argmin(rows["_row"], where=cell.notnull())
            if pick == "first"
            else cell.min()
            if pick != "max"
            else cell.max()
        )
        if pick == "same" and column.name in made.mapped:
            problems[f"_problem_{len(problems)}"] = cell.nunique() > 1
            differing.append((column.name, f"differs between the rows of one {' and '.join(table.key)}"))
    grouped = rows.group_by(list(table.key)).aggregate(
        **values,
        **problems,
        _feed=rows["_feed"].argmin(rows["_row"]),
        _line=rows["_line"].argmin(rows["_row"]),
        _row=rows["_row"].min(),
    )
    return replace(made, rows=grouped, problems=(*made.problems, *differing))
