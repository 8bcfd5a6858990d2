"""Checks on the keys of a mapping: known names, right types, allowed words, patterns that can be searched."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from helpers.data.errors import DataError
from helpers.data.source import DECIMALS, FOLDS, MONEY_UNITS
from methods.season import season_of

_PLAIN = {
    "str": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float | None": "a number",
    "int | str": "a whole number or a text",
    "tuple[str, ...]": "a list of texts",
    "Mapping[str, str]": "a table of texts",
    "Any": "a text, number or true/false",
}


def checked_fields(
    kind: Any,
    entry: Mapping[str, Any],
    *,
    where: str,
    special: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Check keys and types against a dataclass; return its plain fields with lists as tuples."""
    specs = {name: spec for name, spec in kind.__dataclass_fields__.items() if name not in hidden}
    unknown = [key for key in entry if key not in specs]
    if unknown:
        raise DataError(f"{where}: {unknown[0]!r} is not a known key; allowed are {', '.join(specs)}")
    checked = {}
    for key, value in entry.items():
        if key in special:
            continue
        wanted = str(specs[key].type)
        if wanted.startswith("tuple[str") and isinstance(value, list):
            value = tuple(value)
        if not _fits(value, wanted):
            raise DataError(f"{where}: {key} = {value!r} must be {_PLAIN[wanted]}")
        checked[key] = value
    return checked


def _fits(value: object, wanted: str) -> bool:
    if wanted == "Any":
        return isinstance(value, str | int | float | bool)
    if wanted == "bool":
        return isinstance(value, bool)
    if wanted == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted == "int | str":
        return isinstance(value, int | str) and not isinstance(value, bool)
    if wanted == "float | None":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted == "Mapping[str, str]":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if wanted == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def check_mapping(value: object, where: str) -> dict[str, Any]:
    """Return `value` if it is a table of keys; raises DataError."""
    if not isinstance(value, dict):
        raise DataError(f"{where} must be a table of keys, found {value!r}")
    return value


def check_word(value: str, allowed: Iterable[str], *, key: str, where: str) -> None:
    """Refuse a word that is not one of `allowed`; an empty one passes."""
    if value and value not in tuple(allowed):
        raise DataError(f"{where}: {key} = {value!r} is not known; allowed are {', '.join(allowed)}")


def check_day(text: str, *, key: str, where: str) -> None:
    """Refuse what is no day written YYYY-MM-DD."""
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where}: {key} = {text!r} is no day; write it as YYYY-MM-DD") from error


def check_units(plain: Mapping[str, Any], *, where: str) -> None:
    """Check what is declared about the amounts and times of a file or a column."""
    for key, allowed in (("money", MONEY_UNITS), ("decimal", DECIMALS), ("fold", FOLDS)):
        check_word(plain.get(key, ""), allowed, key=key, where=where)
    check_zone(plain.get("timezone", ""), where=where)


def check_zone(name: str, *, where: str) -> None:
    """Refuse a name that is no time zone; an empty one passes."""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DataError(
            f"{where}: timezone = {name!r} is no zone name; write one like Asia/Shanghai or UTC"
        ) from error


def check_season(text: str, *, where: str) -> None:
    """Refuse what is no span of the year; an empty text passes."""
    try:
        season_of(text)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error


NOT_CODES = {"RMB": "CNY", "CNH": "CNY", "NTD": "TWD", "YEN": "JPY", "STG": "GBP", "WON": "KRW"}


def check_currency(code: str, *, where: str) -> None:
    """Refuse what is not three capital letters, and the names that people use for a code."""
    if code in NOT_CODES:
        raise DataError(f"{where}: currency = {code!r} is no code of ISO 4217; write {NOT_CODES[code]}")
    if not re.fullmatch("[A-Z]{3}", code):
        raise DataError(f"{where}: currency = {code!r} must be three capital letters, e.g. CNY")


def check_pattern(pattern: str, *, key: str, where: str, groups: int | None = None) -> None:
    """Refuse a pattern that RE2 cannot search (it takes linear time, so no pattern can hang a load).

    groups: how many groups the pattern must have, if that matters.
    """
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise DataError(f"{where}: {key} = {pattern!r} is no regular expression (RE2): {error}") from error
    found = len(re.findall(r"(?<!\\)\((?!\?)", pattern))
    if groups is not None and found != groups:
        raise DataError(f"{where}: {key} = {pattern!r} must have {groups} group ( ), it has {found}")


def matches(texts: list[str], patterns: tuple[str, ...]) -> list[bool]:
    """Say for each text whether any of the patterns is found in it."""
    array = pa.array(texts, pa.large_string())
    found = [pc.match_substring_regex(array, pattern).to_pylist() for pattern in patterns]
    return [any(each) for each in zip(*found, strict=True)]
