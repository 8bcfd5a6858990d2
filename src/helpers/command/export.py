"""Export a run for people who go on working with it: tables, pictures and, for analysts, lists of people."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pandas as pd

from helpers.command.ask_again import ask_again, draw_again
from helpers.command.lock import only_run
from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit, Refusal
from helpers.command.progress import Log
from helpers.command.run_store import LATEST, Shelf
from helpers.command.trail import Trail
from helpers.data.names import names_in
from helpers.paths import project_folder
from helpers.report.chapter import Chapter
from helpers.report.finding import Finding, read_findings, write_findings
from helpers.report.formats import count
from helpers.report.people_list import PeopleList
from helpers.report.sheets import MOST_ROWS, write_csv, write_xlsx
from helpers.report.style import Picture
from helpers.report.told_parts import ToldPicture, ToldTable, told_pictures, told_tables
from helpers.report.withholding import stands

Found = TypeVar("Found")
PEOPLE = "people"
ABOUT = "about.txt"
_LISTS_IN = ("03", "04", "06")  # chapters of which one question or more names people


@dataclass(frozen=True, kw_only=True)
class Export:
    """What is asked of an export.

    run: a run's id or `latest`. to: a new folder outside the reports. only: chapters by number or start of
    name, commas between; empty: all. vector: pictures as SVG too. people: lists of people too; both ask the
    chapters' questions again. loaded: the folder of kept loads.
    """

    shelf: Shelf
    run: str
    to: Path
    loaded: Path
    only: str = ""
    vector: bool = False
    people: bool = False


@dataclass
class Exported:
    """What an export wrote: tables and pictures by number, lists by name and rows, and what was left out."""

    tables: int = 0
    pictures: int = 0
    lists: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def export(asked: Export, *, say: Callable[[str], object] | None = None) -> Exported:
    """Write what is asked into a new folder, all or nothing, and note it in the trail before it appears.

    Raises Refusal where the run is not there, the folder is inside the reports or not empty, or the loaded
    tables are gone that questions would be asked of again.
    """
    say = say or Log()
    folder = _run_folder(asked.shelf, asked.run)
    _check_place(asked)
    notebooks = _notebooks(folder, asked.only)
    with only_run(asked.shelf.folder):
        draft = asked.to.with_name(f".{asked.to.name}.part")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        try:
            done = _write(asked, folder, notebooks, draft, say)
            _note(asked, folder, done)
            draft.replace(asked.to)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return done


def _run_folder(shelf: Shelf, run: str) -> Path:
    folder = shelf.latest if run == LATEST else shelf.folder / run
    if folder is None or not (folder / "notebooks").is_dir() or not re.fullmatch(r"\d+-\d+", folder.name):
        raise Refusal(Exit.BAD_USAGE, f"there is no published run {run!r}; `workbench history` lists them")
    return folder


def _check_place(asked: Export) -> None:
    """Refuse a folder that readers of the reports would find, and one that holds something already."""
    to = asked.to.resolve()
    for reports in (asked.shelf.folder.resolve(), (project_folder() / "reports").resolve()):
        if to == reports or reports in to.parents:
            message = (
                f"--to {str(asked.to)!r} is inside {reports.name}/, which is passed on; name a folder outside"
            )
            raise Refusal(Exit.BAD_USAGE, message)
    if asked.to.exists() and (not asked.to.is_dir() or any(asked.to.iterdir())):
        raise Refusal(Exit.BAD_USAGE, f"--to {str(asked.to)!r} is there already; name a new folder")


def _notebooks(folder: Path, only: str) -> list[Path]:
    found = sorted((folder / "notebooks").glob("*.ipynb"))
    wanted = names_in(only)
    chosen = [path for path in found if not wanted or path.stem.startswith(wanted)]
    if not all(any(path.stem.startswith(part) for path in found) for part in wanted) or not chosen:
        names = ", ".join(path.stem for path in found) or "none"
        raise Refusal(
            Exit.BAD_USAGE, f"--only {only!r} is no chapter of run {folder.name}; there are {names}"
        )
    return chosen


def _write(
    asked: Export, folder: Path, notebooks: list[Path], draft: Path, say: Callable[[str], object]
) -> Exported:
    done = Exported()
    for notebook in notebooks:
        place = draft / notebook.stem
        place.mkdir()
        done.tables += _write_tables(told_tables(notebook), place)
        done.pictures += _write_pictures(told_pictures(notebook), place)
    told = read_findings(folder / "findings.json")
    findings = _findings_frame(told)
    write_csv(findings, draft / "findings.csv")
    write_xlsx({"findings": findings}, draft / "findings.xlsx")
    for notebook in notebooks if asked.vector else ():
        say(f"drawing the pictures of {notebook.stem} again …")
        drawn = _again(draw_again, asked, folder, notebook, told, done)
        if drawn is not None:
            _write_vectors(drawn, told_pictures(notebook), draft / notebook.stem, done)
    for notebook in [one for one in notebooks if asked.people and one.stem.startswith(_LISTS_IN)]:
        say(f"asking the questions of {notebook.stem} again …")
        chapter = _again(ask_again, asked, folder, notebook, told, done)
        if chapter is not None:
            _write_lists(chapter, told, draft / PEOPLE, done)
    (draft / ABOUT).write_text(_about(folder, done), encoding="utf-8")
    return done


def _write_tables(tables: Iterable[ToldTable], place: Path) -> int:
    """One CSV a table, and all of them in one workbook behind a sheet that lists them."""
    sheets, contents = {}, []
    for number, table in enumerate(tables, start=1):
        name = f"{number:02d} {_short(table.caption)}"
        write_csv(table.frame, place / f"{name.replace(' ', '_')}.csv")
        sheets[name] = table.frame
        contents.append({"sheet": name[:31], "section": table.section, "table": table.caption})
    if sheets:
        write_xlsx({"contents": pd.DataFrame(contents), **sheets}, place / f"{place.name}.xlsx")
    return len(sheets)


def _write_pictures(pictures: Iterable[ToldPicture], place: Path) -> int:
    number = 0
    for number, picture in enumerate(pictures, start=1):
        stem = _picture_stem(number, picture)
        (place / f"{stem}.png").write_bytes(picture.png)
        (place / f"{stem}.txt").write_text(picture.alt + "\n", encoding="utf-8")
    return number


def _write_vectors(
    drawn: Mapping[str, Picture], pictures: Iterable[ToldPicture], place: Path, done: Exported
) -> None:
    """Write as SVG the pictures that the run shows; what it withheld stays withheld."""
    for number, picture in enumerate(pictures, start=1):
        stem = _picture_stem(number, picture)
        if picture.alt in drawn:
            (place / f"{stem}.svg").write_bytes(drawn[picture.alt].svg())
        else:
            done.left_out.append(
                f"{place.name}/{stem}.svg: drawn otherwise outside of its run, so as PNG alone"
            )


def _picture_stem(number: int, picture: ToldPicture) -> str:
    return f"picture_{number:02d}_{_short(picture.section.partition('·')[0]).replace(' ', '_')}"


def _short(text: str) -> str:
    """Return the words of a caption as a file may be called, in any script."""
    return " ".join(re.findall(r"\w+", text))[:40].strip() or "table"


def _findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    entries = [one.entry() for one in findings]
    for entry in entries:
        entry |= {name: "; ".join(entry[name]) for name in ("assumptions", "missing")}  # type: ignore[arg-type]
    return pd.DataFrame(entries, dtype=object)


def _again(
    way: Callable[..., Found],
    asked: Export,
    folder: Path,
    notebook: Path,
    told: tuple[Finding, ...],
    done: Exported,
) -> Found | None:
    """What a chapter gives when it is asked again; None, with the reason left out, where it cannot be."""
    data = asked.loaded / str(read_manifest(folder).get("loaded"))
    if not (data / "receipt.json").is_file():
        raise Refusal(
            Exit.BAD_USAGE,
            f"the loaded tables of run {folder.name} are gone, so its questions cannot be asked again; "
            "make the report anew, or leave --people and --svg out",
        )
    with tempfile.TemporaryDirectory(prefix="workbench-") as private:
        write_findings(told, Path(private) / "told.json")
        before = Path.cwd()
        os.chdir(project_folder())  # as in the run
        try:
            return way(notebook, data=data, findings=Path(private))
        except Exception as error:
            done.left_out.append(
                f"{notebook.stem}: could not be asked again ({type(error).__name__}: {error})"
            )
            return None
        finally:
            os.chdir(before)


def _write_lists(chapter: Chapter, told: tuple[Finding, ...], place: Path, done: Exported) -> None:
    published = {one.key: one for one in told}
    for section in chapter.sections:
        if not hasattr(section.asked, "people_lists"):
            continue
        now = {one.key: one for one in section.asked.findings}
        for people in section.asked.people_lists():
            why = _why_not(people, published, now)
            if why:
                done.left_out.append(f"{people.name}: {why}")
                continue
            place.mkdir(mode=0o700, exist_ok=True)
            _write_list(people, place, done)


def _why_not(people: PeopleList, published: dict, now: dict) -> str:
    """Return why a list is not that of the run's findings; empty where it is."""
    own = [(published[key], now[key]) for key in people.findings if key in published and key in now]
    answered = [(before, after) for before, after in own if before.status == "answered"]
    if not answered and not any(before.withheld for before, _ in own):
        return "the run did not answer what it rests on"
    for before, after in answered:
        if after.status != "answered" or (not stands(before) and after.told.estimate != before.estimate):
            return (
                f"{before.id} is not what the run told, asked again with the code and tables as they are "
                "now; make the report anew"
            )
    return ""


