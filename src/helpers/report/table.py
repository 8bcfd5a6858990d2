"""The one way a table reaches HTML: everything escaped, small groups hidden."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from helpers.report.counted_words import without_few_people
from helpers.report.formats import p_value, specified
from helpers.report.phrases import said
from helpers.report.release import hidden_rows

HIDDEN = "hidden"
P_VALUE = "p"  # a column's format, besides those of Python
LONG_TEXT = 18  # characters; a longer cell may break into lines, with room for more than one word in each
MOST_NARROW_COLUMNS = 3


def html_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    captioned: bool = True,
    formats: Mapping[str, str] | None = None,
    people: str | None = None,
    shares: Mapping[str, float] | None = None,
    counts: Sequence[str] = (),
    unseen: Sequence[str] = (),
    within: str = "",
    money: Mapping[str, str] | None = None,
) -> str:
    """Return a frame as an HTML table; its values, headers and caption are escaped as text.

    captioned: False where the summary of a fold says the caption already; then only screen readers hear it.
    formats: column to format specification, such as `{"rate": ".1%"}`, or `p` for p-values (see
    `formats.p_value`); numbers default to `,.6g`.
    people, shares, counts, unseen, within, money: which columns count people, are shares of them or amounts
    of theirs; rows about few are hidden, and amounts that one holds most of (see `suppress`). A named index
    becomes the leading columns; an unnamed one is left out.
    """
    if any(frame.index.names):
        frame = frame.reset_index()
    formats = dict(formats or {})
    unknown = sorted(set(formats) - set(frame.columns))
    if unknown:
        raise KeyError(f"formats name {unknown}; the table has {list(frame.columns)}")
    if people is not None:
        frame = suppress(
            frame, people=people, shares=shares, counts=counts, unseen=unseen, within=within, money=money
        )
    numeric = {name: pd.api.types.is_numeric_dtype(frame[name]) or name in formats for name in frame.columns}
    head = "".join(_cell("th", said(name), numeric[name], ' scope="col"') for name in frame.columns)
    # On a narrow screen a wide table is read as a list, in which each cell says its column.
    is_wide = len(frame.columns) > MOST_NARROW_COLUMNS
    labels = {name: f' data-label="{escape(said(name))}"' if is_wide else "" for name in frame.columns}
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell("td", _shown(value, formats.get(name)), numeric[name], labels[name])
            for name, value in zip(frame.columns, row, strict=True)
        )
        + "</tr>"
        for row in frame.itertuples(index=False, name=None)
    )
    caption = without_few_people(said(caption))
    title = f"<caption>{escape(caption)}</caption>" if captioned else ""
    return (
        f'<div class="table" role="group" tabindex="0" aria-label="{escape(caption)}">'
        f"<table>{title}"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def suppress(
    frame: pd.DataFrame,
    *,
    people: str,
    shares: Mapping[str, float] | None = None,
    counts: Sequence[str] = (),
    unseen: Sequence[str] = (),
    within: str = "",
    money: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the table with the numbers of rows about too few people hidden; see `release.hidden_rows`.

    people: the column that counts distinct people. shares: columns that are a share of them, with what stands
    for everybody (1 or 100). counts: further columns of people. unseen: columns that count people for this
    decision only and are left out. within: the column that names the whole of which a row is a part.
    money: columns of amounts, with the column, left out, that says where the largest of a row's people holds
    nearly all (`is_dominated`): there the amount alone is hidden.
    Words left of the count are what a row is called and stay; what stands right of it is told of the people
    and goes, also where it is written out, such as an interval.
    """
    hidden = hidden_rows(frame, people=people, shares=shares, counts=[*counts, *unseen], within=within)
    led = {name: frame[told].to_numpy(bool) for name, told in (money or {}).items()}
    left_out = {*unseen, *(money or {}).values()}
    seen = [name for name in frame.columns if name not in left_out]
    if not hidden.any() and not any(one.any() for one in led.values()):
        return frame if len(seen) == len(frame.columns) else frame[seen]
    shown = frame[seen].astype(object)
    place = frame.columns.get_loc(people)
    told = [
        name
        for name in seen
        if frame.columns.get_loc(name) >= place or pd.api.types.is_numeric_dtype(frame[name])
    ]
    shown.loc[hidden, told] = HIDDEN
    for name, rows in led.items():
        shown.loc[rows, name] = HIDDEN
    return shown


def _cell(tag: str, text: object, is_number: bool, extra: str = "") -> str:
    text = str(text)
    name = "number" if is_number else "long" if len(text) > LONG_TEXT else "short" if tag == "td" else ""
    kind = f' class="{name}"' if name else ""
    return f"<{tag}{kind}{extra}>{escape(text)}</{tag}>"


def _shown(value: object, specification: str | None) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return said(value)
    if specification == P_VALUE:
        return p_value(float(value))  # type: ignore[arg-type]
    if isinstance(value, bool | np.bool_) and specification is None:
        return said("yes" if value else "no")
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if hasattr(value, "__float__"):
        default = ",.6g" if isinstance(value, float) else ","
        return specified(value, default if specification is None else specification)  # type: ignore[arg-type]
    return str(value) if specification is None else format(value, specification)
