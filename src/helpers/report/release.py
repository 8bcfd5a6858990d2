"""The release list: every number that leaves is an entry of it, and one decision says whether it may leave.

Tables, sentences, pictures and findings all ask here, so that none tells what another hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from methods.disclosure import is_dominated
from methods.disclosure import is_few as is_few
from methods.disclosure.rules import FEWEST_PEOPLE as FEWEST_PEOPLE

FEWEST_OF_A_SHARE = 2 * FEWEST_PEOPLE


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One number that is to leave, and the people behind it.

    population: of whom it speaks. period: of which time, where one number is told of several.
    persons: how many distinct people it rests on; None where it is not about people (products, sellers,
    simulated copies). sides: of a share, how many people are on either side of it.
    amounts: of a sum or mean of money, the total and the two largest people's parts of it.
    """

    population: str
    persons: int | None
    period: str = ""
    value: float | None = None
    sides: tuple[int, int] | None = None
    amounts: tuple[float, float, float] | None = None


def share_of(population: str, share: float, persons: int, *, period: str = "") -> Entry:
    """Return the entry of a share (0 to 1) of a number of people.

    >>> share_of("sharers", 0.75, 12).sides
    (9, 3)
    """
    having = round(share * persons)
    return Entry(
        population=population,
        persons=persons,
        period=period,
        value=share,
        sides=(having, persons - having),
    )


def amounts_of(paid: ArrayLike) -> tuple[float, float, float]:
    """Return what an entry of money says of those who paid: the total and the two largest people's parts.

    paid: an amount a person (n).

    >>> amounts_of([5.0, 90.0, 20.0])
    (115.0, 90.0, 20.0)
    """
    most = np.sort(np.asarray(paid, dtype=float))[::-1]
    largest, second = [*most[:2].tolist(), 0.0, 0.0][:2]
    return float(most.sum()), largest, second


def led_by_one(amounts: pd.Series, group: ArrayLike) -> pd.Series:
    """Return whether one person holds nearly all of a group's money, by group.

    amounts: of each person (n). group: of each person (n). By the p % rule, see `may_leave`.

    >>> led_by_one(pd.Series([5.0, 4.0, 6.0, 90.0, 2.0, 1.0]), ["a", "a", "a", "b", "b", "b"]).tolist()
    [False, True]
    """
    return amounts.groupby(group, observed=False).agg(lambda own: bool(is_dominated(*amounts_of(own))))


def shares_by(rows: pd.DataFrame, outcome: str, by: str) -> tuple[Entry, ...]:
    """Return the entry of each group's mean outcome, a share where it is yes or no (0 and 1).

    rows: one row a person. outcome, by: columns; rows without an outcome are left out.

    >>> rows = pd.DataFrame({"arm": ["a", "a", "b"], "bought": [1.0, 0.0, 1.0]})
    >>> [entry.sides for entry in shares_by(rows, "bought", "arm")]
    [(1, 1), (1, 0)]
    """
    known = rows[rows[outcome].notna()]
    is_share = known[outcome].isin([0, 1]).all()
    entries = []
    for group, own in known.groupby(by)[outcome]:
        mean, persons = float(own.astype(float).mean()), len(own)
        entries.append(
            share_of(str(group), mean, persons)
            if is_share
            else Entry(population=str(group), persons=persons, value=mean)
        )
    return tuple(entries)


def share_of_events(population: str, having: ArrayLike, who: ArrayLike, *, period: str = "") -> Entry:
    """Return the entry of a share of events, such as clicks or posts, by the people whose they are.

    having: whether each event has what the share tells of (n events). who: whose it is (n events). On a side
    stands everybody with an event of that side; one person may stand on both.

    >>> share_of_events("clicks", [True, True, False], ["ann", "bob", "bob"]).sides
    (2, 1)
    """
    yes, people = np.asarray(having, dtype=bool), pd.Series(who)
    return Entry(
        population=population,
        persons=people.nunique(),
        period=period,
        value=float(yes.mean()) if len(yes) else None,
        sides=(people[yes].nunique(), people[~yes].nunique()),
    )


def events_by(rows: pd.DataFrame, outcome: str, by: str, *, who: str) -> dict[Any, Entry]:
    """Return the entry of the share of events with an outcome above 0, by group; see `share_of_events`.

    rows: one row an event. outcome, by, who: columns.
    """
    return {group: share_of_events(str(group), own[outcome] > 0, own[who]) for group, own in rows.groupby(by)}


