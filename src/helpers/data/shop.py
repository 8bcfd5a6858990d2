"""A shop: its accepted tables as lazy Ibis expressions, cut at one `as_of` moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from helpers.data.catalogue import CATALOGUE
from helpers.data.clock import Clock
from helpers.data.dominance import dominance, largest_spenders
from helpers.data.ends import LOGS
from helpers.data.experiment import Experiment
from helpers.data.receipt import Receipt
from methods.errors import CannotAnswer

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The accepted tables of one shop and what is known about them.

    tables: name to lazy Ibis table, every row before `as_of`. as_of: naive UTC; nothing from it on is seen.
    folder: where the accepted tables lie. receipt: what the loader read, accepted and refused.
    """

    connection: BaseBackend = field(repr=False)
    tables: Mapping[str, Table] = field(repr=False)
    as_of: dt.datetime | None
    receipt: Receipt = field(repr=False)
    folder: Path = field(repr=False)
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, name: str) -> Table:
        """Return the table of this name; raises KeyError that says which tables there are."""
        if name not in self.tables:
            kind = "is optional and not in these data" if name in CATALOGUE else "is not in the contract"
            raise KeyError(f"table {name!r} {kind}; there are {', '.join(self.tables)}")
        return self.tables[name]

    def missing(self, *needs: str) -> tuple[str, ...]:
        """Return which needed tables ("shares") or columns ("orders.placed_at") hold nothing."""
        return tuple(need for need in needs if not self._has(need))

    def _has(self, need: str) -> bool:
        name, _, column = need.partition(".")
        if name not in CATALOGUE:
            raise KeyError(f"table {name!r} is not in the contract")
        if column:
            CATALOGUE[name].column(column)
        return self.receipt.filled(name, column or None) and name in self.tables

    @property
    def end(self) -> dt.datetime:
        """The moment from which on nothing is seen (naive UTC); raises ValueError without any time."""
        if self.as_of is None:
            raise ValueError("no table holds any time, so nothing lies before or after anything")
        return self.as_of

    def known_until(self, *names: str) -> dt.datetime:
        """The moment until which rows of all these tables are known: `end`, or before it where one ended.

        names: tables, or columns of them, as in `missing`. Only a table that is written as things happen can
        end (`ends.LOGS`), not one of products or friends.
        """
        tables = {name.partition(".")[0] for name in names}
        return min([self.end, *(self._known_until(name) for name in tables if name in LOGS)])

    def _known_until(self, name: str) -> dt.datetime:
        until, last = self.receipt.known_until(name), self.receipt.last_event
        return self.end if until is None or until == last else until

    def while_known(self, *names: str) -> Shop:
        """This shop as it was seen when the first of these tables ended; itself where none ended early."""
        if self.as_of is None or (until := self.known_until(*names)) == self.as_of:
            return self
        return self.once(("while known", until), lambda: self.at(until))

    @property
    def currency(self) -> str:
        """ISO code of the shop's money, such as CNY; amounts are in hundredths of it."""
        return self.receipt.currency

    @property
    def timezone(self) -> str:
        """The shop's time zone, such as Asia/Shanghai; stored times are UTC."""
        return self.receipt.timezone

    @property
    def part(self) -> str:
        """Of which part of a shop these are the tables, such as a category; empty of a whole one."""
        return self.receipt.part

    @property
    def left_out(self) -> tuple[str, ...]:
        """The tables that the whole shop has and this part of it does not."""
        return self.receipt.left_out

    @property
    def high_season(self) -> str:
        """Busy spans of every year, as declared; empty where none are."""
        return self.receipt.high_season

    def at(self, moment: dt.datetime) -> Shop:
        """Return this shop as it could be seen at an earlier moment (naive UTC): every row before it."""
        tables = {name: cut(rows, name, self.receipt, moment) for name, rows in self.tables.items()}
        return replace(self, tables=MappingProxyType(tables), as_of=min(moment, self.as_of or moment))

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` works out of this shop, kept by name: several questions ask for the same.

        That it cannot be answered is kept as well.
        """
        if name not in self._made:
            try:
                self._made[name] = make()
            except CannotAnswer as limit:
                self._made[name] = limit
        if isinstance(made := self._made[name], CannotAnswer):
            raise type(made)(*made.args)
        return made

    def winsorised(self) -> tuple[Shop, str] | None:
        """Return this shop with its largest amounts winsorised, and who made that needful, order or customer.

        None where none of them holds more than a fifth of all money, or no prices are known.
        """
        if self.missing("orders", "order_lines.unit_price_cents", "order_lines.quantity"):
            return None
        found = dominance(self.tables)
        if found is None:
            return None
        return replace(self, tables=MappingProxyType({**self.tables, "order_lines": found.lines})), found.who

    def largest_spenders(self) -> tuple[float, float, float]:
        """Return what all customers paid and what the two largest did, in hundredths; needs known prices."""
        return largest_spenders(self.tables)

    def declaring(self, *experiments: Experiment) -> Shop:
        """Return this shop with these tests declared, as `[experiments.NAME]` of a source.toml would."""
        declared = {**self.receipt.experiments, **{one.name: one for one in experiments}}
        return replace(self, receipt=replace(self.receipt, experiments=declared))

    def local(self, time: ibis.expr.types.TimestampColumn) -> ibis.expr.types.TimestampColumn:
        """Turn a stored UTC time into what the shop's clock shows, by the zone's real rules."""
        return self.clock.shown(time)

    @property
    def clock(self) -> Clock:
        """The shop's clock: what it shows at a moment, and the moment at which it shows a time."""
        return self.receipt.clock


def cut(rows: Table, name: str, receipt: Receipt, moment: dt.datetime) -> Table:
    """Return the rows of a contract table before a moment (naive UTC); rows without a time stay."""
    time = CATALOGUE[name].time
    if time is None or not receipt.filled(name, time):
        return rows
    return rows.filter(rows[time].isnull() | (rows[time] < moment))


def open_tables(
    connection: BaseBackend, folder: Path, receipt: Receipt, *, as_of: dt.datetime | None
) -> Shop:
    """Return the shop whose accepted Parquet tables lie in `folder`, cut at `as_of` (naive UTC).

    as_of None means the moment after the last event in the data.
    """
    as_of = as_of or receipt.last_event
    tables = {}
    for name in CATALOGUE:
        path = folder / "accepted" / f"{name}.parquet"
        if not path.exists():
            continue
        files = path / "*.parquet" if path.is_dir() else path  # Spark writes folders
        rows = connection.read_parquet(str(files), table_name=f"accepted_{name}")
        tables[name] = rows if as_of is None else cut(rows, name, receipt, as_of)
    return Shop(
        connection=connection, tables=MappingProxyType(tables), as_of=as_of, receipt=receipt, folder=folder
    )
