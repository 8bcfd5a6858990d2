"""Strange worlds: small samples with known truth, drawn from the literature's designs, not the demo market's.

They fit no shop's tables (a unit is one row with its covariates), so each is written as one frame,
`frame.parquet`, beside `roles.json` and `truth.json`.
"""

from market.strange.registry import WORLDS, draw_world, write_world
from market.strange.world import Rules, StrangeWorld

__all__ = ["WORLDS", "Rules", "StrangeWorld", "draw_world", "write_world"]
