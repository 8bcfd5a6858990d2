"""Cells: the counts of people behind every number of a chapter, for the audit of a whole run."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.report.finding import Finding
from helpers.report.registry import spec_of
from helpers.report.release import Entry, hidden_rows
from helpers.report.withholding import own_entry, withheld_keys

FOLDER = "release"
LAST_TOLD = "last_told"
"""The name of the cells that the last release told, beside the chapters'."""

_CURRENCY = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number of people and what it is parted into, at one place of a report.

    key: what the place is called from one run to the next. of: of whom it speaks, in the page's words; the
    same words and the same count are the same people. whole: the cells of one whole add up to it. counts:
    people, then those on either side of each share, then further counts. shares: how many pairs of sides
    follow the first count. told: whether its place tells it. finding: id and segment, where it is one's.
    amount: what its place tells of money. money: the total behind that and the two largest people's parts.
    """

    key: str
    of: str
    whole: str
    counts: tuple[int, ...]
    shares: int = 0
    told: bool = True
    finding: tuple[str, str | None] | None = None
    amount: str = ""
    money: tuple[float, float, float] | None = None


def finding_cells(findings: Iterable[Finding]) -> tuple[Cell, ...]:
    """Return the cells of answered findings before any is withheld, and those that their sentences tell."""
    answered = [one for one in findings if one.status == "answered"]
    gone = withheld_keys(answered)
    cells = []
    for one in answered:
        key = f"{one.id} | {one.segment or ''}"
        own = _cell(own_entry(one), key=key, of=one.segment or "", whole=one.id)
        more = [
            _cell(
                entry,
                key=" | ".join(filter(None, (key, str(place), entry.period))),
                of=f"{entry.population} {entry.period}".strip(),
                whole=key,
            )
            for place, entry in enumerate(one.tells)
        ]
        spec = spec_of(one.id)
        amount = f"{one.told.estimate:g}" if spec and "{currency}" in spec.unit else ""
        about: dict[str, Any] = {"finding": one.key, "told": one.key not in gone, "amount": amount}
        cells += [replace(cell, **about) for cell in (own, *more) if cell]
    return tuple(cells)


def row_cells(frame: pd.DataFrame, *, place: str, counted: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of a table of groups, one a row in its order; none where no row is about people.

    place: what the table is called from one run to the next. counted: the columns, as for `hidden_rows`.
    """
    people = counted.get("people")
    if people is None:
        return ()
    shares, within = dict(counted.get("shares") or {}), counted.get("within", "")
    counts = (*counted.get("counts", ()), *counted.get("unseen", ()))
    gone = hidden_rows(frame, people=people, shares=shares, counts=counts, within=within)
    names = _left_of(frame, people)
    persons = _whole(frame[people])
    having = [
        np.round(persons * frame[name].fillna(0).astype(float) / whole) for name, whole in shares.items()
    ]
    sides = [side.astype(int) for one in having for side in (one, persons - one)]
    columns = np.column_stack([persons, *sides, *(_whole(frame[name]) for name in counts)])
    money = _amounts(frame, counted.get("money") or {})
    wholes = frame[within].astype(str) if within else pd.Series("", index=frame.index)
    called = _labels(frame, naming_columns(frame, people=people))
    seen: Counter[str] = Counter()
    cells = []
    for row, (label, whole) in enumerate(zip(_labels(frame, names), wholes, strict=True)):
        name = f"{place} | {whole} | {called[row]}"
        seen[name] += 1
        cells.append(
            Cell(
                key=name if seen[name] == 1 else f"{name} | {seen[name]}",
                of=label,
                whole=f"{place} | {whole}",
                counts=tuple(int(number) for number in columns[row]),
                shares=len(shares),
                told=not gone[row],
                amount=" ".join(_written(amount) for amount in money.iloc[row]),
            )
        )
    return tuple(cells)


def naming_columns(frame: pd.DataFrame, *, people: str) -> list[str]:
    """Return the columns that a table's rows are called by from one run to the next.

    Of those left of the people the first, and others only while rows are called alike without them, words
    before whole numbers: what is measured there would call a row otherwise in every run.
    """
    left = _left_of(frame, people)
    kinds = (pd.api.types.is_numeric_dtype, pd.api.types.is_float_dtype)
    order = sorted(left[1:], key=lambda name: [is_kind(frame[name]) for is_kind in kinds])
    names = left[:1]
    for name in order:
        if not frame.duplicated(names).any() or pd.api.types.is_float_dtype(frame[name]):
            break
        names.append(name)
    return [name for name in left if name in names]


def staying_columns(frame: pd.DataFrame, *, people: str) -> list[str]:
    """Return the columns that a row keeps when its numbers go: what it is called by, and words beside."""
    left = _left_of(frame, people)
    called = naming_columns(frame, people=people)
    return [name for name in left if name in called or not frame[name].astype(str).str.contains(r"\d").any()]


def _left_of(frame: pd.DataFrame, people: str) -> list[str]:
    return list(frame.columns[: frame.columns.get_loc(people)])


def _amounts(frame: pd.DataFrame, led: Mapping[str, str]) -> pd.DataFrame:
    """The columns of money as a table shows them: nothing where one person holds nearly all."""
    money = frame[
        [name for name in frame.columns if _CURRENCY.search(str(name)) and name not in led.values()]
    ]
    hidden = {
        name: money[name].astype(object).mask(frame[told].astype(bool), "") for name, told in led.items()
    }
    return money.assign(**hidden)


def place_of(caption: str, requirement: str = "") -> str:
    """Return what a table is called in every run: its question's id, or its caption without its numbers."""
    return requirement or re.sub(r"[\d][\d.,]*", "#", caption)


def write_cells(cells: Sequence[Cell], folder: str | os.PathLike, chapter: str) -> None:
    """Write a chapter's cells to `<folder>/release/<chapter>.json`, for the audit and for analysts only."""
    path = Path(folder) / FOLDER / f"{chapter}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(cell) for cell in cells], ensure_ascii=False), encoding="utf-8")


def read_cells(path: Path) -> tuple[Cell, ...]:
    """Read the cells of a chapter."""
    return tuple(cell_of(entry) for entry in json.loads(path.read_text(encoding="utf-8")))


def cells_in(findings: Path) -> tuple[Cell, ...]:
    """Read the cells of all chapters that have run, beside the folder of their findings."""
    paths = sorted(path for path in (findings / FOLDER).glob("*.json") if path.stem != LAST_TOLD)
    return tuple(cell for path in paths for cell in read_cells(path))


def cell_of(entry: Mapping[str, Any]) -> Cell:
    """Return a cell from its JSON."""
    lists = ("counts", "finding", "money")
    given: dict[str, Any] = {
        name: tuple(value) if name in lists and value else value for name, value in entry.items()
    }
    return Cell(**given)


def _cell(entry: Entry, *, key: str, of: str, whole: str) -> Cell | None:
    if not entry.persons:
        return None
    sides = entry.sides or ()
    return Cell(
        key=key,
        of=of,
        whole=whole,
        counts=(entry.persons, *sides),
        shares=len(sides) // 2,
        money=entry.amounts,
    )


def _written(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _whole(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column).fillna(0).round().astype(int).to_numpy()


def _labels(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    if not names:
        return [str(place) for place in range(len(frame))]
    return [" ".join(map(str, row)) for row in frame[list(names)].itertuples(index=False, name=None)]
