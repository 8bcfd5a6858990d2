"""One connection for many small shops, and no expression turned into SQL twice.

Shops whose tables have the same names and columns are asked the same expressions: a third of what a tiny shop
costs is compiling them. A kept statement names views, and each shop's tables take the names' place when it is
opened, so only the shop opened last may be asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ibis.backends.sql.compilers.base import SQLGlotCompiler

from helpers.data.engine import connect


@contextmanager
def compiled_once() -> Iterator[None]:
    """Open all shops over one connection, keeping each expression's statement."""
    opening = importlib.import_module("helpers.data.open")
    before, translate = opening.connect, SQLGlotCompiler.translate
    connection, kept = connect(threads=1), {}

    def kept_or_translated(self: SQLGlotCompiler, op: Any, *, params: Any) -> Any:
        if params:
            return translate(self, op, params=params)
        if op not in kept:
            kept[op] = translate(self, op, params=params)
        return kept[op].copy()

    opening.connect = lambda **_: connection
    SQLGlotCompiler.translate = kept_or_translated
    try:
        yield
    finally:
        opening.connect, SQLGlotCompiler.translate = before, translate
        connection.disconnect()
