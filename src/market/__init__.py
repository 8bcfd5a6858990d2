"""The demo market: a simulated social shop of every table of the contract, whose truth is known.

`ASSUMPTIONS.md` in this folder states how it works; `settings.Effects` holds every causal coefficient.
"""

from market.settings import CHANGES, FEWEST_CUSTOMERS, SIZES, Effects, day_before_change
from market.simulate import Market, simulate, write_market

__all__ = [
    "CHANGES",
    "FEWEST_CUSTOMERS",
    "SIZES",
    "Effects",
    "Market",
    "day_before_change",
    "simulate",
    "write_market",
]
