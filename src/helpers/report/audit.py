"""The audit of a whole run: what all its linked cells and the last release together would give away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers.report.cells import Cell
from helpers.report.release import FEWEST_PEOPLE, is_few
from methods.disclosure import attack, complementary, is_dominated, linked
from methods.disclosure.linked import Sum

MOST_WORK = 1.5e9
"""What an audit may cost, as `complementary` counts it: about a minute of CPU."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the audit decided, by the keys of cells.

    few: hidden by the chapters themselves. led: amounts of money that one person holds most of. covered:
    hidden so that few cannot be reckoned from others. held: all counts of people behind it moved by fewer
    than 11 since the last release, so that it may stand as it did. mixed: one of its counts moved by so few
    and another by more, so that it can neither stand nor be told anew. apart: a count behind it differs by so
    few from what was told of the whole shop, or of another part of it. open: few that what is known gives
    away whatever is hidden now. crowded: of those covered, the ones of groups too large to go through one by
    one: nothing of them is told. checked: how many cells were audited. attacked: how many hidden counts of
    few, or moved by few, an attacker was put to. narrowest: room left to the best known of them.
    """

    few: frozenset[str]
    led: frozenset[str]
    covered: frozenset[str]
    held: frozenset[str]
    mixed: frozenset[str]
    open: frozenset[str]
    checked: int
    attacked: int
    narrowest: float
    apart: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()

    @property
    def changed(self) -> frozenset[str]:
        """The cells that are told by a chapter and may not leave as they stand."""
        return self.led | self.covered | self.moved | self.apart

    @property
    def moved(self) -> frozenset[str]:
        """The cells that moved by so few people that to tell them anew would tell of those."""
        return self.held | self.mixed

    def entry(self) -> dict[str, int]:
        """Return how many cells were audited and hidden for which reason, for a run's manifest."""
        names = ("few", "led", "covered", "crowded", "held", "mixed", "apart", "open")
        counts = {name: len(getattr(self, name)) for name in names}
        return {"checked": self.checked, **counts}


def audited(
    cells: Iterable[Cell],
    earlier: Mapping[str, Cell] | None = None,
    *,
    beside: Sequence[Mapping[str, Cell]] = (),
    most_work: float = MOST_WORK,
) -> Audit:
    """Return which cells of a run may not leave beside all others and beside the last release.

    cells: of all chapters. earlier: key to the cell as it was told last. beside: the same of the whole shop,
    or of its parts, where this run tells of a part or of the whole. most_work: see `complementary`.
    A cell's counts add up: those on either side of a share to all, the rows of a whole to its total, which
    whoever reads is taken to know. Cells that speak of the same people are one. Few are hidden cells of 1 to
    10 people: each keeps room from nobody to 11. A count that moved by 1 to 10 people since it was told last
    would tell of those few. A finding's cells move together.
    """
    cells, before = tuple(cells), earlier or {}
    led = {cell.key for cell in cells if cell.told and cell.money and bool(is_dominated(*cell.money))}
    moved = [cell for cell in cells if cell.told and _moved_by_few(cell, before.get(cell.key))]
    near = _near(cells, beside)
    gone = _with_alike({cell.key for cell in moved}, cells)
    apart = _with_alike(set(near), cells)
    system = _System(cells, gone=led | gone | apart, before={**before, **near})
    covered, opened, crowded, rooms = system.covered(most_work)
    anew = {_place(cell) for cell in cells if _moved_by_many(cell, before.get(cell.key))}
    mixed = {cell.key for cell in cells if cell.key in gone and _place(cell) in anew}
    return Audit(
        few=frozenset(cell.key for cell in cells if not cell.told),
        led=frozenset(led),
        covered=frozenset(covered),
        held=frozenset(gone - mixed - led - apart),
        mixed=frozenset(mixed - led - apart),
        apart=frozenset(apart - led),
        crowded=frozenset(crowded),
        open=frozenset(opened),
        checked=len(cells),
        attacked=len(rooms),
        narrowest=float(rooms.min(initial=np.inf)),
    )


def _near(cells: Iterable[Cell], beside: Sequence[Mapping[str, Cell]]) -> dict[str, Cell]:
    """The told cells that differ by few people from one of the same place told of the whole or a part."""
    return {
        cell.key: told[cell.key]
        for told in beside
        for cell in cells
        if cell.told and cell.key in told and bool(is_few(_moves(cell, told[cell.key])).any())
    }


def _with_alike(gone: set[str], cells: Iterable[Cell]) -> set[str]:
    """With each those of the same people: told at a place of another name, it would be told all the same."""
    people = {_who(cell) for cell in cells if cell.key in gone and cell.of}
    return gone | {cell.key for cell in cells if cell.told and cell.of and _who(cell) in people}


def _who(cell: Cell) -> tuple[str, int]:
    return cell.of.lower(), cell.counts[0]


def _moved_by_few(cell: Cell, before: Cell | None) -> bool:
    """Whether one of its counts moved by 1 to 10 people, or its money did while no count moved by more."""
    moved = _moves(cell, before)
    if before is None or not len(moved):
        return False
    paid = cell.amount != before.amount and bool((moved < FEWEST_PEOPLE).all())
    return paid or bool(is_few(moved).any())


