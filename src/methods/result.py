"""How a method's result shows itself: warnings, then estimate, interval, p and n, then what else it holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import sparray
from scipy.stats import norm

from methods.counts import count

_COLUMNS = ["estimate", "low", "high", "p", "n"]
_SAID_FIRST = ("warning", "withheld")
_LONGEST = 120


class Result:
    """Base of frozen results; gives them a short summary in text and in a notebook."""

    def numbers(self) -> pd.DataFrame:
        """Return one row a number with an interval: estimate, low, high, p (of nil), n."""
        rows = {name: _numbers(value) for name, value in _intervals(self)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)

    def others(self) -> pd.DataFrame:
        """Return one row a field without an interval: its number or words, or the size of what it holds."""
        shown = {"estimate", "low", "high", "level", "n"} if _is_interval(self) else set()
        rows = {
            each.name: _in_short(getattr(self, each.name))
            for each in fields(self)  # type: ignore[arg-type]
            if each.name not in {*shown, *_SAID_FIRST} and not each.name.startswith("_")
        }
        kept = {name: value for name, value in rows.items() if value}
        return pd.DataFrame.from_dict(kept, orient="index", columns=["value"])

    def warnings(self) -> tuple[str, ...]:
        """Return every warning that the result or a part of it carries."""
        return tuple(dict.fromkeys(_warnings(self)))

    def __str__(self) -> str:
        said = [f"warning: {warning}" for warning in self.warnings()]
        if len(numbers := self.numbers()):
            said.append(numbers.to_string(float_format="{:.4g}".format))
        said += [f"{name}: {value}" for name, value in self.others()["value"].items()]
        return "\n".join([type(self).__name__, *said])

    def _repr_html_(self) -> str:
        """For notebooks; everything is escaped, since names come from data."""
        said = "".join(f"<p><strong>{escape(warning)}</strong></p>" for warning in self.warnings())
        numbers = self.numbers()
        numbers = numbers.map(_shown).assign(p=[_p_shown(p) for p in numbers["p"]])
        tables = [frame for frame in (numbers, self.others()) if len(frame)]
        return said + "".join(_table(frame, title=type(self).__name__) for frame in tables)


def _table(frame: pd.DataFrame, *, title: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ["", *frame.columns])
    body = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(f"<td>{escape(value)}</td>" for value in row)
        + "</tr>"
        for name, row in zip(frame.index, frame.to_numpy(), strict=True)
    )
    table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<table><caption>{escape(title)}</caption>{table}</table>"


def _in_short(value: object) -> str:
    """Say a value in a few words; nothing for what is absent or shows among the intervals."""
    if value is None or _is_interval(value):
        return ""
    if isinstance(value, bool | np.bool_ | str):
        return _cut(str(value))
    if isinstance(value, int | float | np.number):
        return _shown(float(value))
    if isinstance(value, np.ndarray | sparray):
        return f"array, {' × '.join(f'{size:,}' for size in value.shape)}"
    if isinstance(value, pd.DataFrame):
        return _cut(f"{count(len(value), 'row')}: {', '.join(map(str, value.columns))}")
    if isinstance(value, pd.Series):
        return count(len(value), "value")
    if isinstance(value, Mapping):
        return "" if any(map(_is_interval, value.values())) else _cut(", ".join(map(str, value)))
    if isinstance(value, tuple | list):
        return "" if any(map(_is_interval, value)) else _of_several(value)
    return type(value).__name__


def _of_several(values: Sequence[object]) -> str:
    """Numbers and words in full, of anything else how many there are."""
    if all(isinstance(value, int | float | str | np.number) for value in values):
        return _cut(", ".join(map(_in_short, values)))
    return f"{len(values)} of {type(values[0]).__name__}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _intervals(result: object) -> Iterator[tuple[str, Any]]:
    if _is_interval(result):
        yield type(result).__name__.lower(), result
        return
    for each in fields(result):  # type: ignore[arg-type]
        value = getattr(result, each.name)
        if _is_interval(value):
            yield each.name, value
        elif isinstance(value, Mapping):
            yield from ((f"{each.name}: {key}", one) for key, one in value.items() if _is_interval(one))
        elif isinstance(value, tuple):
            yield from (
                (f"{each.name} {place}", one) for place, one in enumerate(value, start=1) if _is_interval(one)
            )


def _is_interval(value: object) -> bool:
    return all(isinstance(getattr(value, name, None), int | float) for name in ("estimate", "low", "high"))


def _numbers(value: Any) -> list[float]:
    return [value.estimate, value.low, value.high, _p_of_nil(value), getattr(value, "n", math.nan)]


def _p_of_nil(value: Any) -> float:
    """Read off the interval, so that p is below 1 − level just where the interval leaves nil out."""
    reach = value.estimate - value.low if value.estimate > 0 else value.high - value.estimate
    level = getattr(value, "level", None)
    if not level or not reach > 0:
        return math.nan
    return float(2 * norm.sf(abs(value.estimate) / reach * norm.ppf(0.5 + level / 2)))


def _warnings(result: object) -> Iterator[str]:
    for name in ("warning", "withheld"):
        said = getattr(result, name, "")
        if isinstance(said, str) and said:
            yield said
    for each in fields(result):  # type: ignore[arg-type]
        part = getattr(result, each.name)
        said = getattr(part, "warning", "")
        if isinstance(said, str) and said:
            yield said


def _shown(value: float) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:,.4g}".replace("-", "−")


def _p_shown(p: float) -> str:
    return "–" if math.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"
