"""Why a question or a number has no answer: the frame around the reason, in the language of the run."""

from __future__ import annotations

from pathlib import Path

from helpers.report.readings import readings_at
from helpers.report.release import FEWEST_PEOPLE

_STEM = Path(__file__).with_suffix("")
_ENDS = (".", "!", "?", ")", ":", "。", "！", "？")


def reason_text(name: str, /, **facts: object) -> str:
    """Return the block `text: NAME` of `reasons.en.txt`, which may name `fewest` people that are told of."""
    return readings_at(_STEM).render(f"text: {name}", fewest=FEWEST_PEOPLE, **facts)


def not_answered(why: object) -> str:
    """Return the sentence of what is not answered: "Not answered: only 3 customers shared."

    why: the reason as words, or the exception that tells it; a full stop is set where it ends without one.
    """
    said = reason_text("not answered", why=why)
    return said if said.endswith(_ENDS) else f"{said}."


def bare(reason: str | None) -> str:
    """Return the reason without its frame, to be told again by another question.

    >>> bare(not_answered("only 3 customers shared.")), bare("no tables.")
    ('only 3 customers shared.', 'no tables.')
    """
    return str(reason or "").removeprefix(f"{not_answered('')} ")


def joined(first: str, second: str) -> str:
    """Return two reasons of one question as one, with one frame around both where both have it.

    >>> joined(not_answered("no ties."), not_answered("no shares.")), joined("It failed.", "No ties.")
    ('Not answered: no ties; no shares.', 'It failed. No ties.')
    """
    if first == bare(first) or second == bare(second):
        return f"{first} {second}"
    return f"{first.removesuffix('.')}; {bare(second)}"


def says(told: str, reason: str | None) -> bool:
    """Whether what is told says a reason, alone or `joined` to others.

    >>> both = joined(not_answered("no ties."), not_answered("no shares."))
    >>> says(both, not_answered("no ties.")), says(both, not_answered("no likes."))
    (True, False)
    """
    return bare(reason).removesuffix(".") in told
