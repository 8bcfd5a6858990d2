"""The `[files]` of a draft: how each file is read, on which clock, in which unit, and what it looks up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.data.catalogue import CATALOGUE
from helpers.data.draft.guess import decimals_of, times_of
from helpers.data.draft.look import Look
from helpers.data.draft.tables import Feeding
from helpers.data.draft.text import LOOKED_UP, Draft, bare, key, listed, quoted
from helpers.data.money import WITHOUT_HUNDREDTHS, units_of
from helpers.data.other_currencies import names_currencies
from methods.counts import count


def is_contract(name: str, look: Look) -> bool:
    """Say whether a file is a table of the contract by its name and the columns that name its rows."""
    if name not in CATALOGUE:
        return False
    return {column.name for column in CATALOGUE[name].columns if column.null == "never"} <= set(look.columns)


def write_file(
    draft: Draft, name: str, look: Look, feeds: list[Feeding], *, currency: str, timezone: str
) -> None:
    """Write how one file is read, and what about it must be declared."""
    draft.lines.append("")
    if look.trouble:
        draft.doubt(f"{look.path} cannot be read as it is: {look.trouble}")
        return
    contract = is_contract(name, look)
    if not feeds and not contract:
        draft.doubt(f"{look.path} feeds no table yet; it has {', '.join(look.columns)}")
    draft.lines += [f"[files.{key(name)}]", f"path = {quoted(look.path)}", *_form(look)]
    if look.below:
        starts = [re.escape(line.strip()[:6].strip()) for line in look.below]
        draft.doubt(
            f"{count(len(look.below), 'line stands', 'lines stand')} behind the last row, taken as no rows"
        )
        draft.lines.append(f"footer = {listed('^' + start for start in dict.fromkeys(starts))}")
    if look.odd_lines:
        draft.doubt(
            f"{count(look.odd_lines, 'line has', 'lines have')} another number of fields, refused by line"
        )
    if look.supposed:
        draft.doubt(f"not UTF-8; its letters fit {' or '.join(look.supposed)}: see that names are read right")
    if look.encoding and look.encoding != "utf-8":
        draft.lines.append(f"encoding = {quoted(look.encoding)}")
    used = {column: kind for column, kind in _used(feeds, look, contract=contract)}
    _times(draft, name, look, [column for column, kind in used.items() if kind == "time"], timezone)
    money = [column for column, kind in used.items() if kind == "money"]
    _money(draft, name, look, money, currency, contract=contract)
    lookups = {column: taken for feed in feeds for column, taken in feed.lookups.items()}
    if lookups:
        draft.lines += ["", f"[files.{key(name)}.lookups]"]
    for column, taken in lookups.items():
        more = f", key = {quoted(taken.key)}" if taken.key != taken.by else ""
        if taken.pick != "same":
            draft.doubt(f"where an order has several {taken.take}, the {taken.pick} one is taken")
            more += f", pick = {quoted(taken.pick)}"
        draft.lines.append(
            f"{LOOKED_UP}{column} = {{ file = {quoted(taken.file)}, by = {quoted(taken.by)}{more}, "
            f"take = {quoted(taken.take)} }}"
        )


def _form(look: Look) -> list[str]:
    lines = []
    if not look.path.lower().endswith((f".{look.format}", f".{look.format}.gz", f".{look.format}.zip")):
        lines.append(f"format = {quoted(look.format)}")
    if look.delimiter not in (",", " ") and look.format == "csv":
        lines.append(f"delimiter = {quoted(look.delimiter)}")
    if look.sheet:
        lines.append(f"sheet = {quoted(look.sheet)}")
    if look.header_line > 1:
        lines.append(f"header_line = {look.header_line}")
    if look.header_line == 0:
        lines += ["header = false", f"columns = {listed(look.columns)}"]
    if look.empty_last_column:
        lines.append("empty_last_column = true")
    return lines


def _used(feeds: list[Feeding], look: Look, *, contract: bool) -> Iterator[tuple[str, str]]:
    """Return the columns of a file that a table takes, with the kind that they have there."""
    for feed in feeds:
        table = CATALOGUE[feed.table]
        yield from ((source, table.column(column).kind) for column, source in feed.columns.items())
    if contract:
        table = CATALOGUE[re.split(r"\W", look.path)[0].lower()]
        yield from ((c.name, c.kind) for c in table.columns if c.name in look.columns)


def _times(draft: Draft, name: str, look: Look, columns: list[str], timezone: str) -> None:
    formats: list[str] = []
    for column in columns:
        seen = times_of(column, [bare(value, look.columns[column]) for value in look.columns[column]])
        if column in look.typed or not any(look.columns[column]):
            continue
        if seen is None:
            example = next(value for value in look.columns[column] if value)
            draft.declare(
                'time_formats = ["%Y-%m-%d %H:%M:%S"]',
                must=f"[files.{name}] time_formats: how {column} is written, such as {example!r}",
            )
        elif len(seen.formats) > 1:
            draft.declare(
                f"time_formats = {listed(seen.formats)}",
                must=f"[files.{name}] time_formats: {column} can be read as "
                f"{' or as '.join(seen.formats)}; keep one",
            )
        else:
            formats += [*seen.formats, *(["%Y-%m-%d %H:%M:%S"] if seen.iso else [])]
    if formats and set(formats) != {"%Y-%m-%d %H:%M:%S"}:
        draft.lines.append(f"time_formats = {listed(dict.fromkeys(formats))}")
    if not columns:
        return
    if timezone:
        draft.doubt(f"{look.path}: are its times on the shop's clock, or in UTC?")
        draft.lines.append(f"timezone = {quoted(timezone)}")
    else:
        must = f"[files.{name}] timezone: on which clock its times were written ({', '.join(columns)})"
        draft.declare('timezone = "Asia/Shanghai"', must=must)


def _money(draft: Draft, name: str, look: Look, columns: list[str], currency: str, *, contract: bool) -> None:
    if not columns:
        return
    for column, codes in look.columns.items():
        if names_currencies(column, codes):
            draft.lines.append(f"currency_column = {quoted(column)}")
            break
    values = [bare(v, look.columns[column]) for column in columns for v in look.columns[column]]
    digits, comma = decimals_of(values)
    whole, hundredth = units_of(currency or "CNY")
    if comma:
        draft.lines.append('decimal = ","')
    if digits and currency:
        draft.lines.append(f"money = {quoted(whole)}")
        return
    if contract and not digits and currency not in WITHOUT_HUNDREDTHS:
        draft.doubt(f"{', '.join(columns)} are whole numbers and named as hundredths; they are taken as such")
        draft.lines.append(f"money = {quoted(hundredth)}")
        return
    named = f"{whole} or {hundredth}" if currency else "whole (yuan …) or hundredths (fen …)"
    unsplit = digits or currency in WITHOUT_HUNDREDTHS
    must = f"[files.{name}] money: the unit of {', '.join(columns)}, {named}"
    draft.declare(f"money = {quoted(whole if unsplit else hundredth)}", must=must)
