"""How a method's result shows itself: warnings first, then estimate, interval, p-value and n."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from html import escape
from typing import Any

import pandas as pd
from scipy.stats import norm

_COLUMNS = ["estimate", "low", "high", "p", "n"]


class Result:
    """Base of frozen results; gives them a short summary in text and in a notebook."""

    def numbers(self) -> pd.DataFrame:
        """Return one row a number with an interval: estimate, low, high, p (of nil), n."""
        rows = {name: _numbers(value) for name, value in _intervals(self)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)

    def warnings(self) -> tuple[str, ...]:
        """Return every warning that the result or a part of it carries."""
        return tuple(dict.fromkeys(_warnings(self)))

    def __str__(self) -> str:
        said = [f"warning: {warning}" for warning in self.warnings()]
        return "\n".join([type(self).__name__, *said, self.numbers().to_string(float_format="{:.4g}".format)])

    def _repr_html_(self) -> str:
        """For notebooks; everything is escaped, since names come from data."""
        said = "".join(f"<p><strong>{escape(warning)}</strong></p>" for warning in self.warnings())
        head = "".join(f'<th scope="col">{name}</th>' for name in ["", *_COLUMNS])
        body = "".join(
            f'<tr><th scope="row">{escape(str(name))}</th>'
            + "".join(f"<td>{_shown(value)}</td>" for value in row)
            + "</tr>"
            for name, row in zip(self.numbers().index, self.numbers().to_numpy(), strict=True)
        )
        title = escape(type(self).__name__)
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f"{said}<table><caption>{title}</caption>{table}</table>"


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
    return "–" if value is None or math.isnan(value) else f"{value:,.4g}"
