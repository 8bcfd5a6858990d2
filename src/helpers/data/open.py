"""Open a shop: find its tables, load them once, and cut them at a day."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.load import load, put_in_place
from helpers.data.place import find_place
from helpers.data.pseudonyms import key_from
from helpers.data.receipt import Receipt
from helpers.data.shop import Shop, open_tables
from helpers.data.spark_address import is_spark, spark_address
from helpers.paths import project_folder

DEMO_CUSTOMERS, DEMO_SEED = 20_000, 1
DEMO = "demo"
"""Folder of the simulated market, beside the loads where a cache is given."""


def open_shop(
    data: str | Path = "", *, as_of: str = "", currency: str = "", timezone: str = "", memory: str = "4GB"
) -> Shop:
    """Open a shop's accepted tables, loading them first where that has not been done.

    data: a folder or URL as for `load`, a folder that `load` wrote, or empty for the demo market (simulated
    on first use). `spark+parquet:///folder` of one that `load` wrote leaves its tables on Spark. as_of: the
    last local day that may be seen, YYYY-MM-DD; empty: all, or where orders plainly end before other tables,
    until their last. currency, timezone: the shop's, where no source.toml says them. memory: the engine's
    limit on this machine.
    Raises DataError when the tables are refused or `as_of` is no day within them.
    """
    spark = spark_address(str(data)) if is_spark(str(data)) else None
    if spark is not None and spark.folder and is_loaded(Path(spark.folder)):
        folder = Path(spark.folder)
        connection = connect(engine="spark", master=spark.master, memory=memory)
    else:
        folder = loaded_folder(data, currency=currency, timezone=timezone, memory=memory)
        connection = connect(memory=memory)
    receipt = Receipt.read(folder / "receipt.json")
    return open_tables(connection, folder, receipt, as_of=_moment(as_of, receipt))


def is_loaded(folder: Path) -> bool:
    """Return whether `load` wrote this folder."""
    return (folder / "receipt.json").is_file()


def _demo(cache: Path | None = None) -> Path:
    """Return the demo market's folder, simulated anew when it is absent or an older market's."""
    folder = (cache or project_folder() / "data") / DEMO
    version = _code_version(_folder_of("market"))
    made_by = f"{DEMO_CUSTOMERS} customers, seed {DEMO_SEED}, market {version}\n"
    mark = folder / "made_by.txt"
    if mark.is_file() and mark.read_text(encoding="utf-8") == made_by:
        return folder
    print(
        f"Simulating the demo market ({DEMO_CUSTOMERS:,} customers, once; about half a minute) …", flush=True
    )
    staging = folder.with_name(f"demo.staging-{os.getpid()}")
    # A program of its own: no analysis imports the simulated shops, which know their truths.
    asked = ["--out", str(staging), "--customers", str(DEMO_CUSTOMERS), "--seed", str(DEMO_SEED)]
    subprocess.run([sys.executable, "-m", "market", *asked], check=True)
    (staging / mark.name).write_text(made_by, encoding="utf-8")
    put_in_place(staging, folder, replace=True)
    return folder


def loaded_folder(
    data: str | Path = "",
    *,
    source: str | Path | None = None,
    currency: str = "",
    timezone: str = "",
    memory: str = "4GB",
    cache: Path | None = None,
) -> Path:
    """Return the folder of the accepted tables: `data` itself when `load` wrote it, else a kept load of it.

    Kept under a name made from the bytes of the files, the mapping, the loader's code and the id of the key
    that makes pseudonyms.
    source: a mapping, if not beside the data. currency, timezone: where it does not say them. cache: where
    loads are kept, if not in data/loaded. Raises DataError when the tables are refused.
    """
    if str(data) and is_loaded(Path(str(data))):
        return Path(str(data))
    data = str(data) or str(_demo(cache))
    declared: dict[str, Any] = {"currency": currency, "timezone": timezone}
    place = find_place(data, source=source, **declared)
    if place.kind == "spark":
        raise DataError(
            f"tables on Spark are loaded into a folder first: load({data!r}, out=...); then open that "
            "folder, or spark+parquet:///folder to leave them on Spark"
        )
    version = _code_version(Path(__file__).parent)
    key = key_from()
    said = f"{place.fingerprint()} {version} {key.id if key else ''}".rstrip()
    mark = hashlib.sha256(said.encode()).hexdigest()[:16]
    name = re.sub(r"[^\w-]+", "-", place.name) or "data"
    out = (cache or project_folder() / "data" / "loaded") / f"{name}-{mark}"
    if not (out / "receipt.json").is_file():
        load(data, out=out, source=source, memory=memory, **declared)
    return out


def _folder_of(package: str) -> Path:
    """Return the folder of a package without importing it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"the package {package} has no file of its own")
    return Path(found.origin).parent


def _code_version(folder: Path) -> str:
    """Return a hash of a folder's modules, so that what they made is known to be theirs."""
    paths = sorted(folder.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _moment(as_of: str, receipt: Receipt) -> dt.datetime | None:
    """Turn the last local day that may be seen into the UTC moment from which nothing may be."""
    if not as_of:
        return receipt.last_moment
    try:
        day = dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise DataError(f"as_of = {as_of!r} is no day; write it as YYYY-MM-DD, such as 2025-06-30") from error
    if receipt.last_event is None:
        raise DataError(
            "as_of cannot be used: no table of these data says when anything happened; leave it empty"
        )
    clock = receipt.clock
    firsts = [dt.datetime.fromisoformat(table.first) for table in receipt.tables.values() if table.first]
    first = clock.local(min(firsts)).date()
    last = clock.local(receipt.last_event - dt.timedelta(seconds=1)).date()
    if not first <= day <= last:
        raise DataError(f"as_of = {as_of} lies outside the data, which run from {first} to {last}")
    return clock.moment(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
