"""The data contract: every table, column and rule, in one place.

The loader, the demo market, the tests and the data dictionary (`data/README.md`) all read this catalogue.
Times are naive UTC, money is whole hundredths of the shop's currency (fen, pence, cents), ids are text.
"""

from __future__ import annotations

from types import MappingProxyType

from helpers.data.contract import Column, Table
from helpers.data.tables_social import SOCIAL
from helpers.data.tables_trade import TRADE

CATALOGUE = MappingProxyType({table.name: table for table in (*TRADE, *SOCIAL)})
TRIAL = ("customers", "experiments")  # enough for a test whose outcome was recorded with it
REQUIRED = tuple(table.name for table in CATALOGUE.values() if table.required)

__all__ = ["CATALOGUE", "REQUIRED", "TRIAL", "Column", "Table"]
