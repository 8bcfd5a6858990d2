"""Bring the data of a run to one loaded folder, once, before any notebook starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from helpers.command.outcome import Exit, Refusal
from helpers.command.processes import ChildFailed, apart
from helpers.command.say import Log
from helpers.data.receipt import Receipt

Prepare = Callable[..., None]


def prepare(data: str, *, source: str, out: Path, project: Path, say: Log) -> None:
    """Load tables into the folder `out`; without `data` the demo market, simulated if it is absent."""
    from helpers.data import load

    if not data:
        demo = project / "data" / "demo"
        make_demo(demo, say=say)
        data = str(demo)
    say("loading and judging the tables …")
    load(data, out=out, source=source or None)


def make_demo(folder: Path, *, say: Log, customers: int = 20_000, seed: int = 1) -> None:
    """Simulate the demo market into a folder, unless it is there already."""
    from helpers.data.market import write_market

    if (folder / "truth.json").exists():
        return
    say(f"simulating the demo market of {customers:,} customers (once) …")
    write_market(folder, customers=customers, seed=seed)


def load_apart(
    data: str, *, source: str, out: Path, project: Path, say: Log, prepare: Prepare = prepare
) -> Receipt:
    """Load in a process of its own and return the receipt; raises Refusal when the data are refused."""
    check_place(data)
    task = lambda: prepare(data, source=source, out=out, project=project, say=say)  # noqa: E731
    try:
        apart(task)
    except ChildFailed as error:
        say.keep(error.details)
        raise Refusal(Exit.DATA_REFUSED, f"the data were refused: {error}") from error
    return Receipt.read(out / "receipt.json")


def check_place(data: str) -> None:
    """Refuse a folder or file that is not there, and an address that carries a password."""
    if "://" in data:
        if urlsplit(data).password:
            message = "--data carries a password; give it through the environment of the database client"
            raise Refusal(Exit.BAD_USAGE, message)
    elif data and not Path(data).exists():
        raise Refusal(Exit.BAD_USAGE, f"--data {data!r}: there is no such folder or file")


def named(data: str) -> str:
    """Return a name for the data that gives no machine path away, such as `online_retail`."""
    if not data:
        return "demo market"
    return f"{urlsplit(data).scheme} connection" if "://" in data else Path(data).resolve().name
