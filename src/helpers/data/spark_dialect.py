"""Ibis's SQL for Spark, corrected so that an expression means on Spark what it means on DuckDB.

Each correction is one that Ibis 12.0.0 lacks and that changes values without an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, ClassVar

import ibis.expr.datatypes as dtypes
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType
from ibis.backends.sql.dialects import PySpark

from helpers.data.errors import DataError
from helpers.data.java_patterns import java_pattern, java_replacement
from helpers.data.spark_times import own_function

_UNITS = {"s": "timestamp_seconds", "ms": "timestamp_millis", "us": "timestamp_micros"}


class SparkText(PySpark):
    """Spark's SQL, with the control characters that Spark's reader would take for letters."""


# Spark reads `\v` as the letter v and knows no `\a` and `\f` either: a pattern of blanks then takes letters.
SparkText.ESCAPED_SEQUENCES = {
    **PySpark.ESCAPED_SEQUENCES,
    **{mark: f"\\u{ord(mark):04X}" for mark in "\a\v\f"},
}


def _letters(turn: Callable[[str], str]) -> tuple[str, str]:
    """Return the letters that have one other form, and these forms: as DuckDB, which makes no letter two."""
    pairs = {letter: turn(letter) for letter in map(chr, range(sys.maxunicode + 1))}
    pairs = {letter: made for letter, made in pairs.items() if made != letter and len(made) == 1}
    return "".join(pairs), "".join(pairs.values())


def _capital(letter: str) -> str:
    made = letter.upper()
    return made if len(made) == 1 else letter.title()


# Java writes ß as SS and the last Σ of a word as ς; ids that differ so would no longer meet.
_LOWER, _UPPER = _letters(str.lower), _letters(_capital)


class SparkTypes(PySparkType):
    """Types to Spark's: a clock's time stays one, and is no moment of the session's zone."""

    @classmethod
    def _from_ibis_Timestamp(cls, dtype: dtypes.Timestamp) -> sge.DataType:
        kind = sge.DataType.Type
        return sge.DataType(this=kind.TIMESTAMPNTZ if dtype.timezone is None else kind.TIMESTAMPLTZ)


