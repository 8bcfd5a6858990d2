"""Parameters of notebooks: read from the parameters cell, checked before anything runs."""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.command.outcome import Exit, Refusal
from helpers.data.names import names_in

# The runner gives these itself; each has its own flag or none.
GIVEN = {
    "data": "--data",
    "as_of": "--as-of",
    "out": "--out",
    "claims": "--claims",
}
_SECRET = re.compile(r"passw|secret|token|api_?key|credential|private_?key|authorization", re.IGNORECASE)
_RANGE = re.compile(r"\((-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\)")
_CHOICES = re.compile(r"\(one of ([^()]+)\)")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of one notebook, as its parameters cell declares it.

    kind: "str", "int", "float" or "bool". low, high: the range "(1 to 365)" of the comment, else None.
    choices: the words of "(one of a, b)" of the comment, else empty.
    """

    name: str
    kind: str
    default: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def parse(self, text: str) -> Value:
        """Return the value that `text` stands for; raises ValueError saying what is allowed."""
        value = _PARSERS[self.kind](text.strip())
        if self.choices and value not in self.choices:
            raise ValueError(f"{text!r} is not one of {', '.join(self.choices)}")
        outside = self.low is not None and not self.low <= value <= self.high
        if outside:
            raise ValueError(f"{text!r} is outside {self.low:g} to {self.high:g}")
        return value


def declared(entry: Mapping[str, str]) -> Parameter:
    """Return the parameter that one entry of papermill's `inspect_notebook` describes.

    Raises Refusal when the declaration is not `name: type = literal  # meaning` with a plain type.
    """
    name, kind = entry["name"], entry["inferred_type_name"].strip("'\"")
    if kind not in _PARSERS:
        allowed = ", ".join(_PARSERS)
        raise Refusal(Exit.BAD_USAGE, f"parameter {name!r} is declared as {kind!r}; annotate it as {allowed}")
    try:
        default = ast.literal_eval(entry["default"])
    except (ValueError, SyntaxError) as error:
        message = f"parameter {name!r} has the default {entry['default']!r}; only a literal can be checked"
        raise Refusal(Exit.BAD_USAGE, message) from error
    meaning = entry["help"].lstrip("# ").strip()
    span, words = _RANGE.search(meaning), _CHOICES.search(meaning)
    return Parameter(
        name=name,
        kind=kind,
        default=default,
        meaning=meaning,
        low=float(span[1]) if span else None,
        high=float(span[2]) if span else None,
        choices=names_in(words[1]) if words else (),
    )


def assign(
    texts: Iterable[str],
    notebooks: Mapping[str, Mapping[str, Parameter]],
    *,
    left_out: Iterable[str] = (),
) -> dict[str, dict[str, Value]]:
    """Return notebook name to its values, from texts such as `window_days=60` or `03.window_days=60`.

    A plain name reaches each notebook that declares it; a prefix (number or start of the name) one of them.
    left_out: notebooks that this run leaves out. Raises Refusal naming the parameter, the value and what is
    allowed.
    """
    values: dict[str, dict[str, Value]] = {name: {} for name in notebooks}
    for text in texts:
        target, name, value = _split(text)
        reached = _reached(target, name, notebooks, tuple(left_out))
        for notebook in reached:
            try:
                values[notebook][name] = notebooks[notebook][name].parse(value)
            except ValueError as error:
                meaning = notebooks[notebook][name].meaning
                raise Refusal(Exit.BAD_USAGE, f"parameter {name!r}: {error} ({meaning})") from error
    return values


def _split(text: str) -> tuple[str, str, str]:
    key, equals, value = text.partition("=")
    target, _, name = key.rpartition(".")
    name = name.strip(" ")
    if not equals or not name.isidentifier() or not name.isascii():
        raise Refusal(
            Exit.BAD_USAGE, f"-p {text!r} is not name=value with a plain name such as window_days=60"
        )
    if _SECRET.search(name):
        message = f"parameter {name!r} looks like a secret, and parameters are written into reports"
        raise Refusal(Exit.BAD_USAGE, message)
    if name in GIVEN:
        raise Refusal(Exit.BAD_USAGE, f"parameter {name!r} is not set with -p; use {GIVEN[name]}")
    if any(not character.isprintable() for character in value):
        raise Refusal(Exit.BAD_USAGE, f"parameter {name!r}: line breaks and control characters are refused")
    return target.strip(), name, value


def _reached(
    target: str, name: str, notebooks: Mapping[str, Mapping[str, Parameter]], left_out: tuple[str, ...]
) -> list[str]:
    asked = [notebook for notebook in notebooks if notebook.startswith(target)]
    if not asked:
        absent = [notebook for notebook in left_out if notebook.startswith(target)]
        if absent:
            raise Refusal(
                Exit.BAD_USAGE, f"-p {target}.{name}: {absent[0]} is not in this run; name it in --only too"
            )
        raise Refusal(Exit.BAD_USAGE, f"no notebook {target!r}; there are {', '.join(notebooks)}")
    reached = [notebook for notebook in asked if name in notebooks[notebook]]
    if reached:
        return reached
    known = sorted({known for notebook in asked for known in notebooks[notebook]} - set(GIVEN))
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known) or 'none'}"
    raise Refusal(Exit.BAD_USAGE, f"no notebook has a parameter {name!r}; {hint} See `workbench list`")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a whole number") from error


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a number") from error
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def _truth(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(f"{text!r} is not true or false")
    return _WORDS[text.lower()]


_PARSERS: dict[str, Callable[[str], Any]] = {"str": str, "int": _whole, "float": _number, "bool": _truth}
