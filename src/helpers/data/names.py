"""Names that are almost right: which known one was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALIKE = 0.75  # share of letters in common from which a slip of the pen is likelier than another word


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `Did you mean 'x'?` for the known name closest to `name`, or an empty text when none is close.

    >>> did_you_mean("unit_price_cent", ["quantity", "unit_price_cents"])
    "Did you mean 'unit_price_cents'?"
    """
    folded = {other.lower(): other for other in known}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=ALIKE)
    return f"Did you mean {folded[close[0]]!r}?" if close else ""