def _moved_by_many(cell: Cell, before: Cell | None) -> bool:
    return bool((_moves(cell, before) >= FEWEST_PEOPLE).any())


def _moves(cell: Cell, before: Cell | None) -> NDArray[np.int64]:
    """By how many people each of its counts moved; none where nothing of the kind was told."""
    if before is None or len(before.counts) != len(cell.counts):
        return np.zeros(0, dtype=np.int64)
    return np.abs(np.subtract(cell.counts, before.counts))


def _place(cell: Cell) -> tuple[str, str | None] | str:
    """What is told or not told as one: a finding with all that its sentence tells, or a row."""
    return cell.finding or cell.key


class _System:
    """All counts of a run as one set of linked cells: the same people are one of them.

    gone: keys of cells that do not leave as they stand. before: key to the cell that was told last.
    """

    def __init__(self, cells: Sequence[Cell], *, gone: set[str], before: Mapping[str, Cell]) -> None:
        self.cells, self.before = cells, before
        self.values: list[float] = []
        self.place: dict[object, int] = {}
        self.of_cell = [self._places(cell) for cell in cells]
        self.told = [cell.told and cell.key not in gone for cell in cells]
        self.known: list[int] = []
        self.sums = [*self._sides(), *self._wholes()]

    def covered(self, most_work: float) -> tuple[set[str], set[str], set[str], NDArray[np.float64]]:
        """Return keys of cells to hide with the few, of few left open, of the first those in crowded groups.

        And the room left to each few that is put to the attack.
        """
        hidden = self._hidden()
        few, lowest, highest = self._few(hidden)
        if not few.any():
            return set(), set(), set(), np.zeros(0)
        relations = linked(self.sums, cells=len(self.values))
        known = np.zeros(len(self.values), dtype=bool)
        known[self.known] = True
        found = complementary(
            self.values, relations, few,
            hidden=hidden, known=known, lowest=lowest, highest=highest, most_work=most_work,
        )  # fmt: skip
        few &= ~found.crowded
        reach = attack(self.values, relations, found.hidden, wanted=few)
        told = {cell.key for cell, is_told in zip(self.cells, self.told, strict=True) if is_told}
        room = (reach.cell_high - reach.cell_low)[few & ~found.open]
        gone = self._keys(found.complementary) & told
        return gone, self._keys(found.open), gone & self._keys(found.crowded), room

    def _few(
        self, hidden: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Return which hidden counts are of few, or moved by few, and the ends that each must keep."""
        values = np.array(self.values)
        few = hidden & is_few(values)
        lowest, highest = np.zeros(len(values)), np.full(len(values), float(FEWEST_PEOPLE))
        for cell, places in zip(self.cells, self.of_cell, strict=True):
            then_told = self.before[cell.key].counts if cell.key in self.before else ()
            for place, then in zip(places, then_told, strict=False):
                if hidden[place] and not few[place] and is_few(abs(values[place] - then)):
                    few[place] = True
                    rose = values[place] > then
                    lowest[place] = then if rose else max(0, then - FEWEST_PEOPLE)
                    highest[place] = then + FEWEST_PEOPLE if rose else then
        return few, lowest, highest

    def _places(self, cell: Cell) -> list[int]:
        """One place a count; words and number say who they are, without words the place itself does."""
        who = _who(cell) if cell.of else (cell.key, cell.counts[0])
        names = [("people", who), *((cell.whole, position, who) for position in range(1, len(cell.counts)))]
        return [self._add(name, count) for name, count in zip(names, cell.counts, strict=True)]

    def _add(self, name: object, value: float) -> int:
        if name not in self.place or self.values[self.place[name]] != value:
            self.place[name] = len(self.values)
            self.values.append(value)
        return self.place[name]

    def _sides(self) -> Iterable[Sum]:
        """The two sides of each share, where they part people: whoever has events on both is of both."""
        for cell, places in zip(self.cells, self.of_cell, strict=True):
            for pair in range(cell.shares):
                sides = places[1 + 2 * pair : 3 + 2 * pair]
                if sum(self.values[place] for place in sides) == self.values[places[0]]:
                    yield places[0], sides

    def _wholes(self) -> Iterable[Sum]:
        parts = defaultdict(list)
        for cell, places in zip(self.cells, self.of_cell, strict=True):
            for position, place in enumerate(places):
                parts[cell.whole, len(cell.counts), position].append(place)
        for name, places in parts.items():
            own = list(dict.fromkeys(places))
            if len(own) > 1:
                total = self._add(("total", name), sum(self.values[place] for place in own))
                self.known.append(total)
                yield total, own

    def _hidden(self) -> NDArray[np.bool_]:
        """A count is hidden where a place speaks of it and none tells it."""
        hidden = np.zeros(len(self.values), dtype=bool)
        for is_told in (False, True):
            for told, places in zip(self.told, self.of_cell, strict=True):
                if told == is_told:
                    hidden[places] = not is_told
        return hidden

    def _keys(self, marked: NDArray[np.bool_]) -> set[str]:
        pairs = zip(self.cells, self.of_cell, strict=True)
        return {cell.key for cell, places in pairs if marked[places].any()}
