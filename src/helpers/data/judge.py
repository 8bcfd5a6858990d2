"""Every rule of the contract on every candidate row, as one portable expression; all reasons for each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import reduce

import ibis
from ibis.expr.types import BooleanValue, Table

from helpers.data import catalogue
from helpers.data.one_per_key import Candidates
from helpers.data.values import Remark

Rules = list[tuple[str, BooleanValue]]
_ASIDE = "_aside"
BETWEEN = "\x1f"  # stands in no reason, whatever a mapping or a column's name holds


def refused(
    made: Candidates,
    table: catalogue.Table,
    *,
    accepted: Mapping[str, Table],
    put_aside: Mapping[str, Table],
    filled: frozenset[str],
    repeated: bool,
    days: tuple[dt.date, dt.date],
) -> Table:
    """Return the candidates that break a rule, with `_why`: all reasons, joined by BETWEEN.

    accepted: tables already judged, for references and time order; a table that is not there is not checked.
    put_aside: the refused rows of tables already judged, so that a row says when its own fault lies there.
    filled: columns in which the source gives any value. repeated: whether any key occurs twice.
    days: nothing can have happened before the first of these days, nor after the second (in any zone).
    """
    rows, targets = _with_references(made.rows, table, accepted, put_aside, filled)
    if repeated:
        rows = _with_repeats(rows, made.rows, table)
    rules = [
        (_says(column, reason), rows[f"_problem_{number}"])
        for number, (column, reason) in enumerate(made.problems)
        if not isinstance(reason, Remark)
    ]
    rules += _column_rules(rows, table, made, filled)
    rules += _reference_rules(rows, targets)
    rules += _time_rules(rows, table, targets, days)
    if repeated:
        rules += _repeat_rules(rows, table)
    return _explained(rows, rules, made.rows.columns)


def repeated_keys(rows: Table, table: catalogue.Table) -> Table:
    """Return the keys that more than one candidate carries."""
    whole = rows.filter([rows[name].notnull() for name in table.key])
    return whole.group_by(list(table.key)).aggregate(_times=whole.count()).filter(lambda t: t["_times"] > 1)


def _says(column: str, reason: str) -> str:
    return f"{column}: {reason}"


def _explained(rows: Table, rules: Rules, columns: tuple[str, ...]) -> Table:
    rules = [(reason, where.fill_null(False)) for reason, where in rules]
    if not rules:
        return rows.filter(ibis.literal(False)).mutate(_why=ibis.literal("")).select(*columns, "_why")
    wrong = rows.filter(reduce(lambda a, b: a | b, [where for _, where in rules]))
    texts = [where.ifelse(f"{reason}{BETWEEN}", "") for reason, where in rules]
    why = reduce(lambda a, b: a + b, texts)
    return wrong.mutate(_why=why.substr(0, why.length() - 1)).select(*columns, "_why")


def _column_rules(rows: Table, table: catalogue.Table, made: Candidates, filled: frozenset[str]) -> Rules:
    rules: Rules = []
    unread = {
        column.name: [
            rows[f"_problem_{n}"]
            for n, (name, reason) in enumerate(made.problems)
            if name == column.name and not isinstance(reason, Remark)
        ]
        for column in table.columns
    }
    for column in table.columns:
        cell = rows[column.name]
        if column.null == "never" or (column.null == "if_absent" and column.name in filled):
            explained = reduce(lambda a, b: a | b, unread[column.name], ibis.literal(False))
            rules.append((_says(column.name, "missing"), cell.isnull() & ~explained))
        if column.low is not None:
            rules.append((_says(column.name, f"below {column.low:g}"), cell < column.low))
        if column.high is not None:
            rules.append((_says(column.name, f"above {column.high:g}"), cell > column.high))
        if column.allowed:
            rules.append(
                (_says(column.name, f"not one of {', '.join(column.allowed)}"), ~cell.isin(column.allowed))
            )
    if table.unordered:
        one, other = table.unordered
        rules.append((f"{one}: the same as {other}", rows[one] == rows[other]))
    return rules


def _with_references(
    rows: Table,
    table: catalogue.Table,
    accepted: Mapping[str, Table],
    put_aside: Mapping[str, Table],
    filled: frozenset[str],
) -> tuple[Table, dict[str, tuple[str, str]]]:
    """Join each referenced table's key and the times that order the rows; return column -> (table, mark)."""
    targets: dict[str, tuple[str, str]] = {}
    joined = rows
    for number, column in enumerate(table.columns):
        referred = column.references
        if referred is None or referred not in accepted or column.name not in filled:
            continue
        other = accepted[referred]
        (key,) = catalogue.CATALOGUE[referred].key
        mark = f"_reference_{number}"
        times = {
            f"{mark}_{target.partition('.')[2]}": other[target.partition(".")[2]]
            for _, target in table.not_before
            if target.partition(".")[0] == referred
        }
        joined = joined.left_join(other.select(**{mark: other[key]}, **times), [(column.name, mark)])
        if referred in put_aside:
            keys = put_aside[referred].select(**{f"{mark}{_ASIDE}": key}).distinct()
            joined = joined.left_join(keys, [(column.name, f"{mark}{_ASIDE}")])
        targets[column.name] = (referred, mark)
    return joined, targets


