"""Write a demo market into a new folder: `python -m market --out DIR [--customers N] [--seed N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from market.simulate import write_market

parser = argparse.ArgumentParser(prog="python -m market", description=__doc__)
parser.add_argument("--out", type=Path, required=True)
parser.add_argument("--customers", type=int, default=20_000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
write_market(options.out, customers=options.customers, seed=options.seed)
