"""Why the ids of two tables do not meet: what was done to one of them on its way, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import StringValue, Table

from helpers.data.catalogue import CATALOGUE

Turn = Callable[[StringValue], StringValue]
FEWEST = 3
# What is often done to ids, how to undo it, and what to write.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_UNSEEN_WRITTEN = ", ".join(rf'"\u{ord(sign):04x}"' for sign in _UNSEEN)


@ibis.udf.scalar.builtin
def nfc_normalize(text: str) -> str:  # type: ignore[empty-body]
    """Join letters and accents that follow them; DuckDB has it, Spark has not."""


def _joined(text: StringValue) -> StringValue:
    return nfc_normalize(text)


CHANGES: tuple[tuple[str, Turn, str], ...] = (
    (
        "leading zeros are left out",
        lambda text: text.re_replace("^0+(.)", r"\1"),
        "export the column as text, or write extract = '^0*(.+)$' for both",
    ),
    (
        "capitals are ignored",
        lambda text: text.lower(),
        "write lower = true for both",
    ),
    (
        "the .0 behind them is left out",
        lambda text: text.re_replace(r"\.0+$", ""),
        r"export the column as text, or write extract = '^(.+?)(?:\.0+)?$' for both",
    ),
    (
        "characters that nobody sees are left out",
        lambda text: text.re_replace(f"[{_UNSEEN}]", ""),
        f"write strip = [{_UNSEEN_WRITTEN}] for both where they stand at an end, and clean what is inside",
    ),
    (
        "letters and their accents are joined",
        _joined,
        "export both in one form (Unicode NFC)",
    ),
    (
        "everything but letters and digits is left out",
        lambda text: text.re_replace("[^0-9A-Za-z]+", "").lower(),
        "write strip = [the signs] for both",
    ),
)


def near_ids(connection: BaseBackend, name: str, refused: Table, accepted: Mapping[str, Table]) -> str:
    """Return by which change most strangers of a table would meet the rows they name; empty where by none.

    name: of the table. refused: its refused rows, of contract columns. accepted: tables by name.
    """
    for column in CATALOGUE[name].columns:
        named = column.references
        if named is None or named not in accepted or named == name:
            continue
        (key,) = CATALOGUE[named].key
        known = accepted[named].select(id=key)
        given = refused.select(id=column.name).filter(refused[column.name].notnull()).distinct()
        strangers = given.anti_join(known, "id")
        count = int(connection.execute(strangers.count()))
        for said, turn, advice in CHANGES if count >= FEWEST else ():
            if turn is _joined and connection.name != "duckdb":
                continue
            turned = strangers.select(id=turn(strangers.id)).distinct()
            met = int(connection.execute(turned.semi_join(known.select(id=turn(known.id)), "id").count()))
            if 2 * met > count:
                return (
                    f"{met:,} of {count:,} values of {column.name} that meet no row of {named} "
                    f"meet one once {said}: {advice}. "
                )
    return ""
