"""Times on Spark as DuckDB reads them: written in a declared format, and shown by the clocks of a zone."""

from __future__ import annotations

import re
from typing import Any

import ibis.expr.datatypes as dtypes
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler

from helpers.data.clock import repeat_minutes
from helpers.data.errors import DataError
from helpers.data.java_patterns import java_pattern

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
# Digits are taken as far as they go and never given back: of 202511 the day is missing.
_DIRECTIVES = {
    "Y": r"(\d{1,4}+)",
    "f": r"(\d{1,6}+)",
    "p": r"((?i:am|pm))",
    "b": f"((?i:{'|'.join(name[:3] for name in _MONTHS)}))",
    "B": f"((?i:{'|'.join(_MONTHS)}))",
    **dict.fromkeys("ymdHIMS", r"(\d{1,2}+)"),
}
_ALIKE = {"b": "month", "B": "month", "m": "month", "Y": "year", "y": "year", "H": "hour", "I": "hour"}
_CENTURY_TURNS = 69  # %y: 68 is 2068, 69 is 1969


def read_time(to: SQLGlotCompiler, text: sge.Expression, formats: Any) -> sge.Expression:
    """Return the time that a text says in the one format given, else null; as DuckDB's try_strptime.

    Raises DataError on a directive that is not read on Spark.
    """
    (form,) = (one.value for one in formats.exprs)
    pattern, directives = _pattern(form)
    groups = {name: to.f.anon.regexp_extract(text, pattern, n) for n, name in enumerate(directives, 1)}
    whole = {name: to.cast(part, dtypes.int32) for name, part in groups.items() if name not in "pbBf"}
    parts = [_year(to, whole), _month(to, whole, groups), whole.get("d", sge.convert(1))]
    parts += [_hour(to, whole, groups), whole.get("M", sge.convert(0)), _second(to, groups)]
    valid = [to.f.regexp_like(text, pattern)]
    valid += [whole["S"] < 60] if "S" in whole else []
    valid += [whole["I"].between(1, 12)] if "I" in whole else []
    made: sge.Expression = to.f.anon.try_make_timestamp_ntz(*parts)
    for condition in reversed(valid):  # nested: what the pattern does not fit has no parts to be looked at
        made = to.if_(condition, made, NULL)
    return made


def _pattern(form: str) -> tuple[str, list[str]]:
    made: list[str] = []
    directives: list[str] = []
    for token in re.findall(r"%-?.|\s+|.", form, re.DOTALL):
        if token[0] == "%" and token[-1] != "%":
            name = token[-1]
            if name not in _DIRECTIVES or _ALIKE.get(name, name) in {_ALIKE.get(d, d) for d in directives}:
                raise DataError(
                    f"time format {form!r}: {token} is not read on Spark; there %Y, %y, %m, %b, %B, %d, %H, "
                    "%I, %p, %M, %S and %f are, each once. Export such times as timestamps"
                )
            directives.append(name)
            made.append(_DIRECTIVES[name])
        else:
            made.append(r"\s*" if token.isspace() else re.escape(token[-1]))
    return java_pattern(rf"^\s*{''.join(made)}\s*$"), directives


def _year(to: SQLGlotCompiler, whole: dict[str, Any]) -> Any:
    if "y" in whole:
        return whole["y"] + to.if_(whole["y"] < _CENTURY_TURNS, 2000, 1900)
    return whole.get("Y", sge.convert(1900))


def _month(to: SQLGlotCompiler, whole: dict[str, Any], groups: dict[str, Any]) -> Any:
    for name in {"b", "B"} & set(groups):
        short = to.f.anon.lower(to.f.anon.left(groups[name], 3))
        return to.cast(to.f.anon.array_position(to.f.array(*(m[:3] for m in _MONTHS)), short), dtypes.int32)
    return whole.get("m", sge.convert(1))


def _hour(to: SQLGlotCompiler, whole: dict[str, Any], groups: dict[str, Any]) -> Any:
    if "I" not in whole:
        return whole.get("H", sge.convert(0))
    afternoon = to.f.anon.lower(groups["p"]).eq("pm") if "p" in groups else sge.false()
    return whole["I"] % 12 + to.if_(afternoon, 12, 0)


def _second(to: SQLGlotCompiler, groups: dict[str, Any]) -> Any:
    """Return seconds with their decimals; `5` behind the point is half a second."""
    decimal = dtypes.Decimal(8, 6)
    second = to.cast(groups["S"], decimal) if "S" in groups else sge.convert(0)
    return second + to.cast(to.f.concat("0.", groups["f"]), decimal) if "f" in groups else second


def at_zone(to: SQLGlotCompiler, zone: str, clock: sge.Expression) -> sge.Expression:
    """Return the moment at which the clocks of a zone show a time; of two the later, as DuckDB's does."""
    found = to.f.anon.to_utc_timestamp(clock, zone)
    for minutes in repeat_minutes(zone):
        later = found + sge.Interval(this=sge.convert(str(minutes)), unit=sge.Var(this="MINUTE"))
        found = to.if_(clock_of(to, zone, later).eq(clock), later, found)
    return found


def clock_of(to: SQLGlotCompiler, zone: str, moment: sge.Expression) -> sge.Expression:
    """Return what the clocks of a zone show at a moment (naive)."""
    return sg.cast(to.f.anon.from_utc_timestamp(moment, zone), sge.DataType.Type.TIMESTAMPNTZ)


def own_function(to: SQLGlotCompiler, op: ops.ScalarUDF, **given: Any) -> sge.Expression | None:
    """Return on Spark's terms what is a function of DuckDB's own in `times`; None where it is another."""
    if op.__func_name__ == "try_strptime":
        return read_time(to, given["text"], op.formats)
    if op.__func_name__ != "timezone":
        return None
    if op.dtype.timezone is not None:
        return at_zone(to, op.zone.value, given["time"])
    return clock_of(to, op.zone.value, given["time"])
