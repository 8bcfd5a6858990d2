"""What names a question in tests, which have no registry beside them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A requirement and the question in words."""

    requirement: str
    question: str
