"""What only the start of an interpreter settles for a run and all that is forked from it."""

from __future__ import annotations

import os
import sys

# Notebooks side by side fill the cores; threads inside one would only spin while they wait for another's.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_SETTLED = {**ONE_THREAD, "PYTHONHASHSEED": "0"}


def start_settled() -> None:
    """Start this command again, unless it has: with one order of every set, and one thread a fit."""
    if any(os.environ.get(name) != value for name, value in _SETTLED.items()):
        os.environ.update(_SETTLED)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
