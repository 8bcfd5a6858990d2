"""The work on cells, done in steps of their own, so that what follows names a column and not the work again.

An engine writes out an expression wherever it is used; texts worked on in several ways, then read with all
their reasons, would grow past what it can plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ibis.expr.types import BooleanValue, Table

from helpers.data import catalogue
from helpers.data.cells import cell
from helpers.data.convert import convert
from helpers.data.evaluate import declared_for, parts_of, whole_text
from helpers.data.source import LOOKUP_MARK, FileSpec, Value
from helpers.data.values import Converted, about

_DONE: Mapping[str, Any] = {"strip": (), "extract": "", "lower": False, "units": (), "fill": ""}


@dataclass(frozen=True, kw_only=True)
class Stages:
    """Rows with the worked-on cells as columns, the values that name these, and what is wrong with them.

    problems: (contract column, reason) to where it is so. called: a made column to the one it is made of.
    """

    rows: Table
    values: Mapping[str, Value]
    spec: FileSpec
    problems: Mapping[tuple[str, str], BooleanValue]
    called: Mapping[str, str] = field(default_factory=dict)


def in_stages(rows: Table, values: Mapping[str, Value], table: catalogue.Table, spec: FileSpec) -> Stages:
    """Work on the cells, then put texts together and read what is reckoned with; else do nothing.

    Raises DataError where text is asked for in a column of numbers, or a part cannot be read at all.
    """
    start = Stages(rows=rows, values=values, spec=spec, problems={})
    return _read(_joined(_edited(start, where=table.name), where=table.name), table)


def _edited(stages: Stages, *, where: str) -> Stages:
    made: dict[tuple[str, str], Converted] = {}
    for name, value in stages.values.items():
        for source in _sources(value) if value.edits_cells else ():
            declared = declared_for(value, stages.spec, source)
            made[name, source] = cell(stages.rows[source], value, declared, where=f"{where}.{name}")
    names = {key: f"{LOOKUP_MARK}cell_{number}" for number, key in enumerate(made)}
    values = {
        name: _renamed(value, {source: names[name, source] for source in _sources(value)})
        if value.edits_cells
        else value
        for name, value in stages.values.items()
    }
    borrowed = {names[key]: stages.spec.of(key[1]) for key in made}
    made_columns = {names[key]: (key[0], one) for key, one in made.items()}
    called = {names[key]: key[1] for key in made}
    return replace(_with(stages, made_columns, values, borrowed), called=called)


def _joined(stages: Stages, *, where: str) -> Stages:
    made: dict[str, tuple[str, Converted]] = {}
    values, borrowed = dict(stages.values), {}
    for number, (name, value) in enumerate(stages.values.items()):
        if not value.is_text or not (value.values or value.prefix or value.concat or value.hash_of):
            continue
        column = f"{LOOKUP_MARK}text_{number}"
        made[column] = (name, whole_text(stages.rows, value, stages.spec, where=f"{where}.{name}"))
        plain: dict[str, Any] = {"nulls": (), "pick": value.pick, "time_formats": value.time_formats}
        plain |= {key: getattr(value, key) for key in ("timezone", "fold", "money", "decimal")}
        values[name] = Value(column=column, **plain)
        borrowed[column] = replace(stages.spec.of(value.column), nulls=())
    return _with(stages, made, values, borrowed)


def _read(stages: Stages, table: catalogue.Table) -> Stages:
    """Read the parts of sums, differences, products and spans, so that each is a number or moment."""
    made: dict[str, tuple[str, Converted]] = {}
    values, borrowed = dict(stages.values), {}
    for name, value in stages.values.items():
        names, kinds = parts_of(value, table.column(name).kind)
        renamed = {}
        for part, kind in zip(names, kinds, strict=True):
            where = f"{table.name}.{name} from {stages.spec.path}, {part}"
            read = convert(stages.rows[part], kind, declared_for(value, stages.spec, part), where=where)
            own = stages.called.get(part, part)
            said = tuple((about(own, reason), here) for reason, here in read.problems)
            renamed[part] = f"{LOOKUP_MARK}part_{len(made)}"
            made[renamed[part]] = (name, replace(read, problems=said))
            borrowed[renamed[part]] = replace(stages.spec.of(part), nulls=())
        if names:
            values[name] = replace(
                _renamed(value, renamed), nulls=(), money="fen", timezone="UTC", time_formats=()
            )
    return _with(stages, made, values, borrowed)


def _with(
    stages: Stages,
    made: Mapping[str, tuple[str, Converted]],
    values: Mapping[str, Value],
    borrowed: Mapping[str, FileSpec],
) -> Stages:
    if not made:
        return stages
    marks = {
        (column, number): f"{column}_{number}"
        for column, (_, one) in made.items()
        for number in range(len(one.problems))
    }
    rows = stages.rows.mutate(
        **{column: one.value for column, (_, one) in made.items()},
        **{mark: made[column][1].problems[number][1] for (column, number), mark in marks.items()},
    )
    problems = {
        (name, reason): rows[marks[column, number]]
        for column, (name, one) in made.items()
        for number, (reason, _) in enumerate(one.problems)
    }
    spec = replace(stages.spec, borrowed={**stages.spec.borrowed, **borrowed})
    return replace(stages, rows=rows, values=values, spec=spec, problems={**stages.problems, **problems})


def _sources(value: Value) -> tuple[str, ...]:
    """Return the columns whose cells are worked on."""
    own = (value.column,) if value.column else ("_element",) if value.element else ()
    several = (value.concat, value.hash_of, value.days_between, *value.parts)
    return (*own, *(name for names in several for name in names))


def _renamed(value: Value, names: Mapping[str, str]) -> Value:
    several = ("concat", "hash_of", "days_between", "sum", "difference", "product")
    changed: dict[str, Any] = {key: tuple(names[name] for name in getattr(value, key)) for key in several}
    own = value.column or ("_element" if value.element else "")
    return replace(value, column=names.get(own, ""), element=False, **changed, **_DONE)
