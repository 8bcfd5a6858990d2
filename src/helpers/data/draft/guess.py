"""What a column's values seem to be: times and their format, amounts, ids; and what they leave open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

SIGNS = {"￥": "CNY", "¥": "CNY", "元": "CNY", "$": "USD", "£": "GBP", "€": "EUR", "R$": "BRL"}
GUARDS = ("`", "'", '="')
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?( ?([Zz]|[+-]\d{2}:?\d{2}))?$")
_DAYS = (
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
)
_SHORT_YEARS = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y")
_HOURS = ("", " %H:%M:%S", " %H:%M", " %p%I:%M:%S", " %p%I:%M", " %I:%M:%S %p", " %I:%M %p", "%H%M%S")
TIME_FORMATS = (
    *(day + hour for day in ("%Y-%m-%d", *_DAYS) for hour in _HOURS),
    *(day + hour for day in _SHORT_YEARS for hour in _HOURS[:-1]),
)
_DATED = re.compile(r"time|date|_at$|\bat$|timestamp|时间|日期", re.IGNORECASE)
_AMOUNT = re.compile(r"^[+-]?[¥￥$£€]?\s*[+-]?[\d.,]+\s*(元|[万亿kK])?$")
_NUMBERED = {
    "epoch_seconds": (946_684_800, 2_208_988_800),  # 2000 to 2040, as the others
    "epoch_milliseconds": (946_684_800_000, 2_208_988_800_000),
    "excel_days": (36_526, 51_136),
}


@dataclass(frozen=True, kw_only=True)
class Times:
    """How a column writes its times. formats: the one, or all that its values allow; ISO needs none."""

    formats: tuple[str, ...] = ()
    iso: bool = False


def guard_of(values: Sequence[str]) -> str:
    """Return what stands before every value, such as a backtick; empty where nothing does."""
    given = [value for value in values if value]
    return next((guard for guard in GUARDS if given and all(value.startswith(guard) for value in given)), "")


def times_of(name: str, values: Sequence[str]) -> Times | None:
    """Return how a column writes times, or None where its values are no times."""
    given = [value for value in dict.fromkeys(values) if value][:300]
    if not given:
        return None
    if all(_ISO.match(value) and _is_moment(value) for value in given):
        return Times(iso=True)
    formats = [form for form in TIME_FORMATS if all(_reads(value, form) for value in given)]
    if formats and not (formats[0].startswith("%Y%m%d") and not _DATED.search(name)):
        return Times(formats=tuple(formats))
    if _DATED.search(name) and all(re.fullmatch(r"\d+(\.\d+)?", value) for value in given):
        numbers = [float(value) for value in given]
        for form, (low, high) in _NUMBERED.items():
            if low <= min(numbers) and max(numbers) < high:
                return Times(formats=(form,))
    return None


def _is_moment(value: str) -> bool:
    try:
        dt.datetime.fromisoformat(re.sub(r"\s+(?=[+-]|[Zz]$)", "", value))
    except ValueError:
        return False
    return True


def _reads(value: str, form: str) -> bool:
    if form.startswith("%Y%m%d") and len(value) != len("20250131" if form == "%Y%m%d" else "20250131235959"):
        return False
    if "%p" in form:
        value = value.replace("上午", "AM").replace("下午", "PM")
    try:
        dt.datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def is_amount(values: Sequence[str]) -> bool:
    """Say whether every value reads as an amount, with or without a sign."""
    given = [value for value in values if value]
    return bool(given) and all(_AMOUNT.match(value) for value in given)


def currency_of(values: Sequence[str]) -> str:
    """Return the currency whose sign stands at any amount; empty where none does."""
    found = {
        code
        for sign, code in SIGNS.items()
        for value in values[:300]
        if value and sign in value and is_amount([value])
    }
    return found.pop() if len(found) == 1 else ""


def decimals_of(values: Sequence[str]) -> tuple[int, bool]:
    """Return how many digits stand behind the decimal sign at most, and whether that sign is a comma."""
    points = [len(value) - value.rfind(".") - 1 for value in values if re.search(r"\.\d{1,2}$", value)]
    commas = [len(value) - value.rfind(",") - 1 for value in values if re.search(r",\d{1,2}$", value)]
    if commas and not points:
        return max(commas), True
    return max(points, default=0), False


def count_units_of(values: Sequence[str]) -> tuple[str, ...]:
    """Return the units that stand behind numbers, such as 万."""
    found = (re.fullmatch(r"[¥￥]?[\d.,]+\s*([千万亿kKwW])", value) for value in values if value)
    return tuple(dict.fromkeys(match[1].lower() for match in found if match))


def is_key(values: Sequence[str]) -> bool:
    """Say whether every row has a value and no two the same."""
    return bool(values) and all(values) and len(set(values)) == len(values)
