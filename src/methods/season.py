"""A busy season as a shop declares it: spans of the year, the same every year."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.result import Result

_SPAN = re.compile(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)")


@dataclass(frozen=True, kw_only=True)
class Season(Result):
    """A declared season: spans of the year, each from a (month, day) to a (month, day), both included."""

    spans: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    def holds(self, days: np.ndarray) -> np.ndarray:
        """Return whether each day (whole days since 1970-01-01) lies in the season."""
        dates = pd.to_datetime(np.asarray(days), unit="D")
        place = (100 * dates.month + dates.day).to_numpy()
        inside = np.zeros(len(place), dtype=bool)
        for (month, day), (to_month, to_day) in self.spans:
            first, last = 100 * month + day, 100 * to_month + to_day
            between = (place >= first) & (place <= last)
            inside |= between if first <= last else (place >= first) | (place <= last)
        return inside


def season_of(text: str) -> Season | None:
    """Read a declared season.

    text: spans such as "10-20..11-12, 12-20..01-05" (month-day..month-day); empty gives None.
    Raises ValueError that quotes a span which is none.

    >>> season_of("11-01..11-12").holds(np.array([19_662, 19_693])).tolist()  # 2023-11-01, 2023-12-02
    [True, False]
    """
    if not text.strip():
        return None
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        numbers = [int(number) for number in found.groups()] if found else []
        if not found or not all(1 <= month <= 12 for month in numbers[::2]):
            raise ValueError(
                f"high_season: {part.strip()!r} is no span; write month-day..month-day, 11-01..11-12"
            )
        if not all(1 <= day <= 31 for day in numbers[1::2]):
            raise ValueError(f"high_season: {part.strip()!r} names a day beyond 31")
        spans.append(((numbers[0], numbers[1]), (numbers[2], numbers[3])))
    return Season(spans=tuple(spans))
