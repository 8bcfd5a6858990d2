"""The verbs of `workbench` and their options."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.command.ended import Ended
from helpers.command.outcome import MEANINGS, Exit, Refusal
from helpers.command.settled import start_settled
from helpers.paths import project_folder
from methods.counts import count

if TYPE_CHECKING:
    from helpers.command.run import Made

_CODES = "exit codes:\n" + "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; a refusal is one message on the standard error stream.

    arguments: without them those of this process, which a report or export starts anew (see `start_settled`).
    """
    options = _parser().parse_args(arguments)
    if arguments is None and options.verb in (_report, _export):
        start_settled()
    try:
        return int(options.verb(options) or Exit.DONE)
    except Refusal as refusal:
        print(f"workbench: {refusal}", file=sys.stderr)
        return int(refusal.code)
    except OSError as error:
        print(f"workbench: {_of_storage(error)}", file=sys.stderr)
        return int(Exit.STORAGE)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)


def _of_storage(error: OSError) -> str:
    """Say in one sentence which file or folder could not be used, and why, as far as it is known."""
    place = f"{error.filename!r}: " if error.filename else ""
    return f"{place}{error.strerror or error}; nothing was published, and the last report stays as it is"


def _report(options: argparse.Namespace) -> Exit:
    """Make a report, then tell whoever started it how it ended."""
    try:
        made = _made(options)
    except Refusal as refusal:
        _tell(options, Ended(code=int(refusal.code), message=str(refusal)))
        raise
    except OSError as error:
        _tell(options, Ended(code=int(Exit.STORAGE), message=_of_storage(error)))
        raise
    if made is None:
        return Exit.DONE
    place = f"{options.out or 'reports'}/{made.run}"
    index = f"{place}/index.html"
    if not options.json:
        print(f"published {index}")
    if made.code != Exit.DONE:
        print(f"workbench: {made.sentence}", file=sys.stderr)
    mail = f"{place}/{made.mail}" if made.mail else ""
    _tell(options, Ended(code=int(made.code), run=made.run, index=index, message=made.sentence, mail=mail))
    return made.code


def _tell(options: argparse.Namespace, ended: Ended) -> None:
    if options.json:
        print(ended.line)
    ended.call(on_success=options.on_success, on_failure=options.on_failure)


def _made(options: argparse.Namespace) -> Made | None:
    """Make the report that was asked for; None where only values and data were to be checked."""
    from helpers.command.alerts import read_alerts
    from helpers.command.plan import Request, make_plan
    from helpers.command.run import check_data, report

    try:
        in_file = read_alerts(Path(options.alerts)) if options.alerts else ()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(Exit.BAD_USAGE, f"--alerts {options.alerts!r} cannot be read: {error}") from error

    request = Request(
        project=project_folder(),
        out=_out(options),
        data=options.data or "",
        source=options.source,
        currency=options.currency,
        timezone=options.timezone,
        as_of=options.as_of,
        claims=options.claims,
        alerts=(*in_file, *options.alert),
        where=options.where,
        only=options.only,
        texts=tuple(options.parameter),
        jobs=options.jobs,
        cell_timeout_seconds=options.cell_timeout,
        section_timeout_seconds=options.section_timeout,
        run_timeout_seconds=options.run_timeout,
        strict=options.strict,
        force=options.force,
        cache=Path(options.cache) if options.cache else None,
    )
    plan = make_plan(request)
    if options.dry_run:
        check_data(plan)
        for notebook in plan.notebooks:
            print(notebook.name, *(f"{name}={value!r}" for name, value in plan.values[notebook.name].items()))
        return None
    return report(plan)


def _check(options: argparse.Namespace) -> None:
    from helpers.command.inputs import load_apart
    from helpers.command.progress import Log
    from helpers.command.publish import receipt_line

    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        _, receipt = load_apart(
            options.data,
            source=options.source,
            currency=options.currency,
            timezone=options.timezone,
            as_of="",
            out=Path(folder) / "data",
            say=Log(),
        )
    print(receipt.frame().to_string(index=False))
    for table in receipt.tables.values():
        for reason, rows in table.reasons.items():
            print(f"{table.table}: {count(rows, 'row')} put aside: {reason}")
    files = receipt.files_frame()
    for file in files[files["unused_columns"] != ""].itertuples():
        print(f"{file.file}: columns not used: {file.unused_columns}", *filter(None, [file.hint]), sep=". ")
    for doubt in receipt.doubts:
        print(f"doubt: {doubt.found}", *filter(None, [doubt.named and f"({doubt.named})"]), doubt.advice)
    for table in receipt.tables.values():
        for said, rows in table.remarks.items():
            print(f"{table.table}: {count(rows, 'row')} accepted: {said}")
    print(receipt_line(receipt), *receipt.notes, sep="\n")