def may_leave(entry: Entry) -> bool:
    """Whether a number may leave.

    Not where it rests on 1 to 10 people, nor where 1 to 10 are on either side of a share. That nobody or
    everybody has something may be told of 22 people or more; of fewer no share is told at all: no other share
    of them could be, so that whoever reads it would know the same of each. Money is withheld where the total
    less the two largest parts is under 10 % of the largest, so that the second largest could reckon the
    largest (the p % rule; Hundepool et al., Statistical Disclosure Control, 2012, ch. 4).

    >>> [may_leave(share_of("buyers", share, 50)) for share in (0.0, 0.1, 0.5, 0.9, 1.0)]
    [True, False, True, False, True]
    >>> may_leave(share_of("buyers", 1.0, 12)), may_leave(Entry(population="copies", persons=None))
    (False, True)
    """
    if entry.persons is None:
        return True
    if is_few(entry.persons) or (entry.amounts is not None and bool(is_dominated(*entry.amounts))):
        return False
    if entry.sides is None:
        return True
    return entry.persons >= FEWEST_OF_A_SHARE and not any(map(is_few, entry.sides))


def shares_leave(shares: Iterable[tuple[float, float]]) -> NDArray[np.bool_]:
    """Return which shares may leave; each is a share (0 to 1) and of how many people, and part of no whole.

    >>> shares_leave([(0.5, 40), (0.1, 40)]).tolist()
    [True, False]
    """
    return np.array([may_leave(share_of("", share, int(people))) for share, people in shares], dtype=bool)


def hidden(entries: Sequence[Entry]) -> NDArray[np.bool_]:
    """Return which of the groups of one total are hidden (n entries): few alone, or needed to hide those.

    One that may not leave comes back by subtracting the others from the total. So more are hidden, those of
    fewest people first, until at least two are, who together are 11 people and, of a share, 11 (or nobody) on
    either side. Groups of nobody hide nothing and stay.
    """
    counts = np.array([_counts(entry) for entry in entries], dtype=float).reshape(len(entries), -1)
    return _with_company(np.array([not may_leave(entry) for entry in entries], dtype=bool), counts)


def hidden_rows(
    frame: pd.DataFrame,
    *,
    people: str,
    shares: Mapping[str, float] | None = None,
    counts: Sequence[str] = (),
    within: str = "",
) -> NDArray[np.bool_]:
    """Return which rows of a table of groups are hidden (n rows); see `hidden`.

    people: the column that counts distinct people. shares: columns that are a share of them, with what stands
    for everybody (1 or 100). counts: further columns of people that the row's numbers tell of. within: the
    column whose values name the whole that a row is a part of; without it all rows are parts of one.
    Raises KeyError on a column that the table lacks.
    """
    needed = [people, *(shares or {}), *counts, *([within] if within else [])]
    missing = [name for name in needed if name not in frame]
    if missing:
        raise KeyError(f"no column {missing[0]!r} that counts people; the table has {list(frame.columns)}")
    persons = _numbers(frame[people])
    sides = [persons, *(_numbers(frame[name]) for name in counts)]
    too_few = np.zeros(len(frame), dtype=bool)
    for name, everybody in (shares or {}).items():
        having = np.round(persons * _numbers(frame[name]) / everybody)
        sides += [having, persons - having]
        too_few |= frame[name].notna().to_numpy() & (persons > 0) & (persons < FEWEST_OF_A_SHARE)
    people_of = np.column_stack(sides)
    alone = too_few | is_few(people_of).any(axis=1)
    wholes = pd.factorize(frame[within])[0] if within else np.zeros(len(frame), dtype=int)
    found = np.zeros(len(frame), dtype=bool)
    for whole in np.unique(wholes):
        mine = wholes == whole
        found[mine] = _with_company(alone[mine], people_of[mine])
    return found


def told_rows(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return the rows of a table of groups that may leave; columns: as in `hidden_rows`."""
    return frame[~hidden_rows(frame, **columns)]


def _numbers(column: ArrayLike) -> NDArray[np.float64]:
    return np.nan_to_num(pd.to_numeric(pd.Series(column), errors="raise").to_numpy(dtype=float))


def _counts(entry: Entry) -> tuple[float, float, float]:
    persons = entry.persons or 0
    return (persons, *(entry.sides or (persons, persons)))


def _with_company(alone: NDArray[np.bool_], counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Hide more rows, smallest first, until those hidden cannot be told from their sum.

    alone: rows that may not leave (n rows). counts: people of each row and of each side (n rows by m).
    """
    found = alone.copy()
    order = np.lexsort((counts[:, 0], counts.min(axis=1))) if len(counts) else ()
    for row in order:
        if not found.any() or (found.sum() > 1 and not is_few(counts[found].sum(axis=0)).any()):
            break
        if counts[row, 0] > 0:
            found[row] = True
    return found
