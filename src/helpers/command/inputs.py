"""Bring the data of a run to one loaded folder, once, before any notebook starts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from helpers.command.outcome import Exit, Refusal
from helpers.command.processes import ChildFailed, apart
from helpers.command.progress import Log
from helpers.data import DataError, load, loaded_folder, open_shop
from helpers.data.part import parse_part, part_folder
from helpers.data.receipt import Receipt
from helpers.data.spark_address import is_spark, spark_address
from helpers.paths import project_folder

Prepare = Callable[..., Path]


def prepare(
    data: str,
    *,
    source: str,
    as_of: str,
    out: Path,
    cache: Path | None = None,
    currency: str = "",
    timezone: str = "",
    where: str = "",
) -> Path:
    """Load tables (or find their kept load) and return the folder; raises DataError.

    data: empty for the demo market. currency, timezone: where no mapping says them. cache: where loads are
    kept, if not in the project. out: where tables from Spark, which are never kept, are loaded to. where: the
    part of the shop that is wanted alone (see `parse_part`); empty: all of it.
    """
    if is_spark(data):
        load(data, out=out, source=source or None, currency=currency, timezone=timezone)
        folder = out
    else:
        folder = loaded_folder(data, source=source or None, currency=currency, timezone=timezone, cache=cache)
    if where:
        kept = cache or project_folder() / "data" / "loaded"
        folder = part_folder(folder, parse_part(where), loads=out / "part" if folder == out else kept)
    open_shop(folder, as_of=as_of)
    return folder


def load_apart(
    data: str, *, source: str, as_of: str, out: Path, say: Log, prepare: Prepare = prepare, **declared: str
) -> tuple[Path, Receipt]:
    """Load in a process of its own; return folder and receipt. Raises Refusal when the data are refused.

    declared: currency, timezone and where as given on the command line.
    """
    check_place(data)
    say("loading and judging the tables …")
    try:
        given = {name: value for name, value in declared.items() if value}
        asked = partial(prepare, data, source=source, as_of=as_of, out=out, **given)
        made = apart(partial(_attempt, asked))
    except ChildFailed as error:
        say.keep(error.details)
        raise Refusal(Exit.DATA_REFUSED, f"the data could not be loaded: {error}") from error
    if isinstance(made, DataError):
        raise Refusal(Exit.DATA_REFUSED, f"the data were refused: {made}")
    return made, Receipt.read(made / "receipt.json")


def _attempt(task: Callable[[], Path]) -> Path | DataError:
    try:
        with redirect_stdout(sys.stderr):
            return task()
    except DataError as error:
        return DataError(str(error))


def check_place(data: str) -> None:
    """Refuse a folder or file that is not there, and an address that carries a password."""
    if "://" in data:
        if urlsplit(data).password:
            message = "--data carries a password; give it through the environment of the database client"
            raise Refusal(Exit.BAD_USAGE, message)
    elif data and not is_spark(data) and not Path(data).exists():
        raise Refusal(Exit.BAD_USAGE, f"--data {data!r}: there is no such folder or file")


def named(data: str) -> str:
    """Return a name for the data that gives no machine path away, such as `online_retail`."""
    if not data:
        return "demo market"
    if is_spark(data):
        return spark_address(data).name
    path = Path(urlsplit(data).path or data)
    return path.name if path.name not in ("", "..") else path.resolve().name
