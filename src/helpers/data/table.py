"""One table's way through the loader: candidates, judgement, two files, one receipt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from functools import reduce
from pathlib import Path

import ibis
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import StringColumn, Table
from pyarrow.dataset import dataset

from helpers.data import catalogue
from helpers.data.candidates import candidates, count_candidates
from helpers.data.judge import BETWEEN, refused, repeated_keys
from helpers.data.one_per_key import Candidates
from helpers.data.read import RawFile
from helpers.data.receipt import TableReceipt
from helpers.data.source import FIRST_DAY, TableSpec
from helpers.data.values import DTYPES, Remark

EARLIEST = dt.date.fromisoformat(FIRST_DAY)


def load_table(
    connection: BaseBackend,
    spec: TableSpec,
    files: Mapping[str, RawFile],
    *,
    accepted: Mapping[str, Table],
    put_aside: Mapping[str, Table],
    staging: Path,
    scratch: Path,
    today: dt.date,
    earliest: dt.date = EARLIEST,
) -> tuple[Table, Table | None, TableReceipt]:
    """Judge one table's candidates; write accepted/ and quarantine/; return accepted, refused, counts.

    accepted, put_aside: the rows of the tables judged before it. Refused is None where no row is.
    """
    table = catalogue.CATALOGUE[spec.table]
    made = _settled(connection, candidates(spec, files), spec, files, scratch=scratch)
    lines = malformed_lines(spec, files)
    read = count_candidates(connection, spec, files, made) + sum(files[name].malformed for name in lines)
    before = {"accepted": accepted, "put_aside": put_aside}
    bad = _judged(connection, made, table, before, scratch=scratch, days=(earliest, today))
    good = made.rows if bad is None else made.rows.anti_join(bad, "_row").order_by("_row")
    kept = _write_accepted(connection, good, table, made, staging=staging, scratch=scratch)
    texts = _quarantine(bad, table, spec, files, lines)
    _write_quarantine(texts, staging / "quarantine" / f"{table.name}.parquet")
    reasons, quarantined = _reasons(connection, bad, [files[name].refused for name in lines])
    stats = _stats(connection, kept, table)
    used = list(dict.fromkeys(feed.file for feed in spec.feeds))
    first = files[used[0]]
    return (
        kept,
        bad,
        TableReceipt(
            table=table.name,
            file=", ".join(files[name].spec.path for name in used),
            format=", ".join(dict.fromkeys(files[name].spec.format for name in used)),
            encoding=first.encoding,
            sha256=" ".join(files[name].sha256 for name in used),
            read=read,
            accepted=stats.pop("_rows"),
            quarantined=quarantined,
            reasons=reasons,
            remarks=_remarks(connection, good, made),
            first=stats.pop("_first"),
            last=stats.pop("_last"),
            filled=stats,
        ),
    )


def _remarks(connection: BaseBackend, good: Table, made: Candidates) -> dict[str, int]:
    """Count, among the rows that may enter, what is remarked on without being refused."""
    said = {
        f"_problem_{number}": f"{column}: {reason}"
        for number, (column, reason) in enumerate(made.problems)
        if isinstance(reason, Remark)
    }
    if not said:
        return {}
    counts = good.aggregate(**{name: good[name].sum() for name in said})
    (found,) = connection.to_pyarrow(counts).to_pylist()
    return {said[name]: int(count) for name, count in found.items() if count}


def malformed_lines(spec: TableSpec, files: Mapping[str, RawFile]) -> list[str]:
    """Return the files whose malformed lines count against this table: all that feed it and hold any."""
    return [name for name in dict.fromkeys(feed.file for feed in spec.feeds) if files[name].malformed]


def _settled(
    connection: BaseBackend, made: Candidates, spec: TableSpec, files: Mapping[str, RawFile], *, scratch: Path
) -> Candidates:
    """Keep converted rows on disk once, unless they are typed columns of one Parquet file already."""
    feed = spec.feeds[0]
    plain = len(spec.feeds) == 1 and not (spec.distinct or feed.each or feed.only or feed.reject)
    typed = all(files[one.file].spec.format in ("parquet", "table") for one in spec.feeds)
    if plain and typed and not feed.columns:
        return made
    path = scratch / f"candidates_{spec.table}.parquet"
    made.rows.order_by("_row").to_parquet(path)
    rows = connection.read_parquet(str(path), table_name=f"candidates_{spec.table}")
    return Candidates(rows=rows, problems=made.problems, mapped=made.mapped)


def _judged(
    connection: BaseBackend,
    made: Candidates,
    table: catalogue.Table,
    before: Mapping[str, Mapping[str, Table]],
    *,
    scratch: Path,
    days: tuple[dt.date, dt.date],
) -> Table | None:
    """Return the refused candidates with their reasons, or None when every one may enter.

    A table that refers to itself is judged again until no accepted row refers to a refused one.
    """
    filled = _filled(connection, made, table)
    repeated = connection.execute(repeated_keys(made.rows, table).count()) > 0
    own = any(column.references == table.name and column.name in filled for column in table.columns)
    accepted, put_aside = dict(before["accepted"]), dict(before["put_aside"])
    if own:
        accepted[table.name] = made.rows
    count, turn = 0, 0
    while True:
        wrong = refused(
            made,
            table,
            accepted=accepted,
            put_aside=put_aside,
            filled=filled,
            repeated=repeated,
            days=days,
        )
        path = scratch / f"refused_{table.name}_{turn}.parquet"
        wrong.to_parquet(path)
        bad = connection.read_parquet(str(path), table_name=path.stem)
        last, count = count, dataset(path).count_rows()
        if not own or count == last:
            return bad if count else None
        accepted[table.name], put_aside[table.name] = made.rows.anti_join(bad, "_row"), bad
        turn += 1


def _filled(connection: BaseBackend, made: Candidates, table: catalogue.Table) -> frozenset[str]:
    """Return the columns in which the source gives any value, where that changes what is asked of them."""
    asked = [
        column.name
        for column in table.columns
        if column.name in made.mapped and (column.null == "if_absent" or column.references)
    ]
    counts = made.rows.aggregate(_rows=made.rows.count(), **{name: made.rows[name].count() for name in asked})
    (found,) = connection.to_pyarrow(counts).to_pylist()
    return frozenset(name for name in asked if found[name])


def _write_accepted(
    connection: BaseBackend,
    good: Table,
    table: catalogue.Table,
    made: Candidates,
    *,
    staging: Path,
    scratch: Path,
) -> Table:
    path = staging / "accepted" / f"{table.name}.parquet"
    path.parent.mkdir(exist_ok=True)
    good.select(
        **{column.name: good[column.name].cast(DTYPES[column.kind]) for column in table.columns}
    ).to_parquet(path)
    return connection.read_parquet(str(path), table_name=f"accepted_{table.name}")


def _quarantine(
    bad: Table | None,
    table: catalogue.Table,
    spec: TableSpec,
    files: Mapping[str, RawFile],
    lines: list[str],
) -> Table | None:
    """Return file, line, key, text, reasons of everything refused: judged rows and malformed lines."""
    parts = []
    for number, feed in enumerate(spec.feeds):
        if bad is None:
            break
        raw = files[feed.file]
        own = bad.filter(bad["_feed"] == number)
        key = _joined(own, table.key)
        own = own.select("_row", "_why", _key=key, _at=own["_line"])
        there = raw.table.semi_join(own, [("_line", "_at")])
        there = there.select("_line", text=_joined(there, raw.columns))
        found = own.left_join(there, [("_at", "_line")])
        parts.append(
            found.select(
                file=ibis.literal(raw.spec.path),
                line=found["_at"],
                key=found["_key"],
                text=found["text"],
                reasons=found["_why"].replace(BETWEEN, "; "),
                _order=found["_row"],
            )
        )
    for name in lines:
        refuse = files[name].refused
        if refuse is None:
            continue
        parts.append(
            refuse.select(
                file=ibis.literal(files[name].spec.path),
                line=refuse["_line"],
                key=ibis.null("string"),
                text=refuse["text"],
                reasons=refuse["reason"],
                _order=refuse["_line"],
            )
        )
    return reduce(lambda a, b: a.union(b), parts) if parts else None


def _joined(rows: Table, names: tuple[str, ...]) -> StringColumn:
    """Write several columns as `name=value, name=value`."""
    parts = [ibis.literal(f"{name}=") + rows[name].cast("string").fill_null("") for name in names]
    return reduce(lambda a, b: a + ", " + b, parts)


QUARANTINE = ibis.schema(
    {"file": "string", "line": "int64", "key": "string", "text": "string", "reasons": "string"}
)


def _write_quarantine(rows: Table | None, path: Path) -> None:
    """Write the quarantine, empty when nothing was refused."""
    path.parent.mkdir(exist_ok=True)
    if rows is None:
        pq.write_table(QUARANTINE.to_pyarrow().empty_table(), path)
    else:
        rows.order_by(["file", "line", "_order"]).drop("_order").to_parquet(path)


def _reasons(
    connection: BaseBackend, bad: Table | None, malformed: list[Table | None]
) -> tuple[dict[str, int], int]:
    """Return reason -> rows, most frequent first, of judged rows and malformed lines, and their number."""
    told = [] if bad is None else [bad.select(why="_why")]
    told += [lines.select(why="reason") for lines in malformed if lines is not None]
    reasons: Counter[str] = Counter()
    quarantined = 0
    for rows in told:
        for entry in connection.to_pyarrow(rows.group_by("why").aggregate(rows=rows.count())).to_pylist():
            reasons.update(dict.fromkeys(entry["why"].split(BETWEEN), entry["rows"]))
            quarantined += entry["rows"]
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))), quarantined


def _stats(connection: BaseBackend, rows: Table, table: catalogue.Table) -> dict:
    """Count accepted rows, filled cells and the span of the table's event time."""
    wanted = {column.name: rows[column.name].count() for column in table.columns}
    if table.time:
        wanted |= {"_first": rows[table.time].min(), "_last": rows[table.time].max()}
    (found,) = connection.to_pyarrow(rows.aggregate(_rows=rows.count(), **wanted)).to_pylist()
    ends = {name: found.get(name) for name in ("_first", "_last")}
    return {**found, **{name: end.isoformat() if end else None for name, end in ends.items()}}
