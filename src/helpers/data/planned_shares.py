"""The shares in which a test's arms were meant to be drawn, and when their sizes cannot be chance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from methods.errors import CannotAnswer

# A fair draw misses its plan as far in fewer than one test of a thousand.
RATIO_ALARM = 0.001
_SHARE = re.compile(r"\s*(?P<arm>.+?)[\s:=]+(?P<share>\d+(?:\.\d+)?)\s*%?\s*")


def planned_shares(text: str, arms: Sequence[str]) -> dict[str, float]:
    """Return the planned share of each arm, adding up to 1.

    text: such as "control 75, prompt 25", in any unit; empty means equal shares. arms: those of the test.
    Raises CannotAnswer where the text cannot be read or names other arms than the test has.

    >>> planned_shares("control 75, prompt 25", ["control", "prompt"])
    {'control': 0.75, 'prompt': 0.25}
    >>> planned_shares("", ["a", "b"])
    {'a': 0.5, 'b': 0.5}
    """
    if not text.strip():
        return {arm: 1 / len(arms) for arm in arms}
    found = {}
    for part in text.split(","):
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
