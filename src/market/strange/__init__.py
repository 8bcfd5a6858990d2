"""Strange worlds: small samples with known truth, drawn from the literature's designs, not the demo market's.

Most fit no shop's tables (a unit is one row with its covariates): each is written as one frame,
`frame.parquet`, beside `roles.json` and `truth.json`. Those in `SHOPS` fill the contract's tables.
"""

from market.strange.registry import WORLDS, draw_world, write_world
from market.strange.shop_world import ShopRules, ShopWorld
from market.strange.shops import SHOPS, draw_shop
from market.strange.world import Rules, StrangeWorld

__all__ = [
    "SHOPS",
    "WORLDS",
    "Rules",
    "ShopRules",
    "ShopWorld",
    "StrangeWorld",
    "draw_shop",
    "draw_world",
    "write_world",
]
