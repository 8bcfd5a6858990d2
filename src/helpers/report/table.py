"""The one way a table reaches HTML: everything escaped, small groups hidden."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

import numpy as np
import pandas as pd

from helpers.report.formats import p_value, specified

MINIMUM_PEOPLE = 11
HIDDEN = "hidden"
P_VALUE = "p"  # a column's format, besides those of Python
LONG_TEXT = 22  # characters; a longer cell may break into lines, with room for more than one word in each


def html_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, str] | None = None,
    people: str | None = None,
    minimum_people: int = MINIMUM_PEOPLE,
) -> str:
    """Return a frame as an HTML table; its values, headers and caption are escaped as text.

    formats: column to format specification, such as `{"rate": ".1%"}`, or `p` for p-values (see
    `formats.p_value`); numbers default to `,.6g`.
    people: the column that counts people; rows below `minimum_people` are hidden (see `suppress`).
    A named index becomes the leading columns; an unnamed one is left out.
    """
    if any(frame.index.names):
        frame = frame.reset_index()
    formats = dict(formats or {})
    unknown = sorted(set(formats) - set(frame.columns))
    if unknown:
        raise KeyError(f"formats name {unknown}; the table has {list(frame.columns)}")
    if people is not None:
        frame = suppress(frame, people=people, minimum_people=minimum_people)
    numeric = {name: pd.api.types.is_numeric_dtype(frame[name]) or name in formats for name in frame.columns}
    head = "".join(_cell("th", name, numeric[name], ' scope="col"') for name in frame.columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell("td", _shown(value, formats.get(name)), numeric[name])
            for name, value in zip(frame.columns, row, strict=True)
        )
        + "</tr>"
        for row in frame.itertuples(index=False, name=None)
    )
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def suppress(frame: pd.DataFrame, *, people: str, minimum_people: int = MINIMUM_PEOPLE) -> pd.DataFrame:
    """Hide the numbers of rows about fewer than `minimum_people` people.

    What is hidden could be had back by subtracting the rest from a total. So more rows are hidden, the
    smallest first, until those hidden are at least two and hold `minimum_people` together. Text columns keep
    their words. The default of 11 hides counts of 1 to 10, the rule of the US Centers for Medicare and
    Medicaid Services for published cells.
    """
    if people not in frame.columns:
        raise KeyError(f"no column {people!r} that counts people; the table has {list(frame.columns)}")
    counts = frame[people].astype(float)
    hidden = (counts < minimum_people) & (counts > 0)
    while hidden.any() and (hidden.sum() < 2 or counts[hidden].sum() < minimum_people):
        shown = counts[~hidden & (counts > 0)]
        if shown.empty:
            break
        hidden |= counts.index == shown.idxmin()
    if not hidden.any():
        return frame
    shown = frame.astype(object)
    numeric = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    shown.loc[hidden, numeric] = HIDDEN
    return shown


def singles_out(people: int, of: int, *, minimum_people: int = MINIMUM_PEOPLE) -> bool:
    """Whether telling how many of a known number of people have something tells of fewer than 11 of them.

    The others are a group as well: 45 of 50 tells of 5. Nobody and everybody single nobody out.

    >>> [singles_out(count, 50) for count in (0, 7, 20, 45, 50)]
    [False, True, False, True, False]
    """
    return any(0 < count < minimum_people for count in (people, of - people))


def _cell(tag: str, text: object, is_number: bool, extra: str = "") -> str:
    text = str(text)
    name = "number" if is_number else "long" if len(text) > LONG_TEXT else "short" if tag == "td" else ""
    kind = f' class="{name}"' if name else ""
    return f"<{tag}{kind}{extra}>{escape(text)}</{tag}>"


def _shown(value: object, specification: str | None) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return value
    if specification == P_VALUE:
        return p_value(float(value))  # type: ignore[arg-type]
    if isinstance(value, bool | np.bool_) and specification is None:
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if hasattr(value, "__float__"):
        default = ",.6g" if isinstance(value, float) else ","
        return specified(value, default if specification is None else specification)  # type: ignore[arg-type]
    return str(value) if specification is None else format(value, specification)
