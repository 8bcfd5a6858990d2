"""Candidates, and how those of one key become one row in a `distinct` table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import ibis
from ibis.expr.types import BooleanValue, Column, Table

from helpers.data import catalogue
from helpers.data.convert import convert
from helpers.data.evaluate import declared_for
from helpers.data.source import Feed, FileSpec, TableSpec, Value
from helpers.data.values import Converted


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


def latest(rows: Table, feed: Feed, spec: FileSpec) -> Converted:
    """Return the number (or second) whose greatest value marks the last row of a key."""
    name = feed.last_by_time or feed.last_by_number
    declared = declared_for(Value(column=name), spec)
    made = convert(rows[name], "time" if feed.last_by_time else "number", declared, where=f"last_by {name}")
    moment = made.value.epoch_seconds() if feed.last_by_time else made.value
    missing = ("missing, so no row is the last", rows[name].isnull())
    return Converted(value=moment.cast("float64"), problems=(*made.problems, missing))


def one_row_per_key(made: Candidates, table: catalogue.Table, spec: TableSpec) -> Candidates:
    """Rows of equal key become one candidate; columns that must agree and do not are a problem."""
    picks = {name: value.pick or spec.pick for feed in spec.feeds for name, value in feed.columns.items()}
    picks = {name: picks.get(name, spec.pick) for name in (column.name for column in table.columns)}
    rows = _with_last(made.rows, table.key) if "last" in picks.values() else made.rows
    values: dict[str, Column] = {}
    problems = {f"_problem_{number}": made.problem(number).any() for number in range(len(made.problems))}
    differing = []
    for column in table.columns:
        if column.name in table.key:
            continue
        cell, pick = rows[column.name], picks[column.name]
        values[column.name] = _picked(rows, cell, pick)
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


def _picked(rows: Table, cell: Column, pick: str) -> Column:
    if pick == "first":
        return cell.argmin(rows["_row"], where=cell.notnull())
    if pick == "last":
        return cell.max(where=rows["_is_last"])
    return cell.max() if pick == "max" else cell.min()


def _with_last(rows: Table, key: tuple[str, ...]) -> Table:
    """Mark the last row of each key: by what the mapping orders them by, then by file and line."""
    order = [*([rows["_latest"].fill_null(float("-inf"))] if "_latest" in rows.columns else []), rows["_row"]]
    window = ibis.window(group_by=[rows[name] for name in key], order_by=[ibis.desc(one) for one in order])
    return rows.mutate(_is_last=ibis.row_number().over(window) == 0)