def _init(options: argparse.Namespace) -> None:
    from helpers.data.draft import draft_source
    from helpers.data.errors import DataError

    target = Path(options.data) / "source.toml"
    if not target.parent.is_dir():
        raise Refusal(Exit.BAD_USAGE, f"--data {options.data!r}: there is no such folder")
    if target.exists() and not options.force:
        raise Refusal(Exit.BAD_USAGE, f"{target} is there already; --force writes over it")
    try:
        draft = draft_source(target.parent, currency=options.currency, timezone=options.timezone)
    except DataError as error:
        raise Refusal(Exit.DATA_REFUSED, str(error)) from error
    with target.open("w" if options.force else "x", encoding="utf-8") as file:
        file.write(draft.text)
    print(f"drafted {target}")
    print(*(f"look at: {doubt}" for doubt in draft.doubts), sep="\n", end="\n" if draft.doubts else "")
    print(*(f"to declare: {must}" for must in draft.remaining), sep="\n", end="\n" if draft.remaining else "")
    if not draft.remaining:
        print(f"nothing is left to declare; try: workbench check --data {options.data}")


def _demo(options: argparse.Namespace) -> None:
    from market import CHANGES, FEWEST_CUSTOMERS, SIZES, day_before_change, write_market
    from market.strange import SHOPS, WORLDS, draw_shop, write_world

    folder = Path(options.out)
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(Exit.BAD_USAGE, f"--out {options.out!r} is not empty; name a new folder")
    if options.world and options.world not in (*WORLDS, *SHOPS):
        raise Refusal(Exit.BAD_USAGE, f"--world {options.world!r} is none of {', '.join((*WORLDS, *SHOPS))}")
    if options.world and options.null:
        raise Refusal(Exit.BAD_USAGE, "--null is of the demo market; the null world is --world null")
    if options.change and (options.world or options.null):
        raise Refusal(
            Exit.BAD_USAGE, "--change is of the demo market with its effects; leave --world and --null out"
        )
    if options.change and options.change not in CHANGES:
        raise Refusal(Exit.BAD_USAGE, f"--change {options.change!r} is none of {', '.join(CHANGES)}")
    if options.world in SHOPS:
        draw_shop(options.world, customers=options.customers or 0, seed=options.seed).write(folder)
        print(f"the shop's tables and its truth are in {options.out}")
        return
    if options.world:
        write_world(folder, options.world, rows=options.customers or 0, seed=options.seed)
        print(f"the frame, the roles of its columns and its truth are in {options.out}")
        return
    customers = options.customers or SIZES["demo"]
    if customers < FEWEST_CUSTOMERS:
        raise Refusal(
            Exit.BAD_USAGE,
            f"--customers {customers} is too few for a market; give {FEWEST_CUSTOMERS} or more",
        )
    print(f"simulating {count(customers, 'customer')} …", file=sys.stderr)
    write_market(folder, customers=customers, seed=options.seed, null=options.null, change=options.change)
    print(
        f"the market and its truth are in {options.out}: tables of a simulated shop, whose people buy, show "
        "orders to friends and collect likes; truth.json has what its rules make true of findings"
    )
    if options.change:
        both = _two_reports(options.out, day_before_change())
        print(f"two reports tell the days before from those after:\n  {both}")
    else:
        print(f"try: workbench report --data {options.out}")


def _two_reports(folder: str, day: str) -> str:
    return f"workbench report --data {folder} --as-of {day}\n  workbench report --data {folder}"


def _list(options: argparse.Namespace) -> None:
    if options.findings:
        return _list_findings()
    from helpers.command.notebooks import find_notebooks

    for notebook in find_notebooks(project_folder() / "notebooks"):
        print(f"\n{notebook.name}: {notebook.title}")
        for parameter in notebook.parameters.values():
            default = f"{parameter.kind} = {parameter.default!r}"
            print(f"  {parameter.name:<24}{default:<22}{parameter.meaning}")
    return None


