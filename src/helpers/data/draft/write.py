"""The draft of a `source.toml`: declarations, tables, and beside them every doubt as a comment."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.data.catalogue import CATALOGUE, REQUIRED
from helpers.data.draft.columns import write_table
from helpers.data.draft.files import is_contract, write_file
from helpers.data.draft.guess import currency_of
from helpers.data.draft.look import Look, look_at_folder
from helpers.data.draft.tables import feedings
from helpers.data.draft.text import Draft, quoted
from helpers.data.errors import DataError
from helpers.data.other_currencies import names_currencies
from helpers.data.source_keys import check_currency, check_zone

_HEAD = """# Drafted from the files beside it by `workbench init`. Read it before you use it:
# a line that begins with "# ?" is a doubt; what stands there commented out must be declared by you.
"""


def draft_source(folder: Path, *, currency: str = "", timezone: str = "") -> Draft:
    """Return a first mapping of the files in a folder.

    currency, timezone: the shop's, where they are known; neither is ever guessed from where files lie.
    Raises DataError where the folder holds nothing that could be a table.
    """
    if currency:
        check_currency(currency, where="--currency")
    check_zone(timezone, where="--timezone")
    looks = look_at_folder(folder)
    if not looks:
        raise DataError(f"folder {str(folder)!r} holds no file that could be a table (CSV, XLSX or Parquet)")
    named = _named(looks)
    own = {name: look for name, look in named.items() if not is_contract(name, look)}
    found = feedings({name: look for name, look in own.items() if not look.trouble})
    draft = Draft(lines=_HEAD.splitlines())
    signs = {currency_of(values) for look in looks for values in look.columns.values()} - {""}
    currency = _shop(draft, currency, timezone, signs)
    _rates(draft, looks, currency)
    for name, look in named.items():
        feeds = [one for one in found if one.file == name]
        write_file(draft, name, look, feeds, currency=currency, timezone=timezone)
    for one in found:
        write_table(draft, one, [other for other in found if other.table == one.table], named[one.file])
    there = {one.table for one in found} | {name for name in named if name not in own}
    for table in REQUIRED:
        if table not in there:
            _lacking(draft, table)
    return draft


def _named(looks: list[Look]) -> dict[str, Look]:
    """Give each file a short name for the mapping: its own, without what all mappings do not need."""
    named: dict[str, Look] = {}
    for look in looks:
        stem = re.sub(r"\W+", "_", f"{look.path.split('.')[0]} {look.sheet}".strip()).strip("_").lower()
        stem = stem or "file"
        if stem in named:
            stem = f"{stem}_{len(named)}"
        named[stem] = look
    return named


def _shop(draft: Draft, currency: str, timezone: str, signs: set[str]) -> str:
    seen = signs.pop() if len(signs) == 1 else ""
    if currency:
        draft.lines.append(f"currency = {quoted(currency)}")
    else:
        hint = f" (its amounts carry the sign of {seen})" if seen else ""
        draft.declare(f'currency = "{seen or "CNY"}"', must=f"currency: the shop's money{hint}")
    if timezone:
        draft.lines.append(f"timezone = {quoted(timezone)}")
    else:
        must = "timezone: the shop's clock, in which its days begin and end"
        draft.declare('timezone = "Asia/Shanghai"', must=must)
    return currency or seen


def _rates(draft: Draft, looks: list[Look], currency: str) -> None:
    columns = [
        values for look in looks for name, values in look.columns.items() if names_currencies(name, values)
    ]
    others = {value.strip().upper() for values in columns for value in values} - {"", currency}
    if others and currency:
        rates = ", ".join(f"{code} = 0.0" for code in sorted(others))
        must = f"rates: what one {' and one '.join(sorted(others))} is worth in {currency}"
        draft.declare(f"rates = {{ {rates} }}", must=must)


def _lacking(draft: Draft, table: str) -> None:
    needed = [column.name for column in CATALOGUE[table].columns if column.null == "never"]
    draft.lines.append("")
    must = f"[tables.{table}]: which file and columns give {', '.join(needed)}"
    draft.declare(f"[tables.{table}]", must=must)
    draft.lines += [
        '# file = ""',
        f"# columns = {{ {', '.join(f'{name} = ' + chr(34) * 2 for name in needed)} }}",
    ]
