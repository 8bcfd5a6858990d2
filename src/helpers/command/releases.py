"""Releases: what a shop's runs have told, kept beside the runs, and the audit of a run before it leaves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from helpers.command.trail import hash_of
from helpers.report.audit import Audit, audited
from helpers.report.cells import FOLDER, Cell, cell_of, finding_cells, read_cells
from helpers.report.executed import Key, redact, row_cells_of, rows_as_told
from helpers.report.finding import Finding, Withheld, read_findings, write_findings
from helpers.report.release import FEWEST_PEOPLE
from helpers.report.withholding import held, leads, may_stand, stands, withheld, within_few

LAST = "releases"
_FEW = f"fewer than {FEWEST_PEOPLE} people"
_NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Told:
    """A number as it was last told: its cell, its finding or its row's texts, by which run and asked how."""

    cell: Cell
    said: Any
    run: str
    asked: str


@dataclass(frozen=True, kw_only=True)
class LastRelease:
    """What a shop's runs told last, by the keys of cells.

    path: `<reports>/releases/<shop>.json`; it holds no more than the reports themselves.
    """

    path: Path
    told: Mapping[str, Told] = field(default_factory=dict)

    @classmethod
    def of(cls, reports: Path, data: str, *, part: str = "") -> LastRelease:
        """Read what was told of the data of this name, or of a part of them alone.

        Numbers in the name, such as a day, make no other shop; those in a part's do.
        """
        path = reports / LAST / f"{_shop(data)}{_mark(part)}.json"
        return cls(path=path, told=_read(path) if path.exists() else {})

    def write(self, told: Mapping[str, Told]) -> None:
        """Keep what a run told beside what it did not speak of; by one rename."""
        both = {key: asdict(one) for key, one in {**self.told, **told}.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps(both, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(self.path)


def told_beside(reports: Path, data: str, *, part: str = "") -> tuple[Mapping[str, Cell], ...]:
    """Return what was told last of the whole shop and of its other parts, by the keys of cells.

    A part beside the whole, or one that may lie within another, would tell of the few between them. Two
    sellers, or two categories, share no line of an order, and are not held beside each other.
    """
    alike = f"{_shop(data)}.part-{part.partition(' ')[0]}-" if part else ""
    own = f"{_shop(data)}{_mark(part)}.json"
    paths = [
        reports / LAST / f"{_shop(data)}.json",
        *sorted((reports / LAST).glob(f"{_shop(data)}.part-*.json")),
    ]
    beside = [path for path in paths if path.name != own and not (alike and path.name.startswith(alike))]
    return tuple({key: one.cell for key, one in _read(path).items()} for path in beside if path.exists())


def _shop(data: str) -> str:
    return re.sub(r"[\W\d_]+", "-", data).strip("-") or "shop"


def _mark(part: str) -> str:
    """What a part's file is called behind the shop's: by what it is cut, and a mark of which it is."""
    mark = hashlib.sha256(part.encode()).hexdigest()[:12]
    return f".part-{part.partition(' ')[0]}-{mark}" if part else ""


def _read(path: Path) -> dict[str, Told]:
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {key: Told(**{**entry, "cell": cell_of(entry["cell"])}) for key, entry in entries.items()}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of a run's numbers: what is said instead of findings and rows, and the audit behind it."""

    audit: Audit
    findings: Mapping[Key, Finding]
    rows: Mapping[str, Sequence[str] | None]


def told_otherwise(told: Mapping[str, Told], cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells that the last release told otherwise than a run finds them now.

    What it told the same adds nothing to an audit, and an unchanged report rests on nothing new by it.
    """
    now = {cell.key: cell for cell in cells}
    return [one.cell for key, one in told.items() if key in now and one.cell != now[key]]


def asked_by(values: Mapping[str, object]) -> str:
    """Return a mark of the parameters that decide what a chapter's numbers mean."""
    own = {name: value for name, value in values.items() if name not in ("data", "out", "as_of")}
    return hash_of(own)[:16]


def decide(
    staging: Path,
    chapters: Iterable[str],
    *,
    told: Mapping[str, Told],
    asked: Mapping[str, str],
    beside: Sequence[Mapping[str, Cell]] = (),
) -> Decision:
    """Audit the chapters of a run together and beside the last release; see `audit.audited`.

    told: what was told last. beside: what was told last of the whole shop or its parts. asked: chapter to the
    mark of its parameters. A number all of whose counts moved by too few is told as it was told last, where
    it means the same and what is found now does not contradict it; else it is withheld.
    """
    cells = {chapter: _cells(staging, chapter) for chapter in chapters}
    chapter_of = {cell.key: chapter for chapter, own in cells.items() for cell in own}
    every = {cell.key: cell for own in cells.values() for cell in own}
    audit = audited(
        [cell for own in cells.values() for cell in own],
        {key: one.cell for key, one in told.items()},
        beside=beside,
    )
    now = {one.key: one for chapter in cells for one in read_findings(_findings(staging, chapter))}
    anew = {key: said for name in cells for key, said in rows_as_told(_notebook(staging, name)).items()}
    findings: dict[Key, Finding] = {}
    rows: dict[str, Sequence[str] | None] = {}
    for key in sorted(audit.changed):
        cell = every[key]
        own = key if cell.finding is None else _own_key(cell.finding)
        before = told.get(own)
        same = before is not None and key in audit.held and before.asked == asked[chapter_of[key]]
        if cell.finding is None:
            may = same and before and _row_may_stand(anew.get(key), before)
            rows[key] = before.said if may and before else None
        elif now[cell.finding].status == "answered" and not _is_gone(findings.get(cell.finding)):
            if same and before and _may_stand(now[cell.finding], before):
                findings[cell.finding] = held(_finding(before.said), run=before.run)
            else:
                why: Withheld = "one person" if key in audit.led else "few people"
                findings[cell.finding] = withheld(now[cell.finding], why)
    same_told = {
        key: one for key, one in told.items() if key in every and one.asked == asked[chapter_of[key]]
    }
    findings |= _released_with(now.values(), findings, same_told)
    return Decision(audit=audit, findings=findings, rows=rows)


def _released_with(
    now: Iterable[Finding], decided: Mapping[Key, Finding], told: Mapping[str, Told]
) -> dict[Key, Finding]:
    """What is said instead of findings that would tell the number of one that is not told anew.

    It stands as told last where that does too, else it is withheld. told: what means the same as now.
    """
    found = {}
    for one in now:
        led_by = leads(one, decided)
        if not led_by or one.status != "answered" or _is_gone(decided.get(one.key)):
            continue
        before = told.get(_own_key(one.key))
        if before is not None and all(stands(decided[lead]) for lead in led_by) and _may_stand(one, before):
            found[one.key] = held(_finding(before.said), run=before.run)
        else:
            found[one.key] = withheld(one)
    return found


def apply(decision: Decision, staging: Path, chapters: Iterable[str]) -> list[str]:
    """Change findings and executed notebooks by a decision; return the chapters whose page must be anew."""
    touched = []
    for chapter in chapters:
        path = _findings(staging, chapter)
        before = read_findings(path)
        after = [decision.findings.get(one.key, one) for one in before]
        write_findings(after, path)
        notebook = _notebook(staging, chapter)
        if redact(notebook, told=after, findings=decision.findings, rows=decision.rows):
            touched.append(chapter)
    return touched


def list_hidden(decision: Decision, folder: Path) -> None:
    """Write what was hidden and why to `hidden.json`, for analysts only, with the pages' reasons."""
    audit = decision.audit
    why = {
        **{_own_key(key): f"{_FEW}: told with another that is not told anew" for key in decision.findings},
        **dict.fromkeys(audit.few, f"{_FEW}, or needed to hide them"),
        **dict.fromkeys(audit.covered, f"{_FEW}: would give hidden ones away, here or on another page"),
        **dict.fromkeys(audit.crowded, f"{_FEW}: stands among too many that add up to cover them one by one"),
        **dict.fromkeys(audit.moved, f"{_FEW}: a count behind it moved by so few since the last release"),
        **dict.fromkeys(audit.apart, f"{_FEW}: they are what the whole shop has beside this part of it"),
        **dict.fromkeys(audit.led, "one person holds nearly all of it"),
    }
    rows = [{"what": key, "why": reason} for key, reason in sorted(why.items())]
    (folder / "hidden.json").write_text(
        json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def told_by(
    staging: Path, chapters: Iterable[str], decision: Decision, *, run: str, asked: Mapping[str, str]
) -> dict[str, Told]:
    """Return what a run tells anew, to be kept as the last release."""
    told = {}
    for chapter in chapters:
        findings = {one.key: one for one in read_findings(_findings(staging, chapter))}
        rows = rows_as_told(_notebook(staging, chapter))
        for cell in _cells(staging, chapter):
            if not cell.told or cell.key in decision.audit.changed or cell.finding in decision.findings:
                continue
            said = rows.get(cell.key) if cell.finding is None else _said(findings.get(cell.finding))
            if said is not None:
                told[cell.key] = Told(cell=cell, said=said, run=run, asked=asked[chapter])
    return told


def _may_stand(now: Finding, before: Told) -> bool:
    return may_stand(now, _finding(before.said), fewest=_fewest(before.cell))


def _row_may_stand(now: Sequence[str] | None, before: Told) -> bool:
    """Whether no number of a row moved by more than its few people may have moved it."""
    if now is None or len(now) != len(before.said):
        return False
    pairs = [(_NUMBER.findall(one), _NUMBER.findall(two)) for one, two in zip(now, before.said, strict=True)]
    if any(len(ours) != len(theirs) for ours, theirs in pairs):
        return False
    return all(
        within_few(_value(one), _value(two), fewest=_fewest(before.cell))
        for ours, theirs in pairs
        for one, two in zip(ours, theirs, strict=True)
    )


def _fewest(cell: Cell) -> int:
    return min(filter(None, cell.counts), default=0)


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def _said(finding: Finding | None) -> dict[str, object] | None:
    return finding.entry() if finding is not None and finding.status == "answered" else None


def _is_gone(finding: Finding | None) -> bool:
    return finding is not None and finding.status != "answered"


def _own_key(finding: Key) -> str:
    return f"{finding[0]} | {finding[1] or ''}"


def _finding(entry: Mapping[str, Any]) -> Finding:
    return Finding(**{**entry, "assumptions": tuple(entry.get("assumptions") or ())})


def _cells(staging: Path, chapter: str) -> tuple[Cell, ...]:
    path = staging / "findings" / FOLDER / f"{chapter}.json"
    own = read_cells(path) if path.exists() else finding_cells(read_findings(_findings(staging, chapter)))
    rows = row_cells_of(_notebook(staging, chapter))
    return tuple({cell.key: cell for cell in (*own, *rows)}.values())


def _notebook(staging: Path, chapter: str) -> Path:
    return staging / "notebooks" / f"{chapter}.ipynb"


def _findings(staging: Path, chapter: str) -> Path:
    return staging / "findings" / f"{chapter}.json"
