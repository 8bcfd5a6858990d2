"""What a simulation of incentives rests on: numbers with their origin, from the file that analysts edit."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from helpers.report.estimate import standard_error
from helpers.report.words import words_beside
from methods.errors import CannotAnswer
from methods.simulate.levers import Levers, ShopNumbers

WORDS = words_beside(__file__)

SCENARIO = Path(__file__).with_name("scenario.toml")
ORIGINS = ("assumed", "published", "measured here", "set")
ALLOWED = ("yes", "with limits", "no")
NOT_KNOWN = "not known"
_LEVERS = {each.name for each in fields(Levers)} - {"odds", "steps"}
_NUMBERS = {each.name for each in fields(ShopNumbers)}
_TERMS = ("margin", "orders_lost")
_WORDS = ("allowed", "rule", "dated", "in_force_where", "odds", "steps")


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number that is not known for sure.

    about: what it is, in words. low, likely, high: its range. origin: of ORIGINS. source: where it was
    published, or the id of the finding that measured it. measured_by: the finding that may. test: how it
    could be learned. Measured numbers are normal with low to high as their 95 % interval, others triangular.
    """

    about: str
    low: float
    likely: float
    high: float
    origin: str
    source: str = ""
    measured_by: str = ""
    test: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has any spread."""
        return self.high > self.low

    def at(self, uniform: ArrayLike) -> NDArray[np.float64]:
        """Turn uniforms into draws."""
        u = np.asarray(uniform, dtype=float)
        if not self.is_open:
            return np.full(u.shape, self.likely)
        if self.origin == "measured here":
            spread = standard_error(self.low, self.high)
            return self.likely + spread * norm.ppf(u.clip(1e-4, 1 - 1e-4))
        width, rise = self.high - self.low, self.likely - self.low
        left = self.low + np.sqrt(u * width * rise)
        right = self.high - np.sqrt((1 - u) * width * (self.high - self.likely))
        return np.where(u < rise / width, left, right)

    def measured(self, low: float, likely: float, high: float, *, source: str) -> Number:
        """Return it as measured by a finding of this run."""
        return replace(self, low=low, likely=likely, high=high, origin="measured here", source=source)


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """An incentive: its levers, what rules say of it, how one sees that it is in force, its family."""

    name: str
    levers: Mapping[str, Number]
    allowed: str
    rule: str = ""
    dated: str = ""
    in_force_where: str = ""
    odds: tuple[float, ...] = ()
    steps: tuple[float, ...] = ()
    family: str = ""

    @property
    def needs_friends(self) -> bool:
        """Whether it works through friends: asks by name, likes, helpers, or levels by shares."""
        return bool(self.odds) or not {"asks", "at_likes", "at_helpers"}.isdisjoint(self.levers)

    def number_name(self, lever: str) -> str:
        """The name of a number of it; designs of one family share their numbers."""
        return f"{self.family or self.name}: {lever}"

    @property
    def is_measured(self) -> bool:
        """Whether all that moves orders was measured here, whatever it pays.

        How many friends are asked moves none where asks neither sell nor fetch helpers.
        """
        idle = set() if {"asked", "at_helpers"} & set(self.levers) else {"asks"}
        does = (one for name, one in self.levers.items() if name not in idle and not name.startswith("pay_"))
        return all(one.origin in ("measured here", "set") for one in does)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Terms of money, numbers of the shop, incentives, and designs of sharer levels.

    file: its name. rules_for: currency of the shops whose rules it holds; empty: of any shop that reads it.
    """

    terms: Mapping[str, Number] = field(repr=False)
    numbers: Mapping[str, Number] = field(repr=False)
    mechanisms: tuple[Mechanism, ...] = field(repr=False)
    designs: tuple[Mechanism, ...] = field(repr=False)
    file: str
    rules_for: str = ""

    def for_currency(self, currency: str) -> Scenario:
        """Return the scenario for a shop of this currency, of which rules of elsewhere say nothing."""
        if self.rules_for in ("", currency):
            return self
        told = WORDS.text("rules elsewhere", rules_for=self.rules_for, currency=currency, name=self.file)

        def elsewhere(one: Mechanism) -> Mechanism:
            return replace(one, allowed=NOT_KNOWN, rule=told, dated="") if one.rule else one

        mechanisms, designs = (tuple(map(elsewhere, each)) for each in (self.mechanisms, self.designs))
        return replace(self, mechanisms=mechanisms, designs=designs)

    def every_number(self) -> dict[str, Number]:
        """All numbers that are not known for sure, by a name of their own."""
        found = {**self.terms, **self.numbers}
        for one in self.mechanisms:
            found |= {one.number_name(lever): number for lever, number in one.levers.items()}
        return {name: number for name, number in found.items() if number.is_open}

    def with_numbers(self, taken: Callable[[Number], Number]) -> Scenario:
        """Return the scenario with what `taken` makes of each number."""

        def each(numbers: Mapping[str, Number]) -> dict[str, Number]:
            return {name: taken(number) for name, number in numbers.items()}

        mechanisms = tuple(replace(one, levers=each(one.levers)) for one in self.mechanisms)
        return replace(self, terms=each(self.terms), numbers=each(self.numbers), mechanisms=mechanisms)


