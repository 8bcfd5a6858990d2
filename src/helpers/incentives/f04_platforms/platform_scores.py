"""Platforms and their scores, read from the file that the analyst edits."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "platforms")

EXAMPLE = Path(__file__).with_name("example_scores.toml")
_LOWEST, _HIGHEST = 0.0, 10.0


@dataclass(frozen=True, kw_only=True)
class PlatformScores:
    """Scores from 0 to 10. low, high: options × criteria. is_example: nobody has entered their own yet."""

    platforms: tuple[str, ...]
    criteria: tuple[str, ...]
    anchors: tuple[tuple[str, str], ...] = field(repr=False)
    low: NDArray[np.float64] = field(repr=False)
    high: NDArray[np.float64] = field(repr=False)
    is_example: bool


def read_platforms(path: str | os.PathLike = "") -> PlatformScores:
    """Read the criteria, their anchors and the scores; an empty path reads the example.

    Raises CannotAnswer that names the file, the platform, the criterion and the value at fault.
    """
    file = Path(path) if path else EXAMPLE
    if not file.is_file():
        raise CannotAnswer(WORDS.text("no file", path=repr(str(path))))
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotAnswer(WORDS.text("no TOML", name=file.name, error=error)) from error
    criteria, platforms = _table(content, "criteria", file), _table(content, "platforms", file)
    ranges = [[_range(scores, key, file, name) for key in criteria] for name, scores in platforms.items()]
    numbers = np.array(ranges, dtype=float)
    return PlatformScores(
        platforms=tuple(platforms),
        criteria=tuple(str(entry.get("name", key)) for key, entry in criteria.items()),
        anchors=tuple((str(entry.get("zero", "")), str(entry.get("ten", ""))) for entry in criteria.values()),
        low=numbers[:, :, 0],
        high=numbers[:, :, 1],
        is_example=not path,
    )


def _table(content: Mapping[str, Any], name: str, file: Path) -> Mapping[str, Mapping[str, Any]]:
    found = content.get(name)
    if (
        not isinstance(found, dict)
        or len(found) < 2
        or not all(isinstance(one, dict) for one in found.values())
    ):
        raise CannotAnswer(WORDS.text("one platform", name=file.name, table=name))
    return found


def _range(scores: Mapping[str, Any], key: str, file: Path, platform: str) -> tuple[float, float]:
    """Return the lowest and highest score of a platform on a criterion."""
    where = f"{file.name}, platform {platform!r}, criterion {key!r}"  # no page says this
    if key not in scores:
        raise CannotAnswer(WORDS.text("no score", where=where))
    given = scores[key]
    ends = given if isinstance(given, list) else [given, given]
    if len(ends) != 2 or any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends):
        raise CannotAnswer(WORDS.text("no number or range", where=where, given=repr(given)))
    low, high = (float(end) for end in ends)
    if not _LOWEST <= low <= high <= _HIGHEST:
        raise CannotAnswer(WORDS.text("beyond the anchors", where=where, given=repr(given)))
    return low, high
