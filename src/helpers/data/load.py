"""Load: raw files in, accepted and quarantined tables and a receipt out; whole or not at all."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from ibis.backends import BaseBackend
from ibis.expr.types import Table

from helpers.data.bookkeeping import file_receipts
from helpers.data.catalogue import REQUIRED, TRIAL
from helpers.data.ends import ended_early
from helpers.data.engine import engine_errors
from helpers.data.errors import DataError
from helpers.data.links import stays_inside
from helpers.data.lookup import chained
from helpers.data.near_ids import near_ids
from helpers.data.other_currencies import other_currencies
from helpers.data.place import Place, find_place
from helpers.data.plausibility import Doubt, find_doubts
from helpers.data.pseudonyms import PEOPLE, Key, key_from, pseudonymise, refuse_contacts
from helpers.data.read import RawFile
from helpers.data.receipt import Receipt, TableReceipt
from helpers.data.source import FIRST_DAY, TableSpec
from helpers.data.table import load_table
from helpers.paths import project_folder
from methods.counts import count, percent

MAX_REJECTED_SHARE = 0.02
SHOWN_FILES = 5


def load(
    data: str | Path,
    *,
    out: str | Path,
    source: str | Path | None = None,
    currency: str = "",
    timezone: str = "",
    max_rejected_share: float | None = None,
    memory: str = "4GB",
    today: dt.date | None = None,
) -> Receipt:
    """Load tables into `out`: accepted/, quarantine/, receipt.json, and truth.json where there is one.

    data: a folder, `duckdb:///path`, a .duckdb file, or Spark (see `spark_address`). source: a mapping,
    if not beside the data. currency, timezone: the shop's, where the mapping does not say them.
    max_rejected_share: a table with a larger share of quarantined rows stops the run; empty: what the
    mapping says, else 0.02. today: nothing may have happened after it; empty: the current day.
    Where the environment gives a key (see `pseudonyms`) customers' ids are replaced by keyed pseudonyms.
    Raises DataError; then `out` is as it was, and the quarantine lies in `<out>.refused`.
    """
    key = key_from()
    place = find_place(data, source=source, currency=currency, timezone=timezone)
    out = Path(out)
    with _staged(out) as staging, tempfile.TemporaryDirectory(dir=staging) as scratch:
        connection = place.connect(memory=memory, scratch=Path(scratch))
        try:
            receipt = _load_all(
                place,
                connection,
                staging,
                Path(scratch),
                limit=max_rejected_share,
                today=today or dt.date.today(),
                key=key,
            )
        except engine_errors(connection) as error:
            raise DataError(f"{place.name} cannot be loaded: {str(error).strip().splitlines()[0]}") from error
        finally:
            if place.kind != "spark":
                connection.disconnect()
        if key is not None:
            pseudonymise(staging, key)
        if place.kind == "folder":
            _copy_truth(place.folder, staging)
        receipt.write(staging / "receipt.json")
    return receipt


def _copy_truth(folder: Path, staging: Path) -> None:
    """Carry the truth of a simulated shop along; a link out of the folder is no truth of it."""
    for name in ("truth.json", "truth"):
        path = folder / name
        if not path.exists() or not stays_inside(path, folder):
            continue
        if path.is_dir():
            shutil.copytree(path, staging / name, symlinks=True)
        else:
            shutil.copyfile(path, staging / name)


def _load_all(
    place: Place,
    connection: BaseBackend,
    staging: Path,
    scratch: Path,
    *,
    limit: float | None,
    today: dt.date,
    key: Key | None,
) -> Receipt:
    specs = place.tables(connection)
    _check_complete(place, specs)
    files = place.read(connection, scratch=scratch)
    accepted: dict[str, Table] = {}
    put_aside: dict[str, Table] = {}
    receipts: dict[str, TableReceipt] = {}
    for name, spec in specs.items():
        accepted[name], refused, receipts[name] = load_table(
            connection,
            spec,
            files,
            accepted=accepted,
            put_aside=put_aside,
            staging=staging,
            scratch=scratch,
            today=today,
            earliest=dt.date.fromisoformat(place.source.earliest or FIRST_DAY),
        )
        if refused is not None:
            put_aside[name] = refused
        near = partial(near_ids, connection, name, refused, accepted) if refused is not None else str
        _check_share(receipts, spec, place, limit=limit, near=near)
        if name == PEOPLE and key is None:
            ids = accepted[name].customer_id.name(PEOPLE).as_table()
            refuse_contacts(connection.to_pyarrow(ids)[PEOPLE].to_pylist())
    _check_trial(receipts)
    _check_experiments(place, accepted.get("experiments"))
    bare = Receipt(
        tables=receipts,
        files=file_receipts(connection, specs, files),
        currency=place.source.currency,
        timezone=place.source.timezone,
        source=place.source.name,
        high_season=place.source.high_season,
        notes=(*place.source.notes, *_notes(key)),
        experiments=place.source.experiments,
    )
    said = (
        *_chains(connection, files),
        *_unread(place),
        *_absent_arms(place, accepted.get("experiments")),
        *other_currencies(connection, specs, files, currency=place.source.currency),
    )
    doubts = (*said, *ended_early(bare), *find_doubts(connection, accepted, bare.clock))
    return replace(bare, doubts=doubts)


def _unread(place: Place) -> Iterator[Doubt]:
    """Name the files beside those read that could be tables too: half of an export may lie in one."""
    if names := place.unread():
        shown = ", ".join(names[:SHOWN_FILES]) + (", …" if len(names) > SHOWN_FILES else "")
        yield Doubt(
            found=f"{count(len(names), 'file is', 'files are')} in the folder and not read: {shown}.",
            advice="Name them in source.toml if rows of these tables lie in them; else move them away.",
        )


def _notes(key: Key | None) -> tuple[str, ...]:
    """Name the key, so that runs under one key are known to have the same pseudonyms."""
    return () if key is None else (f"Customers are pseudonyms (HMAC-SHA-256, key {key.id}).",)


def _check_complete(place: Place, specs: Mapping[str, TableSpec]) -> None:
    missing = [name for name in _needed(specs) if name not in specs]
    if missing:
        raise DataError(
            f"{place.name} lacks the required tables {', '.join(missing)}; "
            f"it has {', '.join(specs) or 'none'}. Add {missing[0]}.parquet or {missing[0]}.csv, "
            f"or map it in source.toml"
        )


def _needed(specs: Mapping[str, TableSpec]) -> tuple[str, ...]:
    """A plain trial needs its units and their arms, and what was recorded of them; no orders."""
    is_trial = "experiments" in specs and not {"orders", "order_lines"} & set(specs)
    return TRIAL if is_trial else REQUIRED


def _check_trial(receipts: Mapping[str, TableReceipt]) -> None:
    if "orders" not in receipts and not receipts["experiments"].filled.get("outcome"):
        raise DataError(
            "table experiments: without orders it needs the column 'outcome', what the test recorded of each "
            "unit (0 or 1, or a number); add it, map it in source.toml, or bring items, orders, order_lines"
        )


def _check_experiments(place: Place, rows: Table | None) -> None:
    """A declared test that the data do not hold is a wrong name, or rows that were forgotten."""
    if not place.source.experiments:
        return
    there = set() if rows is None else set(rows.select("experiment").distinct().execute()["experiment"])
    for name in place.source.experiments:
        if name not in there:
            held = f"it holds {', '.join(sorted(there)[:5])}" if there else "there is none"
            raise DataError(
                f"[experiments.{name}] is declared, but no accepted row of the table experiments has this "
                f"name: {held}; correct the name or take the declaration out"
            )


def _chains(connection: BaseBackend, files: Mapping[str, RawFile]) -> Iterator[Doubt]:
    """Accounts of accounts: one person would keep two ids."""
    for raw in files.values():
        for name, led, values in chained(connection, raw, files):
            if led:
                lookup = raw.spec.lookups[name]
                yield Doubt(
                    found=f"{led:,} of {count(values, 'value')} of {lookup.take} in "
                    f"{files[lookup.file].spec.path} {'is' if led == 1 else 'are'} looked up there for "
                    "another value.",
                    advice="A lookup goes one step: where these are a person's accounts, bring each straight "
                    "to the person, else one person keeps several ids.",
                )


def _absent_arms(place: Place, rows: Table | None) -> Iterator[Doubt]:
    """Planned arms of a declared test that nobody is in."""
    for test in place.source.experiments.values():
        if rows is None or not test.planned:
            continue
        arms = rows.filter(rows.experiment == test.name).select("arm").distinct().execute()["arm"]
        if absent := test.absent(arms):
            yield Doubt(
                found=f"Nobody is in {' or '.join(absent)} of the test {test.name}, which was planned.",
                advice="Are these rows missing? The arms that are there are compared.",
            )


def _check_share(
    receipts: Mapping[str, TableReceipt],
    spec: TableSpec,
    place: Place,
    *,
    limit: float | None,
    near: Callable[[], str],
) -> None:
    """Stop where too many rows were refused. near: says why ids meet nothing, where that can be seen."""
    receipt = receipts[spec.table]
    shares = (limit, spec.max_rejected_share, place.source.max_rejected_share, MAX_REJECTED_SHARE)
    allowed = next(share for share in shares if share is not None)
    if receipt.quarantined <= allowed * receipt.read:
        if receipt.accepted == 0 and receipt.table in REQUIRED:
            found = f"table {receipt.table} from {receipt.file} holds no usable row"
            most = f". Most often: {_top(receipt)}" if receipt.reasons else ""
            raise DataError(f"{_root(receipts, spec)}{found}{most}. {near()}Check the file and its format")
        return
    share = receipt.quarantined / receipt.read
    raise DataError(
        f"{_root(receipts, spec)}table {receipt.table} from {receipt.file}: {receipt.quarantined:,} of "
        f"{count(receipt.read, 'row')} ({percent(share)}) were quarantined, more than the "
        f"{percent(allowed)} allowed. "
        f"Most often: {_top(receipt)}. {near()}"
        f"The rows with all their reasons are in {{refused}}/quarantine/{receipt.table}.parquet. "
        f"Correct the file or the mapping; if these rows may be left out, write max_rejected_share = "
        f"{share + 0.005:.2f} under [tables.{receipt.table}] of source.toml and say why"
    )


def _top(receipt: TableReceipt) -> str:
    return "; ".join(f"{reason} ({count:,})" for reason, count in list(receipt.reasons.items())[:3])


def _root(receipts: Mapping[str, TableReceipt], spec: TableSpec) -> str:
    """Say first why the rows were refused that the rows of this table name, where that is most of it."""
    receipt = receipts[spec.table]
    for name, other in receipts.items():
        mark = f"was refused in {name}"
        rows = max((count for reason, count in receipt.reasons.items() if reason.endswith(mark)), default=0)
        if name != spec.table and 2 * rows > receipt.quarantined:
            return (
                f"the cause lies in table {name} from {other.file}: {other.quarantined:,} of its rows were "
                f"refused ({_top(other)}), and {count(rows, 'row')} of {spec.table} name them. Settle that "
                "first. "
                f"What stopped the run: "
            )
    return ""


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes `out` by one rename; on DataError it becomes `<out>.refused`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    renewed = out.exists()
    staging = Path(tempfile.mkdtemp(prefix=f"{out.name}.staging-", dir=out.parent))
    staging.chmod(0o755)
    try:
        yield staging
        put_in_place(staging, out, replace=renewed)
    except DataError as error:
        refused = out.with_name(f"{out.name}.refused")
        put_in_place(staging, refused, replace=True)
        raise DataError(str(error).replace("{refused}", _shown(refused))) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _shown(folder: Path) -> str:
    """Name a folder as seen from the project, or by its last name when it lies elsewhere."""
    try:
        return folder.resolve().relative_to(project_folder().resolve()).as_posix()
    except (FileNotFoundError, ValueError):
        return folder.name


def put_in_place(staging: Path, out: Path, *, replace: bool) -> None:
    """Rename `staging` to `out`. Where `out` is there already it is replaced, or (replace=False) left alone.

    Two processes that make the same folder at once both end with one whole folder: the first one's.
    """
    if out.exists() and replace:
        old = Path(tempfile.mkdtemp(prefix=f"{out.name}.old-", dir=out.parent))
        out.rename(old / "was")
        staging.rename(out)
        shutil.rmtree(old)
        return
    try:
        staging.rename(out)
    except OSError:
        if not out.is_dir():
            raise
        shutil.rmtree(staging)
