"""Many shops asked the same questions: an answer is worked out again only where what it reads was changed.

What a question reads is seen as it asks: the columns behind each query, and which tables are said to hold
anything. Where all of that is as in an earlier shop, its answer is that shop's, for nothing is random.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module
from typing import Any

import pyarrow.parquet as pq
import pytest
from ibis.backends.duckdb import Backend
from ibis.expr import operations as ops
from ibis.expr.types import Table

import helpers.data
from helpers.data.catalogue import CATALOGUE
from helpers.data.receipt import Receipt
from helpers.data.shop import Shop
from helpers.report import Chapter
from helpers.report.chapter import Section

Column = tuple[str, str]  # of a contract table; "" for its number of rows
DRAWS = 32  # of simulated weeks, about the fewest that are judged: an odd shop is odd in each of them
PREFIX = "accepted_"


@dataclass
class Reads:
    """What was read: columns, and whether tables or columns were said to hold anything."""

    columns: set[Column] = field(default_factory=set)
    filled: dict[tuple[str, str | None], bool] = field(default_factory=dict)

    def add(self, other: Reads) -> None:
        self.columns |= other.columns
        self.filled |= other.filled


@dataclass(frozen=True)
class Kept:
    """An answer, what was read for it, and what it was asked with (kept, so that its id stays its own)."""

    result: Any
    columns: dict[Column, str]
    filled: dict[tuple[str, str | None], bool]
    given: tuple[Any, ...]


class KeptAnswers:
    """The answers of a session, its SQL and its pictures; `in_use` puts it between chapters and shops."""

    def __init__(self) -> None:
        self.answers: dict[Any, list[Kept]] = {}
        self.worked_out = 0
        self._reading: list[Reads] = []
        self._written: dict[Any, tuple[str, frozenset[Column]]] = {}
        self._digests: dict[tuple[str, str], dict[str, str]] = {}
        self._parts: dict[Any, Any] = {}
        self._opened: tuple[Any, Shop] | None = None

    @contextmanager
    def in_use(self) -> Iterator[KeptAnswers]:
        """Chapters ask here first; shops, queries and receipts tell what is read."""
        show = import_module("helpers.report.show")
        with pytest.MonkeyPatch.context() as patch:
            for owner, name, around in (
                (Chapter, "ask", self._ask),
                (Shop, "once", self._once),
                (Receipt, "filled", self._filled),
                (Backend, "compile", self._compile),
                (Backend, "create_table", self._create_table),
                (show, "_released_parts", self._released_parts),
                (helpers.data, "open_shop", self._open_shop),
            ):
                patch.setattr(owner, name, _around(around, getattr(owner, name)))
            yield self

    def _open_shop(self, usual: Callable, *given: Any, **options: Any) -> Shop:
        """One shop for all chapters: what they work out of it together is worked out once."""
        asked = (given, tuple(options.items()))
        if self._opened is None or self._opened[0] != asked:
            self._opened = asked, usual(*given, **options)
        return self._opened[1]

    def _ask(
        self, usual: Callable, chapter: Chapter, question: Callable, *inputs: Any, **options: Any
    ) -> Any:
        if "draws" in inspect.signature(question).parameters:
            options = {"draws": DRAWS, **options}
        answer = functools.partial(self._answer, chapter.shop, question)
        return usual(chapter, functools.wraps(question)(answer), *inputs, **options)

    def _answer(self, shop: Shop, question: Callable, *given: Any, **options: Any) -> Any:
        if any(isinstance(one, Shop) and one is not shop for one in given):
            return question(*given, **options)  # winsorised: another shop of this one's
        key = _key(shop, question, given, options)
        for kept in self.answers.get(key, ()):
            if self._as_read(kept, shop):
                return kept.result
        self.worked_out += 1
        with self._seen() as reads:
            result = question(*given, **options)
        times = {(table, CATALOGUE[table].time) for table, _ in reads.columns}
        filled = reads.filled | {place: shop.receipt.filled(*place) for place in times if place[1]}
        columns = {column: self._digest(shop, column) for column in reads.columns}
        kept = Kept(result, columns, filled, (given, options))
        self.answers.setdefault(key, []).append(kept)
        return result

    def _as_read(self, kept: Kept, shop: Shop) -> bool:
        """Whether all that an answer rests on is the same in this shop."""
        said = all(shop.receipt.filled(*place) == said for place, said in kept.filled.items())
        return said and all(self._digest(shop, column) == digest for column, digest in kept.columns.items())

    def _digest(self, shop: Shop, column: Column) -> str:
        table, name = column
        place = (str(shop.folder), table)
        if place not in self._digests:
            path = shop.folder / "accepted" / f"{table}.parquet"
            self._digests[place] = _digests(pq.read_table(path)) if path.exists() else {}
        return self._digests[place].get(name, "none")

    @contextmanager
    def _seen(self) -> Iterator[Reads]:
        """What is read in here, for whoever asked and for whoever asked that."""
        self._reading.append(Reads())
        try:
            yield self._reading[-1]
        finally:
            reads = self._reading.pop()
            if self._reading:
                self._reading[-1].add(reads)

    def _once(self, usual: Callable, shop: Shop, name: Any, make: Callable) -> Any:
        """Whoever takes what was worked out before has read what that read."""
        if ("reads", name) in shop._made:
            if self._reading:
                self._reading[-1].add(shop._made["reads", name])
            return usual(shop, name, make)
        with self._seen() as reads:
            shop._made["reads", name] = reads
            return usual(shop, name, make)

    def _filled(self, usual: Callable, receipt: Receipt, table: str, column: str | None = None) -> bool:
        said = usual(receipt, table, column)
        if self._reading:
            self._reading[-1].filled[table, column] = said
        return said

    def _compile(self, usual: Callable, backend: Backend, expr: Any, /, **options: Any) -> str:
        """SQL is written once for all shops: connections to memory are equal, and so are expressions."""
        written = (expr.op(), tuple(sorted(options.items())))
        if written not in self._written:
            self._written[written] = usual(backend, expr, **options), columns_read(expr.op())
        sql, read = self._written[written]
        self._note(read)
        return sql

    def _create_table(self, usual: Callable, backend: Backend, name: str, /, obj: Any = None, **options: Any):
        if isinstance(obj, Table):
            self._note(columns_read(obj.op()))
        return usual(backend, name, obj, **options)

    def _note(self, read: frozenset[Column]) -> None:
        if self._reading:
            self._reading[-1].columns |= read

    def _released_parts(self, usual: Callable, result: Any, findings: Any) -> Any:
        """A picture is drawn once for one answer and its verdicts."""
        findings = tuple(findings)
        drawn = _said(result), repr(findings)
        if drawn not in self._parts:
            self._parts[drawn] = (result, *usual(result, findings))
        _, picture, frame = self._parts[drawn]
        return picture, frame


def _around(around: Callable, usual: Callable) -> Callable:
    @functools.wraps(usual)
    def call(*given: Any, **options: Any) -> Any:
        return around(usual, *given, **options)

    return call


def _key(shop: Shop, question: Callable, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What is asked: the question, its options, the answers it builds on, and how far the shop is seen."""
    inputs = tuple("shop" if one is shop else _said(one) for one in given)
    said = tuple(sorted((name, _said(value)) for name, value in options.items()))
    orders = shop.receipt.tables.get("orders")
    return question.__module__, question.__name__, inputs, said, shop.as_of, orders and orders.last


