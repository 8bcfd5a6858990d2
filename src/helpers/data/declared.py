"""What a shop must declare before anything is read: its currency and its clock. Nothing is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from helpers.data.errors import DataError
from helpers.data.money import UNIT_CURRENCY
from helpers.data.source import FileSpec, Source
from helpers.data.source_keys import check_currency, check_zone

_EXAMPLES = {
    "currency": 'currency = "CNY"            # of all amounts: CNY, EUR, USD, …',
    "timezone": 'timezone = "Asia/Shanghai"  # the clock by which the shop counts days and months',
}


def with_declared(source: Source, *, place: str, currency: str = "", timezone: str = "") -> Source:
    """Return the mapping with its currency and clock, as declared in it or on the command line, or derived.

    place: the data's name, for messages. A currency is derived where every unit of the mapping has the same
    (euros, pounds, yuan). Raises DataError where either is missing or said in two ways.
    """
    found = {
        key: _agreed(key, getattr(source, key), given)
        for key, given in (("currency", currency), ("timezone", timezone))
    }
    check_currency(found["currency"] or "XXX", where="--currency")
    check_zone(found["timezone"], where="--timezone")
    units = {UNIT_CURRENCY[unit] for unit in _units(source) if unit in UNIT_CURRENCY}
    if not found["currency"] and len(units) == 1:
        (found["currency"],) = units
    missing = [key for key, value in found.items() if not value]
    if missing:
        lines = "\n".join(f"  {_EXAMPLES[key]}" for key in missing)
        options = " and ".join(f"--{key}" for key in missing)
        raise DataError(
            f"{place} does not say its {' and '.join(missing)}, and neither is ever assumed. "
            f"Write into source.toml beside the data\n{lines}\nor give {options}. In tables named as in the "
            f"contract, times without an offset are UTC unless their file declares a timezone"
        )
    if other := units - {found["currency"]}:
        raise DataError(
            f"{place}: the currency is {found['currency']}, but money is declared in a unit of "
            f"{', '.join(sorted(other))}; correct one of them"
        )
    files = {
        name: with_currency(spec, found["currency"], source.rates) for name, spec in source.files.items()
    }
    return replace(source, files=files, currency=found["currency"], timezone=found["timezone"])


def with_currency(spec: FileSpec, currency: str, rates: Mapping[str, float]) -> FileSpec:
    """Return the file with the shop's currency, and the rates by which others become it."""
    return replace(spec, currency=currency, rates=rates)


def _agreed(key: str, declared: str, given: str) -> str:
    if declared and given and declared != given:
        raise DataError(f"source.toml says {key} = {declared!r}, --{key} says {given!r}; keep one")
    return declared or given


def _units(source: Source) -> Iterable[str]:
    yield from (spec.money for spec in source.files.values())
    for table in source.tables.values():
        yield from (value.money for feed in table.feeds for value in feed.columns.values())