def _list_findings() -> None:
    from helpers.report.registry import registry

    for spec in sorted(registry().values(), key=lambda one: one.id):
        print(f"{spec.id:<36}{spec.role:<13}{spec.unit:<34}{spec.about}; of {spec.of}")


def _own(options: argparse.Namespace) -> None:
    from helpers.command.notebooks import copy_template

    for path in copy_template(project_folder() / "notebooks", options.name):
        print(f"wrote notebooks/{path.name}")
    print("change all three; the next report runs the notebook beside the others")


def _history(options: argparse.Namespace) -> None:
    from helpers.command.history import history_entries, history_lines, past_runs, told_past
    from helpers.command.run_store import Shelf
    from helpers.command.trail import Trail

    runs = past_runs(Shelf(_out(options)))
    if options.json:
        print(json.dumps(history_entries(runs), ensure_ascii=False))
        return
    for run in runs:
        print(run.line)
    for line in history_lines(told_past(runs)):
        print(line)
    trail = Trail(_out(options))
    print(*(trail.faults() or [f"the trail is whole; its head is {trail.head[:16]}"]), sep="\n")


def _export(options: argparse.Namespace) -> None:
    from helpers.command.export import Export, export
    from helpers.command.run_store import Shelf

    asked = Export(
        shelf=Shelf(_out(options)),
        run=options.run,
        to=Path(options.to),
        loaded=_loaded(options),
        only=options.only,
        vector=options.svg,
        people=options.people,
    )
    done = export(asked)
    print(f"wrote {count(done.tables, 'table')} and {count(done.pictures, 'picture')} to {options.to}")
    for name, rows in done.lists.items():
        print(f"people/{name}: {count(rows, 'row')}")
    print(*(f"left out: {said}" for said in done.left_out), sep="\n", end="\n" if done.left_out else "")


def _prune(options: argparse.Namespace) -> None:
    from helpers.command.forgetting import keys_of, unused_chapters, unused_loads
    from helpers.command.history import delete, delete_load, keep_history, past_runs, to_delete
    from helpers.command.lock import only_run
    from helpers.command.run_store import Shelf

    said = "would delete" if options.dry_run else "deleted"
    with only_run(_out(options)):
        runs = past_runs(Shelf(_out(options)))
        gone = to_delete(runs, keep=options.keep, keep_failed=options.keep_failed)
        for run in gone:
            print(said, run.run, run.status)
            if not options.dry_run:
                delete(run)
        left = [run.folder for run in runs if run not in gone]
        for folder in unused_loads(_loaded(options), left):
            print(said, "loaded tables", folder.name)
            if not options.dry_run:
                delete_load(folder)
        for folder in unused_chapters(_loaded(options), keys_of(left)):
            print(said, "made chapter", folder.name)
            if not options.dry_run:
                delete_load(folder)
        if gone and not options.dry_run:
            keep_history(Shelf(_out(options)))


def _forget(options: argparse.Namespace) -> Exit:
    from helpers.command.forgetting import advice, find_customer, forget
    from helpers.command.lock import only_run
    from helpers.command.run_store import Shelf
    from helpers.command.trail import Trail
    from helpers.data import DataError
    from helpers.data.pseudonyms import key_from

    try:
        key = key_from()
    except DataError as error:
        raise Refusal(Exit.BAD_USAGE, str(error)) from error
    with only_run(_out(options)):
        traces = find_customer(options.customer, loaded=_loaded(options), shelf=Shelf(_out(options)), key=key)
        print(*advice(traces, is_done=not options.dry_run), sep="\n")
        if not options.dry_run:
            forget(traces, loaded=_loaded(options))
            trail = Trail(_out(options))
            rows = sum(sum(tables.values()) for tables in traces.rows.values())
            trail.keep(trail.line("erasure", loads=len(traces.rows), rows=rows, key=key.id if key else None))
    return Exit.DONE


def _loaded(options: argparse.Namespace) -> Path:
    return Path(options.cache) if options.cache else project_folder() / "data" / "loaded"


def _fresh(options: argparse.Namespace) -> Exit:
    from helpers.command.history import age_hours, past_runs
    from helpers.command.run_store import Shelf

    age = age_hours(past_runs(Shelf(_out(options))))
    if age is None:
        print("there is no good run")
        return Exit.NOTEBOOK_FAILED
    if age < 0:
        print(f"the newest good run is dated {-age:.1f} hours in the future; look at the clock")
        return Exit.NOTEBOOK_FAILED
    print(f"the newest good run ended {age:.1f} hours ago; at most {options.hours:g} are allowed")
    return Exit.DONE if age <= options.hours else Exit.NOTEBOOK_FAILED