def _write_list(people: PeopleList, place: Path, done: Exported) -> None:
    write_csv(people.members, place / f"{people.name}.csv")
    if len(people.members) < MOST_ROWS:
        write_xlsx({people.name: people.members}, place / f"{people.name}.xlsx")
    said = [
        people.about,
        f"findings: {', '.join(' of '.join(filter(None, key)) for key in people.findings)}",
        *(f"{group}: {many:,}" for group, many in people.spoken.items()),
    ]
    (place / f"{people.name}.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
    for path in place.glob(f"{people.name}.*"):
        path.chmod(0o600)
    done.lists[people.name] = len(people.members)


def _about(folder: Path, done: Exported) -> str:
    entry = read_manifest(folder)
    lines = [
        f"Export of run {folder.name}: {entry.get('data')}, data until {entry.get('data_until')}.",
        "Tables and pictures are as the pages tell them, with their digits; what they hide is hidden here.",
        "In CSV a text that begins like a formula has an apostrophe before it; XLSX has it as it is.",
    ]
    if done.lists:
        lines += [
            f"The folder {PEOPLE}/ names people and is for analysts only: pass none of it on, and delete it "
            "when it was used. Ids are those of the loaded tables: pseudonyms, where a key makes such.",
            *(f"{name}: {count(rows, 'row')}" for name, rows in done.lists.items()),
        ]
    return "\n".join([*lines, *(f"left out: {said}" for said in done.left_out)]) + "\n"


def _note(asked: Export, folder: Path, done: Exported) -> None:
    trail = Trail(asked.shelf.folder)
    line = trail.line(
        "export", run=folder.name, tables=done.tables, pictures=done.pictures, lists=dict(done.lists)
    )
    trail.keep(line)
