"""Raw files to candidate rows of one table: mapped, typed, with what went wrong in its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import BooleanValue, Column, Table

from helpers.data import catalogue
from helpers.data.conditions import holds
from helpers.data.errors import DataError
from helpers.data.evaluate import evaluate
from helpers.data.names import hint_of
from helpers.data.one_per_key import Candidates, latest, one_row_per_key
from helpers.data.read import RawFile, need
from helpers.data.source import Feed, TableSpec, Value
from helpers.data.split import REST_SEPARATOR
from helpers.data.stages import in_stages
from helpers.data.values import DTYPES


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
    return one_row_per_key(made, table, spec) if spec.distinct else made


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
        hint = hint_of(column.name, [name for name in raw.columns if name not in used])
        raise DataError(
            f"table {table.name} from {raw.spec.path}: column {column.name!r} ({column.meaning}) is needed "
            f"and not given; the file has {', '.join(raw.columns)}. {hint}{' ' if hint else ''}"
            f"Name it in the file or map it in source.toml"
        )


def chosen(raw: RawFile, feed: Feed) -> Table:
    """The rows of the file that this feed uses, one per element where it lists several."""
    rows = raw.table
    if feed.only:
        rows = rows.filter([holds(raw.table, one, raw.spec) for one in feed.only])
    if not feed.each:
        return rows.mutate(_part=ibis.literal(0, "int64"))
    need(raw, feed.each)
    cell = rows[feed.each]
    if cell.type().is_array():
        exploded = rows.filter(cell.length() > 0).mutate(_elements=cell)
    else:
        text = cell.cast("string")
        listed = text.split(feed.split or REST_SEPARATOR)
        exploded = rows.filter(text.notnull() & (text != "")).mutate(_elements=listed)
    return exploded.unnest("_elements", offset="_part").rename(_element="_elements")


def _converted(
    table: catalogue.Table, feed: Feed, raw: RawFile
) -> tuple[Table, dict[str, Column], dict[tuple[str, str], BooleanValue]]:
    rows = chosen(raw, feed)
    columns: dict[str, Column] = {}
    problems: dict[tuple[str, str], BooleanValue] = {}
    names = [column.name for column in table.columns]
    wanted = feed.columns or {name: Value(column=name) for name in names if name in raw.columns}
    if raw.spec.currency_column:
        need(raw, raw.spec.currency_column)
    for name, value in wanted.items():
        for needed in value.needs:
            need(raw, needed, where=f"{table.name}.{name} from {raw.spec.path}")
    stages = in_stages(rows, wanted, table, raw.spec)
    rows = stages.rows
    problems.update(stages.problems)
    for name, value in wanted.items():
        where = f"{table.name}.{name} from {raw.spec.path}"
        made = evaluate(rows, stages.values[name], table.column(name), stages.spec, where=where)
        columns[name] = made.value
        for mark, reason in (one for needed in value.needs for one in raw.marks.get(needed, ())):
            _add(problems, (name, reason), rows[mark])
        for reason, here in made.problems:
            _add(problems, (name, reason), here)
    for condition in feed.reject:
        need(raw, condition.column)
        reason = condition.reason or "refused by source.toml"
        _add(problems, (condition.column, reason), holds(rows, condition, raw.spec))
    mark = feed.last_by_time or feed.last_by_number
    if mark:
        need(raw, mark)
        made = latest(rows, feed, raw.spec)
        rows = rows.mutate(_latest=made.value)
        for reason, here in made.problems:
            _add(problems, (mark, reason), here)
    return rows, columns, problems


def _add(problems: dict[tuple[str, str], BooleanValue], problem: tuple[str, str], here: BooleanValue) -> None:
    """Add where a problem is; what is said of a column twice is so where either holds."""
    known = problems.get(problem)
    problems[problem] = here if known is None else known.fill_null(False) | here.fill_null(False)


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
        **({"_latest": rows["_latest"]} if "_latest" in rows.columns else {}),
    )