def read_scenario(path: str | os.PathLike = "") -> Scenario:
    """Read a scenario; an empty path reads the workbench's own.

    Raises CannotAnswer that names the file, the table, the key and the value at fault.
    """
    file = Path(path) if path else SCENARIO
    if not file.is_file():
        raise CannotAnswer(WORDS.text("no scenario", path=repr(str(path))))
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotAnswer(WORDS.text("no TOML", name=file.name, error=error)) from error
    mechanisms = tuple(_mechanism(name, given, file) for name, given in content.get("mechanisms", {}).items())
    return Scenario(
        terms=_numbers(content, "terms", file, allowed=set(_TERMS), needed=_TERMS),
        numbers=_numbers(content, "numbers", file, allowed=_NUMBERS),
        mechanisms=mechanisms,
        designs=tuple(
            _design(name, given, file, mechanisms) for name, given in content.get("levels", {}).items()
        ),
        file=file.name,
        rules_for=_rules_for(content, file),
    )


def _rules_for(content: Mapping[str, Any], file: Path) -> str:
    given = content.get("rules_for", "")
    if not isinstance(given, str):
        raise CannotAnswer(WORDS.text("no currency", name=file.name, given=repr(given)))
    return given


def _numbers(
    content: Mapping[str, Any], table: str, file: Path, *, allowed: set[str], needed: tuple[str, ...] = ()
) -> dict[str, Number]:
    given = content.get(table, {})
    for name in needed:
        if name not in given:
            raise CannotAnswer(WORDS.text("lacks table", name=file.name, table=table, design=name))
    return {
        name: _number(value, f"{file.name}, {table}.{name}", name, allowed) for name, value in given.items()
    }


def _number(given: Any, where: str, name: str, allowed: set[str]) -> Number:
    if name not in allowed:
        raise CannotAnswer(WORDS.text("unknown number", where=where, found=sorted(allowed)))
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Number(about=name, low=given, likely=given, high=given, origin="set")
    ends = given.get("range") if isinstance(given, dict) else None
    if not (isinstance(ends, list) and len(ends) == 3 and all(isinstance(one, int | float) for one in ends)):
        raise CannotAnswer(WORDS.text("no number or range", where=where, given=repr(given)))
    if not ends[0] <= ends[1] <= ends[2]:
        raise CannotAnswer(WORDS.text("range falls", where=where, ends=ends))
    origin = given.get("origin", "assumed")
    if origin not in ("assumed", "published") or (origin == "published" and not given.get("source")):
        raise CannotAnswer(WORDS.text("origin unknown", where=where, origin=repr(origin)))
    told = {key: str(given.get(key, "")) for key in ("source", "measured_by", "test")}
    about = str(given.get("about", name))
    return Number(about=about, low=ends[0], likely=ends[1], high=ends[2], origin=origin, **told)


def _mechanism(name: str, given: Mapping[str, Any], file: Path) -> Mechanism:
    where = f"{file.name}, mechanisms.{name}"  # no page says this
    allowed = given.get("allowed")
    if allowed not in ALLOWED:
        raise CannotAnswer(WORDS.text("allowed unknown", where=where, allowed=repr(allowed), known=ALLOWED))
    odds, steps = (tuple(float(one) for one in given.get(key, ())) for key in ("odds", "steps"))
    if odds and len(steps) != len(odds) - 1:
        raise CannotAnswer(
            WORDS.text(
                "steps of odds",
                where=where,
                found=len(odds),
                wanted=len(odds) - 1,
                steps=len(steps),
            )
        )
    if any(not 0 <= one <= 1 for one in odds):
        raise CannotAnswer(WORDS.text("odds beyond one", where=where, found=list(odds)))
    levers = {
        key: _number(value, f"{where}.{key}", key, _LEVERS)
        for key, value in given.items()
        if key not in _WORDS
    }
    told = {key: str(given.get(key, "")) for key in ("rule", "dated", "in_force_where")}
    return Mechanism(name=name, levers=levers, allowed=allowed, odds=odds, steps=steps, **told)


def _design(name: str, given: Mapping[str, Any], file: Path, mechanisms: tuple[Mechanism, ...]) -> Mechanism:
    """A design of levels: what it does not say is as in the mechanism of levels by lot."""
    base = next((one for one in mechanisms if one.odds), None)
    if base is None:
        raise CannotAnswer(WORDS.text("no odds", name=file.name, design=name))
    own = _mechanism(name, {"allowed": base.allowed, **given}, file)
    levers = {**base.levers, **own.levers}
    return replace(base, name=name, levers=levers, odds=own.odds, steps=own.steps, family=base.name)