def _said(value: Any) -> str:
    """A value in words, but an answer by its findings and by the identity of whatever else it holds."""
    value = value.result if isinstance(value, Section) else value
    if is_dataclass(value) and hasattr(value, "findings"):
        others = [id(getattr(value, one.name)) for one in fields(value) if one.name != "findings"]
        return f"{type(value).__name__} {others} {value.findings}"
    return repr(value) if " object at 0x" not in repr(value) else f"{value!r} {id(value)}"


def _digests(rows: Any) -> dict[str, str]:
    """Digest of each column's values in their order; "" for the number of rows."""
    said = {"": str(rows.num_rows)}
    for name in rows.column_names:
        values = rows.column(name).to_pylist()
        said[name] = hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()
    return said


def columns_read(node: ops.Node) -> frozenset[Column]:
    """Return the columns of contract tables that an expression's rows can depend on."""
    found: set[Column] = set()
    asked = [(node, _names(node))] if isinstance(node, ops.Relation) else list(_named_in([node]))
    seen = set()
    while asked:
        relation, names = one = asked.pop()
        if one in seen:
            continue
        seen.add(one)
        asked += _parents(relation, names)
        if isinstance(relation, ops.DatabaseTable) and relation.name.startswith(PREFIX):
            table = relation.name.removeprefix(PREFIX)
            found |= {(table, name) for name in ("", *names)}
    return frozenset(found)


Asked = tuple[ops.Relation, frozenset[str]]
BY_NAME = {"values", "metrics"}  # what makes single columns of a relation; all else decides which rows it has


def _parents(relation: ops.Relation, names: frozenset[str]) -> Iterator[Asked]:
    """What some columns of a relation, and which rows it has, rest on."""
    is_whole = not relation.values or isinstance(relation, ops.Distinct | ops.DropNull)
    given = [one for name, value in zip(relation.__argnames__, relation.__args__, strict=True)
             if name not in BY_NAME for one in _nodes(value)]  # fmt: skip
    for parent in given:
        if isinstance(parent, ops.Relation):
            is_named = isinstance(relation, ops.Reference)
            yield parent, names if is_named else _names(parent) if is_whole else frozenset()
    wanted = [relation.values[name] for name in names if name in relation.values]
    yield from _named_in([*wanted, *(one for one in given if not isinstance(one, ops.Relation))])


def _named_in(nodes: list[ops.Node]) -> Iterator[Asked]:
    """The fields and relations that expressions name, down to the next relation."""
    asked, seen = list(nodes), set()
    while asked:
        node = asked.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, ops.Field):
            yield node.rel, frozenset({node.name})
            continue
        for given in (one for value in node.__args__ for one in _nodes(value)):
            if not isinstance(given, ops.Relation):
                asked.append(given)
            else:
                counts_rows = isinstance(node, ops.JoinLink | ops.CountStar)
                yield given, frozenset() if counts_rows else _names(given)


def _names(relation: ops.Relation) -> frozenset[str]:
    return frozenset(relation.schema.names)


def _nodes(given: Any) -> Iterator[ops.Node]:
    """The nodes in an argument: itself, or those it lists or maps to."""
    if isinstance(given, ops.Node):
        yield given
    elif isinstance(given, Mapping):
        yield from given.values()
    elif isinstance(given, tuple):
        for one in given:
            yield from _nodes(one)