class SparkCompiler(PySparkCompiler):
    """Expressions to Spark's SQL."""

    __slots__ = ()
    dialect = SparkText
    type_mapper = SparkTypes
    SIMPLE_OPS: ClassVar = {ops.BitAnd: "bit_and", ops.BitOr: "bit_or", ops.BitXor: "bit_xor"}

    def visit_Lowercase(self, op: ops.Lowercase, *, arg: sge.Expression) -> sge.Expression:
        """Write small letters, each one as one."""
        return self.f.anon.translate(arg, f"{_LOWER[0]}İ", f"{_LOWER[1]}i")

    def visit_Uppercase(self, op: ops.Uppercase, *, arg: sge.Expression) -> sge.Expression:
        """Write capitals, each letter as one."""
        return self.f.anon.translate(arg, f"{_UPPER[0]}ß", f"{_UPPER[1]}ẞ")

    def visit_StringSplit(
        self, op: ops.StringSplit, *, arg: sge.Expression, delimiter: Any
    ) -> sge.Expression:
        """Split at a text: Spark would take it for a pattern."""
        return self.f.anon.split(arg, f"\\Q{_literal(op.delimiter)}\\E", -1)

    def visit_ExtractEpochSeconds(
        self, op: ops.ExtractEpochSeconds, *, arg: sge.Expression
    ) -> sge.Expression:
        """Keep the parts of a second, as DuckDB does: differences are cut to whole days only afterwards."""
        moment = sg.cast(arg, sge.DataType.Type.TIMESTAMPLTZ)
        micros = self.cast(self.f.anon.unix_micros(moment), dtypes.float64)
        return micros / self.cast(1_000_000, dtypes.float64)

    def visit_RegexSearch(self, op: ops.RegexSearch, *, arg: sge.Expression, pattern: Any) -> sge.Expression:
        """Search by a pattern in Java's words."""
        return self.f.regexp_like(arg, java_pattern(_literal(op.pattern)))

    def visit_RegexExtract(
        self, op: ops.RegexExtract, *, arg: sge.Expression, pattern: Any, index: sge.Expression
    ) -> sge.Expression:
        """Take a group out by a pattern in Java's words."""
        return self.f.anon.regexp_extract(arg, java_pattern(_literal(op.pattern)), index)

    def visit_RegexReplace(
        self, op: ops.RegexReplace, *, arg: sge.Expression, pattern: Any, replacement: Any
    ) -> sge.Expression:
        """Replace by a pattern and groups in Java's words."""
        by = java_replacement(_literal(op.replacement))
        return self.f.anon.regexp_replace(arg, java_pattern(_literal(op.pattern)), by)

    def visit_IsNull(self, op: ops.IsNull, *, arg: sge.Expression) -> sge.Expression:
        """What is not a number is no null: a row must not be taken for one that says nothing."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: ops.NotNull, *, arg: sge.Expression) -> sge.Expression:
        """What is not a number is no null."""
        return arg.is_(sg.not_(NULL))

    def visit_IsInf(self, op: ops.IsInf, *, arg: sge.Expression) -> sge.Condition:
        """Ask the engine; Ibis compares the two expressions instead, and finds them different."""
        return sg.or_(arg.eq(self.POS_INF), arg.eq(self.NEG_INF))

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Any) -> sge.Expression:
        """Say DuckDB's own functions of times on Spark's terms."""
        made = own_function(self, op, **given)
        return super().visit_ScalarUDF(op, **given) if made is None else made

    def visit_TryCast(self, op: ops.TryCast, *, arg: sge.Expression, to: Any) -> sge.Expression:
        """Read 24:00 as the midnight that ends the day."""
        read = super().visit_TryCast(op, arg=arg, to=to)
        if not (op.arg.dtype.is_string() and to.is_timestamp()):
            return read
        day = sge.Interval(this=sge.convert("1"), unit=sge.Var(this="DAY"))
        started = sge.TryCast(this=self.f.anon.left(arg, 10), to=self.type_mapper.from_ibis(to), safe=True)
        ends = self.f.regexp_like(arg, r"^\d{4}-\d{2}-\d{2}[ T]24:00(:00(\.0+)?)?\z")
        return self.if_(ends, started + day, read)

    def visit_Cast(self, op: ops.Cast, *, arg: sge.Expression, to: Any) -> sge.Expression:
        """Write a moment with its zone, UTC, as DuckDB does."""
        made = super().visit_Cast(op, arg=arg, to=to)
        given = op.arg.dtype
        return (
            self.f.concat(made, "+00") if given.is_timestamp() and given.timezone and to.is_string() else made
        )

    def visit_CountStar(self, op: ops.CountStar, *, arg: Any, where: sge.Expression | None) -> sge.Expression:
        """Of no rows the count is 0, and not unknown."""
        counted = super().visit_CountStar(op, arg=arg, where=where)
        return counted if where is None else self.f.coalesce(counted, 0)

    def visit_TimestampTruncate(
        self, op: ops.TimestampTruncate, *, arg: sge.Expression, unit: Any
    ) -> sge.Expression:
        """Give the type back that was given; Spark makes a moment of any time."""
        return self.cast(super().visit_TimestampTruncate(op, arg=arg, unit=unit), op.dtype)

    def visit_TimestampFromYMDHMS(self, op: ops.TimestampFromYMDHMS, **parts: Any) -> sge.Expression:
        """Make a time of a clock."""
        return self.f.anon.make_timestamp_ntz(*parts.values())

    def visit_TimestampFromUNIX(
        self, op: ops.TimestampFromUNIX, *, arg: sge.Expression, unit: Any
    ) -> sge.Expression:
        """Read seconds, milliseconds or microseconds since 1970."""
        name = _UNITS.get(op.unit.short)
        if name is None:
            raise DataError(f"times counted in {op.unit.plural} are not read on Spark")
        return self.cast(self.f.anon[name](arg), dtypes.timestamp)


def _literal(pattern: Any) -> str:
    if not isinstance(pattern, ops.Literal):
        raise DataError("on Spark a pattern is written out, and no column of patterns")
    return str(pattern.value)
