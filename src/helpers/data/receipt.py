"""The receipt: what was read, what was accepted, what was refused and why."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from helpers.data.catalogue import CATALOGUE
from helpers.data.clock import Clock
from helpers.data.experiment import Experiment
from helpers.data.names import did_you_mean
from helpers.data.plausibility import Doubt
from helpers.report.words import words_beside
from methods.counts import count

WORDS = words_beside(__file__, "reasons")
SCHEMA_VERSION = 2
ROWS_DUE = 14
SHORTEST_PACE = dt.timedelta(days=7)  # accounts carried over at one moment have no pace


@dataclass(frozen=True, kw_only=True)
class TableReceipt:
    """What happened to one table.

    read = accepted + quarantined, with `read` counted from the file's own lines or rows, not by the parser.
    reasons: reason to number of rows (a row may have several). remarks: what is worth knowing of accepted
    rows, to their number. filled: accepted non-null values per column.
    first, last: span of the table's event time, ISO UTC, or None.
    """

    table: str
    file: str
    format: str
    encoding: str | None
    sha256: str
    read: int
    accepted: int
    quarantined: int
    reasons: Mapping[str, int]
    filled: Mapping[str, int]
    first: str | None
    last: str | None
    remarks: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.quarantined:
            raise ValueError(
                f"table {self.table!r}: read {count(self.read, 'row')}, but accepted {self.accepted} "
                f"and quarantined {self.quarantined}; rows were lost, so the file is refused"
            )


@dataclass(frozen=True, kw_only=True)
class FileReceipt:
    """What one file holds. lines: its physical lines, counted from bytes (None where it has none).

    rows: data rows. malformed: rows that could not be read at all. unused_rows: rows that no table takes.
    tables: the tables that it feeds. unused_columns: columns that feed none. outside: lines above the header
    and in the footer.
    """

    file: str
    format: str
    encoding: str | None
    sha256: str
    lines: int | None
    rows: int
    malformed: int
    unused_rows: int
    tables: tuple[str, ...]
    unused_columns: tuple[str, ...] = ()
    outside: int = 0


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The receipts of all tables and what was declared. `notes` say what the source cannot give.

    part: of a part of a shop, what it is called. left_out: the tables that the part does not have and the
    whole does. seen_until: a moment up to which more was seen than these tables hold events (ISO UTC).
    """

    tables: Mapping[str, TableReceipt]
    currency: str
    timezone: str
    source: str
    high_season: str = ""
    notes: tuple[str, ...] = ()
    files: Mapping[str, FileReceipt] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    part: str = ""
    left_out: tuple[str, ...] = ()
    seen_until: str | None = None
    schema_version: int = SCHEMA_VERSION

    def filled(self, table: str, column: str | None = None) -> bool:
        """Say whether a table (or one of its columns) holds any accepted value."""
        receipt = self.tables.get(table)
        if receipt is None or receipt.accepted == 0:
            return False
        return column is None or receipt.filled.get(column, 0) > 0

    @property
    def last_event(self) -> dt.datetime | None:
        """The end of the last local day with any event, naive UTC; None when nothing is dated."""
        ends = [end for end in (*(table.last for table in self.tables.values()), self.seen_until) if end]
        return self._end_of_day(max(ends)) if ends else None

    @property
    def last_moment(self) -> dt.datetime | None:
        """Until when a shop is seen that declares no `as_of`, naive UTC; None when nothing is dated.

        `last_event`, or where orders plainly ended before it the end of their last local day.
        """
        return self.known_until("orders")

    def known_until(self, name: str) -> dt.datetime | None:
        """Until when the rows of a table are known, naive UTC; None when nothing is dated.

        `last_event`, unless the table has been silent for so long before it that at its usual pace 14 rows
        were due (of which none comes by chance once in a million): then the end of its last local day. Of a
        part that the whole outlives (`seen_until`) silence is no end.
        """
        end, table = self.last_event, self.tables.get(name)
        if end is None or self.seen_until or table is None or not table.last or not table.first:
            return end
        first, last = (dt.datetime.fromisoformat(moment) for moment in (table.first, table.last))
        rows = table.filled.get(CATALOGUE[name].time or "", 0)
        if last - first < SHORTEST_PACE:
            return end
        due = rows * ((end - last) / (last - first))
        return self._end_of_day(table.last) if due >= ROWS_DUE else end

    def _end_of_day(self, moment: str) -> dt.datetime:
        day = self.clock.local(dt.datetime.fromisoformat(moment)).date()
        return self.clock.moment(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))

    @property
    def clock(self) -> Clock:
        """The shop's clock over the days that its events span."""
        spans = [end for table in self.tables.values() for end in (table.first, table.last)]
        ends = [end for end in (*spans, self.seen_until) if end]
        first, last = (pick(map(dt.datetime.fromisoformat, ends), default=None) for pick in (min, max))
        return Clock(zone=self.timezone, first=first, last=last)

    def frame(self) -> pd.DataFrame:
        """One row a table: table, read, accepted, quarantined, first, last (UTC, to the minute), file."""
        rows = [
            asdict(table) | {"first": _minute(table.first), "last": _minute(table.last)}
            for table in self.tables.values()
        ]
        names = ["table", "read", "accepted", "quarantined", "first", "last", "file"]
        frame = pd.DataFrame(rows, columns=[*names])
        frame.attrs = {
            "people": None,
            "caption": "Each table: rows read, accepted and set aside, and the span of its events",
        }
        return frame

    def reasons_frame(self) -> pd.DataFrame:
        """One row a table and reason: table, reason, rows (refused for it), % of rows read."""
        rows = [
            (table.table, reason, count, 100 * count / table.read)
            for table in self.tables.values()
            for reason, count in table.reasons.items()
        ]
        frame = pd.DataFrame(rows, columns=["table", "reason", "rows", "% of rows"])
        frame.attrs = {"people": None, "caption": "Why rows were refused", "formats": {"% of rows": ".2f"}}
        return frame

    def doubts_frame(self, *more: Doubt) -> pd.DataFrame:
        """One row a doubt: what was found of the whole that is hardly meant, and what to check or declare."""
        rows = [(doubt.found, doubt.advice) for doubt in (*self.doubts, *more)]
        rows += [
            (WORDS.text("remark", rows=number, table=table.table, said=said), "Accepted as they are.")
            for table in self.tables.values()
            for said, number in table.remarks.items()
        ]
        frame = pd.DataFrame(rows or [("Nothing.", "")], columns=["what looks odd", "what to do"])
        frame.attrs = {"people": None, "caption": "What no rule refuses and yet may not be meant"}
        return frame

    def files_frame(self) -> pd.DataFrame:
        """One row a file: file, encoding, lines, rows, malformed, tables it feeds, columns not used, a hint.

        hint: for a column that is not used, the empty column of the contract that its name comes close to.
        """
        rows = [asdict(file) for file in self.files.values()]
        for row in rows:
            row["hint"] = self._hint(row["tables"], row["unused_columns"])
            row |= {name: ", ".join(row[name]) for name in ("tables", "unused_columns")}
        names = ["file", "format", "encoding", "lines", "rows", "malformed", "unused_rows", "tables"]
        names += ["unused_columns", "hint"]
        frame = pd.DataFrame(rows, columns=names)
        frame.attrs = {
            "people": None,
            "caption": "What each file holds, and which of its columns are not used",
        }
        return frame

    def _hint(self, tables: tuple[str, ...], unused: tuple[str, ...]) -> str:
        columns = [(table, column.name) for table in tables for column in CATALOGUE[table].columns]
        empty = [name for table, name in columns if not self.filled(table, name)]
        hints = [(name, did_you_mean(name, empty)) for name in unused]
        return "; ".join(f"{name}: {hint}" for name, hint in hints if hint)

    def write(self, path: Path) -> None:
        """Write the receipt as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt written by `write`; raises ValueError on another schema version."""
        entry = json.loads(path.read_text(encoding="utf-8"))
        if entry.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"{path.name} has schema {entry.get('schema_version')!r}; load the data again")
        tables = {name: TableReceipt(**table) for name, table in entry.pop("tables").items()}
        files = {
            name: FileReceipt(
                **{**file, "tables": tuple(file["tables"]), "unused_columns": tuple(file["unused_columns"])}
            )
            for name, file in entry.pop("files", {}).items()
        }
        return cls(
            tables=tables,
            files=files,
            doubts=tuple(Doubt(**doubt) for doubt in entry.pop("doubts", ())),
            experiments={name: Experiment(**one) for name, one in entry.pop("experiments", {}).items()},
            **{**entry, **{name: tuple(entry.get(name, ())) for name in ("notes", "left_out")}},
        )


def _minute(moment: str | None) -> str | None:
    return moment and moment[: len("2025-01-31T12:00")].replace("T", " ")
