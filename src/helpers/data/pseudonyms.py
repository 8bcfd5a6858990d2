"""Customers' ids as keyed pseudonyms: nobody without the key can tell whose they are, or try names.

A hash without a key is none: whoever guesses an e-mail address can hash it too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.data import contract
from helpers.data.catalogue import CATALOGUE
from helpers.data.errors import DataError
from methods.counts import count

KEY_VARIABLE = "WORKBENCH_PSEUDONYM_KEY"
SHORTEST_KEY = 16
PEOPLE = "customers"
_DIGITS = 20
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
# With a country code, a Chinese mobile number, or in groups; a plain number of another length is an id.
_PHONE = re.compile(r"(?:\+|00)[1-9]\d{6,14}|(?:86)?1[3-9]\d{9}|\(?\d{2,4}\)?(?:[ -]\d{3,4}){2}")
_NUMBER = re.compile(r"[\d ()+-]+")


@dataclass(frozen=True)
class Key:
    """A secret under which ids become pseudonyms. secret: never shown and never written anywhere."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A name of the key that gives nothing of it away: two runs under one key bear the same."""
        return hmac.new(self.secret, b"key id", hashlib.sha256).hexdigest()[:8]

    def pseudonym(self, value: str, *, domain: str) -> str:
        """Return the pseudonym of an id (20 hexadecimal digits); domain: the table whose id it is.

        The same id has another pseudonym in another table (HMAC-SHA-256, RFC 2104), so that two tables can
        be joined only by columns that the contract says name the same thing.

        >>> Key(b"sixteen letters!").pseudonym("ann@example.org", domain="customers")[:8]
        '0d928483'
        """
        message = f"{domain}\0{value}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()[:_DIGITS]


def key_from(environment: Mapping[str, str] = os.environ) -> Key | None:
    """Return the key that the environment gives, or None; raises DataError where it is too short."""
    secret = environment.get(KEY_VARIABLE, "")
    if secret and len(secret) < SHORTEST_KEY:
        raise DataError(
            f"{KEY_VARIABLE} has {len(secret)} characters, so that it could be guessed; give it at least "
            f"{SHORTEST_KEY}, drawn at random, and keep it where the tables are not"
        )
    return Key(secret.encode()) if secret else None


def looks_like_contact(value: str) -> bool:
    """Return whether an id is an e-mail address or a telephone number.

    >>> [looks_like_contact(id) for id in ("ann@example.org", "13812345678", "c00017", "17850")]
    [True, True, False, False]
    """
    return bool(_MAIL.fullmatch(value.strip()) or _PHONE.fullmatch(value.strip()))


def contacts_among(ids: Iterable[str]) -> int:
    """Return how many ids are e-mail addresses or telephone numbers.

    A number counts as one of a telephone only where more of these look like one than do not: among running
    numbers some do by chance.

    >>> contacts_among(["c1", "c2", "ann@example.org", "13812345678"])
    2
    >>> contacts_among(["13812345678", "98812345678", "50112345678"])
    0
    """
    mails = phones = numbers = 0
    for one in ids:
        if not looks_like_contact(one):
            numbers += _NUMBER.fullmatch(one.strip()) is not None
        elif "@" in one:
            mails += 1
        else:
            phones += 1
    return mails + (phones if phones > numbers else 0)


def refuse_contacts(ids: Iterable[str]) -> None:
    """Raise DataError where customers' ids, of which no key makes pseudonyms, tell who some of them are."""
    seen = [str(one) for one in ids]
    if contacts := contacts_among(seen):
        raise DataError(
            f"table customers, column customer_id: {contacts:,} of {count(len(seen), 'id')} "
            f"{'looks' if contacts == 1 else 'look'} like an e-mail address or a "
            f"telephone number. Ids must be pseudonyms: set {KEY_VARIABLE} in the environment "
            f"to a secret of at least {SHORTEST_KEY} characters, and the loader makes them"
        )


def pseudonymise(folder: Path, key: Key) -> None:
    """Replace customers' ids in the loaded tables of a folder, and empty what the quarantine quotes.

    folder: with accepted/ and quarantine/. A refused row is found again by its file and line, which stay.
    """
    for path in _files(folder / "accepted"):
        table = CATALOGUE[path.relative_to(folder / "accepted").parts[0].removesuffix(".parquet")]
        rows = pq.read_table(path)
        for name in _naming_people(table):
            rows = _replaced(rows, name, _renamed(rows[name], key))
        if "unit_kind" in rows.column_names:
            people = pc.equal(rows["unit_kind"], "customer")
            rows = _replaced(
                rows, "unit_id", pc.if_else(people, _renamed(rows["unit_id"], key), rows["unit_id"])
            )
        _write(_in_order(rows, table), path)
    for path in _files(folder / "quarantine"):
        rows = pq.read_table(path)
        for name in {"key", "text"} & set(rows.column_names):
            rows = _replaced(rows, name, pa.nulls(len(rows), pa.string()))
        _write(rows, path)


def _files(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder; of a table that Spark wrote, each of its parts."""
    return sorted(path for path in folder.rglob("*.parquet") if path.is_file())


def _write(rows: pa.Table, path: Path) -> None:
    """Write a file anew; the checksum that Spark keeps beside it would be that of the old bytes."""
    pq.write_table(rows, path)
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)


def _naming_people(table: contract.Table) -> list[str]:
    own = table.key if table.name == PEOPLE else ()
    return [column.name for column in table.columns if column.name in own or column.references == PEOPLE]


def _renamed(ids: pa.ChunkedArray, key: Key) -> pa.ChunkedArray:
    """Each different id is reckoned once."""
    coded = pc.dictionary_encode(ids.combine_chunks())
    names = [key.pseudonym(one, domain=PEOPLE) for one in coded.dictionary.to_pylist()]
    return pc.take(pa.array(names, pa.string()), coded.indices)


def _in_order(rows: pa.Table, table: contract.Table) -> pa.Table:
    """Put the smaller of two ids first again, where their order means nothing."""
    if not table.unordered:
        return rows
    one, other = (rows[name] for name in table.unordered)
    first = pc.less_equal(one, other)
    swapped = (pc.if_else(first, one, other), pc.if_else(first, other, one))
    for name, column in zip(table.unordered, swapped, strict=True):
        rows = _replaced(rows, name, column)
    return rows


def _replaced(rows: pa.Table, name: str, column: pa.ChunkedArray | pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)
