"""Names from the data as they may stand in finding ids."""

from __future__ import annotations

import re


def slug(name: str) -> str:
    """Return a name in lower case with underscores for what is no letter or digit.

    >>> slug("Own taste (v2)")
    'own_taste_v2'
    """
    return re.sub(r"[^\w]+", "_", name.lower()).strip("_")


def more(difference: float) -> str:
    """Return "more" or "fewer", for a difference that is told without its sign."""
    return "more" if difference >= 0 else "fewer"