def _out(options: argparse.Namespace) -> Path:
    return Path(options.out) if options.out else project_folder() / "reports"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench",
        description="Run the notebooks on the demo market or your own tables and publish what they found.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_report(verbs)
    check = _add(verbs, "check", _check, "load and judge the tables only; print the receipt")
    _add_data(check, required=True)
    _add_init(verbs)
    demo = _add(verbs, "demo", _demo, "simulate a demo market with its known truth into a new folder")
    demo.add_argument("--out", required=True, metavar="DIR", help="folder for the tables and truth.json")
    demo.add_argument("--customers", type=_positive, help="default 20000; of a world what it is checked at")
    demo.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes (default 1)")
    demo.add_argument("--null", action="store_true", help="a market in which nothing has any effect")
    demo.add_argument(
        "--change",
        default="",
        metavar="KIND",
        help="what is another in the last four weeks: orders (fewer), shares (more) or prices (lower)",
    )
    demo.add_argument(
        "--world",
        default="",
        metavar="NAME",
        help="instead of a market one frame of other rules (frame.parquet, roles.json, truth.json) or "
        "a shop's tables of other rules: mild, null, smooth, rings, … (a wrong name lists all)",
    )
    listing = _add(verbs, "list", _list, "list the notebooks, their parameters, types, defaults and meanings")
    listing.add_argument("--findings", action="store_true", help="list what each finding's id means instead")
    own = _add(verbs, "own", _own, "copy the template of a notebook for a question of your own")
    own.add_argument("name", metavar="NAME", help="such as 09_weekend; its number is not another notebook's")
    _add_runs(verbs)
    return parser


def _add_report(verbs) -> None:
    report = _add(verbs, "report", _report, "run the notebooks and publish reports/<run>/ and reports/latest")
    _add_data(report, required=False)
    _add_out(report)
    report.add_argument("--as-of", default="", metavar="DATE", help="last day that may be used, YYYY-MM-DD")
    report.add_argument(
        "--where",
        default="",
        metavar="'seller = \"…\"'",
        help="only one seller, by id, or one category ('category = \"…\"'); what is of the whole shop is "
        "skipped, and `latest` does not move",
    )
    report.add_argument(
        "--claims", default="", metavar="FILE", help="claims of your own, in the form of data/claims.toml"
    )
    report.add_argument(
        "--alert",
        action="append",
        default=[],
        metavar="'ID < NUMBER'",
        help="tell in mail.html when this figure crosses the number; also 'ID of SEGMENT > NUMBER'. The page "
        "is written only where an alert, a verdict that flipped or a failed section is to be told",
    )
    report.add_argument("--alerts", default="", metavar="FILE", help="alerts of a file, one a line")
    report.add_argument(
        "--only",
        default="",
        metavar="03,05",
        help="only these notebooks; `latest` moves only if no chapter is lost by it",
    )
    report.add_argument(
        "-p",
        dest="parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of every notebook that has it, or of one: 03.NAME=VALUE (see `workbench list`)",
    )
    report.add_argument("--jobs", type=_positive, default=2, help="notebooks side by side (default 2)")
    report.add_argument("--cell-timeout", type=_positive, default=900, metavar="SECONDS", help="default 900")
    report.add_argument(
        "--section-timeout",
        type=_positive,
        default=300,
        metavar="SECONDS",
        help="a section that takes longer says so in a sentence (default 300)",
    )
    report.add_argument("--run-timeout", type=_positive, default=7200, metavar="SECONDS", help="default 7200")
    report.add_argument("--dry-run", action="store_true", help="check values and data, run nothing")
    report.add_argument(
        "--strict", action="store_true", help="publish only whole runs: no failed section, no lost chapter"
    )
    report.add_argument(
        "--force", action="store_true", help="make every chapter anew, also where nothing it rests on changed"
    )
    report.add_argument("--json", action="store_true", help="print one line of JSON that says how it ended")
    report.add_argument(
        "--on-success",
        default="",
        metavar="COMMAND",
        help="run by the shell after a whole report was published",
    )
    report.add_argument(
        "--on-failure",
        default="",
        metavar="COMMAND",
        help="run after any other end; both find WORKBENCH_CODE, _RUN, _INDEX, _MESSAGE and _MAIL in the "
        "environment",
    )
    report.add_argument(
        "--cache", default="", metavar="DIR", help="where loaded tables are kept (default data/loaded)"
    )


