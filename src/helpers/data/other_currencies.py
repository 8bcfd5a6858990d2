"""A column that names each row's currency and was not declared: all its amounts are read as the shop's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import ibis
from ibis.backends import BaseBackend

from helpers.data.catalogue import CATALOGUE
from helpers.data.plausibility import Doubt
from helpers.data.read import RawFile
from helpers.data.source import TableSpec
from methods.counts import percent

_NAMES = re.compile(
    r"(?i)currency|^curr?$|ccy|币种|货币|通貨|통화|währung|waehrung|moneda|moeda|devise|valuta|валюта"
)
_CODE = re.compile(r"[A-Z]{3}")
_SHOWN = 5


def names_currencies(column: str, values: Iterable[str]) -> bool:
    """Say whether a column is named as one of currencies and holds nothing but three-letter codes."""
    given = {value.strip().upper() for value in values if value.strip()}
    return bool(given and _NAMES.search(column)) and all(_CODE.fullmatch(value) for value in given)


def other_currencies(
    connection: BaseBackend, specs: Mapping[str, TableSpec], files: Mapping[str, RawFile], *, currency: str
) -> Iterator[Doubt]:
    """Yield a doubt for each column, in files with amounts, that names another currency than the shop's."""
    for name in sorted({feed.file for spec in specs.values() for feed in spec.feeds if _has_money(spec)}):
        raw = files[name]
        for column in () if raw.spec.currency_column else filter(_NAMES.search, raw.columns):
            text = raw.table[column].cast("string").strip().upper()
            each = raw.table.group_by(code=text).aggregate(rows=ibis._.count())
            rows = connection.to_pyarrow(each).to_pandas().dropna().set_index("code")["rows"]
            other = rows[~rows.index.isin(["", currency])].sort_index()
            if len(other) and names_currencies(column, rows.index):
                codes = ", ".join(other.index[:_SHOWN]) + (", …" if len(other) > _SHOWN else "")
                yield Doubt(
                    found=f"{percent(other.sum() / raw.rows)} of the rows of {raw.spec.path} are in another "
                    f"currency than {currency} by the column {column}: {codes}.",
                    advice=f"Their amounts are read as {currency}. Declare for the file "
                    f'currency_column = "{column}", and rates.',
                )


def _has_money(spec: TableSpec) -> bool:
    return any(column.kind == "money" for column in CATALOGUE[spec.table].columns)
