"""What a run was asked to do, checked before anything starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from helpers.command.alerts import Alert, parse_alert
from helpers.command.inputs import check_place
from helpers.command.notebooks import Notebook, find_notebooks, select
from helpers.command.outcome import Exit, Refusal
from helpers.command.parameters import Value, assign
from helpers.data.part import parse_part
from helpers.report.claims import all_claims


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run was asked to do.

    project: the folder with notebooks/. out: the reports folder. data, source, currency, timezone,
    as_of, claims, alerts, where: as on the command line. strict: publish only whole runs. cache: where loaded
    tables are kept, if not in the project.
    texts: parameters as `name=value`. force: make every chapter anew. jobs: notebooks side by side.
    Timeouts in seconds.
    """

    project: Path
    out: Path
    data: str = ""
    source: str = ""
    currency: str = ""
    timezone: str = ""
    as_of: str = ""
    claims: str = ""
    alerts: tuple[str, ...] = ()
    where: str = ""
    only: str = ""
    texts: tuple[str, ...] = ()
    jobs: int = 2
    cell_timeout_seconds: int = 900
    section_timeout_seconds: int = 300
    run_timeout_seconds: int = 7200
    strict: bool = False
    force: bool = False
    cache: Path | None = None

    @property
    def loads(self) -> Path:
        """Where loaded tables and made chapters are kept."""
        return self.cache or self.project / "data" / "loaded"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request that was checked: the notebooks to run, in reading order, with the values each gets."""

    request: Request
    notebooks: tuple[Notebook, ...]
    values: dict[str, dict[str, Value]] = field(repr=False)
    alerts: tuple[Alert, ...] = ()


def make_plan(request: Request) -> Plan:
    """Check everything that can be checked before anything starts; raises Refusal."""
    check_place(request.data)
    if request.source and not Path(request.source).is_file():
        raise Refusal(Exit.BAD_USAGE, f"--source {request.source!r}: there is no such file")
    if request.as_of:
        _check_day(request.as_of)
    if request.where:
        _check_part(request.where)
    if request.jobs < 1:
        raise Refusal(Exit.BAD_USAGE, f"--jobs {request.jobs}: at least 1")
    everything = find_notebooks(request.project / "notebooks")
    notebooks = select(everything, request.only)
    left_out = [notebook.name for notebook in everything if notebook not in notebooks]
    values = assign(
        request.texts, {notebook.name: notebook.parameters for notebook in notebooks}, left_out=left_out
    )
    if request.claims:
        _give_claims(request.claims, notebooks, values)
    return Plan(request=request, notebooks=notebooks, values=values, alerts=_alerts(request.alerts))


def _alerts(texts: tuple[str, ...]) -> tuple[Alert, ...]:
    try:
        return tuple(parse_alert(text) for text in texts)
    except ValueError as error:
        raise Refusal(Exit.BAD_USAGE, str(error)) from error


def _give_claims(file: str, notebooks: tuple[Notebook, ...], values: dict[str, dict[str, Value]]) -> None:
    """Check a file of claims and hand it to the notebooks that judge claims."""
    readers = [notebook.name for notebook in notebooks if "claims" in notebook.parameters]
    if not readers:
        raise Refusal(Exit.BAD_USAGE, "--claims: no notebook of this run judges claims; leave 08 in --only")
    try:
        all_claims(file)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise Refusal(Exit.BAD_USAGE, f"--claims {file!r}: {said}") from error
    for name in readers:
        values[name]["claims"] = str(Path(file).resolve())


def _check_part(text: str) -> None:
    try:
        parse_part(text)
    except ValueError as error:
        raise Refusal(Exit.BAD_USAGE, f"--where {error}") from error


def _check_day(text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise Refusal(Exit.BAD_USAGE, f"--as-of {text!r} is not a day such as 2025-03-31") from error