def _reference_rules(rows: Table, targets: Mapping[str, tuple[str, str]]) -> Rules:
    """A row whose target was refused, whatever for, is told apart from one that has no target."""
    rules: Rules = []
    for column, (other, mark) in targets.items():
        absent = rows[column].notnull() & rows[mark].isnull()
        if f"{mark}{_ASIDE}" in rows.columns:
            there = rows[f"{mark}{_ASIDE}"].notnull()
            rules.append((_says(column, f"was refused in {other}"), absent & there))
            absent &= ~there
        rules.append((_says(column, f"names none of the accepted {other}"), absent))
    return rules


def _time_rules(
    rows: Table,
    table: catalogue.Table,
    targets: Mapping[str, tuple[str, str]],
    days: tuple[dt.date, dt.date],
) -> Rules:
    rules: Rules = []
    earliest, today = days
    if table.time is not None:
        end = dt.datetime.combine(today + dt.timedelta(days=2), dt.time())
        rules.append((_says(table.time, "in the future"), rows[table.time] >= ibis.literal(end)))
    if table.time is not None and table.is_of_events:
        start = dt.datetime.combine(earliest - dt.timedelta(days=2), dt.time())
        rules.append((_says(table.time, f"before {earliest}"), rows[table.time] < ibis.literal(start)))
    for later, earlier in table.not_before:
        other, found, column = earlier.partition(".")
        if not found:
            rules.append((_says(later, f"before {earlier}"), rows[later] < rows[earlier]))
            continue
        marks = [mark for reference, mark in targets.values() if reference == other]
        rules += [
            (_says(later, f"before {earlier}"), rows[later] < rows[f"{mark}_{column}"]) for mark in marks[:1]
        ]
    return rules


def _with_repeats(joined: Table, rows: Table, table: catalogue.Table) -> Table:
    """Join, for keys that come again, how many contents a key has, where they differ, and their firsts."""
    names = [column.name for column in table.columns]
    again = rows.semi_join(repeated_keys(rows, table), list(table.key))
    contents = again.group_by(names).aggregate(_first=again["_row"].min())
    differing = {
        f"_differs_{name}": contents[name].nunique() + contents[name].isnull().any().cast("int64") > 1
        for name in names
        if name not in table.key
    }
    conflicts = contents.group_by(list(table.key)).aggregate(_contents=contents.count(), **differing)
    marks = again.left_join(contents.select(_first_row="_first"), [("_row", "_first_row")])
    marks = marks.left_join(
        conflicts.rename(**{f"_key_{number}": name for number, name in enumerate(table.key)}),
        [(name, f"_key_{number}") for number, name in enumerate(table.key)],
    )
    marks = marks.select(
        **{name: marks[name] for name in differing},
        _repeat_row=marks["_row"],
        _is_first=marks["_first_row"].notnull(),
        _contents=marks["_contents"],
    )
    return joined.left_join(marks, [("_row", "_repeat_row")])


def _repeat_rules(rows: Table, table: catalogue.Table) -> Rules:
    """Equal rows of one key are one row said twice: the first stays. Different rows conflict: none stays."""
    key = " and ".join(table.key)
    conflicts = [
        (f"{key}: given to rows that differ in {column.name}", rows[f"_differs_{column.name}"])
        for column in table.columns
        if column.name not in table.key
    ]
    return [*conflicts, (f"{key}: the same row again", (rows["_contents"] == 1) & ~rows["_is_first"])]