def _add_init(verbs) -> None:
    init = _add(verbs, "init", _init, "look at the files of a folder and draft their source.toml")
    init.add_argument("--data", type=_place, required=True, metavar="DIR", help="folder of your files")
    init.add_argument("--currency", default="", metavar="CODE", help="the shop's money, such as CNY")
    init.add_argument("--timezone", default="", metavar="ZONE", help="its clock, such as Asia/Shanghai")
    init.add_argument("--force", action="store_true", help="write over a source.toml that is there")


def _add_runs(verbs) -> None:
    history = _add(
        verbs, "history", _history, "list past runs, oldest first: how figures and verdicts went, what failed"
    )
    history.add_argument("--json", action="store_true", help="as one line of JSON")
    _add_export(verbs)
    prune = _add(
        verbs,
        "prune",
        _prune,
        "delete old runs with their notebooks, and loaded tables and made chapters that no run left needs; "
        "never what `latest` points to, nor month ends",
    )
    prune.add_argument("--keep", type=_count, default=12, metavar="N", help="newest good runs (default 12)")
    prune.add_argument("--keep-failed", type=_count, default=3, metavar="N", help="newest failed (default 3)")
    prune.add_argument("--dry-run", action="store_true", help="say what would go, delete nothing")
    fresh = _add(verbs, "fresh", _fresh, "end with 1 when the newest good run is too old")
    fresh.add_argument(
        "--hours", type=float, required=True, metavar="N", help="the age that is still allowed"
    )
    forget = _add(
        verbs, "forget", _forget, "delete loaded tables that name a customer, and say what else is to be done"
    )
    forget.add_argument("--customer", required=True, metavar="ID", help="the id as the source has it")
    forget.add_argument("--dry-run", action="store_true", help="say where the customer is, delete nothing")
    for verb in (prune, forget):
        verb.add_argument("--cache", default="", metavar="DIR", help="where loads are kept (data/loaded)")
    for verb in (history, prune, fresh, forget):
        _add_out(verb)


def _add_export(verbs) -> None:
    export = _add(
        verbs,
        "export",
        _export,
        "write a run's tables (CSV, XLSX) and pictures (PNG) into a new folder outside the reports",
    )
    export.add_argument(
        "run", nargs="?", default="latest", metavar="RUN", help="id of a run (default latest)"
    )
    export.add_argument(
        "--to", required=True, metavar="FOLDER", help="a new folder, never inside the reports"
    )
    export.add_argument("--only", default="", metavar="03,04", help="only these chapters")
    export.add_argument(
        "--svg", action="store_true", help="pictures as SVG too: the chapters' questions are asked again"
    )
    export.add_argument(
        "--people",
        action="store_true",
        help="for analysts: who is in a stage, segment, audience, list of leaders, whom an offer should "
        "reach, who is suspect, by the shop's own ids; the trail notes it",
    )
    export.add_argument("--cache", default="", metavar="DIR", help="where loads are kept (data/loaded)")
    _add_out(export)


def _add(verbs, name: str, verb: Callable, help_text: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name,
        help=help_text,
        description=help_text,
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(verb=verb)
    return parser


def _add_data(parser: argparse.ArgumentParser, *, required: bool) -> None:
    said = (
        "folder of tables (CSV, Parquet, or any files with a source.toml) or address: duckdb:///file, "
        "spark+parquet:///folder, spark://host:port/catalog.schema"
    )
    default = "" if required else "; without it the demo market"
    parser.add_argument("--data", type=_place, required=required, metavar="DIR|URL", help=said + default)
    parser.add_argument("--source", default="", metavar="FILE", help="mapping file, when not beside the data")
    parser.add_argument(
        "--currency", default="", metavar="CODE", help="of the tables, where no mapping says it"
    )
    parser.add_argument(
        "--timezone", default="", metavar="ZONE", help="the shop's clock, such as Asia/Shanghai"
    )


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", default="", metavar="DIR", help="reports folder (default reports/)")


def _place(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "it is empty; name the folder or address of your tables "
            "(only `workbench report` without --data takes the demo market)"
        )
    return text


def _positive(text: str) -> int:
    number = _count(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return int(text)
