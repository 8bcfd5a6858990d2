"""The shares in which a test's arms were meant to be drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence

from methods.errors import CannotAnswer

_SHARE = re.compile(r"\s*(?P<arm>.+?)[\s:=]+(?P<share>\d+(?:\.\d+)?)\s*%?\s*")
# "control: 75, prompt: 25" names arms, "try_first: control 75, offer 25" names a test.
_OF_TEST = re.compile(r"(?P<test>[^:,]+):\s*(?P<shares>[^\s\d].*)")


def planned_for(text: str, experiment: str) -> str:
    """Return the shares planned for one test, without its name; empty where the text names it nowhere.

    text: as of `planned_shares`. experiment: name of the test.

    >>> planned_for("control 75, prompt 25; try_first: control 60, offer 40", "try_first")
    'control 60, offer 40'
    """
    return _by_test(text).get(experiment, "")


def planned_shares(text: str, arms: Sequence[str], *, experiment: str = "") -> dict[str, float]:
    """Return the planned share of each arm, adding up to 1.

    text: such as "control 75, prompt 25", in any unit; empty means equal shares. Shares of several tests
    stand apart by semicolons with the test's name before them ("try_first: control 75, offer 25"); those
    without a name hold where the test is not named. arms: those of the test. experiment: its name.
    Raises CannotAnswer where the text cannot be read or names other arms than the test has.

    >>> planned_shares("control 75, prompt 25", ["control", "prompt"])
    {'control': 0.75, 'prompt': 0.25}
    >>> planned_shares("", ["a", "b"])
    {'a': 0.5, 'b': 0.5}
    """
    named = _by_test(text)
    shares = named.get(experiment, named.get("", ""))
    if not shares:
        return {arm: 1 / len(arms) for arm in arms}
    found = {}
    for part in shares.split(","):
        match = _SHARE.fullmatch(part)
        if match is None or float(match["share"]) <= 0:
            raise CannotAnswer(
                f"the planned shares {text!r} cannot be read at {part.strip()!r}; write them as "
                '"control 75, prompt 25", each above 0'
            )
        found[match["arm"]] = float(match["share"])
    if set(found) != set(arms):
        raise CannotAnswer(
            f"the planned shares name the arms {', '.join(sorted(found))}, but the test has "
            f"{', '.join(sorted(arms))}"
        )
    whole = sum(found.values())
    return {arm: found[arm] / whole for arm in arms}


def _by_test(text: str) -> dict[str, str]:
    """The shares by the test before which they stand; those of no name by the empty text."""
    found = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        match = _OF_TEST.fullmatch(part)
        found[match["test"].strip() if match else ""] = match["shares"] if match else part
    return found
