"""Names as people write them: several in one text, and which known one was meant by one almost right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

DELIMITERS = {";": ";", "\t": "\\t", "|": "|", ",": ","}  # as source.toml writes them
ALIKE = 0.75  # share of letters in common from which a slip of the pen is likelier than another word


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of a text with commas between them.

    >>> names_in("membership, badge,"), names_in("")
    (('membership', 'badge'), ())
    """
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `Did you mean 'x'?` for the known name closest to `name`, or an empty text when none is close.

    >>> did_you_mean("unit_price_cent", ["quantity", "unit_price_cents"])
    "Did you mean 'unit_price_cents'?"
    """
    folded = {other.lower(): other for other in known}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=ALIKE)
    return f"Did you mean {folded[close[0]]!r}?" if close else ""


def hint_of(name: str, known: Sequence[str]) -> str:
    """Return what to do about a column that a file lacks: another delimiter, a name close by, or nothing.

    known: the file's columns. A header that stayed one column, of which `name` is a part, was parted by
    another sign than the one declared.

    >>> hint_of("item_id", ["order_id;item_id"])
    'Its header is parted by ";": write delimiter = ";" in source.toml.'
    """
    for sign, written in DELIMITERS.items():
        if len(known) == 1 and name in [part.strip(' "') for part in known[0].split(sign)]:
            return f'Its header is parted by "{written}": write delimiter = "{written}" in source.toml.'
    return did_you_mean(name, known)
